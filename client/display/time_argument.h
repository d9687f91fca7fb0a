// SPDX-License-Identifier: MIT
// TIME on the command line: RFC 3339, or so long ago.
#ifndef OYEZ_TIME_ARGUMENT_H
#define OYEZ_TIME_ARGUMENT_H

#include <stdint.h>

#include "oyez/error.h"

// time_argument_read reads "2026-11-20T08:42:45Z", or 90s, 15m, 2h or 3d before `now`. Nanoseconds
// since 1970. OYEZ_ERR_INVALID says what a time looks like; *out is left alone.
oyez_err time_argument_read(int64_t *out, const char *text, int64_t now);

// time_argument_now is the time of day, for the above.
int64_t time_argument_now(void);

#endif

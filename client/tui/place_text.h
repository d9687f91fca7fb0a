// SPDX-License-Identifier: MIT
// A place in the record as somebody types it.
#ifndef OYEZ_PLACE_TEXT_H
#define OYEZ_PLACE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"

struct place_text {
    bool by_cursor;
    int64_t time; // broker time, nanoseconds; INT64_MAX = the end
    uint64_t epoch;
    uint64_t position;
};

// place_text_read reads first, last, a cursor EPOCH:POSITION, RFC 3339, so long ago (15m), or a time
// of the day of `now` in local time: 18:05 or 18:05:09. OYEZ_ERR_INVALID says what a place looks
// like.
oyez_err place_text_read(struct place_text *out, const char *text, int64_t now);

#endif

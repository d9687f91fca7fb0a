// SPDX-License-Identifier: MIT
// The clock behind oyez_uuid_new, so that tests can set it back.
#ifndef OYEZ_UUID_CLOCK_H
#define OYEZ_UUID_CLOCK_H

#include <stdint.h>

// Nanoseconds since 1970-01-01T00:00:00Z.
typedef int64_t oyez_uuid_clock(void);

// oyez_uuid_set_clock makes all threads read `clock` from now on; NULL = the system's clock.
void oyez_uuid_set_clock(oyez_uuid_clock *clock);

#endif

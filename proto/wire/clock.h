// SPDX-License-Identifier: MIT
// The clocks of every process on the bus. Any thread; none of them fails.
#ifndef OYEZ_WIRE_CLOCK_H
#define OYEZ_WIRE_CLOCK_H

#include <stdint.h>
#include <time.h>

// oyez_clock_monotonic_ms: milliseconds since some start, never backwards.
uint64_t oyez_clock_monotonic_ms(void);

// oyez_clock_realtime_ns: nanoseconds since 1970-01-01T00:00:00Z; may be set back.
uint64_t oyez_clock_realtime_ns(void);

// oyez_clock_deadline: the moment `timeout_ms` from now by CLOCK_MONOTONIC, for conditions that
// were made with that clock.
struct timespec oyez_clock_deadline(uint32_t timeout_ms);

#endif

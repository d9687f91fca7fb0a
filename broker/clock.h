// SPDX-License-Identifier: MIT
#ifndef OYEZ_BROKER_CLOCK_H
#define OYEZ_BROKER_CLOCK_H

#include <stdint.h>

// oyez_clock_monotonic_ms: milliseconds since some start, never backwards.
uint64_t oyez_clock_monotonic_ms(void);

// oyez_clock_realtime_ns: nanoseconds since 1970-01-01T00:00:00Z; may be set back.
uint64_t oyez_clock_realtime_ns(void);

#endif

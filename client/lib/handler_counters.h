// SPDX-License-Identifier: MIT
// What a handler has done, in numbers that metrics read.
#ifndef OYEZ_HANDLER_COUNTERS_H
#define OYEZ_HANDLER_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "wire/histogram.h"

struct handler_counters {
    atomic_uint_fast64_t
        delivered; // of an inline one: calls that are due or done; under client->lock
    atomic_uint_fast64_t handled, failed, retried, timed_out, dead_lettered;
    atomic_uint_fast64_t skipped; // delivered and given up, because it was closed
    atomic_uint_fast64_t dropped; // not even delivered, for the same reason
    atomic_uint_fast64_t redone;
};

// How long the function took; of an inline handler one call in HANDLER_TIMED_EVERY, unless it has a
// limit: two looks at the clock would cost more than the rest of the way to it.
struct handler_timing {
    struct oyez_histogram histogram;
};
#define HANDLER_TIMED_EVERY 64u

// handler_timing_now_ns: nanoseconds since some start, never backwards. Any thread.
uint64_t handler_timing_now_ns(void);

// handler_timing_add counts one call. Any thread.
void handler_timing_add(struct handler_timing *timing, uint64_t ns);

#endif

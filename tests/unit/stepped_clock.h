// SPDX-License-Identifier: MIT
// The clocks of a program under test, put forward by the test instead of waited for. Included by one
// test file: what it defines takes the place of the library's.
#ifndef OYEZ_STEPPED_CLOCK_H
#define OYEZ_STEPPED_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "fake_broker.h"
#include "wire/clock.h"

static atomic_uint_fast64_t stepped_ms; // how far the monotonic clock is ahead of the system's

uint64_t oyez_clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u + stepped_ms;
}

uint64_t oyez_clock_realtime_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Lets so many seconds pass for whoever is attached to the broker; control is answered all the
// while, egress says nothing.
static inline void stepped_clock_pass(struct fake_broker *broker, unsigned seconds)
{
    static oyez_v1_ToBroker heard;
    for (unsigned i = 0; i < seconds; i++) {
        stepped_ms += 1000;
        // It wakes a sleeper, who then sees what time it is.
        if (i > 0)
            fake_broker_answer_ping(broker);
        fake_broker_hear(broker, oyez_v1_ToBroker_ping_tag, &heard);
    }
    fake_broker_answer_ping(broker);
}

#endif

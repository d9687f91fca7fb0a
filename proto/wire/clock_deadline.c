// SPDX-License-Identifier: MIT
// Apart from the clocks, so that a test may bring clocks of its own and still wait by the system's.
#include "wire/clock.h"

#define NANOSECONDS_PER_SECOND 1000000000L

struct timespec oyez_clock_deadline(uint32_t timeout_ms)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000u;
    deadline.tv_nsec += (long)(timeout_ms % 1000u) * 1000000L;
    if (deadline.tv_nsec >= NANOSECONDS_PER_SECOND) {
        deadline.tv_sec++;
        deadline.tv_nsec -= NANOSECONDS_PER_SECOND;
    }
    return deadline;
}

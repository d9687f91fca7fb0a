// SPDX-License-Identifier: MIT
#include <time.h>

#include "handler_counters.h"

uint64_t handler_timing_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void handler_timing_add(struct handler_timing *timing, uint64_t ns)
{
    oyez_histogram_add(&timing->histogram, ns);
}

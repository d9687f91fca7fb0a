// SPDX-License-Identifier: MIT
#include "deadline.h"

#include <time.h>

#include "wire/clock.h"

int64_t deadline_now(void)
{
    return (int64_t)oyez_clock_monotonic_ms();
}

uint32_t deadline_left(int64_t deadline)
{
    int64_t left = deadline - deadline_now();
    if (left < 0) {
        return 0;
    }
    return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}

void deadline_sleep(uint32_t milliseconds)
{
    struct timespec wait = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&wait, NULL);
}

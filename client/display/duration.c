// SPDX-License-Identifier: MIT
#include "duration.h"

#include <stdio.h>

#define NANOSECONDS_PER_SECOND 1000000000

void duration_write(char text[DURATION_TEXT_SIZE], int64_t nanoseconds)
{
    double seconds = (double)nanoseconds / NANOSECONDS_PER_SECOND;
    if (seconds < 0.001) {
        snprintf(text, DURATION_TEXT_SIZE, "%.0f us", seconds * 1e6);
    } else if (seconds < 1) {
        snprintf(text, DURATION_TEXT_SIZE, "%.1f ms", seconds * 1e3);
    } else if (seconds < 600) {
        snprintf(text, DURATION_TEXT_SIZE, "%.2f s", seconds);
    } else {
        snprintf(text, DURATION_TEXT_SIZE, "%.0f min", seconds / 60);
    }
}

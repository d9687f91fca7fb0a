// SPDX-License-Identifier: MIT
// Recorded time that goes on again, faster or slower, in the view alone. Plain data; no thread.
#ifndef OYEZ_PLAYBACK_H
#define OYEZ_PLAYBACK_H

#include <stdbool.h>
#include <stdint.h>

struct playback {
    bool running;
    unsigned speed; // which of the speeds
    int64_t at;     // broker time, nanoseconds
    int64_t clock;  // of the last advance, nanoseconds of any steady clock
};

#define PLAYBACK_SPEED_NORMAL 2u

void playback_start(struct playback *playback, int64_t at, int64_t clock);

// playback_advance moves on by as much recorded time as the clock and the speed say.
void playback_advance(struct playback *playback, int64_t clock);

// playback_change_speed takes the next speed up or down.
void playback_change_speed(struct playback *playback, int step);
const char *playback_speed_name(const struct playback *playback);

#endif

// SPDX-License-Identifier: MIT
#include "playback.h"

static const struct {
    double factor;
    const char *name;
} speeds[] = {{0.1, "x0.1"}, {0.5, "x0.5"}, {1, "x1"},     {5, "x5"},
              {20, "x20"},   {60, "x60"},   {600, "x600"}, {3600, "x3600"}};

#define SPEED_COUNT ((int)(sizeof speeds / sizeof speeds[0]))

void playback_start(struct playback *playback, int64_t at, int64_t clock)
{
    playback->running = true;
    playback->at = at;
    playback->clock = clock;
}

void playback_advance(struct playback *playback, int64_t clock)
{
    if (playback->running) {
        playback->at +=
            (int64_t)((double)(clock - playback->clock) * speeds[playback->speed].factor);
    }
    playback->clock = clock;
}

void playback_change_speed(struct playback *playback, int step)
{
    int speed = (int)playback->speed + step;
    if (speed >= 0 && speed < SPEED_COUNT) {
        playback->speed = (unsigned)speed;
    }
}

const char *playback_speed_name(const struct playback *playback)
{
    return speeds[playback->speed].name;
}

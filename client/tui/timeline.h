// SPDX-License-Identifier: MIT
// How many events, and how many failures, each piece of a span of time has: what was counted live, and
// what the record told of the time before. One thread at a time.
#ifndef OYEZ_TIMELINE_H
#define OYEZ_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "canvas.h"
#include "counts.h"

#define TIMELINE_BUCKETS_MAX 512u
#define TIMELINE_SPANS 6u

struct timeline_bucket {
    int64_t start; // seconds
    uint64_t total;
    uint64_t failed;
    bool known;
};

struct timeline {
    unsigned span; // which of the spans
    int64_t step;  // seconds of a bucket
    int64_t end;   // seconds: of the last bucket; a multiple of the step
    unsigned shown;
    int64_t live_since; // from this second on the live counts have everything
    struct timeline_bucket buckets[TIMELINE_BUCKETS_MAX]; // by start, modulo
};

// timeline_fit makes the bar end at (or, in the past, be centred on) a time, with so many columns.
// What is known is kept where the pieces are the same.
void timeline_fit(struct timeline *timeline, unsigned columns, int64_t at, bool is_live);

// timeline_zoom takes a longer or shorter span.
void timeline_zoom(struct timeline *timeline, int step);
const char *timeline_span_name(const struct timeline *timeline);

// timeline_missing finds a piece of which nothing is known, latest first. False: there is none.
bool timeline_missing(const struct timeline *timeline, int64_t *start);
void timeline_put(struct timeline *timeline, int64_t start, int64_t step, uint64_t total,
                  uint64_t failed);

// timeline_draw draws densities in two rows; `at` is marked in the lower one, 0 = nowhere.
void timeline_draw(const struct timeline *timeline, const struct counts *counts,
                   struct canvas *canvas, unsigned row, unsigned column, int64_t at);

// bar_draw draws `count` numbers as a row of bars, the largest of them full; `known` may be NULL.
void bar_draw(struct canvas *canvas, unsigned row, unsigned column, enum style style,
              const uint64_t *numbers, const bool *known, unsigned count);

#endif

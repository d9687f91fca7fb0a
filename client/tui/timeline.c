// SPDX-License-Identifier: MIT
#include "timeline.h"

#include <string.h>

static const struct {
    int64_t seconds;
    const char *name;
} spans[TIMELINE_SPANS] = {
    {5 * 60, "5 min"},    {3600, "1 hour"},          {6 * 3600, "6 hours"},
    {24 * 3600, "1 day"}, {7 * 24 * 3600, "1 week"}, {90 * 24 * 3600, "90 days"},
};

void timeline_fit(struct timeline *timeline, unsigned columns, int64_t at, bool is_live)
{
    columns = columns < 1                          ? 1
              : columns > TIMELINE_BUCKETS_MAX / 2 ? TIMELINE_BUCKETS_MAX / 2
                                                   : columns;
    int64_t span = spans[timeline->span].seconds;
    int64_t step = (span + columns - 1) / columns;
    if (step != timeline->step) {
        memset(timeline->buckets, 0, sizeof timeline->buckets);
        timeline->step = step;
    }
    timeline->shown = (unsigned)(span / step);
    // In the past the bar stands still for as long as the place is well inside it.
    int64_t first = timeline->end - (int64_t)timeline->shown * step;
    bool inside = at > first + span / 10 && at < timeline->end - span / 10;
    if (is_live || !inside) {
        int64_t end = is_live ? at : at + span / 2;
        timeline->end = end / step * step + step;
    }
}

void timeline_zoom(struct timeline *timeline, int step)
{
    int span = (int)timeline->span + step;
    if (span >= 0 && span < (int)TIMELINE_SPANS) {
        timeline->span = (unsigned)span;
        timeline->end = 0;
    }
}

const char *timeline_span_name(const struct timeline *timeline)
{
    return spans[timeline->span].name;
}

static const struct timeline_bucket *find(const struct timeline *timeline, int64_t start)
{
    const struct timeline_bucket *bucket =
        &timeline->buckets[(uint64_t)(start / timeline->step) % TIMELINE_BUCKETS_MAX];
    return bucket->known && bucket->start == start ? bucket : NULL;
}

bool timeline_missing(const struct timeline *timeline, int64_t *start)
{
    for (unsigned i = 1; timeline->step > 0 && i <= timeline->shown; i++) {
        *start = timeline->end - (int64_t)i * timeline->step;
        if (*start > 0 && *start < timeline->live_since && find(timeline, *start) == NULL) {
            return true;
        }
    }
    return false;
}

void timeline_put(struct timeline *timeline, int64_t start, int64_t step, uint64_t total,
                  uint64_t failed)
{
    if (step == timeline->step) {
        timeline->buckets[(uint64_t)(start / step) % TIMELINE_BUCKETS_MAX] =
            (struct timeline_bucket){start, total, failed, true};
    }
}

// The piece in which counting began is partly the record's and partly live: what the record told
// ends where the live counts begin.
static struct timeline_bucket look(const struct timeline *timeline, const struct counts *counts,
                                   int64_t start)
{
    struct timeline_bucket out = {.start = start, .known = start >= timeline->live_since};
    const struct timeline_bucket *recorded = find(timeline, start);
    if (recorded != NULL) {
        out = *recorded;
    }
    for (int64_t second = start > timeline->live_since ? start : timeline->live_since;
         second < start + timeline->step && second <= counts->last_second; second++) {
        struct second_count live = counts_second(counts, second);
        out.total += live.total;
        out.failed += live.failed;
    }
    return out;
}

void bar_draw(struct canvas *canvas, unsigned row, unsigned column, enum style style,
              const uint64_t *numbers, const bool *known, unsigned count)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t most = 1;
    for (unsigned i = 0; i < count; i++) {
        most = numbers[i] > most ? numbers[i] : most;
    }
    for (unsigned i = 0; i < count; i++) {
        if (known != NULL && !known[i]) {
            canvas_text(canvas, row, column + i, 1, STYLE_FAINT, "·");
        } else if (numbers[i] > 0) {
            size_t height = (size_t)((double)numbers[i] * 7 / (double)most);
            canvas_text(canvas, row, column + i, 1, style, bars[height < 8 ? height : 7]);
        }
    }
}

void timeline_draw(const struct timeline *timeline, const struct counts *counts,
                   struct canvas *canvas, unsigned row, unsigned column, int64_t at)
{
    uint64_t totals[TIMELINE_BUCKETS_MAX];
    uint64_t failed[TIMELINE_BUCKETS_MAX];
    bool known[TIMELINE_BUCKETS_MAX];
    int64_t first = timeline->end - (int64_t)timeline->shown * timeline->step;
    for (unsigned i = 0; i < timeline->shown; i++) {
        struct timeline_bucket bucket = look(timeline, counts, first + (int64_t)i * timeline->step);
        totals[i] = bucket.total;
        failed[i] = bucket.failed;
        known[i] = bucket.known;
    }
    bar_draw(canvas, row, column, STYLE_GOOD, totals, known, timeline->shown);
    bar_draw(canvas, row + 1, column, STYLE_BAD, failed, NULL, timeline->shown);
    if (at >= first && at < timeline->end && timeline->step > 0) {
        unsigned i = (unsigned)((at - first) / timeline->step);
        if (failed[i] == 0) {
            canvas_text(canvas, row + 1, column + i, 1, STYLE_STRONG, "▲");
        }
        canvas_select_cell(canvas, row, column + i);
        canvas_select_cell(canvas, row + 1, column + i);
    }
}

// SPDX-License-Identifier: MIT
// Operators that go by the clock and keep one item: throttle and debounce.
#include "argument.h"
#include "stream_kept.h"
#include "stream_stage.h"

struct pace_stage {
    struct stage stage;
    uint32_t interval_ms;
    uint64_t until_ms; // throttle: end of the interval; debounce: when it has been quiet for long
    bool waiting;      // something is kept that has not been let through
    struct kept_item kept;
};

static enum pulled let_through(struct pace_stage *pace, struct oyez_stream_item *item)
{
    pace->waiting = false;
    *item = kept_show(&pace->kept);
    return PULLED_ITEM;
}

// A new item takes the place of what waits.
static bool keep(struct pace_stage *pace, const struct oyez_stream_item *item)
{
    if (kept_set(&pace->kept, item) != OYEZ_OK)
        return false;
    pace->waiting = true;
    return true;
}

static enum pulled pull_throttle(struct stage *stage, struct oyez_stream *stream,
                                 struct oyez_stream_item *item)
{
    struct pace_stage *pace = (struct pace_stage *)stage;
    if (pace->waiting && stream->now_ms >= pace->until_ms) {
        pace->until_ms = stream->now_ms + pace->interval_ms;
        return let_through(pace, item);
    }
    for (;;) {
        enum pulled pulled = stage_pull(stage->upstream, stream, item);
        if (pulled == PULLED_ENDED && pace->waiting)
            return let_through(pace, item);
        if (pulled != PULLED_ITEM)
            return pulled;
        if (stream->now_ms >= pace->until_ms) {
            pace->until_ms = stream->now_ms + pace->interval_ms;
            return PULLED_ITEM;
        }
        if (!keep(pace, item))
            return stream_fail_item(stream, "throttle", OYEZ_ERR_NO_MEMORY);
    }
}

static enum pulled pull_debounce(struct stage *stage, struct oyez_stream *stream,
                                 struct oyez_stream_item *item)
{
    struct pace_stage *pace = (struct pace_stage *)stage;
    for (;;) {
        enum pulled pulled = stage_pull(stage->upstream, stream, item);
        if (pulled == PULLED_ENDED && pace->waiting)
            return let_through(pace, item);
        if (pulled == PULLED_NONE && pace->waiting && stream->now_ms >= pace->until_ms)
            return let_through(pace, item);
        if (pulled != PULLED_ITEM)
            return pulled;
        if (!keep(pace, item))
            return stream_fail_item(stream, "debounce", OYEZ_ERR_NO_MEMORY);
        pace->until_ms = stream->now_ms + pace->interval_ms;
    }
}

static uint64_t pace_due(const struct stage *stage)
{
    const struct pace_stage *pace = (const struct pace_stage *)stage;
    return pace->waiting ? pace->until_ms : STREAM_NEVER;
}

static void release_pace(struct stage *stage)
{
    kept_free(&((struct pace_stage *)stage)->kept);
}

static const struct stage_kind throttle_kind = {
    .pull = pull_throttle, .due = pace_due, .release = release_pace};
static const struct stage_kind debounce_kind = {
    .pull = pull_debounce, .due = pace_due, .release = release_pace};

static oyez_err add_pace(struct oyez_stream *stream, const struct stage_kind *kind,
                         const char *name, uint32_t interval_ms)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    if (interval_ms == 0)
        return stream_break(stream, oyez_fail(OYEZ_ERR_INVALID, "%s: must not be 0", name));
    if (stream->has_batch)
        return stream_break(stream, oyez_fail(OYEZ_ERR_INVALID,
                                              "stream: it makes batches; put this before buffer"));
    struct pace_stage *pace;
    err = stream_add_stage(stream, kind, sizeof *pace, &pace);
    if (err != OYEZ_OK)
        return err;
    pace->interval_ms = interval_ms;
    stream->has_timer = true;
    return OYEZ_OK;
}

oyez_err oyez_stream_throttle(oyez_stream *stream, uint32_t interval_ms)
{
    return add_pace(stream, &throttle_kind, "interval_ms", interval_ms);
}

oyez_err oyez_stream_debounce(oyez_stream *stream, uint32_t quiet_ms)
{
    return add_pace(stream, &debounce_kind, "quiet_ms", quiet_ms);
}

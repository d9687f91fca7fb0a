// SPDX-License-Identifier: MIT
// Operators that let items through or not, and keep nothing of them.
#include "argument.h"
#include "oyez/pattern.h"
#include "stream_stage.h"

struct filter_stage {
    struct stage stage;
    oyez_stream_predicate *predicate;
    void *arg;
};

static enum pulled pull_filter(struct stage *stage, struct oyez_stream *stream,
                               struct oyez_stream_item *item)
{
    const struct filter_stage *filter = (struct filter_stage *)stage;
    enum pulled pulled;
    do
        pulled = stage_pull(stage->upstream, stream, item);
    while (pulled == PULLED_ITEM && !filter->predicate(filter->arg, item));
    return pulled;
}

static const struct stage_kind filter_kind = {.pull = pull_filter};

oyez_err oyez_stream_filter(oyez_stream *stream, oyez_stream_predicate *predicate, void *arg)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    if (predicate == NULL)
        return stream_break(stream, argument_missing("predicate"));
    struct filter_stage *filter;
    err = stream_add_stage(stream, &filter_kind, sizeof *filter, &filter);
    if (err != OYEZ_OK)
        return err;
    filter->predicate = predicate;
    filter->arg = arg;
    return OYEZ_OK;
}

struct where_stage {
    struct stage stage;
    oyez_filter *conditions;
};

static enum pulled pull_where(struct stage *stage, struct oyez_stream *stream,
                              struct oyez_stream_item *item)
{
    const struct where_stage *where = (struct where_stage *)stage;
    enum pulled pulled;
    do
        pulled = stage_pull(stage->upstream, stream, item);
    while (pulled == PULLED_ITEM && !oyez_filter_matches(where->conditions, item->event));
    return pulled;
}

static void release_where(struct stage *stage)
{
    oyez_filter_close(&((struct where_stage *)stage)->conditions);
}

static const struct stage_kind where_kind = {.pull = pull_where, .release = release_where};

oyez_err oyez_stream_where(oyez_stream *stream, const char *const *conditions, size_t count)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    struct where_stage *where;
    err = stream_add_stage(stream, &where_kind, sizeof *where, &where);
    if (err != OYEZ_OK)
        return err;
    err = oyez_filter_open(&where->conditions, conditions, count);
    if (err == OYEZ_OK)
        return OYEZ_OK;
    stream_drop_stage(stream);
    return stream_break(stream, err);
}

struct count_stage {
    struct stage stage;
    uint64_t left;
};

static enum pulled pull_take(struct stage *stage, struct oyez_stream *stream,
                             struct oyez_stream_item *item)
{
    struct count_stage *take = (struct count_stage *)stage;
    if (take->left == 0) {
        stream->err = oyez_fail(OYEZ_ERR_NOT_FOUND, "the stream has ended");
        return PULLED_ENDED;
    }
    enum pulled pulled = stage_pull(stage->upstream, stream, item);
    if (pulled == PULLED_ITEM)
        take->left--;
    return pulled;
}

static const struct stage_kind take_kind = {.pull = pull_take};

static enum pulled pull_skip(struct stage *stage, struct oyez_stream *stream,
                             struct oyez_stream_item *item)
{
    struct count_stage *skip = (struct count_stage *)stage;
    enum pulled pulled;
    while ((pulled = stage_pull(stage->upstream, stream, item)) == PULLED_ITEM && skip->left != 0)
        skip->left--;
    return pulled;
}

static const struct stage_kind skip_kind = {.pull = pull_skip};

static oyez_err add_count(struct oyez_stream *stream, const struct stage_kind *kind, uint64_t count)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    struct count_stage *stage;
    err = stream_add_stage(stream, kind, sizeof *stage, &stage);
    if (err == OYEZ_OK)
        stage->left = count;
    return err;
}

oyez_err oyez_stream_take(oyez_stream *stream, uint64_t count)
{
    return add_count(stream, &take_kind, count);
}

oyez_err oyez_stream_skip(oyez_stream *stream, uint64_t count)
{
    return add_count(stream, &skip_kind, count);
}

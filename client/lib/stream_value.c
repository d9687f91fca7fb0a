// SPDX-License-Identifier: MIT
// Operators that give items a value: of each by itself, or of all so far.
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "stream_stage.h"

struct value_stage {
    struct stage stage;
    oyez_stream_mapper *mapper; // of scan its accumulator: it takes the same
    void *arg;
    void *value;
    size_t size;
};

static enum pulled pull_value(struct stage *stage, struct oyez_stream *stream,
                              struct oyez_stream_item *item, const char *what, bool anew)
{
    struct value_stage *made = (struct value_stage *)stage;
    enum pulled pulled = stage_pull(stage->upstream, stream, item);
    if (pulled != PULLED_ITEM)
        return pulled;
    if (anew)
        memset(made->value, 0, made->size);
    oyez_err err = made->mapper(made->arg, item, made->value);
    if (err != OYEZ_OK)
        return stream_fail_item(stream, what, err);
    item->value = made->value;
    item->value_size = made->size;
    return PULLED_ITEM;
}

static enum pulled pull_map(struct stage *stage, struct oyez_stream *stream,
                            struct oyez_stream_item *item)
{
    return pull_value(stage, stream, item, "map", true);
}

static enum pulled pull_scan(struct stage *stage, struct oyez_stream *stream,
                             struct oyez_stream_item *item)
{
    return pull_value(stage, stream, item, "scan", false);
}

static void release_value(struct stage *stage)
{
    free(((struct value_stage *)stage)->value);
}

static const struct stage_kind map_kind = {.pull = pull_map, .release = release_value};
static const struct stage_kind scan_kind = {.pull = pull_scan, .release = release_value};

static oyez_err add_value(struct oyez_stream *stream, const struct stage_kind *kind,
                          oyez_stream_mapper *mapper, void *arg, size_t size)
{
    struct value_stage *stage;
    oyez_err err = stream_add_stage(stream, kind, sizeof *stage, &stage);
    if (err != OYEZ_OK)
        return err;
    stage->mapper = mapper;
    stage->arg = arg;
    stage->size = size;
    stage->value = calloc(1, size);
    if (stage->value != NULL)
        return OYEZ_OK;
    stream_drop_stage(stream);
    return stream_break(stream,
                        oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a value of %zu bytes", size));
}

static oyez_err check_size(struct oyez_stream *stream, const char *name, size_t size)
{
    if (size == 0)
        return stream_break(stream, oyez_fail(OYEZ_ERR_INVALID, "%s: a value of 0 bytes", name));
    if (size > OYEZ_STREAM_VALUE_SIZE_MAX)
        return stream_break(stream, oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: %zu bytes; the limit is %u",
                                              name, size, OYEZ_STREAM_VALUE_SIZE_MAX));
    return OYEZ_OK;
}

oyez_err oyez_stream_map(oyez_stream *stream, oyez_stream_mapper *mapper, void *arg,
                         size_t value_size)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    if (mapper == NULL)
        return stream_break(stream, argument_missing("mapper"));
    err = check_size(stream, "value_size", value_size);
    return err != OYEZ_OK ? err : add_value(stream, &map_kind, mapper, arg, value_size);
}

oyez_err oyez_stream_scan(oyez_stream *stream, oyez_stream_accumulator *accumulator, void *arg,
                          const void *initial, size_t size)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    if (accumulator == NULL)
        return stream_break(stream, argument_missing("accumulator"));
    err = check_size(stream, "size", size);
    if (err == OYEZ_OK)
        err = add_value(stream, &scan_kind, accumulator, arg, size);
    if (err == OYEZ_OK && initial != NULL)
        memcpy(((struct value_stage *)stream->last)->value, initial, size);
    return err;
}

// SPDX-License-Identifier: MIT
// Batches, by count and time.
#include <stdlib.h>

#include "argument.h"
#include "stream_kept.h"
#include "stream_stage.h"

struct buffer_stage {
    struct stage stage;
    size_t limit; // items
    uint32_t interval_ms;
    struct kept_item *kept;
    struct oyez_stream_item *items; // views of them
    size_t count;
    size_t bytes;
    bool has_next; // behind the last one: it would have made the batch too large
    uint64_t first_ms;
    bool handed_out; // they are the reader's until the next pull
};

static void empty(struct buffer_stage *buffer)
{
    size_t count = buffer->count;
    for (size_t i = 0; i < count; i++)
        kept_free(&buffer->kept[i]);
    buffer->count = 0;
    buffer->bytes = 0;
    buffer->handed_out = false;
    if (!buffer->has_next)
        return;
    buffer->kept[0] = buffer->kept[count];
    buffer->kept[count] = (struct kept_item){0};
    buffer->count = 1;
    buffer->bytes = kept_bytes(&buffer->kept[0]);
    buffer->has_next = false;
}

static uint64_t buffer_due(const struct stage *stage)
{
    const struct buffer_stage *buffer = (const struct buffer_stage *)stage;
    if (buffer->count == 0 || buffer->handed_out || buffer->interval_ms == 0)
        return STREAM_NEVER;
    return buffer->first_ms + buffer->interval_ms;
}

static bool is_ready(const struct buffer_stage *buffer, uint64_t now_ms)
{
    return buffer->count >= buffer->limit || buffer->bytes >= OYEZ_STREAM_KEPT_BYTES_MAX ||
           now_ms >= buffer_due(&buffer->stage);
}

static enum pulled hand_out(struct buffer_stage *buffer, struct oyez_stream_item *item)
{
    for (size_t i = 0; i < buffer->count; i++)
        buffer->items[i] = kept_show(&buffer->kept[i]);
    buffer->handed_out = true;
    *item = (struct oyez_stream_item){.event = buffer->items[buffer->count - 1].event,
                                      .items = buffer->items,
                                      .item_count = buffer->count};
    return PULLED_ITEM;
}

static enum pulled pull_buffer(struct stage *stage, struct oyez_stream *stream,
                               struct oyez_stream_item *item)
{
    struct buffer_stage *buffer = (struct buffer_stage *)stage;
    if (buffer->handed_out)
        empty(buffer);
    while (!is_ready(buffer, stream->now_ms)) {
        enum pulled pulled = stage_pull(stage->upstream, stream, item);
        if (pulled == PULLED_ENDED && buffer->count != 0)
            break;
        if (pulled != PULLED_ITEM)
            return pulled;
        struct kept_item *kept = &buffer->kept[buffer->count];
        if (kept_set(kept, item) != OYEZ_OK)
            return stream_fail_item(stream, "buffer", OYEZ_ERR_NO_MEMORY);
        size_t bytes = kept_bytes(kept);
        buffer->has_next = buffer->count != 0 && buffer->bytes + bytes > OYEZ_STREAM_KEPT_BYTES_MAX;
        if (buffer->count == 0 || buffer->has_next)
            buffer->first_ms = stream->now_ms;
        if (buffer->has_next)
            break;
        buffer->count++;
        buffer->bytes += bytes;
    }
    return hand_out(buffer, item);
}

static void release_buffer(struct stage *stage)
{
    struct buffer_stage *buffer = (struct buffer_stage *)stage;
    empty(buffer);
    empty(buffer); // of the next one
    free(buffer->kept);
    free(buffer->items);
}

static const struct stage_kind buffer_kind = {
    .pull = pull_buffer, .due = buffer_due, .release = release_buffer};

static oyez_err check_count(struct oyez_stream *stream, size_t count)
{
    if (stream->has_batch)
        return oyez_fail(OYEZ_ERR_INVALID, "stream: it makes batches already");
    if (count == 0)
        return oyez_fail(OYEZ_ERR_INVALID, "count: a batch of 0 items");
    if (count > OYEZ_STREAM_BUFFER_ITEMS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "count: %zu items; the limit is %u", count,
                         OYEZ_STREAM_BUFFER_ITEMS_MAX);
    return OYEZ_OK;
}

oyez_err oyez_stream_buffer(oyez_stream *stream, size_t count, uint32_t interval_ms)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    err = check_count(stream, count);
    if (err != OYEZ_OK)
        return stream_break(stream, err);
    struct buffer_stage *buffer;
    err = stream_add_stage(stream, &buffer_kind, sizeof *buffer, &buffer);
    if (err != OYEZ_OK)
        return err;
    buffer->limit = count;
    buffer->interval_ms = interval_ms;
    buffer->kept = calloc(count, sizeof *buffer->kept);
    buffer->items = calloc(count, sizeof *buffer->items);
    if (buffer->kept == NULL || buffer->items == NULL) {
        stream_drop_stage(stream);
        return stream_break(stream, oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a buffer"));
    }
    stream->has_batch = true;
    stream->has_timer = stream->has_timer || interval_ms != 0;
    return OYEZ_OK;
}

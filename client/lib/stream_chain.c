// SPDX-License-Identifier: MIT
// How a stream comes to be and ends: its source, and the stages behind it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "argument.h"
#include "client_state.h"
#include "stream_stage.h"
#include "subscription.h"

struct source_stage {
    struct stage stage;
    struct stream_source source;
};

static enum pulled pull_source(struct stage *stage, struct oyez_stream *stream,
                               struct oyez_stream_item *item)
{
    struct source_stage *from = (struct source_stage *)stage;
    if (stream->budget == 0) {
        stream->more = true;
        return PULLED_NONE;
    }
    stream->budget--;
    const struct oyez_event *event;
    oyez_err err = from->source.receive(from->source.arg, &event);
    if (err == OYEZ_ERR_TIMEOUT)
        return PULLED_NONE;
    if (err != OYEZ_OK) {
        stream->err = err;
        return PULLED_ENDED;
    }
    *item = (struct oyez_stream_item){.event = event};
    uint64_t received = atomic_load_explicit(&stream->received, memory_order_relaxed);
    atomic_store_explicit(&stream->received, received + 1, memory_order_relaxed);
    return PULLED_ITEM;
}

static void release_source(struct stage *stage)
{
    struct source_stage *from = (struct source_stage *)stage;
    from->source.watch(from->source.arg, NULL);
    from->source.close(from->source.arg);
}

static const struct stage_kind source_kind = {.pull = pull_source, .release = release_source};

static void watch_sources(struct stage *stage, struct inbox_watch *watch)
{
    if (stage == NULL)
        return;
    if (stage->kind == &source_kind) {
        struct source_stage *from = (struct source_stage *)stage;
        from->source.watch(from->source.arg, watch);
    }
    watch_sources(stage->upstream, watch);
    watch_sources(stage->beside, watch);
}

static void announce_ends(struct stage *stage)
{
    if (stage == NULL)
        return;
    if (stage->kind == &source_kind) {
        struct source_stage *from = (struct source_stage *)stage;
        from->source.announce_end(from->source.arg);
    }
    announce_ends(stage->upstream);
    announce_ends(stage->beside);
}

void stream_announce_end(struct oyez_stream *stream)
{
    announce_ends(stream->last);
}

static void free_stages(struct stage *stage)
{
    if (stage == NULL)
        return;
    struct stage *upstream = stage->upstream;
    struct stage *beside = stage->beside;
    if (stage->kind->release != NULL)
        stage->kind->release(stage);
    free(stage);
    free_stages(upstream);
    free_stages(beside);
}

oyez_err stream_new(struct oyez_stream **out, const struct stream_source *source)
{
    struct oyez_stream *stream = calloc(1, sizeof *stream);
    struct source_stage *stage = calloc(1, sizeof *stage);
    oyez_err err = OYEZ_OK;
    if (stream == NULL || stage == NULL) {
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a stream");
        goto failed;
    }
    stream->timer_fd = -1;
    stream->epoll_fd = -1;
    stream->watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stream->watch.fd < 0) {
        err = oyez_fail(OYEZ_ERR_SYSTEM, "eventfd: %s", strerror(errno));
        goto failed;
    }
    stage->stage.kind = &source_kind;
    stage->source = *source;
    stream->last = &stage->stage;
    watch_sources(stream->last, &stream->watch);
    *out = stream;
    return OYEZ_OK;
failed:
    free(stage);
    free(stream);
    return err;
}

void stream_free(struct oyez_stream *stream)
{
    free_stages(stream->last);
    close(stream->watch.fd);
    if (stream->timer_fd >= 0)
        close(stream->timer_fd);
    if (stream->epoll_fd >= 0)
        close(stream->epoll_fd);
    free(stream);
}

oyez_err stream_break(struct oyez_stream *stream, oyez_err err)
{
    if (stream->broken == OYEZ_OK) {
        stream->broken = err;
        snprintf(stream->broken_detail, sizeof stream->broken_detail, "%s", oyez_error_detail());
    }
    return err;
}

oyez_err stream_check_open(const struct oyez_stream *stream)
{
    REQUIRE_ARGUMENT(stream);
    if (stream->begun)
        return oyez_fail(OYEZ_ERR_BUSY, "stream: it has been read already");
    return OYEZ_OK;
}

oyez_err stream_add_stage(struct oyez_stream *stream, const struct stage_kind *kind, size_t size,
                          void *stage_p)
{
    if (stream->operators >= OYEZ_STREAM_OPERATORS_MAX)
        return stream_break(stream,
                            oyez_fail(OYEZ_ERR_TOO_LARGE, "a stream has at most %u operators",
                                      OYEZ_STREAM_OPERATORS_MAX));
    struct stage *stage = calloc(1, size);
    if (stage == NULL)
        return stream_break(stream, oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an operator"));
    stage->kind = kind;
    stage->upstream = stream->last;
    stream->last = stage;
    stream->operators++;
    memcpy(stage_p, &stage, sizeof stage);
    return OYEZ_OK;
}

void stream_drop_stage(struct oyez_stream *stream)
{
    struct stage *stage = stream->last;
    stream->last = stage->upstream;
    stream->operators--;
    stage->upstream = NULL;
    free_stages(stage);
}

enum pulled stream_fail_item(struct oyez_stream *stream, const char *what, oyez_err err)
{
    stream->err = oyez_fail(err, "%s left an item out: %s", what, oyez_strerror(err));
    atomic_fetch_add_explicit(&stream->failed, 1, memory_order_relaxed);
    return PULLED_FAILED;
}

static oyez_err receive_event(void *arg, const struct oyez_event **event)
{
    return oyez_subscription_receive(arg, event, 0);
}

static void set_watch(void *arg, struct inbox_watch *watch)
{
    subscription_set_watch(arg, watch);
}

static void announce_end(void *arg)
{
    subscription_announce_end(arg);
}

static void close_subscription(void *arg)
{
    oyez_subscription *subscription = arg;
    oyez_subscription_close(&subscription);
}

oyez_err oyez_stream_open(oyez_stream **out, oyez_client *client,
                          const struct oyez_subscription_options *options, uint32_t timeout_ms)
{
    static const struct oyez_subscription_options everything;
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    if (options == NULL)
        options = &everything;
    if (options->handler != NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "options.handler: a stream is read, or started");
    oyez_subscription *subscription = NULL;
    oyez_err err = oyez_subscription_open(&subscription, client, options, timeout_ms);
    if (subscription == NULL)
        return err;
    const struct stream_source source = {.receive = receive_event,
                                         .watch = set_watch,
                                         .announce_end = announce_end,
                                         .close = close_subscription,
                                         .arg = subscription};
    oyez_err made = stream_new(out, &source);
    if (made != OYEZ_OK) {
        oyez_subscription_close(&subscription);
        return made;
    }
    (*out)->client = client;
    return err;
}

void oyez_stream_close(oyez_stream **stream_p)
{
    if (stream_p == NULL || *stream_p == NULL)
        return;
    struct oyez_stream *stream = *stream_p;
    *stream_p = NULL;
    // In a child neither the threads nor the subscription are: leave the parent's memory alone.
    if (stream->client != NULL && client_check_fork(stream->client) != OYEZ_OK)
        return;
    if (stream_stop_pushing(stream))
        stream_free(stream);
}

// Both are asked in turn, so that neither starves the other.
struct merge_stage {
    struct stage stage;
    bool beside_is_next;
    bool ended[2];
    oyez_err err; // of the later end
};

static enum pulled pull_merge(struct stage *stage, struct oyez_stream *stream,
                              struct oyez_stream_item *item)
{
    struct merge_stage *merge = (struct merge_stage *)stage;
    for (int i = 0; i < 2; i++) {
        bool beside = merge->beside_is_next;
        merge->beside_is_next = !beside;
        if (merge->ended[beside])
            continue;
        enum pulled pulled = stage_pull(beside ? stage->beside : stage->upstream, stream, item);
        if (pulled == PULLED_ITEM || pulled == PULLED_FAILED)
            return pulled;
        merge->ended[beside] = pulled == PULLED_ENDED;
        if (pulled == PULLED_ENDED)
            merge->err = stream->err;
    }
    if (!merge->ended[0] || !merge->ended[1])
        return PULLED_NONE;
    // Later stages may have failed at an item since.
    stream->err = oyez_fail(merge->err, "the streams have ended: %s", oyez_strerror(merge->err));
    return PULLED_ENDED;
}

static const struct stage_kind merge_kind = {.pull = pull_merge};

oyez_err oyez_stream_merge(oyez_stream *stream, oyez_stream **other_p)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    struct oyez_stream *other = other_p != NULL ? *other_p : NULL;
    if (other == NULL)
        return stream_break(stream, argument_missing("other"));
    if (other == stream)
        return stream_break(stream, oyez_fail(OYEZ_ERR_INVALID, "other: is the stream itself"));
    if (other->begun)
        return stream_break(stream, oyez_fail(OYEZ_ERR_BUSY, "other: it has been read already"));
    if (other->broken != OYEZ_OK)
        return stream_break(stream, oyez_fail(other->broken, "%s", other->broken_detail));
    if (stream->operators + other->operators >= OYEZ_STREAM_OPERATORS_MAX)
        return stream_break(stream,
                            oyez_fail(OYEZ_ERR_TOO_LARGE, "a stream has at most %u operators",
                                      OYEZ_STREAM_OPERATORS_MAX));
    struct merge_stage *merge;
    err = stream_add_stage(stream, &merge_kind, sizeof *merge, &merge);
    if (err != OYEZ_OK)
        return err;
    merge->stage.beside = other->last;
    stream->operators += other->operators;
    stream->has_timer = stream->has_timer || other->has_timer;
    stream->has_batch = stream->has_batch || other->has_batch;
    watch_sources(other->last, &stream->watch);
    // What has come for it already was told to its own descriptor.
    inbox_watch_tell(&stream->watch);
    other->last = NULL;
    *other_p = NULL;
    stream_free(other);
    return OYEZ_OK;
}

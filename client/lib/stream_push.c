// SPDX-License-Identifier: MIT
// A stream that pushes: a thread of its own reads it and calls the handler.
#include <signal.h>
#include <string.h>

#include "argument.h"
#include "context.h"
#include "stream_stage.h"

void stream_hand_over(oyez_stream_handler *handler, void *arg, const struct oyez_stream_item *item)
{
    struct context_frame frame;
    context_enter(&frame, item->event);
    handler(arg, item);
    context_leave(&frame);
}

static void *push_items(void *arg)
{
    struct oyez_stream *stream = arg;
    while (!atomic_load(&stream->stopping) && !stream->ended) {
        struct oyez_stream_item item;
        if (stream_read(stream, &item, UINT32_MAX) == OYEZ_OK)
            stream_hand_over(stream->handler, stream->handler_arg, &item);
    }
    if (stream->closed_inside)
        stream_free(stream);
    return NULL;
}

oyez_err oyez_stream_start(oyez_stream *stream, oyez_stream_handler *handler, void *arg)
{
    REQUIRE_ARGUMENT(stream);
    REQUIRE_ARGUMENT(handler);
    if (stream->broken != OYEZ_OK)
        return oyez_fail(stream->broken, "%s", stream->broken_detail);
    if (stream->handler != NULL)
        return oyez_fail(OYEZ_ERR_BUSY, "stream: it pushes already");
    stream->begun = true;
    stream->handler = handler;
    stream->handler_arg = arg;
    // Signals belong to the application: its handlers run on its threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&stream->thread, NULL, push_items, stream);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        return OYEZ_OK;
    stream->handler = NULL;
    return oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
}

bool stream_stop_pushing(struct oyez_stream *stream)
{
    if (stream->handler == NULL)
        return true;
    bool inside = pthread_equal(pthread_self(), stream->thread) != 0;
    if (inside) {
        stream->closed_inside = true;
        stream_announce_end(stream);
        pthread_detach(stream->thread);
    }
    atomic_store(&stream->stopping, true);
    if (inside)
        return false;
    inbox_watch_tell(&stream->watch);
    pthread_join(stream->thread, NULL);
    return true;
}

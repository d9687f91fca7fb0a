// SPDX-License-Identifier: MIT
// The threads of a handler: one reads the subscription, and handles or, in a pool, feeds the others.
#include <stdlib.h>
#include <string.h>

#include "handler_call.h"
#include "handler_state.h"
#include "oyez/json.h"
#include "wire/envelope.h"

void redo_free(struct redo *redo)
{
    oyez_event_free(&redo->event);
    free(redo);
}

void handler_redo(struct oyez_handler *handler, struct redo *redo)
{
    struct oyez_client *client = handler->client;
    pthread_mutex_lock(&client->inbox_lock);
    redo->next = NULL;
    struct redo **end = &handler->redo;
    while (*end != NULL)
        end = &(*end)->next;
    *end = redo;
    handler->has_redo = true;
    pthread_cond_broadcast(&client->inbox_changed);
    pthread_mutex_unlock(&client->inbox_lock);
}

static struct redo *take_redo(struct oyez_handler *handler)
{
    if (!handler->has_redo)
        return NULL;
    pthread_mutex_lock(&handler->client->inbox_lock);
    struct redo *redo = handler->redo;
    if (redo != NULL)
        handler->redo = redo->next;
    handler->has_redo = handler->redo != NULL;
    pthread_mutex_unlock(&handler->client->inbox_lock);
    return redo;
}

// What stands before the next event may be told by on_gap and on_epoch_changed, which may close the
// handler or the client as the function may: to who closes it is a call of the handler.
static bool step(struct oyez_handler *handler)
{
    struct oyez_subscription *subscription = handler->subscription;
    struct handler_call call;
    if (subscription->on_gap == NULL && subscription->on_epoch_changed == NULL)
        return subscription_next(subscription);
    handler->running++;
    handler_call_enter(&call, handler->client, handler, UINT64_MAX);
    bool there = subscription_next(subscription);
    handler_call_leave(&call);
    handler_leave(handler);
    return there;
}

// Waits for the next event of the subscription, or one to be handled again. False: it is closed.
static bool read_next(struct oyez_handler *handler, struct redo **redo)
{
    struct oyez_client *client = handler->client;
    struct oyez_subscription *subscription = handler->subscription;
    for (;;) {
        if (handler->closing)
            return false;
        *redo = take_redo(handler);
        if (*redo != NULL || step(handler))
            return true;
        pthread_mutex_lock(&client->inbox_lock);
        while (!handler->closing && !handler->has_redo && !inbox_has_waiting(&subscription->inbox))
            pthread_cond_wait(&client->inbox_changed, &client->inbox_lock);
        if (!handler->closing && !handler->has_redo)
            (void)subscription_take(subscription);
        pthread_mutex_unlock(&client->inbox_lock);
    }
}

// The last thing that a thread does with its handler.
static void end(struct oyez_handler *handler)
{
    struct handlers *handlers = handler->client->handlers;
    pthread_mutex_lock(&handlers->lock);
    handler->alive--;
    pthread_cond_broadcast(&handlers->changed);
    pthread_mutex_unlock(&handlers->lock);
}

void *handler_dispatch(void *arg)
{
    struct handler_thread *thread = arg;
    struct oyez_handler *handler = thread->handler;
    struct redo *redo;
    while (read_next(handler, &redo)) {
        struct handling handling = {.event = &handler->subscription->event};
        if (redo != NULL)
            handling = (struct handling){.event = redo->event, .redo = redo->letter_id};
        handler_handle(thread, &handling);
        if (redo != NULL)
            redo_free(redo);
    }
    end(handler);
    return NULL;
}

static const char *key_of(const struct oyez_handler *handler, const struct oyez_event *event)
{
    const char *key = NULL;
    if (handler->key == OYEZ_KEY_CORRELATION)
        key = event->correlation_id;
    else if (handler->key == OYEZ_KEY_AGGREGATE)
        key = event->aggregate_id;
    return key != NULL ? key : event->event_type;
}

static struct handler_thread *worker_of(struct oyez_handler *handler,
                                        const struct oyez_event *event)
{
    uint32_t hash = 2166136261u;
    for (const char *at = key_of(handler, event); *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    size_t workers = handler->thread_count - 1;
    return &handler->threads[1 + (hash ^ hash >> 15) % workers];
}

static bool feed_redo(struct oyez_handler *handler, const struct redo *redo)
{
    const struct oyez_event *event = redo->event;
    size_t header_size;
    size_t size = oyez_event_measure(event, &header_size);
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return false;
    oyez_event_encode(event, header_size, bytes);
    struct queued_event queued = {.stamp = event->stamp,
                                  .redo = redo->letter_id,
                                  .event_type = event->event_type,
                                  .bytes = bytes,
                                  .size = size};
    bool put = handler_queue_put(&worker_of(handler, event)->queue, &queued);
    free(bytes);
    return put;
}

static bool feed_next(struct oyez_handler *handler)
{
    const struct oyez_subscription *subscription = handler->subscription;
    const struct oyez_event *event = &subscription->event;
    struct queued_event queued = {.stamp = event->stamp,
                                  .event_type = event->event_type,
                                  .bytes = subscription->event_bytes,
                                  .size = subscription->event_size};
    return handler_queue_put(&worker_of(handler, event)->queue, &queued);
}

// Whoever starts the pool holds the lock until all its threads run, or it is closing.
static void await_pool(struct oyez_handler *handler)
{
    struct handlers *handlers = handler->client->handlers;
    pthread_mutex_lock(&handlers->lock);
    pthread_mutex_unlock(&handlers->lock);
}

void *handler_feed(void *arg)
{
    struct handler_thread *thread = arg;
    struct oyez_handler *handler = thread->handler;
    struct redo *redo;
    await_pool(handler);
    while (read_next(handler, &redo)) {
        if (!(redo != NULL ? feed_redo(handler, redo) : feed_next(handler)))
            handler->counters.dropped++;
        if (redo != NULL)
            redo_free(redo);
    }
    end(handler);
    return NULL;
}

void *handler_work(void *arg)
{
    struct handler_thread *thread = arg;
    struct oyez_handler *handler = thread->handler;
    struct queued_event queued;
    while (!handler->closing && handler_queue_take(&thread->queue, &queued)) {
        // It was read once already.
        (void)oyez_event_decode(&thread->event, queued.bytes, queued.size, thread->scratch);
        thread->event.event_type = queued.event_type;
        thread->event.stamp = queued.stamp;
        upcast_apply(&thread->upcast, &thread->event);
        struct handling handling = {.event = &thread->event, .redo = queued.redo};
        handler_handle(thread, &handling);
    }
    handler->counters.dropped += handler_queue_left(&thread->queue);
    end(handler);
    return NULL;
}

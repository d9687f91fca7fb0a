// SPDX-License-Identifier: MIT
#include "oyez/handler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "handler_call.h"
#include "handler_state.h"
#include "inline_handlers.h"
#include "oyez/pattern.h"
#include "thread.h"
#include "wire/clock.h"

#define SIMPLE_OPEN_MS 5000u

oyez_err handlers_open(struct handlers **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for handlers");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&(*out)->lock, NULL);
    pthread_cond_init(&(*out)->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return OYEZ_OK;
}

void handlers_close(struct handlers **handlers)
{
    if (*handlers == NULL)
        return;
    struct redo_request *next;
    for (struct redo_request *request = (*handlers)->requests; request != NULL; request = next) {
        next = request->next;
        free(request);
    }
    pthread_cond_destroy(&(*handlers)->changed);
    pthread_mutex_destroy(&(*handlers)->lock);
    free(*handlers);
    *handlers = NULL;
}

oyez_err handlers_start(struct oyez_client *client)
{
    struct handlers *handlers = client->handlers;
    oyez_err err = OYEZ_OK;
    pthread_mutex_lock(&handlers->lock);
    if (handlers->stopping)
        err = oyez_fail(OYEZ_ERR_CLOSED, "the client is being closed");
    else if (!handlers->has_keeper) {
        int failed = thread_start(&handlers->keeper, handlers_keep, client);
        handlers->has_keeper = failed == 0;
        if (failed != 0)
            err = oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
    }
    pthread_mutex_unlock(&handlers->lock);
    return err;
}

void handler_free(struct oyez_handler *handler)
{
    struct redo *next;
    if (handler->subscription != NULL) {
        pthread_mutex_lock(&handler->client->inbox_lock);
        subscription_release(handler->subscription);
        pthread_mutex_unlock(&handler->client->inbox_lock);
    }
    for (struct redo *redo = handler->redo; redo != NULL; redo = next) {
        next = redo->next;
        redo_free(redo);
    }
    for (size_t i = 0; i < handler->thread_count && handler->threads != NULL; i++) {
        handler_queue_free(&handler->threads[i].queue);
        upcast_release(&handler->threads[i].upcast);
    }
    free(handler->threads);
    for (size_t i = 0; i < handler->pattern_count; i++)
        free(handler->patterns[i]);
    free(handler->patterns);
    free(handler);
}

// On the dispatcher thread.
static void take_wish(void *arg, const struct oyez_event *event)
{
    struct oyez_client *client = arg;
    struct handlers *handlers = client->handlers;
    struct redo_request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return;
    if (!letter_read_wish(event, &request->letter_id, &request->event_id, request->handler)) {
        free(request);
        return;
    }
    pthread_mutex_lock(&handlers->lock);
    struct redo_request **end = &handlers->requests;
    while (*end != NULL)
        end = &(*end)->next;
    bool taken = handlers->request_count < REDO_REQUESTS_MAX && !handlers->stopping;
    if (taken) {
        *end = request;
        handlers->request_count++;
        pthread_cond_broadcast(&handlers->changed);
    }
    pthread_mutex_unlock(&handlers->lock);
    if (!taken)
        free(request);
}

// Its subscription ends with the client.
static oyez_err hear_wishes(struct oyez_client *client)
{
    static const char *const patterns[] = {DEAD_LETTER_RETRY_TYPE};
    struct handlers *handlers = client->handlers;
    struct oyez_subscription_options options = {
        .patterns = patterns, .pattern_count = 1, .handler = take_wish, .handler_arg = client};
    pthread_mutex_lock(&handlers->lock);
    bool first = !handlers->listening;
    handlers->listening = true;
    pthread_mutex_unlock(&handlers->lock);
    oyez_err err = first ? oyez_subscription_open(&handlers->wishes, client, &options, 0) : OYEZ_OK;
    if (err != OYEZ_OK)
        handlers->listening = false;
    else if (first)
        meter_set_owner(handlers->wishes, handlers);
    return err;
}

static oyez_err open_subscription(struct oyez_handler *handler,
                                  const struct oyez_handler_options *options, uint32_t timeout_ms)
{
    struct oyez_subscription_options subscription = {
        .patterns = options->patterns,
        .pattern_count = options->pattern_count,
        .handler_arg = options->arg,
        .from = options->from,
        .from_count = options->from_count,
        .from_epoch = options->from_epoch,
        .from_position = options->from_position,
        .from_time = options->from_time,
        .only_recorded = options->only_recorded,
        .on_gap = options->on_gap,
        .on_epoch_changed = options->on_epoch_changed,
    };
    oyez_err err =
        oyez_subscription_open(&handler->subscription, handler->client, &subscription, timeout_ms);
    if (handler->subscription != NULL)
        meter_set_owner(handler->subscription, handler);
    return err;
}

static oyez_err make_threads(struct oyez_handler *handler)
{
    handler->threads = calloc(handler->thread_count, sizeof *handler->threads);
    if (handler->threads == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu threads", handler->thread_count);
    for (size_t i = 0; i < handler->thread_count; i++) {
        struct handler_thread *thread = &handler->threads[i];
        thread->handler = handler;
        thread->random = (unsigned)(handler_timing_now_ns() + i);
        handler_queue_init(&thread->queue);
    }
    return OYEZ_OK;
}

// Under handlers->lock, so that none that was started looks at `alive` before all are counted, and
// the one that feeds sees the pool as it stays: when a thread is missing, it finds it closing.
static oyez_err start_threads(struct oyez_handler *handler)
{
    size_t count = handler->thread_count;
    for (size_t i = 0; i < count; i++) {
        void *(*run)(void *) = count == 1 ? handler_dispatch : i == 0 ? handler_feed : handler_work;
        int failed = thread_start(&handler->threads[i].thread, run, &handler->threads[i]);
        if (failed != 0) {
            for (size_t rest = i; rest < count; rest++)
                handler_queue_free(&handler->threads[rest].queue);
            handler->thread_count = i;
            handler->closing = true;
            return oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
        }
        handler->alive++;
    }
    return OYEZ_OK;
}

// From here on it is the keeper's to free.
static oyez_err enlist(struct oyez_handler *handler)
{
    struct handlers *handlers = handler->client->handlers;
    pthread_mutex_lock(&handlers->lock);
    handler->number = ++handlers->last_number;
    handler->next = handlers->first;
    handlers->first = handler;
    oyez_err err = handler->threads != NULL ? start_threads(handler) : OYEZ_OK;
    // Its limit of time may be shorter than the keeper's sleep.
    pthread_cond_broadcast(&handlers->changed);
    pthread_mutex_unlock(&handlers->lock);
    return err;
}

static void wait_for_threads(struct oyez_handler *handler, bool inside)
{
    struct handlers *handlers = handler->client->handlers;
    pthread_mutex_lock(&handlers->lock);
    // Who closes from inside is not waited for by others who do.
    if (inside)
        handler->running--;
    pthread_cond_broadcast(&handlers->changed);
    while (inside ? handler->running > 0 : handler->alive > 0)
        pthread_cond_wait(&handlers->changed, &handlers->lock);
    if (inside)
        handler->running++;
    pthread_mutex_unlock(&handlers->lock);
}

static void end_threads(struct oyez_handler *handler)
{
    bool inside = handler_call_is_of(handler);
    if (handler->subscription != NULL)
        subscription_stop(handler->subscription);
    for (size_t i = 0; i < handler->thread_count; i++)
        handler_queue_close(&handler->threads[i].queue);
    wait_for_threads(handler, inside);
}

static void release_closer(struct oyez_handler *handler)
{
    struct handlers *handlers = handler->client->handlers;
    pthread_mutex_lock(&handlers->lock);
    handler->closers--;
    handler->ended = true;
    pthread_cond_broadcast(&handlers->changed);
    pthread_mutex_unlock(&handlers->lock);
}

// With a closer counted.
static void end(struct oyez_handler *handler)
{
    bool first = !atomic_exchange(&handler->closing, true);
    if (handler->mode == OYEZ_HANDLER_INLINE) {
        if (first && handler->spare != NULL)
            inline_remove(handler->client, handler);
        inline_await(handler);
    } else {
        end_threads(handler);
    }
    release_closer(handler);
}

static oyez_err prepare(struct oyez_handler *handler, const struct oyez_handler_options *options,
                        uint32_t timeout_ms, oyez_err *opened)
{
    oyez_err err = handler_options_take(handler, options);
    if (err == OYEZ_OK)
        err = handlers_start(handler->client);
    if (err == OYEZ_OK && !handler->no_dead_letters)
        err = hear_wishes(handler->client);
    if (err == OYEZ_OK && handler->mode != OYEZ_HANDLER_INLINE)
        err = make_threads(handler);
    if (err != OYEZ_OK || handler->mode == OYEZ_HANDLER_INLINE)
        return err;
    err = open_subscription(handler, options, timeout_ms);
    // These two leave a subscription that becomes active with the connection.
    if (err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE) {
        *opened = err;
        err = OYEZ_OK;
    }
    return err;
}

oyez_err oyez_handler_open(oyez_handler **out, oyez_client *client,
                           const struct oyez_handler_options *options, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(options);
    oyez_err opened = OYEZ_OK;
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = handler_options_check(options);
    if (err != OYEZ_OK)
        return err;
    struct oyez_handler *handler = calloc(1, sizeof *handler);
    if (handler == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a handler");
    handler->client = client;
    err = prepare(handler, options, timeout_ms, &opened);
    if (err != OYEZ_OK) {
        handler_free(handler);
        return err;
    }
    err = enlist(handler);
    if (err == OYEZ_OK && handler->mode == OYEZ_HANDLER_INLINE)
        err = inline_add(client, handler);
    if (err != OYEZ_OK) {
        oyez_handler_close(&handler);
        return err;
    }
    *out = handler;
    return opened;
}

oyez_err oyez_client_handle(oyez_client *client, const char *pattern, oyez_handler_function *run,
                            void *arg)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(pattern);
    REQUIRE_ARGUMENT(run);
    oyez_handler *handler;
    oyez_err err = oyez_pattern_check(pattern);
    if (err != OYEZ_OK)
        return err;
    char name[OYEZ_HANDLER_NAME_SIZE_MAX + 1];
    snprintf(name, sizeof name, "%s", pattern);
    for (char *at = name; (at += strcspn(at, "*@/")) && *at != '\0';)
        *at = '-';
    struct oyez_handler_options options = {
        .name = name, .patterns = &pattern, .pattern_count = 1, .run = run, .arg = arg};
    return oyez_handler_open(&handler, client, &options, SIMPLE_OPEN_MS);
}

void oyez_handler_close(oyez_handler **handler_p)
{
    if (handler_p == NULL || *handler_p == NULL)
        return;
    struct oyez_handler *handler = *handler_p;
    *handler_p = NULL;
    if (client_check_fork(handler->client) != OYEZ_OK)
        return;
    struct handlers *handlers = handler->client->handlers;
    pthread_mutex_lock(&handlers->lock);
    handler->closers++;
    pthread_mutex_unlock(&handlers->lock);
    end(handler);
}

void handlers_end(struct oyez_client *client)
{
    struct handlers *handlers = client->handlers;
    pthread_mutex_lock(&handlers->lock);
    handlers->stopping = true;
    handlers->stop_by_ms = oyez_clock_monotonic_ms() + client->close_timeout_ms;
    for (;;) {
        struct oyez_handler *handler = handlers->first;
        while (handler != NULL && handler->ended)
            handler = handler->next;
        if (handler == NULL)
            break;
        handler->closers++;
        pthread_mutex_unlock(&handlers->lock);
        end(handler);
        pthread_mutex_lock(&handlers->lock);
    }
    pthread_cond_broadcast(&handlers->changed);
    bool has_keeper = handlers->has_keeper;
    pthread_mutex_unlock(&handlers->lock);
    if (has_keeper)
        pthread_join(handlers->keeper, NULL);
}

void oyez_handler_get_counters(oyez_handler *handler, struct oyez_handler_counters *out)
{
    if (out == NULL)
        return;
    *out = (struct oyez_handler_counters){0};
    if (handler == NULL)
        return;
    const struct handler_counters *counters = &handler->counters;
    *out = (struct oyez_handler_counters){
        .handled = counters->handled,
        .failed = counters->failed,
        .retried = counters->retried,
        .timed_out = counters->timed_out,
        .dead_lettered = counters->dead_lettered,
        .dropped = counters->skipped + counters->dropped,
        .redone = counters->redone,
        .delivered = counters->delivered,
    };
    uint64_t settled = out->handled + out->failed + counters->skipped;
    out->in_progress = out->delivered > settled ? out->delivered - settled : 0;
}

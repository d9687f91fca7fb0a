// SPDX-License-Identifier: MIT
// The keeper: a thread of a client with handlers. It tells what is overdue, emits dead letters, has
// events handled again, and frees handlers that have ended.
#include <stdlib.h>
#include <string.h>

#include "handler_state.h"
#include "inline_handlers.h"
#include "oyez/json.h"
#include "oyez/query.h"
#include "wire/clock.h"

#define LOOK_UP_MS 5000u
#define FULL_WAIT_MS 5u
#define IDLE_MS 60000u
#define ENDED_LOOK_MS 20u

// Under handlers->lock.
static uint64_t tell_overdue(struct oyez_handler *handler, uint64_t now_ms)
{
    uint64_t due_ms = handler->timeout_ms != 0 ? now_ms + handler->timeout_ms : UINT64_MAX;
    for (size_t i = 0; i < handler->thread_count && handler->timeout_ms != 0; i++) {
        struct handler_attempt *attempt = &handler->threads[i].attempt;
        if (attempt->handling.event == NULL || attempt->overdue)
            continue;
        if (now_ms < attempt->deadline_ms) {
            due_ms = attempt->deadline_ms < due_ms ? attempt->deadline_ms : due_ms;
            continue;
        }
        struct letter_failure failure = {.err = OYEZ_ERR_TIMEOUT, .timed_out = true};
        attempt->overdue = handler_tell_failure_locked(handler, &attempt->handling, &failure);
        if (attempt->overdue) {
            handler->counters.timed_out++;
            handler->counters.failed++;
        } else {
            due_ms = now_ms;
        }
    }
    return due_ms;
}

static void free_handler(struct oyez_handler *handler)
{
    for (size_t i = 0; i < handler->thread_count; i++)
        pthread_join(handler->threads[i].thread, NULL);
    handler_free(handler);
}

// Under handlers->lock.
static bool is_gone(const struct oyez_handler *handler)
{
    return handler->ended && handler->closers == 0 && handler->alive == 0 &&
           handler->letters == 0 &&
           (handler->mode != OYEZ_HANDLER_INLINE || inline_is_quiet(handler));
}

// Under handlers->lock, which it gives up meanwhile. True: one was freed, look again.
static bool free_one(struct handlers *handlers, bool *waiting)
{
    for (struct oyez_handler **link = &handlers->first; *link != NULL; link = &(*link)->next) {
        struct oyez_handler *handler = *link;
        *waiting = *waiting || handler->ended;
        if (!is_gone(handler))
            continue;
        *link = handler->next;
        pthread_mutex_unlock(&handlers->lock);
        free_handler(handler);
        pthread_mutex_lock(&handlers->lock);
        return true;
    }
    return false;
}

static bool is_out_of_patience(const struct handlers *handlers)
{
    return handlers->stopping && oyez_clock_monotonic_ms() >= handlers->stop_by_ms;
}

// A full window is waited for, but not for ever by a client that closes.
void handlers_emit_letter(struct oyez_client *client)
{
    struct handlers *handlers = client->handlers;
    // It keeps its place meanwhile, so that its handler lives.
    const struct letter *letter = &handlers->letters[handlers->letter_first];
    pthread_mutex_unlock(&handlers->lock);
    oyez_err err = letter_emit(client, letter);
    pthread_mutex_lock(&handlers->lock);
    if (err == OYEZ_ERR_FULL && !is_out_of_patience(handlers)) {
        struct timespec until = oyez_clock_deadline(FULL_WAIT_MS);
        pthread_cond_timedwait(&handlers->changed, &handlers->lock, &until);
        return;
    }
    if (err == OYEZ_OK && !letter->resolves)
        letter->handler->counters.dead_lettered++;
    letter->handler->letters--;
    handlers->letter_first = (handlers->letter_first + 1) % LETTERS_MAX;
    handlers->letter_count--;
    pthread_cond_broadcast(&handlers->changed);
}

static void run_inline_again(struct oyez_handler *handler, const struct redo *redo)
{
    struct handler_thread here = {.handler = handler};
    struct handling handling = {.event = redo->event, .redo = redo->letter_id};
    handler_handle(&here, &handling);
}

// Under handlers->lock. Of the handlers of that name the one opened last before `before`, which may be
// gone since; held against being freed like by a letter.
static struct oyez_handler *hold_next(struct handlers *handlers, const char *name, uint64_t *before)
{
    for (struct oyez_handler *handler = handlers->first; handler != NULL; handler = handler->next) {
        if (handler->number >= *before || handler->closing || handler->no_dead_letters ||
            strcmp(handler->name, name) != 0)
            continue;
        *before = handler->number;
        handler->letters++;
        return handler;
    }
    return NULL;
}

static void give_again(struct oyez_handler *handler, const struct redo_request *request,
                       const struct oyez_event *event)
{
    struct redo *redo = calloc(1, sizeof *redo);
    if (redo == NULL)
        return;
    redo->letter_id = request->letter_id;
    if (oyez_event_copy(&redo->event, event) != OYEZ_OK) {
        free(redo);
        return;
    }
    if (handler->mode == OYEZ_HANDLER_INLINE) {
        run_inline_again(handler, redo);
        redo_free(redo);
    } else {
        handler_redo(handler, redo);
    }
}

// Under handlers->lock, which it gives up meanwhile.
static void answer_one(struct oyez_client *client)
{
    struct handlers *handlers = client->handlers;
    struct redo_request *request = handlers->requests;
    struct oyez_event *event = NULL;
    uint64_t before = UINT64_MAX;
    handlers->requests = request->next;
    handlers->request_count--;
    struct oyez_handler *handler = hold_next(handlers, request->handler, &before);
    pthread_mutex_unlock(&handlers->lock);
    oyez_err err = handler == NULL ? OYEZ_ERR_NOT_FOUND
                                   : oyez_client_get(client, request->event_id, &event, LOOK_UP_MS);
    while (handler != NULL) {
        if (err == OYEZ_OK)
            give_again(handler, request, event);
        pthread_mutex_lock(&handlers->lock);
        handler->letters--;
        handler = hold_next(handlers, request->handler, &before);
        pthread_mutex_unlock(&handlers->lock);
    }
    oyez_event_free(&event);
    free(request);
    pthread_mutex_lock(&handlers->lock);
}

// Under handlers->lock. When there is something to look at again by time.
static uint64_t look_at_all(struct handlers *handlers, bool waiting)
{
    uint64_t now_ms = oyez_clock_monotonic_ms();
    uint64_t due_ms = now_ms + (waiting ? ENDED_LOOK_MS : IDLE_MS);
    for (struct oyez_handler *handler = handlers->first; handler != NULL; handler = handler->next) {
        uint64_t handler_due_ms = tell_overdue(handler, now_ms);
        due_ms = handler_due_ms < due_ms ? handler_due_ms : due_ms;
    }
    return due_ms;
}

static void sleep_until(struct handlers *handlers, uint64_t due_ms)
{
    uint64_t now_ms = oyez_clock_monotonic_ms();
    if (due_ms <= now_ms)
        return;
    struct timespec until = oyez_clock_deadline((uint32_t)(due_ms - now_ms));
    pthread_cond_timedwait(&handlers->changed, &handlers->lock, &until);
}

// It sleeps only when it has found nothing to do without giving the lock up in between: what it was
// told meanwhile would be forgotten.
void *handlers_keep(void *arg)
{
    struct oyez_client *client = arg;
    struct handlers *handlers = client->handlers;
    pthread_mutex_lock(&handlers->lock);
    while (!handlers->stopping || handlers->first != NULL) {
        bool waiting = false;
        if (free_one(handlers, &waiting))
            continue;
        uint64_t due_ms = look_at_all(handlers, waiting);
        if (handlers->letter_count > 0)
            handlers_emit_letter(client);
        else if (handlers->requests != NULL)
            answer_one(client);
        else
            sleep_until(handlers, due_ms);
    }
    pthread_mutex_unlock(&handlers->lock);
    return NULL;
}

// SPDX-License-Identifier: MIT
// One event in a handler: its tries, their pauses and their limit of time, and what comes of it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "handler_call.h"
#include "handler_state.h"
#include "wire/clock.h"
#include "wire/topic.h"

static struct handlers *all_of(const struct oyez_handler *handler)
{
    return handler->client->handlers;
}

static uint64_t begin_try(struct handler_thread *thread, const struct handling *handling)
{
    struct oyez_handler *handler = thread->handler;
    if (handler->timeout_ms == 0)
        return UINT64_MAX;
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + handler->timeout_ms;
    pthread_mutex_lock(&all_of(handler)->lock);
    thread->attempt = (struct handler_attempt){.handling = *handling, .deadline_ms = deadline_ms};
    pthread_mutex_unlock(&all_of(handler)->lock);
    return deadline_ms;
}

// What a try has come to.
enum outcome {
    IN_TIME,
    LATE, // and the keeper has not told it
    TOLD, // it has
};

static enum outcome end_try(struct handler_thread *thread)
{
    struct oyez_handler *handler = thread->handler;
    if (handler->timeout_ms == 0)
        return IN_TIME;
    pthread_mutex_lock(&all_of(handler)->lock);
    enum outcome outcome = thread->attempt.overdue                                    ? TOLD
                           : oyez_clock_monotonic_ms() >= thread->attempt.deadline_ms ? LATE
                                                                                      : IN_TIME;
    thread->attempt = (struct handler_attempt){0};
    pthread_mutex_unlock(&all_of(handler)->lock);
    return outcome;
}

static oyez_err try_once(struct handler_thread *thread, const struct handling *handling,
                         enum outcome *outcome)
{
    struct oyez_handler *handler = thread->handler;
    struct context_frame context;
    struct handler_call call;
    uint64_t deadline_ms = begin_try(thread, handling);
    // What this thread failed at before is no reason of this failure.
    (void)oyez_fail(OYEZ_OK, "%s", "");
    context_enter(&context, handling->event);
    handler_call_enter(&call, handler->client, handler, deadline_ms);
    uint64_t began_ns = handler_timing_now_ns();
    oyez_err err = handler->run(handler->arg, handling->event);
    handler_timing_add(&handler->timing, handler_timing_now_ns() - began_ns);
    handler_call_leave(&call);
    context_leave(&context);
    *outcome = end_try(thread);
    return err;
}

static bool is_wanted_again(const struct oyez_handler *handler, uint32_t attempts, oyez_err err)
{
    const struct oyez_retry *retry = &handler->retry;
    if (attempts > retry->count)
        return false;
    for (size_t i = 0; i < retry->error_count; i++) {
        if (retry->errors[i] == err)
            return true;
    }
    return retry->error_count == 0;
}

static uint32_t pause_of(struct handler_thread *thread, uint32_t attempts)
{
    const struct oyez_retry *retry = &thread->handler->retry;
    uint64_t pause_ms = retry->first_ms;
    for (uint32_t i = 1; i < attempts && pause_ms < retry->max_ms; i++)
        pause_ms *= 2;
    if (pause_ms > retry->max_ms)
        pause_ms = retry->max_ms;
    uint64_t less = pause_ms / 2 * (uint64_t)(unsigned)rand_r(&thread->random) / RAND_MAX;
    return (uint32_t)(pause_ms - less);
}

// False: the handler was closed meanwhile.
static bool pause_before_try(struct handler_thread *thread, uint32_t attempts)
{
    struct oyez_handler *handler = thread->handler;
    struct handlers *handlers = all_of(handler);
    struct timespec until = oyez_clock_deadline(pause_of(thread, attempts));
    int waited = 0;
    pthread_mutex_lock(&handlers->lock);
    while (!handler->closing && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&handlers->changed, &handlers->lock, &until);
    pthread_mutex_unlock(&handlers->lock);
    return !handler->closing;
}

static void settle(struct handler_thread *thread, const struct handling *handling, oyez_err err,
                   enum outcome outcome)
{
    struct oyez_handler *handler = thread->handler;
    struct letter_failure failure = {.err = err};
    if (outcome == TOLD)
        return;
    if (outcome == IN_TIME && err == OYEZ_OK) {
        handler->counters.handled++;
        handler_tell_success(handler, handling);
        return;
    }
    letter_failure_set_text(&failure, oyez_error_detail());
    if (outcome == LATE) {
        handler->counters.timed_out++;
        failure = (struct letter_failure){.err = OYEZ_ERR_TIMEOUT, .timed_out = true};
    }
    handler->counters.failed++;
    (void)handler_tell_failure(handler, handling, &failure, true);
}

// False: it is being closed. An inline handler's calls are announced under the client's lock, and only
// there: whoever closes one takes that lock before he counts them.
static bool announce(struct oyez_handler *handler)
{
    bool is_inline = handler->mode == OYEZ_HANDLER_INLINE;
    if (is_inline)
        pthread_mutex_lock(&handler->client->lock);
    bool open = !handler->closing;
    if (open)
        handler->counters.delivered++;
    else
        handler->counters.dropped++;
    if (is_inline)
        pthread_mutex_unlock(&handler->client->lock);
    return open;
}

static void handle(struct handler_thread *thread, const struct handling *given)
{
    struct oyez_handler *handler = thread->handler;
    struct handling handling = *given;
    if (!oyez_uuid_is_zero(handling.redo))
        handler->counters.redone++;
    for (handling.attempts = 1;; handling.attempts++) {
        enum outcome outcome;
        oyez_err err = try_once(thread, &handling, &outcome);
        bool failed = outcome == IN_TIME && err != OYEZ_OK;
        if (!failed || !is_wanted_again(handler, handling.attempts, err)) {
            settle(thread, &handling, err, outcome);
            return;
        }
        if (!pause_before_try(thread, handling.attempts)) {
            handler->counters.skipped++;
            return;
        }
        handler->counters.retried++;
    }
}

void handler_handle(struct handler_thread *thread, const struct handling *handling)
{
    struct oyez_handler *handler = thread->handler;
    handler->running++;
    // Whoever closes sets `closing` first and looks at `running` then: one of the two sees the other.
    if (announce(handler))
        handle(thread, handling);
    handler_leave(handler);
}

void handler_leave(struct oyez_handler *handler)
{
    handler->running--;
    if (!handler->closing)
        return;
    pthread_mutex_lock(&all_of(handler)->lock);
    pthread_cond_broadcast(&all_of(handler)->changed);
    pthread_mutex_unlock(&all_of(handler)->lock);
}

// Under handlers->lock.
static bool has_room(const struct oyez_handler *handler, size_t count, bool wait)
{
    struct handlers *handlers = all_of(handler);
    while (wait && handlers->letter_count + count > LETTERS_MAX &&
           (!handlers->stopping || oyez_clock_monotonic_ms() < handlers->stop_by_ms)) {
        // The keeper, at an inline handler's letter, would wait for itself.
        if (pthread_equal(pthread_self(), handlers->keeper))
            handlers_emit_letter(handler->client);
        else
            pthread_cond_wait(&handlers->changed, &handlers->lock);
    }
    return handlers->letter_count + count <= LETTERS_MAX;
}

// Under handlers->lock, with room.
static struct letter *add_letter(struct handlers *handlers, struct oyez_handler *handler)
{
    size_t at = (handlers->letter_first + handlers->letter_count++) % LETTERS_MAX;
    struct letter *letter = &handlers->letters[at];
    *letter = (struct letter){.handler = handler};
    handler->letters++;
    pthread_cond_broadcast(&handlers->changed);
    return letter;
}

static void write_letter(struct letter *letter, const struct oyez_handler *handler,
                         const struct handling *handling, const struct letter_failure *failure)
{
    const struct oyez_event *event = handling->event;
    struct oyez_dead_letter *dead = &letter->dead;
    dead->event_id = event->event_id;
    dead->epoch = event->stamp.epoch;
    dead->position = event->stamp.position;
    dead->attempts = handling->attempts;
    dead->timed_out = failure->timed_out;
    snprintf(dead->event_type, sizeof dead->event_type, "%s", event->event_type);
    snprintf(dead->handler, sizeof dead->handler, "%s", handler->name);
    snprintf(dead->error, sizeof dead->error, "%s", oyez_strerror(failure->err));
    snprintf(dead->error_text, sizeof dead->error_text, "%s", failure->text);
    letter_process(dead->process, handler->client->name);
    const char *correlation = event->correlation_id != NULL ? event->correlation_id : "";
    if (strlen(correlation) < sizeof letter->correlation_id)
        snprintf(letter->correlation_id, sizeof letter->correlation_id, "%s", correlation);
}

static void write_resolved(struct letter *letter, struct oyez_uuid letter_id, const char *outcome)
{
    letter->resolves = true;
    letter->letter_id = letter_id;
    letter->outcome = outcome;
}

// A dead letter about a dead letter would go round in circles.
static bool is_told(const struct oyez_handler *handler, const struct oyez_event *event)
{
    return !handler->no_dead_letters &&
           !oyez_topic_is_own(event->event_type, strlen(event->event_type));
}

static bool tell_failure(struct oyez_handler *handler, const struct handling *handling,
                         const struct letter_failure *failure, bool wait)
{
    struct handlers *handlers = all_of(handler);
    if (!is_told(handler, handling->event))
        return true;
    if (!has_room(handler, 2, wait))
        return false;
    write_letter(add_letter(handlers, handler), handler, handling, failure);
    if (!oyez_uuid_is_zero(handling->redo))
        write_resolved(add_letter(handlers, handler), handling->redo, "failed");
    return true;
}

bool handler_tell_failure_locked(struct oyez_handler *handler, const struct handling *handling,
                                 const struct letter_failure *failure)
{
    return tell_failure(handler, handling, failure, false);
}

bool handler_tell_failure(struct oyez_handler *handler, const struct handling *handling,
                          const struct letter_failure *failure, bool wait)
{
    struct handlers *handlers = all_of(handler);
    pthread_mutex_lock(&handlers->lock);
    bool told = tell_failure(handler, handling, failure, wait);
    pthread_mutex_unlock(&handlers->lock);
    return told;
}

void handler_tell_success(struct oyez_handler *handler, const struct handling *handling)
{
    struct handlers *handlers = all_of(handler);
    if (oyez_uuid_is_zero(handling->redo))
        return;
    pthread_mutex_lock(&handlers->lock);
    if (has_room(handler, 1, true))
        write_resolved(add_letter(handlers, handler), handling->redo, "handled");
    pthread_mutex_unlock(&handlers->lock);
}

// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "argument.h"
#include "ask.h"
#include "catalog_fetch.h"
#include "client_settings.h"
#include "client_state.h"
#include "consumer_state.h"
#include "dispatcher.h"
#include "handler_call.h"
#include "handler_state.h"
#include "inline_handlers.h"
#include "notices.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "receiver.h"
#include "session.h"
#include "subscription.h"
#include "thread.h"
#include "wire/clock.h"

#define CLOSE_LOOK_NS 1000000

// Grows in every child: a client remembers the number of its own process.
static atomic_uint fork_generation;
static pthread_once_t fork_watch = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    fork_generation++;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

oyez_err client_check_fork(const struct oyez_client *client)
{
    if (client->fork_generation == fork_generation)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_FORKED, "this client was opened before fork: open one here");
}

oyez_err client_end_of_wait(const struct oyez_client *client, const char *what, uint32_t timeout_ms)
{
    if (client->session.refused)
        return oyez_fail(client->session.refused_err, "%s", client->session.refused_text);
    if (!client->session.open)
        return oyez_fail(OYEZ_ERR_UNREACHABLE, "no broker answers at %s: %s after %u ms",
                         client->endpoint, what, timeout_ms);
    return oyez_fail(OYEZ_ERR_TIMEOUT, "%s after %u ms", what, timeout_ms);
}

void client_egress_endpoint(struct oyez_client *client, char *out)
{
    pthread_mutex_lock(&client->lock);
    memcpy(out, client->reach.egress, sizeof client->reach.egress);
    pthread_mutex_unlock(&client->lock);
}

void client_ingress_endpoint(struct oyez_client *client, char *out)
{
    pthread_mutex_lock(&client->lock);
    memcpy(out, client->reach.ingress, sizeof client->reach.ingress);
    pthread_mutex_unlock(&client->lock);
}

void client_wake(struct oyez_client *client)
{
    if (!client->session_sleeps)
        return;
    client->session_sleeps = false;
    uint64_t one = 1;
    (void)!write(client->wake_fd, &one, sizeof one);
}

static void init_locks(struct oyez_client *client)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&client->lock, NULL);
    pthread_mutex_init(&client->metrics_lock, NULL);
    pthread_mutex_init(&client->inbox_lock, NULL);
    pthread_cond_init(&client->changed, &attributes);
    pthread_cond_init(&client->inbox_changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static oyez_err make_parts(struct oyez_client *client)
{
    size_t window_size = oyez_settings_number(client->settings, OYEZ_SETTING_CLIENT_WINDOW_SIZE);
    client->id = oyez_uuid_new();
    client->started_ns = oyez_clock_realtime_ns();
    oyez_err err =
        window_open(&client->windows[OYEZ_LANE_DURABLE], window_size, OYEZ_WINDOW_EVENTS_MAX);
    if (err == OYEZ_OK)
        err = window_open(&client->windows[OYEZ_LANE_FAST], window_size, OYEZ_WINDOW_EVENTS_MAX);
    if (err == OYEZ_OK)
        err = notices_open(&client->notices);
    if (err == OYEZ_OK)
        err = handlers_open(&client->handlers);
    if (err == OYEZ_OK)
        err = receiver_open(&client->receiver, client);
    if (err != OYEZ_OK)
        return err;
    client->answer = calloc(1, sizeof *client->answer);
    if (client->answer == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for answers");
    client->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (client->wake_fd < 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "eventfd: %s", strerror(errno));
    if (client->zmq_context == NULL) {
        client->zmq_context = zmq_ctx_new();
        client->owns_context = true;
    }
    if (client->zmq_context == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no ZeroMQ context: %s", zmq_strerror(errno));
    return session_open(client);
}

static void free_client(struct oyez_client *client)
{
    if (client->owns_context && client->zmq_context != NULL)
        zmq_ctx_term(client->zmq_context);
    if (client->wake_fd >= 0)
        close(client->wake_fd);
    window_close(&client->windows[OYEZ_LANE_DURABLE]);
    window_close(&client->windows[OYEZ_LANE_FAST]);
    notices_close(&client->notices);
    inline_forget(client);
    handlers_close(&client->handlers);
    receiver_close(&client->receiver);
    oyez_event_free(&client->defaults);
    oyez_settings_close(&client->settings);
    pthread_mutex_destroy(&client->metrics_lock);
    unknown_types_free(client->unknown_types);
    if (client->answer != NULL)
        ask_page_free(client->answer);
    free(client->answer);
    pthread_mutex_destroy(&client->lock);
    pthread_mutex_destroy(&client->inbox_lock);
    pthread_cond_destroy(&client->changed);
    pthread_cond_destroy(&client->inbox_changed);
    free(client);
}

static oyez_err start_threads(struct oyez_client *client)
{
    int failed = thread_start(&client->dispatcher_thread, dispatcher_run, client);
    if (failed == 0) {
        failed = thread_start(&client->session_thread, session_run, client);
        if (failed != 0) {
            dispatcher_stop(client);
            pthread_join(client->dispatcher_thread, NULL);
        }
    }
    if (failed != 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
    return OYEZ_OK;
}

static void stop_threads(struct oyez_client *client)
{
    session_stop(client);
    pthread_join(client->session_thread, NULL);
    dispatcher_stop(client);
    pthread_join(client->dispatcher_thread, NULL);
}

static oyez_err wait_for_session(struct oyez_client *client, uint32_t timeout_ms)
{
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    oyez_err err = OYEZ_OK;
    pthread_mutex_lock(&client->lock);
    int waited = 0;
    while (!client->session.open && !client->session.refused && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, &deadline);
    if (client->session.refused)
        err = oyez_fail(client->session.refused_err, "%s", client->session.refused_text);
    else if (!client->session.open)
        err = oyez_fail(OYEZ_ERR_UNREACHABLE, "no broker answers at %s (waited %u ms)",
                        client->endpoint, timeout_ms);
    pthread_mutex_unlock(&client->lock);
    return err;
}

static oyez_err load_catalogs(const struct oyez_client_options *options)
{
    oyez_err err = OYEZ_OK;
    if (options != NULL)
        err = argument_check_texts("options.catalogs", options->catalogs, options->catalog_count);
    if (err == OYEZ_OK)
        err = oyez_catalog_load_environment();
    for (size_t i = 0; options != NULL && err == OYEZ_OK && i < options->catalog_count; i++)
        err = oyez_catalog_load(options->catalogs[i]);
    return err;
}

oyez_err oyez_client_open(oyez_client **out, const struct oyez_client_options *options,
                          uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    static const struct oyez_client_options none;
    pthread_once(&fork_watch, watch_forks);
    oyez_err err = load_catalogs(options);
    if (err != OYEZ_OK)
        return err;
    struct oyez_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a client");
    client->wake_fd = -1;
    client->fork_generation = fork_generation;
    init_locks(client);
    err = client_set_options(client, options != NULL ? options : &none);
    if (err == OYEZ_OK)
        err = make_parts(client);
    if (err == OYEZ_OK)
        err = start_threads(client);
    if (err != OYEZ_OK) {
        if (client->control != NULL)
            zmq_close(client->control);
        free_client(client);
        return err;
    }
    if (timeout_ms != 0)
        err = wait_for_session(client, timeout_ms);
    if (err != OYEZ_OK) {
        stop_threads(client);
        free_client(client);
        return err;
    }
    *out = client;
    return OYEZ_OK;
}

static void tell_unsent(struct oyez_client *client)
{
    uint64_t count = 0;
    pthread_mutex_lock(&client->lock);
    count += client->windows[OYEZ_LANE_DURABLE].events;
    count += client->windows[OYEZ_LANE_FAST].events;
    uint64_t epoch = client->session.epoch;
    pthread_mutex_unlock(&client->lock);
    if (count == 0 || client->on_notice == NULL)
        return;
    char text[128];
    snprintf(text, sizeof text, "closed with %" PRIu64 " events that did not reach their level",
             count);
    client->on_notice(client->on_notice_arg, &(struct oyez_notice){.kind = OYEZ_NOTICE_UNSENT,
                                                                   .text = text,
                                                                   .epoch = epoch,
                                                                   .count = count});
}

// The application's handles are its own to close, but not after the client.
static void drop_subscriptions(struct oyez_client *client)
{
    pthread_mutex_lock(&client->inbox_lock);
    while (client->subscriptions != NULL) {
        struct oyez_subscription *subscription = client->subscriptions;
        client->subscriptions = subscription->next;
        subscription->references = 1;
        subscription_release(subscription);
    }
    pthread_mutex_unlock(&client->inbox_lock);
}

static void await_endings(struct oyez_client *client)
{
    pthread_mutex_lock(&client->inbox_lock);
    while (client->ending != 0)
        pthread_cond_wait(&client->inbox_changed, &client->inbox_lock);
    pthread_mutex_unlock(&client->inbox_lock);
}

static void close_now(struct oyez_client *client)
{
    consumers_end(client);
    await_endings(client);
    handlers_end(client);
    client_settle(client, client->close_timeout_ms);
    stop_threads(client);
    tell_unsent(client);
    drop_subscriptions(client);
}

// Of a client that was closed inside one of its handlers: all its threads are waited for, that
// handler's among them, so none of them can do it.
static void *close_later(void *arg)
{
    struct oyez_client *client = arg;
    close_now(client);
    while (client->waiting_inline > 0)
        nanosleep(&(struct timespec){.tv_nsec = CLOSE_LOOK_NS}, NULL);
    if (client->on_notice != NULL)
        client->on_notice(client->on_notice_arg,
                          &(struct oyez_notice){.kind = OYEZ_NOTICE_CLOSED,
                                                .text = "closed, as a handler wished"});
    free_client(client);
    return NULL;
}

void oyez_client_close(oyez_client **client_p)
{
    if (client_p == NULL || *client_p == NULL)
        return;
    struct oyez_client *client = *client_p;
    *client_p = NULL;
    // In a child neither threads nor sockets exist: leave the parent's memory alone.
    if (client_check_fork(client) != OYEZ_OK)
        return;
    if (!handler_call_is_of_client(client)) {
        close_now(client);
        free_client(client);
        return;
    }
    // Without a thread it stays as it is, which harms less than to free what is in use.
    pthread_t thread;
    if (thread_start(&thread, close_later, client) == 0)
        pthread_detach(thread);
}

void oyez_client_get_counters(oyez_client *client, struct oyez_client_counters *out)
{
    if (out == NULL)
        return;
    *out = (struct oyez_client_counters){0};
    if (client == NULL)
        return;
    const struct counters *counters = &client->counters;
    *out = (struct oyez_client_counters){
        .emitted = counters->emitted,
        .accepted = counters->accepted,
        .recorded = counters->recorded,
        .resent = counters->resent,
        .reemitted = counters->reemitted,
        .fast_lost = counters->fast_lost,
        .refused = counters->refused,
        .window_full = counters->window_full,
        .received = counters->received,
        .gaps = counters->gaps,
        .overflowed = counters->overflowed,
        .refilled = counters->refilled,
        .repeated = counters->repeated,
        .malformed = counters->malformed,
        .sessions = counters->sessions,
    };
}

oyez_err oyez_client_status(oyez_client *client, struct oyez_status *out, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(out);
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    static atomic_uint_fast64_t last_request;
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    pthread_mutex_lock(&client->lock);
    if (client->status_request != 0) {
        pthread_mutex_unlock(&client->lock);
        return oyez_fail(OYEZ_ERR_BUSY, "another thread is asking for the status");
    }
    client->status_request = ++last_request;
    client->status_out = out;
    client->status_done = false;
    client->status_asked = true;
    client_wake(client);
    int waited = 0;
    while (!client->status_done && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, &deadline);
    if (!client->status_done)
        err = oyez_fail(client->session.open ? OYEZ_ERR_TIMEOUT : OYEZ_ERR_UNREACHABLE,
                        "no status from %s within %u ms", client->endpoint, timeout_ms);
    client->status_request = 0;
    client->status_out = NULL;
    client->status_asked = false;
    pthread_mutex_unlock(&client->lock);
    return err;
}

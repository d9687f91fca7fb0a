// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "argument.h"
#include "consumer_state.h"
#include "sockets.h"
#include "wire/clock.h"

#define COMMIT_MS_DEFAULT 1000u
// How often a name that is held is asked for again.
#define AGAIN_MS 100u

static void init_locks(struct oyez_consumer *consumer)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&consumer->lock, NULL);
    pthread_mutex_init(&consumer->asking_lock, NULL);
    pthread_cond_init(&consumer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void free_consumer(struct oyez_consumer *consumer)
{
    consumer_wake_close(&consumer->wake);
    ask_page_free(&consumer->reading.page);
    ask_page_free(&consumer->committing.page);
    pthread_cond_destroy(&consumer->changed);
    pthread_mutex_destroy(&consumer->asking_lock);
    pthread_mutex_destroy(&consumer->lock);
    free(consumer);
}

static void take_options(struct oyez_consumer *consumer,
                         const struct oyez_consumer_options *options)
{
    consumer->handler = options->handler;
    consumer->handler_arg = options->handler_arg;
    consumer->on_gap = options->on_gap;
    consumer->on_gap_arg = options->on_gap_arg;
    consumer->commit_events = options->commit_events > 0 ? options->commit_events : 1;
    consumer->commit_ms = options->commit_ms > 0 ? options->commit_ms : COMMIT_MS_DEFAULT;
    consumer->commit_due_ms = UINT64_MAX;
    consumer->pages.more = true;
    consumer->pause_ms = 1;
}

static oyez_err prepare(struct oyez_consumer *consumer, const char *name,
                        const struct oyez_consumer_options *options)
{
    struct oyez_client *client = consumer->client;
    char holder_name[sizeof consumer->lease.told.holder_name];
    consumer->wake.wake_fd = -1;
    consumer->fork_generation = client->fork_generation;
    consumer->reading.client = consumer->committing.client = client;
    snprintf(holder_name, sizeof holder_name, "%.60s[%ld]",
             client->name[0] != '\0' ? client->name : program_invocation_short_name,
             (long)getpid());
    if (options->holder_name != NULL)
        snprintf(holder_name, sizeof holder_name, "%s", options->holder_name);
    oyez_err err = consumer_lease_init(&consumer->lease, ask_recorder, &consumer->committing, name,
                                       holder_name);
    if (err == OYEZ_OK)
        err = consumer_pages_open(&consumer->pages, ask_recorder, &consumer->reading,
                                  options->patterns, options->pattern_count);
    if (err == OYEZ_OK)
        err = consumer_wake_open(&consumer->wake, client->zmq_context);
    take_options(consumer, options);
    return err;
}

static oyez_err take_once(struct oyez_consumer *consumer,
                          const struct oyez_consumer_options *options, uint32_t timeout_ms)
{
    struct cursor begin = {0};
    oyez_err err = OYEZ_OK;
    if (options->begin == OYEZ_CONSUMER_LIVE)
        err = oyez_client_recorded(consumer->client, &begin.epoch, &begin.position, timeout_ms);
    else if (options->begin == OYEZ_CONSUMER_CURSOR)
        begin = (struct cursor){options->from_epoch, options->from_position};
    if (err != OYEZ_OK)
        return err;
    return consumer_lease_open(&consumer->lease, &consumer->pages.question.request.body.query,
                               options->lease_ms, begin.epoch, begin.position, timeout_ms);
}

// Until the name is free and the recorder there. Whoever was told that it is held is told so in the
// end too, and not that the last question took too long.
static oyez_err take_name(struct oyez_consumer *consumer,
                          const struct oyez_consumer_options *options, uint32_t timeout_ms)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    char held[sizeof consumer->why_text] = "";
    for (;;) {
        uint64_t now_ms = oyez_clock_monotonic_ms();
        uint32_t left_ms = deadline_ms > now_ms ? (uint32_t)(deadline_ms - now_ms) : 0;
        oyez_err err = take_once(consumer, options, left_ms);
        if (err == OYEZ_ERR_BUSY)
            snprintf(held, sizeof held, "%s", oyez_error_detail());
        else if (err == OYEZ_ERR_TIMEOUT && held[0] != '\0')
            return oyez_fail(OYEZ_ERR_BUSY, "%s", held);
        bool again = err == OYEZ_ERR_BUSY || err == OYEZ_ERR_NO_RECORDER || err == OYEZ_ERR_IO;
        if (!again || left_ms <= AGAIN_MS)
            return err;
        (void)consumer_pause(consumer, AGAIN_MS);
    }
}

static void begin_where_it_stands(struct oyez_consumer *consumer)
{
    const oyez_v1_Consumer *told = &consumer->lease.told;
    consumer_pages_seek(&consumer->pages, told->epoch, told->position);
    consumer->handled = (struct cursor){told->epoch, told->position};
    consumer->committed = consumer->handled;
    consumer->until_ms = consumer->lease.until_ms;
}

static oyez_err start_threads(struct oyez_consumer *consumer)
{
    consumer->has_keeper =
        pthread_create(&consumer->keeper_thread, NULL, consumer_keep, consumer) == 0;
    bool wanted = consumer->handler != NULL;
    if (consumer->has_keeper && wanted)
        consumer->has_reader =
            pthread_create(&consumer->reader_thread, NULL, consumer_handle, consumer) == 0;
    if (!consumer->has_keeper || consumer->has_reader != wanted)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread for a consumer");
    return OYEZ_OK;
}

static void enlist(struct oyez_consumer *consumer)
{
    struct oyez_client *client = consumer->client;
    pthread_mutex_lock(&client->lock);
    consumer->next = client->consumers;
    client->consumers = consumer;
    pthread_mutex_unlock(&client->lock);
}

static void delist(struct oyez_client *client, const struct oyez_consumer *consumer)
{
    pthread_mutex_lock(&client->lock);
    struct oyez_consumer **link = &client->consumers;
    while (*link != NULL && *link != consumer)
        link = &(*link)->next;
    if (*link != NULL)
        *link = consumer->next;
    pthread_mutex_unlock(&client->lock);
}

// Lets the threads end, stores what is handled, and gives the name free.
static void end(struct oyez_consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->closing = true;
    pthread_cond_broadcast(&consumer->changed);
    pthread_mutex_unlock(&consumer->lock);
    consumer_wake_up(&consumer->wake);
    if (consumer->has_reader)
        pthread_join(consumer->reader_thread, NULL);
    if (consumer->has_keeper)
        pthread_join(consumer->keeper_thread, NULL);
    consumer->has_reader = consumer->has_keeper = false;
    bool is_another = consumer->stopped &&
                      (consumer->why == OYEZ_ERR_BUSY || consumer->why == OYEZ_ERR_NOT_FOUND);
    bool behind = consumer->handled.epoch != consumer->committed.epoch ||
                  consumer->handled.position != consumer->committed.position;
    oyez_err err = OYEZ_OK;
    if (!is_another && behind)
        err = consumer_commit(consumer, CONSUMER_CLOSE_ASK_MS);
    if (!is_another && err == OYEZ_OK)
        (void)consumer_lease_close(&consumer->lease, CONSUMER_CLOSE_ASK_MS);
    socket_close(&consumer->wake.socket);
}

oyez_err oyez_consumer_open(oyez_consumer **out, oyez_client *client, const char *name,
                            const struct oyez_consumer_options *options, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(name);
    static const struct oyez_consumer_options everything;
    options = options != NULL ? options : &everything;
    if (options->begin < OYEZ_CONSUMER_FIRST || options->begin > OYEZ_CONSUMER_CURSOR)
        return argument_out_of_range("options.begin", options->begin);
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct oyez_consumer *consumer = calloc(1, sizeof *consumer);
    if (consumer == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a consumer");
    consumer->client = client;
    init_locks(consumer);
    err = prepare(consumer, name, options);
    if (err == OYEZ_OK)
        err = take_name(consumer, options, timeout_ms);
    if (err == OYEZ_OK) {
        begin_where_it_stands(consumer);
        err = start_threads(consumer);
        if (err != OYEZ_OK)
            end(consumer);
    }
    if (err != OYEZ_OK) {
        free_consumer(consumer);
        return err;
    }
    enlist(consumer);
    *out = consumer;
    return OYEZ_OK;
}

static oyez_err check(const struct oyez_consumer *consumer)
{
    if (consumer->client != NULL && client_check_fork(consumer->client) != OYEZ_OK)
        return OYEZ_ERR_FORKED;
    if (consumer->handler != NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "this consumer has a handler: nothing to pull");
    if (consumer->client == NULL)
        return oyez_fail(OYEZ_ERR_CLOSED, "the consumer's client was closed");
    return OYEZ_OK;
}

oyez_err oyez_consumer_next(oyez_consumer *consumer, const struct oyez_event **event,
                            uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(consumer);
    REQUIRE_ARGUMENT(event);
    *event = NULL;
    oyez_err err = check(consumer);
    return err == OYEZ_OK ? consumer_read(consumer, event, timeout_ms) : err;
}

oyez_err oyez_consumer_commit(oyez_consumer *consumer, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(consumer);
    oyez_err err = check(consumer);
    if (err != OYEZ_OK)
        return err;
    if (consumer_is_ending(consumer))
        return oyez_consumer_wait(consumer, 0);
    consumer_handled(consumer);
    return consumer_commit(consumer, timeout_ms);
}

oyez_err oyez_consumer_wait(oyez_consumer *consumer, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(consumer);
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    int waited = 0;
    pthread_mutex_lock(&consumer->lock);
    while (!consumer->stopped && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&consumer->changed, &consumer->lock, &deadline);
    oyez_err err = consumer->stopped
                       ? oyez_fail(consumer->why, "%s", consumer->why_text)
                       : oyez_fail(OYEZ_ERR_TIMEOUT, "not stopped within %u ms", timeout_ms);
    pthread_mutex_unlock(&consumer->lock);
    return err;
}

void oyez_consumer_get_cursor(oyez_consumer *consumer, uint64_t *epoch, uint64_t *position)
{
    if (epoch == NULL || position == NULL)
        return;
    *epoch = *position = 0;
    if (consumer == NULL)
        return;
    pthread_mutex_lock(&consumer->lock);
    *epoch = consumer->committed.epoch;
    *position = consumer->committed.position;
    pthread_mutex_unlock(&consumer->lock);
}

void oyez_consumer_close(oyez_consumer **consumer_p)
{
    if (consumer_p == NULL || *consumer_p == NULL)
        return;
    struct oyez_consumer *consumer = *consumer_p;
    *consumer_p = NULL;
    // In a child neither threads nor sockets exist: leave the parent's memory alone.
    if (consumer->client != NULL && client_check_fork(consumer->client) != OYEZ_OK)
        return;
    if (consumer->client != NULL) {
        delist(consumer->client, consumer);
        end(consumer);
    }
    free_consumer(consumer);
}

void consumers_end(struct oyez_client *client)
{
    struct oyez_consumer *consumer;
    while ((consumer = client->consumers) != NULL) {
        delist(client, consumer);
        end(consumer);
        consumer_stop(consumer, OYEZ_ERR_CLOSED, "its client was closed");
        consumer->client = NULL;
    }
}

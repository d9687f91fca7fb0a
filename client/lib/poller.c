// SPDX-License-Identifier: MIT
#include "oyez/poller.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "client_state.h"
#include "stream_stage.h"
#include "wire/clock.h"

struct oyez_poller {
    oyez_stream *stream;
    oyez_stream_handler *handler;
    void *arg;
    uint32_t interval_ms;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool wanted;  // between start and stop
    bool alive;   // the thread has not ended
    bool started; // there is a thread to be joined
    pthread_t thread;
};

// False when it is to end.
static bool rest(struct oyez_poller *poller)
{
    struct timespec until = oyez_clock_deadline(poller->interval_ms);
    pthread_mutex_lock(&poller->lock);
    int waited = 0;
    while (poller->wanted && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&poller->changed, &poller->lock, &until);
    bool wanted = poller->wanted;
    pthread_mutex_unlock(&poller->lock);
    return wanted;
}

static bool is_wanted(struct oyez_poller *poller)
{
    pthread_mutex_lock(&poller->lock);
    bool wanted = poller->wanted;
    pthread_mutex_unlock(&poller->lock);
    return wanted;
}

static void *poll_items(void *arg)
{
    struct oyez_poller *poller = arg;
    bool wanted = is_wanted(poller);
    while (wanted) {
        struct oyez_stream_item item;
        oyez_err err = stream_read(poller->stream, &item, 0);
        if (err == OYEZ_OK)
            stream_hand_over(poller->handler, poller->arg, &item);
        else if (poller->stream->ended)
            break;
        wanted = err == OYEZ_OK ? is_wanted(poller) : rest(poller);
    }
    pthread_mutex_lock(&poller->lock);
    poller->wanted = false;
    poller->alive = false;
    pthread_cond_broadcast(&poller->changed);
    pthread_mutex_unlock(&poller->lock);
    return NULL;
}

static oyez_err check_stream(const oyez_stream *stream)
{
    if (stream->broken != OYEZ_OK)
        return oyez_fail(stream->broken, "%s", stream->broken_detail);
    if (stream->handler != NULL)
        return oyez_fail(OYEZ_ERR_BUSY, "stream: it pushes");
    return OYEZ_OK;
}

oyez_err oyez_poller_open(oyez_poller **out, oyez_stream **stream, oyez_stream_handler *handler,
                          void *arg, uint32_t interval_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    if (stream == NULL || *stream == NULL)
        return argument_missing("stream");
    oyez_err err = check_stream(*stream);
    if (err != OYEZ_OK)
        return err;
    REQUIRE_ARGUMENT(handler);
    struct oyez_poller *poller = calloc(1, sizeof *poller);
    if (poller == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a poller");
    poller->handler = handler;
    poller->arg = arg;
    poller->interval_ms =
        interval_ms != 0 ? interval_ms
                         : (uint32_t)oyez_settings_number((*stream)->client->settings,
                                                          OYEZ_SETTING_CLIENT_POLLING_INTERVAL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&poller->lock, NULL);
    pthread_cond_init(&poller->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    poller->stream = *stream;
    *stream = NULL;
    *out = poller;
    return OYEZ_OK;
}

// Under lock.
static oyez_err start_thread(struct oyez_poller *poller)
{
    // Signals belong to the application: its handlers run on its threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    poller->wanted = true;
    int failed = pthread_create(&poller->thread, NULL, poll_items, poller);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    poller->wanted = failed == 0;
    poller->alive = failed == 0;
    poller->started = failed == 0;
    if (failed != 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
    return OYEZ_OK;
}

// Under lock; the thread has ended, or never was.
static void join_ended(struct oyez_poller *poller)
{
    if (poller->started)
        pthread_join(poller->thread, NULL);
    poller->started = false;
}

oyez_err oyez_poller_start(oyez_poller *poller)
{
    REQUIRE_ARGUMENT(poller);
    oyez_err err;
    pthread_mutex_lock(&poller->lock);
    if (poller->alive) {
        err = oyez_fail(OYEZ_ERR_BUSY, "poller: it is running already");
    } else {
        join_ended(poller);
        err = start_thread(poller);
    }
    pthread_mutex_unlock(&poller->lock);
    return err;
}

static bool is_own_thread(const struct oyez_poller *poller)
{
    return poller->started && pthread_equal(pthread_self(), poller->thread) != 0;
}

oyez_err oyez_poller_stop(oyez_poller *poller, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(poller);
    struct timespec until = oyez_clock_deadline(timeout_ms);
    oyez_err err = OYEZ_OK;
    int waited = 0;
    pthread_mutex_lock(&poller->lock);
    poller->wanted = false;
    pthread_cond_broadcast(&poller->changed);
    if (!is_own_thread(poller)) {
        while (poller->alive && waited != ETIMEDOUT)
            waited = pthread_cond_timedwait(&poller->changed, &poller->lock, &until);
        if (poller->alive)
            err =
                oyez_fail(OYEZ_ERR_TIMEOUT, "poller: still in its handler after %u ms", timeout_ms);
        else
            join_ended(poller);
    }
    pthread_mutex_unlock(&poller->lock);
    return err;
}

bool oyez_poller_is_running(oyez_poller *poller)
{
    return poller != NULL && is_wanted(poller);
}

oyez_err oyez_poller_poll(oyez_poller *poller, struct oyez_stream_item *item)
{
    REQUIRE_ARGUMENT(poller);
    REQUIRE_ARGUMENT(item);
    pthread_mutex_lock(&poller->lock);
    bool alive = poller->alive;
    pthread_mutex_unlock(&poller->lock);
    if (alive)
        return oyez_fail(OYEZ_ERR_BUSY, "poller: it is running");
    return oyez_stream_next(poller->stream, item, 0);
}

void oyez_poller_close(oyez_poller **poller_p)
{
    if (poller_p == NULL || *poller_p == NULL)
        return;
    struct oyez_poller *poller = *poller_p;
    *poller_p = NULL;
    // In a child the thread is not: leave the parent's memory alone.
    if (poller->stream->client != NULL && client_check_fork(poller->stream->client) != OYEZ_OK)
        return;
    while (oyez_poller_stop(poller, UINT32_MAX) == OYEZ_ERR_TIMEOUT)
        continue;
    oyez_stream_close(&poller->stream);
    pthread_mutex_destroy(&poller->lock);
    pthread_cond_destroy(&poller->changed);
    free(poller);
}

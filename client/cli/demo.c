// SPDX-License-Identifier: MIT
// One thread and one client for each plot. A client is opened by the thread that starts the demo,
// which wants to know, and closed by the plot's own: then all of them flush at the same time.
#include "demo.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "demo_plots.h"
#include "message.h"
#include "oyez/client.h"
#include "wire/clock.h"

#define CONNECT_MS 5000u
#define CLOSE_MS 1000u
#define ROOM_MS 100u // between two attempts to emit into a full window

struct teller {
    struct demo *demo;
    const struct demo_plot *plot;
    oyez_client *client;
    uint64_t seed;
    pthread_t thread;
    bool started;
};

struct demo {
    pthread_mutex_t mutex;
    pthread_cond_t stopped;
    bool stopping;
    bool failure_told;
    struct teller tellers[DEMO_PLOTS_COUNT];
};

static bool wait_unless_stopped(void *arg, uint32_t milliseconds)
{
    struct demo *self = ((struct teller *)arg)->demo;
    struct timespec end = oyez_clock_deadline(milliseconds);
    int result = 0;
    pthread_mutex_lock(&self->mutex);
    while (!self->stopping && result == 0)
        result = pthread_cond_timedwait(&self->stopped, &self->mutex, &end);
    bool goes_on = !self->stopping;
    pthread_mutex_unlock(&self->mutex);
    return goes_on;
}

static oyez_err emit(void *arg, const struct oyez_event *event, struct oyez_uuid *event_id)
{
    struct teller *teller = arg;
    oyez_err err = oyez_client_emit(teller->client, event, event_id);
    while (err == OYEZ_ERR_FULL) {
        if (!wait_unless_stopped(teller, ROOM_MS))
            return OYEZ_ERR_CLOSED;
        err = oyez_client_emit(teller->client, event, event_id);
    }
    return err;
}

static int64_t read_clock(void *arg)
{
    (void)arg;
    return (int64_t)oyez_clock_realtime_ns();
}

static struct oyez_uuid make_id(void *arg)
{
    (void)arg;
    return oyez_uuid_new();
}

// One line for the whole demo: what ends one plot will end the others too.
static void tell_failure(struct teller *teller, oyez_err err)
{
    struct demo *self = teller->demo;
    pthread_mutex_lock(&self->mutex);
    bool first = !self->failure_told;
    self->failure_told = true;
    pthread_mutex_unlock(&self->mutex);
    const char *detail = oyez_error_detail();
    if (first)
        message_print("%s ends: %s", teller->plot->name,
                      detail[0] != '\0' ? detail : oyez_strerror(err));
}

static void *tell(void *arg)
{
    struct teller *teller = arg;
    const struct demo_emitter emitter = {.emit = emit,
                                         .wait = wait_unless_stopped,
                                         .now = read_clock,
                                         .new_id = make_id,
                                         .arg = teller};
    oyez_err err = demo_plot_play(teller->plot, &emitter, teller->seed);
    if (err != OYEZ_OK && err != OYEZ_ERR_CLOSED)
        tell_failure(teller, err);
    oyez_client_close(&teller->client);
    return NULL;
}

static oyez_err make_demo(struct demo **out, uint64_t seed)
{
    struct demo *self = calloc(1, sizeof *self);
    pthread_condattr_t attributes;
    if (self == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "demo: no memory");
    pthread_mutex_init(&self->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    for (size_t i = 0; i < DEMO_PLOTS_COUNT; i++)
        self->tellers[i] = (struct teller){.demo = self, .plot = &demo_plots[i], .seed = seed};
    *out = self;
    return OYEZ_OK;
}

// The first client says whether there is a broker; the others find it on their own.
static oyez_err open_client(struct teller *teller, const char *endpoint, bool first)
{
    const struct oyez_client_options options = {
        .endpoint = endpoint, .name = teller->plot->name, .close_timeout_ms = CLOSE_MS};
    return oyez_client_open(&teller->client, &options, first ? CONNECT_MS : 0);
}

static oyez_err start_thread(struct teller *teller)
{
    if (pthread_create(&teller->thread, NULL, tell, teller) != 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "demo: the system starts no more threads");
    teller->started = true;
    return OYEZ_OK;
}

oyez_err demo_start(demo **out, const char *endpoint, uint64_t seed)
{
    struct demo *self = NULL;
    oyez_err err = make_demo(&self, seed);
    if (err != OYEZ_OK)
        return err;
    for (size_t i = 0; err == OYEZ_OK && i < DEMO_PLOTS_COUNT; i++)
        err = open_client(&self->tellers[i], endpoint, i == 0);
    for (size_t i = 0; err == OYEZ_OK && i < DEMO_PLOTS_COUNT; i++)
        err = start_thread(&self->tellers[i]);
    if (err != OYEZ_OK) {
        demo_stop(&self);
        return err;
    }
    *out = self;
    return OYEZ_OK;
}

void demo_stop(demo **demo_p)
{
    assert(demo_p != NULL);
    struct demo *self = *demo_p;
    if (self == NULL)
        return;
    *demo_p = NULL;
    pthread_mutex_lock(&self->mutex);
    self->stopping = true;
    pthread_cond_broadcast(&self->stopped);
    pthread_mutex_unlock(&self->mutex);
    for (size_t i = 0; i < DEMO_PLOTS_COUNT; i++) {
        if (self->tellers[i].started)
            pthread_join(self->tellers[i].thread, NULL);
        oyez_client_close(&self->tellers[i].client);
    }
    pthread_cond_destroy(&self->stopped);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

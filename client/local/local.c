// SPDX-License-Identifier: MIT
#include "oyez/local.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "oyez/broker.h"
#include "oyez/recorder.h"

#define INPROC_ENDPOINT "inproc://oyez-local"
#define HOLD_MAX_MS_DEFAULT 30000u
#define CATCH_UP_MS 30000u
#define CONNECT_MS 5000u

struct oyez_local {
    void *zmq_context;
    oyez_broker *broker;
    oyez_recorder *recorder; // NULL = nothing is recorded
    void (*on_log)(void *arg, enum oyez_severity severity, const char *line);
    void (*on_failed)(void *arg, oyez_err err, const char *line);
    void *arg;

    pthread_mutex_t lock;
    oyez_err failed;
    char why[256];
};

static void take_log(void *arg, enum oyez_severity severity, const char *line)
{
    const struct oyez_local *local = arg;
    if (local->on_log != NULL)
        local->on_log(local->arg, severity, line);
}

static void take_failure(void *arg, oyez_err err, const char *line)
{
    struct oyez_local *local = arg;
    pthread_mutex_lock(&local->lock);
    local->failed = err;
    snprintf(local->why, sizeof local->why, "%s", line);
    pthread_mutex_unlock(&local->lock);
    if (local->on_failed != NULL)
        local->on_failed(local->arg, err, line);
}

static oyez_err open_broker(struct oyez_local *local, const struct oyez_local_options *options)
{
    bool records = options->directory != NULL;
    struct oyez_broker_options broker = {
        .listen = options->listen != NULL ? options->listen : INPROC_ENDPOINT,
        .recorder = records ? OYEZ_BROKER_RECORDER_WAIT : OYEZ_BROKER_RECORDER_NONE,
        .hold_max_ms = options->hold_max_ms != 0 ? options->hold_max_ms : HOLD_MAX_MS_DEFAULT,
        .zmq_context = local->zmq_context,
        .on_log = take_log,
        .on_log_arg = local};
    return oyez_broker_open(&local->broker, &broker);
}

static oyez_err open_recorder(struct oyez_local *local, const struct oyez_local_options *options)
{
    struct oyez_recorder_options recorder = {.endpoint = oyez_broker_endpoint(local->broker),
                                             .directory = options->directory,
                                             .key = options->key,
                                             .checkpoint_ms = options->checkpoint_ms,
                                             .zmq_context = local->zmq_context,
                                             .disk = options->disk,
                                             .on_log = take_log,
                                             .on_failed = take_failure,
                                             .arg = local};
    oyez_err err = oyez_recorder_open(&local->recorder, &recorder);
    return err == OYEZ_OK ? oyez_recorder_wait(local->recorder, CATCH_UP_MS) : err;
}

oyez_err oyez_local_open(oyez_local **out, const struct oyez_local_options *options)
{
    static const struct oyez_local_options none;
    oyez_err err = OYEZ_OK;
    options = options != NULL ? options : &none;
    *out = NULL;
    struct oyez_local *local = calloc(1, sizeof *local);
    if (local == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a local bus");
    pthread_mutex_init(&local->lock, NULL);
    local->on_log = options->on_log;
    local->on_failed = options->on_failed;
    local->arg = options->arg;
    local->zmq_context = zmq_ctx_new();
    if (local->zmq_context == NULL)
        err = oyez_fail(OYEZ_ERR_SYSTEM, "no ZeroMQ context: %s", zmq_strerror(errno));
    if (err == OYEZ_OK)
        err = open_broker(local, options);
    if (err == OYEZ_OK && options->directory != NULL)
        err = open_recorder(local, options);
    if (err != OYEZ_OK) {
        oyez_local_close(&local);
        return err;
    }
    *out = local;
    return OYEZ_OK;
}

oyez_err oyez_local_client(oyez_local *local, oyez_client **client,
                           const struct oyez_client_options *options)
{
    if (local == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "local: missing");
    struct oyez_client_options own = {0};
    if (options != NULL)
        own = *options;
    own.endpoint = oyez_broker_endpoint(local->broker);
    own.zmq_context = local->zmq_context;
    return oyez_client_open(client, &own, CONNECT_MS);
}

const char *oyez_local_endpoint(const oyez_local *local)
{
    return oyez_broker_endpoint(local->broker);
}

oyez_err oyez_local_failed(oyez_local *local, char *text, size_t size)
{
    pthread_mutex_lock(&local->lock);
    oyez_err err = local->failed;
    if (text != NULL && size > 0)
        snprintf(text, size, "%s", local->why);
    pthread_mutex_unlock(&local->lock);
    return err;
}

// The broker waits for the recorder's last confirm, so it goes first.
void oyez_local_close(oyez_local **local_p)
{
    if (local_p == NULL || *local_p == NULL)
        return;
    struct oyez_local *local = *local_p;
    *local_p = NULL;
    oyez_broker_close(&local->broker);
    oyez_recorder_close(&local->recorder);
    if (local->zmq_context != NULL)
        zmq_ctx_term(local->zmq_context);
    pthread_mutex_destroy(&local->lock);
    free(local);
}

// SPDX-License-Identifier: MIT
#include "feed.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_MS 500u
#define SUBSCRIBE_MS 2000u
#define RECEIVE_MS 200u
#define NANOSECONDS_PER_SECOND INT64_C(1000000000)

struct feed {
    struct model *model;
    const char *endpoint;
    pthread_t thread;
    atomic_bool closing;
    oyez_client *client;
    oyez_subscription *subscription;
};

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    struct feed *feed = arg;
    struct model *model = feed->model;
    model_lock(model);
    switch (notice->kind) {
    case OYEZ_NOTICE_CONNECTED:
        model_set_link(model, MODEL_LINK_UP, "");
        break;
    case OYEZ_NOTICE_DISCONNECTED:
        model_set_link(model, MODEL_LINK_DOWN, "it does not answer; trying again");
        break;
    case OYEZ_NOTICE_WAITING:
    case OYEZ_NOTICE_MALFORMED:
        model_notice(model, "%s", notice->text != NULL ? notice->text : "");
        break;
    default:
        break;
    }
    model_unlock(model);
}

static void take_gap(void *arg, const struct oyez_gap *gap)
{
    struct feed *feed = arg;
    uint64_t count = gap->last - gap->first + 1;
    model_lock(feed->model);
    feed->model->lost += count;
    model_mark(feed->model, "%" PRIu64 " %s%sevents will not come: %s", count,
               gap->event_type != NULL ? gap->event_type : "", gap->event_type != NULL ? " " : "",
               gap->kind == OYEZ_GAP_UNRECORDED ? "lost before the record"
               : gap->kind == OYEZ_GAP_EXPIRED  ? "removed by the rules of retention"
                                                : "lost on the way to this view");
    model_unlock(feed->model);
}

static void take_epoch(void *arg, const struct oyez_epoch_change *change)
{
    struct feed *feed = arg;
    model_lock(feed->model);
    model_mark(feed->model, "the server began anew%s",
               change->recorded ? "; the record has told all of the time before"
                                : "; what came last before may be lost");
    if (change->phantoms > 0) {
        model_mark(feed->model, "%" PRIu64 " events above were seen and not recorded",
                   change->phantoms);
    }
    model_unlock(feed->model);
}

// What stands up to here was there before: it is shown, and not counted as live.
static void set_boundary(struct feed *feed)
{
    struct oyez_status *status = calloc(1, sizeof *status);
    if (status != NULL && oyez_client_status(feed->client, status, SUBSCRIBE_MS) == OYEZ_OK) {
        model_lock(feed->model);
        feed->model->boundary_epoch = status->epoch;
        feed->model->boundary_position = status->position;
        feed->model->timeline.live_since = model_time() / NANOSECONDS_PER_SECOND + 2;
        model_unlock(feed->model);
    }
    free(status);
}

static bool connect_to(struct feed *feed)
{
    const struct oyez_client_options options = {.endpoint = feed->endpoint,
                                                .name = "oyez tui",
                                                .on_notice = take_notice,
                                                .on_notice_arg = feed,
                                                .close_timeout_ms = 1};
    while (!atomic_load(&feed->closing)) {
        oyez_err err = oyez_client_open(&feed->client, &options, CONNECT_MS);
        if (err == OYEZ_OK) {
            return true;
        }
        model_lock(feed->model);
        model_notice(feed->model, "%s", oyez_error_detail());
        model_unlock(feed->model);
        struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
        nanosleep(&pause, NULL);
    }
    return false;
}

static void subscribe(struct feed *feed)
{
    struct oyez_subscription_options options = {.handler_arg = feed,
                                                .from = OYEZ_FROM_LAST,
                                                .from_count = FEED_LAST_EVENTS,
                                                .on_gap = take_gap,
                                                .on_epoch_changed = take_epoch};
    oyez_err err =
        oyez_subscription_open(&feed->subscription, feed->client, &options, SUBSCRIBE_MS);
    if (err == OYEZ_ERR_NO_RECORDER) {
        options.from = OYEZ_FROM_LIVE;
        (void)oyez_subscription_open(&feed->subscription, feed->client, &options, SUBSCRIBE_MS);
        model_lock(feed->model);
        feed->model->no_recorder = true;
        model_unlock(feed->model);
    }
    model_lock(feed->model);
    if (feed->subscription == NULL) {
        model_notice(feed->model, "%s", oyez_error_detail());
    } else {
        model_notice(feed->model, "%s", "");
    }
    model_unlock(feed->model);
}

static void keep_counters(struct feed *feed, int64_t *due)
{
    struct oyez_client_counters counters;
    int64_t now = model_time();
    if (now < *due) {
        return;
    }
    *due = now + NANOSECONDS_PER_SECOND / 2;
    oyez_client_get_counters(feed->client, &counters);
    model_lock(feed->model);
    feed->model->system.counters = counters;
    model_unlock(feed->model);
}

static void *run(void *arg)
{
    struct feed *feed = arg;
    const struct oyez_event *event;
    int64_t due = 0;
    if (connect_to(feed)) {
        set_boundary(feed);
        subscribe(feed);
    }
    while (!atomic_load(&feed->closing) && feed->subscription != NULL) {
        oyez_err err = oyez_subscription_receive(feed->subscription, &event, RECEIVE_MS);
        if (err == OYEZ_OK) {
            model_take(feed->model, event);
        } else if (err != OYEZ_ERR_TIMEOUT) {
            break;
        }
        keep_counters(feed, &due);
    }
    return NULL;
}

oyez_err feed_open(struct feed **out, struct model *model, const char *endpoint)
{
    struct feed *made = calloc(1, sizeof *made);
    *out = made;
    if (made == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    made->model = model;
    made->endpoint = endpoint;
    if (pthread_create(&made->thread, NULL, run, made) != 0) {
        free(made);
        *out = NULL;
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread for live events");
    }
    return OYEZ_OK;
}

void feed_close(struct feed **out)
{
    struct feed *feed = *out;
    if (feed == NULL) {
        return;
    }
    atomic_store(&feed->closing, true);
    pthread_join(feed->thread, NULL);
    oyez_subscription_close(&feed->subscription);
    oyez_client_close(&feed->client);
    free(feed);
    *out = NULL;
}

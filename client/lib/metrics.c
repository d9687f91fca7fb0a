// SPDX-License-Identifier: MIT
// How this client does.
#include "oyez/metrics.h"

#include <stdio.h>
#include <string.h>

#include "argument.h"
#include "client_state.h"
#include "handler_state.h"
#include "meter.h"
#include "subscription.h"
#include "wire/clock.h"

static double fraction(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0.0 : part >= whole ? 1.0 : (double)part / (double)whole;
}

// The fuller lane decides: an emit is turned away by its own.
static void read_windows(struct oyez_client *client, struct oyez_client_metrics *out)
{
    pthread_mutex_lock(&client->lock);
    for (unsigned lane = 0; lane < 2; lane++) {
        const struct window *window = &client->windows[lane];
        uint64_t bytes = window_bytes(window);
        double by_bytes = fraction(bytes, window->capacity);
        double by_events = fraction(window->events, window->events_max);
        double saturation = by_bytes > by_events ? by_bytes : by_events;
        out->window_events += window->events;
        if (lane == 0 || saturation > out->window.saturation)
            out->window = (struct oyez_queue_metrics){
                .bytes = bytes, .capacity_bytes = window->capacity, .saturation = saturation};
    }
    pthread_mutex_unlock(&client->lock);
}

static struct oyez_subscription_metrics *next_place(struct oyez_client_metrics *out)
{
    uint64_t i = out->subscription_count++;
    return i < OYEZ_METRICS_SUBSCRIPTIONS_MAX ? &out->subscriptions[i] : NULL;
}

static void read_handler(struct oyez_client *client, struct oyez_handler *handler,
                         struct oyez_subscription_metrics *out)
{
    struct oyez_handler_counters counters;
    oyez_handler_get_counters(handler, &counters);
    snprintf(out->name, sizeof out->name, "%s", handler->name);
    out->delivered = counters.delivered;
    out->handled = counters.handled;
    out->failed = counters.failed;
    out->in_progress = counters.in_progress;
    out->retried = counters.retried;
    out->dead_lettered = counters.dead_lettered;
    out->timed_out = counters.timed_out;
    out->dropped = counters.dropped;
    oyez_histogram_read(&handler->timing.histogram, &out->times);
    // Its own pointer to the subscription is cleared without a lock.
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next)
        if (!s->closed && s->meter.owner == handler)
            meter_read_queue(s, out);
}

static void read_handlers(struct oyez_client *client, struct oyez_client_metrics *out)
{
    struct handlers *handlers = client->handlers;
    struct oyez_subscription_metrics *place;
    pthread_mutex_lock(&handlers->lock);
    for (struct oyez_handler *handler = handlers->first; handler != NULL; handler = handler->next)
        if (!handler->closing && (place = next_place(out)) != NULL)
            read_handler(client, handler, place);
    pthread_mutex_unlock(&handlers->lock);
}

static void read_subscriptions(struct oyez_client *client, struct oyez_client_metrics *out)
{
    struct oyez_subscription_metrics *place;
    pthread_mutex_lock(&client->inbox_lock);
    read_handlers(client, out);
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next)
        if (!s->closed && s->meter.owner == NULL && (place = next_place(out)) != NULL)
            meter_read(s, place);
    pthread_mutex_unlock(&client->inbox_lock);
}

oyez_err oyez_client_metrics(oyez_client *client, struct oyez_client_metrics *out)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(out);
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    uint64_t now_ns = oyez_clock_realtime_ns();
    memset(out, 0, sizeof *out);
    out->id = client->id;
    memcpy(out->name, client->name, sizeof out->name);
    out->started_at = client->started_ns;
    out->uptime_ns = now_ns > client->started_ns ? now_ns - client->started_ns : 0;
    oyez_client_get_counters(client, &out->counters);
    read_windows(client, out);
    read_subscriptions(client, out);
    return OYEZ_OK;
}

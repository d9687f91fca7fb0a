// SPDX-License-Identifier: MIT
#include "metrics_report.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "oyez/metrics.h"

#define FRAME_SIZE (OYEZ_METRICS_REPORT_SIZE_MAX + 64u)
#define MILLI 1000.0

// What stands on the heap while a report is made.
struct report {
    struct oyez_client_metrics metrics;
    oyez_v1_MetricSet set;
    struct oyez_metric_sets sets;
    oyez_v1_ToBroker message;
    uint8_t frame[FRAME_SIZE];
};

static void fill_counters(oyez_v1_MetricSet *set, const struct oyez_client_counters *counters)
{
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_EMITTED, counters->emitted);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_ACCEPTED, counters->accepted);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_RECORDED, counters->recorded);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_RESENT, counters->resent);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_REEMITTED, counters->reemitted);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_FAST_LOST, counters->fast_lost);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_REFUSED, counters->refused);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_WINDOW_FULL, counters->window_full);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_DELIVERED, counters->received);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_GAPS, counters->gaps);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_DROPPED, counters->overflowed);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_REFILLED, counters->refilled);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_REPEATED, counters->repeated);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_MALFORMED, counters->malformed);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_SESSIONS, counters->sessions);
}

static void fill_client(oyez_v1_MetricSet *set, const struct oyez_client_metrics *metrics)
{
    oyez_metric_set_begin(set, OYEZ_METRIC_SCOPE_CLIENT, metrics->name);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_START, metrics->started_at);
    fill_counters(set, &metrics->counters);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_WINDOW_BYTES, metrics->window.bytes);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_WINDOW_CAPACITY, metrics->window.capacity_bytes);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_WINDOW_EVENTS, metrics->window_events);
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_WINDOW_SATURATION,
                        (uint64_t)(metrics->window.saturation * MILLI));
    oyez_metric_set_add(set, OYEZ_METRIC_CLIENT_SUBSCRIPTIONS, metrics->subscription_count);
}

static void fill_subscription(oyez_v1_MetricSet *set,
                              const struct oyez_subscription_metrics *metrics)
{
    oyez_metric_set_begin(set, OYEZ_METRIC_SCOPE_SUBSCRIPTION, metrics->name);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_DELIVERED, metrics->delivered);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_HANDLED, metrics->handled);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_FAILED, metrics->failed);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_IN_PROGRESS, metrics->in_progress);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_RETRIED, metrics->retried);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_DEAD, metrics->dead_lettered);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_TIMED_OUT, metrics->timed_out);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_DROPPED, metrics->dropped);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_REFILLED, metrics->refilled);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_QUEUE_BYTES, metrics->queue.bytes);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_QUEUE_CAPACITY,
                        metrics->queue.capacity_bytes);
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_SATURATION,
                        (uint64_t)(metrics->queue.saturation * MILLI));
    oyez_metric_set_add(set, OYEZ_METRIC_SUBSCRIPTION_WAITED, metrics->waited_ns);
    oyez_metric_set_add_times(set, OYEZ_METRIC_SUBSCRIPTION_P50, &metrics->times);
}

static oyez_err fill(struct oyez_client *client, struct report *report)
{
    oyez_err err = oyez_client_metrics(client, &report->metrics);
    if (err != OYEZ_OK)
        return err;
    report->sets.size = 0;
    fill_client(&report->set, &report->metrics);
    bool fits = oyez_metric_sets_put(&report->sets, &report->set);
    uint64_t count = report->metrics.subscription_count;
    for (uint64_t i = 0; fits && i < count && i < OYEZ_METRICS_SUBSCRIPTIONS_MAX; i++) {
        fill_subscription(&report->set, &report->metrics.subscriptions[i]);
        fits = oyez_metric_sets_put(&report->sets, &report->set);
    }
    return OYEZ_OK;
}

static struct report *make_report(void)
{
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        (void)oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for metrics");
    return report;
}

oyez_err metrics_report_fill(struct oyez_client *client, struct oyez_metric_sets *sets)
{
    struct report *report = make_report();
    if (report == NULL)
        return OYEZ_ERR_NO_MEMORY;
    oyez_err err = fill(client, report);
    if (err == OYEZ_OK)
        *sets = report->sets;
    free(report);
    return err;
}

// The broker has the last one still: nothing is said twice.
static bool was_told(const struct metrics_reporting *reporting, const struct oyez_metric_sets *sets)
{
    return reporting->told.size == sets->size &&
           memcmp(reporting->told.bytes, sets->bytes, sets->size) == 0;
}

static void say(struct oyez_client *client, struct report *report)
{
    size_t size;
    oyez_v1_MetricsReport *body = &report->message.body.metrics_report;
    report->message.which_body = oyez_v1_ToBroker_metrics_report_tag;
    memcpy(body->sets.bytes, report->sets.bytes, report->sets.size);
    body->sets.size = (pb_size_t)report->sets.size;
    if (oyez_to_broker_encode(&report->message, report->frame, sizeof report->frame, &size) ==
            OYEZ_OK &&
        zmq_send(client->control, report->frame, size, ZMQ_DONTWAIT) >= 0)
        client->reporting.told = report->sets;
}

void metrics_report_tick(struct oyez_client *client, uint64_t now_ms)
{
    struct metrics_reporting *reporting = &client->reporting;
    if (!client->session.open || !reporting->wanted || now_ms < reporting->due_ms)
        return;
    reporting->due_ms = now_ms + OYEZ_PING_MS;
    struct report *report = make_report();
    if (report == NULL)
        return;
    if (fill(client, report) == OYEZ_OK && !was_told(reporting, &report->sets))
        say(client, report);
    free(report);
}

void metrics_report_again(struct oyez_client *client)
{
    client->reporting.told.size = 0;
    client->reporting.due_ms = 0;
}

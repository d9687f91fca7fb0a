// SPDX-License-Identifier: MIT
// Metrics and health: of one client at once, and of a whole system with one call. Which metrics
// there are, and what they mean, is in docs/metrics.md.
#ifndef OYEZ_METRICS_H
#define OYEZ_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/metric.h"
#include "oyez/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

// A bounded queue.
struct oyez_queue_metrics {
    uint64_t bytes;
    uint64_t capacity_bytes;
    double saturation; // 0 to 1
};

#define OYEZ_SUBSCRIPTION_NAME_SIZE 65u

// Of a subscription, or of a handler (oyez/handler.h).
struct oyez_subscription_metrics {
    char name
        [OYEZ_SUBSCRIPTION_NAME_SIZE]; // the handler's, else its patterns, cut where they are long
    uint64_t delivered;
    uint64_t handled;
    uint64_t failed;
    uint64_t in_progress;
    uint64_t retried;
    uint64_t dead_lettered;
    uint64_t timed_out;
    uint64_t dropped;
    uint64_t refilled;
    uint64_t waited_ns; // how long the handler has taken nothing of what waits; 0 = nothing waits
    struct oyez_times times;
    struct oyez_queue_metrics queue;
};

#define OYEZ_METRICS_SUBSCRIPTIONS_MAX 32u

struct oyez_client_metrics {
    struct oyez_uuid id;
    char name[65];
    uint64_t started_at; // nanoseconds since 1970-01-01T00:00:00Z
    uint64_t uptime_ns;
    struct oyez_client_counters counters;
    uint64_t window_events;           // not safe yet, of both lanes
    struct oyez_queue_metrics window; // of the fuller lane
    uint64_t subscription_count;      // open; the first OYEZ_METRICS_SUBSCRIPTIONS_MAX stand here
    struct oyez_subscription_metrics subscriptions[OYEZ_METRICS_SUBSCRIPTIONS_MAX];
};

// oyez_client_metrics tells how this client does. Asks nobody. Any thread. OYEZ_ERR_FORKED.
OYEZ_EXPORT oyez_err oyez_client_metrics(oyez_client *client, struct oyez_client_metrics *out);

// One value of one metric. Texts end with the metrics that they are of.
struct oyez_metric_sample {
    const struct oyez_metric *metric;
    const char *client;       // id of the client; NULL where the metric is of none
    const char *name;         // of the client's program; NULL as client
    const char *subscription; // NULL where the metric is of none
    const char *event_type;   // the same
    uint64_t raw;             // as it was counted
    double value;             // raw times the metric's scale
};

typedef struct oyez_metrics oyez_metrics;

// oyez_metrics_read asks the broker for the metrics of the whole system: its own, and what clients
// and recorders have reported, each about once a second. Blocks up to `timeout_ms` for each of its
// answers. OYEZ_ERR_UNREACHABLE, OYEZ_ERR_TIMEOUT (also of a broker that knows no metrics),
// OYEZ_ERR_BUSY (oyez_client_status on another thread), OYEZ_ERR_NO_MEMORY. Any thread. The caller
// owns *out.
OYEZ_EXPORT oyez_err oyez_metrics_read(oyez_metrics **out, oyez_client *client,
                                       uint32_t timeout_ms);

// oyez_metrics_read_own has those of the client alone. Asks nobody.
OYEZ_EXPORT oyez_err oyez_metrics_read_own(oyez_metrics **out, oyez_client *client);
OYEZ_EXPORT void oyez_metrics_close(oyez_metrics **metrics);

// oyez_metrics_at: the i-th sample, those of one metric together; NULL at the end.
OYEZ_EXPORT const struct oyez_metric_sample *oyez_metrics_at(const oyez_metrics *metrics, size_t i);

// oyez_metrics_to_prometheus writes them in Prometheus' text format, version 0.0.4. *text is the
// caller's: free(). OYEZ_ERR_NO_MEMORY.
OYEZ_EXPORT oyez_err oyez_metrics_to_prometheus(const oyez_metrics *metrics, char **text);

// oyez_client_health judges the whole system: broker, recorder, disk, checkpoints, queues, by the
// thresholds of the settings ([health], [client] starvation-threshold); NULL = those of the client.
// A broker that does not answer is an unhealthy component, and no error. OYEZ_ERR_FORKED,
// OYEZ_ERR_NO_MEMORY. Blocks up to `timeout_ms` for each answer. Any thread. `counters` of *out are
// the broker's.
OYEZ_EXPORT oyez_err oyez_client_health(oyez_client *client, struct oyez_status *out,
                                        const oyez_settings *settings, uint32_t timeout_ms);

// oyez_client_is_healthy: all components are healthy.
OYEZ_EXPORT bool oyez_client_is_healthy(oyez_client *client, uint32_t timeout_ms);

// oyez_health_name: "healthy", "degraded", "unhealthy".
OYEZ_EXPORT const char *oyez_health_name(enum oyez_health health);

#ifdef __cplusplus
}
#endif

#endif

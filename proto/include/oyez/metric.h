// SPDX-License-Identifier: MIT
// The metrics that there are: names, units and meanings, as Prometheus has them.
#ifndef OYEZ_METRIC_H
#define OYEZ_METRIC_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/export.h"
#include "oyez/metric_table.h"

#ifdef __cplusplus
extern "C" {
#endif

enum oyez_metric_kind {
    OYEZ_METRIC_KIND_COUNTER, // only grows while what it is of lives
    OYEZ_METRIC_KIND_GAUGE,
    OYEZ_METRIC_KIND_SUMMARY, // a part of one: a quantile, the sum, the count
};

// What a metric is of.
enum oyez_metric_scope {
    OYEZ_METRIC_SCOPE_CLIENT,
    OYEZ_METRIC_SCOPE_SUBSCRIPTION,
    OYEZ_METRIC_SCOPE_RECORDER,
    OYEZ_METRIC_SCOPE_TYPE, // an event type, as the broker counts it
    OYEZ_METRIC_SCOPE_BROKER,
};

enum oyez_metric_number {
#define OYEZ_METRIC_ENUM(number, id, ...) OYEZ_METRIC_##id = number,
    OYEZ_METRICS(OYEZ_METRIC_ENUM)
#undef OYEZ_METRIC_ENUM
};

#define OYEZ_METRIC_NUMBER_MAX 104u // checked at compile time

// How long something takes, nanoseconds. Quantiles are at most a sixteenth too long; the mean is
// sum_ns / count. All 0 while count is.
struct oyez_times {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
    uint64_t p50_ns;
    uint64_t p95_ns;
    uint64_t p99_ns;
};

struct oyez_metric {
    uint32_t number;      // as it travels; 0 = it travels by its name, as a counter of the broker
    const char *name;     // of the family
    const char *suffix;   // of a summary's part: "_sum" or "_count"; else ""
    const char *quantile; // of a summary's part: "0.5"; NULL = none
    enum oyez_metric_scope scope;
    enum oyez_metric_kind kind;
    double scale;        // a raw value times this is in the unit that the name ends with
    const char *counter; // the broker's name for it; NULL = none
    const char *help;    // "" of all parts of a summary but the first
};

// oyez_metric_at: the i-th of all, families together; NULL at the end. Static. Any thread.
OYEZ_EXPORT const struct oyez_metric *oyez_metric_at(size_t i);

// oyez_metric_find: by number; NULL = this version knows none. oyez_metric_find_counter: by the
// broker's name. Static. Any thread.
OYEZ_EXPORT const struct oyez_metric *oyez_metric_find(uint32_t number);
OYEZ_EXPORT const struct oyez_metric *oyez_metric_find_counter(const char *counter);

// oyez_metric_scope_name: "client", "subscription", "recorder", "type", "broker".
OYEZ_EXPORT const char *oyez_metric_scope_name(enum oyez_metric_scope scope);

#ifdef __cplusplus
}
#endif

#endif

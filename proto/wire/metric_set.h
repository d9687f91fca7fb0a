// SPDX-License-Identifier: MIT
// Sets of metrics to and from bytes (MetricSets of proto/control.proto).
#ifndef OYEZ_WIRE_METRIC_SET_H
#define OYEZ_WIRE_METRIC_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control.pb.h"
#include "oyez/limits.h"
#include "oyez/metric.h"

struct oyez_metric_sets {
    uint8_t bytes[OYEZ_METRICS_REPORT_SIZE_MAX];
    size_t size;
};

// oyez_metric_set_begin empties a set and names it; what is no UTF-8 of the name, or too long, is
// left out.
void oyez_metric_set_begin(oyez_v1_MetricSet *set, enum oyez_metric_scope scope, const char *name);

// oyez_metric_set_add adds a value that is not 0.
void oyez_metric_set_add(oyez_v1_MetricSet *set, enum oyez_metric_number metric, uint64_t value);

// oyez_metric_set_add_times adds six metrics in the order of the table: p50, p95, p99, sum, count, max.
void oyez_metric_set_add_times(oyez_v1_MetricSet *set, enum oyez_metric_number first,
                               const struct oyez_times *times);

// oyez_metric_set_get: 0 where the set has none.
uint64_t oyez_metric_set_get(const oyez_v1_MetricSet *set, enum oyez_metric_number metric);

// oyez_metric_sets_put adds a set. False: there is no room for it, and nothing is added.
bool oyez_metric_sets_put(struct oyez_metric_sets *sets, const oyez_v1_MetricSet *set);

// oyez_metric_sets_next reads the set at *offset of a stranger's bytes and moves on. False: there is
// no other, or it cannot be read.
bool oyez_metric_sets_next(const uint8_t *bytes, size_t size, size_t *offset,
                           oyez_v1_MetricSet *set);

// A part of an answer. Encode: *size of at most `capacity` bytes. False: it does not fit, or is none.
bool oyez_metrics_part_encode(const oyez_v1_MetricsPart *part, uint8_t *out, size_t capacity,
                              size_t *size);
bool oyez_metrics_part_decode(oyez_v1_MetricsPart *part, const uint8_t *frame, size_t size);

#define OYEZ_METRICS_PART_SIZE_MAX (OYEZ_METRICS_REPORT_SIZE_MAX + 64u)

#endif

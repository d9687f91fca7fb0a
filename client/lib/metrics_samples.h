// SPDX-License-Identifier: MIT
// Samples of a whole system while they are put together.
#ifndef OYEZ_METRICS_SAMPLES_H
#define OYEZ_METRICS_SAMPLES_H

#include <stdbool.h>

#include "oyez/metrics.h"
#include "wire/metric_set.h"

// Whose values are put in.
struct metrics_labels {
    const char *client;
    const char *name;
    const char *subscription;
    const char *event_type;
};

oyez_err metrics_open(oyez_metrics **out);

// metrics_put adds one sample; the texts are copied. False: no memory.
bool metrics_put(oyez_metrics *metrics, const struct oyez_metric *metric,
                 const struct metrics_labels *labels, uint64_t raw);

// metrics_put_sets adds what a session reported, and the broker's own counts of types where `client`
// is NULL; what cannot be read, or is not its to say, is passed over. False: no memory.
bool metrics_put_sets(oyez_metrics *metrics, const struct oyez_uuid *client, bool is_recorder,
                      const uint8_t *bytes, size_t size);

// metrics_put_status adds the broker's own. False: no memory.
bool metrics_put_status(oyez_metrics *metrics, const struct oyez_status *status);

// metrics_sort puts those of one metric together. False: no memory.
bool metrics_sort(oyez_metrics *metrics);

// metrics_find: how many samples of a metric there are, and where they begin. Of sorted ones.
size_t metrics_find(const oyez_metrics *metrics, enum oyez_metric_number number,
                    const struct oyez_metric_sample *const **samples);

#endif

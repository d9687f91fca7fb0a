// SPDX-License-Identifier: MIT
#include "metrics_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/uuid.h"

#define SETS_OF_CLIENT_MAX (OYEZ_METRICS_SUBSCRIPTIONS_MAX + 2u)
#define RECORDER_COMPONENT "recorder"

// Texts that samples point to.
struct text {
    struct text *next;
    char bytes[];
};

struct oyez_metrics {
    struct oyez_metric_sample *samples;
    size_t count;
    size_t capacity;
    const struct oyez_metric_sample **sorted;
    struct text *texts;
};

oyez_err metrics_open(oyez_metrics **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for metrics");
}

void oyez_metrics_close(oyez_metrics **metrics)
{
    if (metrics == NULL || *metrics == NULL)
        return;
    for (struct text *text = (*metrics)->texts; text != NULL;) {
        struct text *next = text->next;
        free(text);
        text = next;
    }
    free((*metrics)->samples);
    free((*metrics)->sorted);
    free(*metrics);
    *metrics = NULL;
}

const struct oyez_metric_sample *oyez_metrics_at(const oyez_metrics *metrics, size_t i)
{
    if (metrics == NULL)
        return NULL;
    return i < metrics->count ? metrics->sorted[i] : NULL;
}

// Neighbours mostly have the same text.
static const char *keep(oyez_metrics *metrics, const char *text, bool *good)
{
    if (text == NULL || !*good)
        return NULL;
    const struct text *seen = metrics->texts;
    for (unsigned i = 0; i < 3 && seen != NULL; i++, seen = seen->next)
        if (strcmp(seen->bytes, text) == 0)
            return seen->bytes;
    size_t size = strlen(text) + 1;
    struct text *kept = malloc(sizeof *kept + size);
    *good = kept != NULL;
    if (!*good)
        return NULL;
    memcpy(kept->bytes, text, size);
    kept->next = metrics->texts;
    metrics->texts = kept;
    return kept->bytes;
}

static bool grow(oyez_metrics *metrics)
{
    size_t capacity = metrics->capacity == 0 ? 256 : metrics->capacity * 2;
    struct oyez_metric_sample *more = realloc(metrics->samples, capacity * sizeof *more);
    if (more == NULL)
        return false;
    metrics->samples = more;
    metrics->capacity = capacity;
    return true;
}

bool metrics_put(oyez_metrics *metrics, const struct oyez_metric *metric,
                 const struct metrics_labels *labels, uint64_t raw)
{
    bool good = metrics->count < metrics->capacity || grow(metrics);
    const struct oyez_metric_sample sample = {
        .metric = metric,
        .client = keep(metrics, labels->client, &good),
        .name = keep(metrics, labels->name, &good),
        .subscription = keep(metrics, labels->subscription, &good),
        .event_type = keep(metrics, labels->event_type, &good),
        .raw = raw,
        .value = (double)raw * metric->scale};
    if (good)
        metrics->samples[metrics->count++] = sample;
    return good;
}

// All metrics of the set's scope: those that it does not name are 0.
static bool put_set(oyez_metrics *metrics, const oyez_v1_MetricSet *set,
                    const struct metrics_labels *labels)
{
    const struct oyez_metric *metric;
    bool good = true;
    for (size_t i = 0; good && (metric = oyez_metric_at(i)) != NULL; i++)
        if (metric->number != 0 && (unsigned)metric->scope == (unsigned)set->scope)
            good = metrics_put(metrics, metric, labels,
                               oyez_metric_set_get(set, (enum oyez_metric_number)metric->number));
    return good;
}

static bool put_types(oyez_metrics *metrics, const uint8_t *bytes, size_t size)
{
    oyez_v1_MetricSet set;
    size_t offset = 0;
    bool good = true;
    while (good && oyez_metric_sets_next(bytes, size, &offset, &set)) {
        const struct metrics_labels labels = {.event_type = set.name};
        if (set.scope == oyez_v1_MetricScope_METRIC_SCOPE_TYPE)
            good = put_set(metrics, &set, &labels);
    }
    return good;
}

#define LABEL_SIZE (sizeof((oyez_v1_MetricSet){0}.name) + 16)

// Two of one name in one client would be one series.
struct seen_names {
    char names[SETS_OF_CLIENT_MAX][LABEL_SIZE];
    unsigned count;
};

static bool is_seen(const struct seen_names *seen, const char *label)
{
    for (unsigned i = 0; i < seen->count; i++)
        if (strcmp(seen->names[i], label) == 0)
            return true;
    return false;
}

// Valid as long as what has been seen.
static const char *name_subscription(struct seen_names *seen, const char *name)
{
    char *label = seen->names[seen->count];
    unsigned nth = 1;
    snprintf(label, LABEL_SIZE, "%s", name);
    while (is_seen(seen, label))
        snprintf(label, LABEL_SIZE, "%s #%u", name, ++nth);
    seen->count++;
    return label;
}

bool metrics_put_sets(oyez_metrics *metrics, const struct oyez_uuid *client, bool is_recorder,
                      const uint8_t *bytes, size_t size)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    char name[sizeof((oyez_v1_MetricSet){0}.name)] = "";
    struct seen_names seen;
    oyez_v1_MetricSet set;
    size_t offset = 0;
    bool has_client = false;
    bool good = true;
    if (client == NULL)
        return put_types(metrics, bytes, size);
    seen.count = 0;
    oyez_uuid_to_text(*client, id);
    for (unsigned i = 0;
         good && i < SETS_OF_CLIENT_MAX && oyez_metric_sets_next(bytes, size, &offset, &set); i++) {
        struct metrics_labels labels = {.client = id, .name = name};
        bool is_own = set.scope == oyez_v1_MetricScope_METRIC_SCOPE_CLIENT ||
                      (is_recorder && set.scope == oyez_v1_MetricScope_METRIC_SCOPE_RECORDER);
        if (is_own && !has_client) {
            memcpy(name, set.name, sizeof name);
            has_client = true;
            good = put_set(metrics, &set, &labels);
        } else if (has_client && set.scope == oyez_v1_MetricScope_METRIC_SCOPE_SUBSCRIPTION) {
            labels.subscription = name_subscription(&seen, set.name);
            good = put_set(metrics, &set, &labels);
        }
    }
    return good;
}

static bool has_recorder(const struct oyez_status *status)
{
    for (size_t i = 0; i < status->component_count; i++)
        if (strcmp(status->components[i].name, RECORDER_COMPONENT) == 0)
            return status->components[i].status == OYEZ_HEALTHY;
    return false;
}

static uint64_t find_counter(const struct oyez_status *status, const char *name)
{
    for (size_t i = 0; i < status->counter_count; i++)
        if (strcmp(status->counters[i].name, name) == 0)
            return status->counters[i].value;
    return 0;
}

bool metrics_put_status(oyez_metrics *metrics, const struct oyez_status *status)
{
    static const struct metrics_labels none;
    uint64_t recorded = find_counter(status, "recorded_position");
    // A recorder that is there and has recorded nothing yet has everything before it.
    bool lags = (recorded > 0 || has_recorder(status)) && status->position > recorded;
    bool good = metrics_put(metrics, oyez_metric_find(OYEZ_METRIC_BROKER_START), &none,
                            status->started_at) &&
                metrics_put(metrics, oyez_metric_find(OYEZ_METRIC_BROKER_POSITION), &none,
                            status->position) &&
                metrics_put(metrics, oyez_metric_find(OYEZ_METRIC_BROKER_UNRECORDED), &none,
                            lags ? status->position - recorded : 0) &&
                metrics_put(metrics, oyez_metric_find(OYEZ_METRIC_BROKER_RECORDER), &none,
                            has_recorder(status) ? 1 : 0);
    for (size_t i = 0; good && i < status->counter_count; i++) {
        // A broker of another release may count what this one has no name for.
        const struct oyez_metric *metric = oyez_metric_find_counter(status->counters[i].name);
        if (metric != NULL)
            good = metrics_put(metrics, metric, &none, status->counters[i].value);
    }
    return good;
}

static int compare(const void *a, const void *b)
{
    const struct oyez_metric_sample *x = *(const struct oyez_metric_sample *const *)a;
    const struct oyez_metric_sample *y = *(const struct oyez_metric_sample *const *)b;
    if (x->metric != y->metric)
        return x->metric < y->metric ? -1 : 1;
    return x < y ? -1 : x > y; // as they came
}

bool metrics_sort(oyez_metrics *metrics)
{
    metrics->sorted = calloc(metrics->count + 1, sizeof *metrics->sorted);
    if (metrics->sorted == NULL)
        return false;
    for (size_t i = 0; i < metrics->count; i++)
        metrics->sorted[i] = &metrics->samples[i];
    qsort(metrics->sorted, metrics->count, sizeof *metrics->sorted, compare);
    return true;
}

size_t metrics_find(const oyez_metrics *metrics, enum oyez_metric_number number,
                    const struct oyez_metric_sample *const **samples)
{
    const struct oyez_metric *metric = oyez_metric_find((uint32_t)number);
    size_t first = 0;
    size_t count = 0;
    while (first < metrics->count && metrics->sorted[first]->metric != metric)
        first++;
    while (first + count < metrics->count && metrics->sorted[first + count]->metric == metric)
        count++;
    *samples = metrics->sorted + first;
    return count;
}

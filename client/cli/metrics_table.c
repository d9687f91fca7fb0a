// SPDX-License-Identifier: MIT
#include "metrics_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "duration.h"
#include "inert.h"

#define NAME_WIDTH 34
#define NS_PER_SECOND 1000000000
#define START "start_time_seconds"

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

// What has metrics: the broker comes first, event types come last.
static int rank(const struct oyez_metric_sample *sample)
{
    switch (sample->metric->scope) {
    case OYEZ_METRIC_SCOPE_BROKER:
        return 0;
    case OYEZ_METRIC_SCOPE_RECORDER:
        return 1;
    case OYEZ_METRIC_SCOPE_TYPE:
        return 3;
    default:
        return 2;
    }
}

static int compare_owners(const struct oyez_metric_sample *a, const struct oyez_metric_sample *b)
{
    int order = rank(a) - rank(b);
    if (order == 0) {
        order = compare_texts(a->client, b->client);
    }
    return order != 0 ? order : compare_texts(a->subscription, b->subscription);
}

static int compare_samples(const void *a, const void *b)
{
    const struct oyez_metric_sample *x = *(const struct oyez_metric_sample *const *)a;
    const struct oyez_metric_sample *y = *(const struct oyez_metric_sample *const *)b;
    int order = compare_owners(x, y);
    if (order == 0) {
        order = x->metric < y->metric ? -1 : x->metric > y->metric;
    }
    return order != 0 ? order : compare_texts(x->event_type, y->event_type);
}

static void print_inert(FILE *out, const char *text)
{
    inert_write(out, text, strlen(text));
}

static void print_owner(FILE *out, const struct oyez_metric_sample *sample)
{
    switch (rank(sample)) {
    case 0:
        fputs("broker\n", out);
        return;
    case 3:
        fputs("\nevent types, in this epoch\n", out);
        return;
    default:
        break;
    }
    if (sample->subscription != NULL) {
        fputs("  ", out);
        print_inert(out, sample->subscription);
        fputc('\n', out);
        return;
    }
    fputc('\n', out);
    print_inert(out, sample->name != NULL && sample->name[0] != '\0' ? sample->name : "client");
    fprintf(out, "  %s\n", sample->client);
}

// The name without what the paragraph says already.
static const char *short_name(const struct oyez_metric *metric)
{
    static const char *const beginnings[] = {"oyez_client_", "oyez_subscription_", "oyez_recorder_",
                                             "oyez_broker_"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        size_t size = strlen(beginnings[i]);
        if (strncmp(metric->name, beginnings[i], size) == 0) {
            return metric->name + size;
        }
    }
    return metric->name;
}

static void print_value(FILE *out, const struct oyez_metric_sample *sample)
{
    char text[DURATION_TEXT_SIZE];
    const char *name = short_name(sample->metric);
    bool is_time = strstr(name, "_seconds") != NULL && sample->metric->scale < 1.0;
    if (strcmp(name, START) == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        duration_write(text,
                       (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec - (int64_t)sample->raw);
        fprintf(out, "%s ago\n", text);
    } else if (is_time) {
        duration_write(text, (int64_t)(sample->value * NS_PER_SECOND));
        fprintf(out, "%s\n", text);
    } else if (sample->metric->scale < 1.0) {
        fprintf(out, "%.3f\n", sample->value);
    } else {
        fprintf(out, "%" PRIu64 "\n", sample->raw);
    }
}

static void print_sample(FILE *out, const struct oyez_metric_sample *sample)
{
    const struct oyez_metric *metric = sample->metric;
    char name[128];
    snprintf(name, sizeof name, "%s%s%s%s", short_name(metric), metric->suffix,
             metric->quantile != NULL ? " " : "", metric->quantile != NULL ? metric->quantile : "");
    fprintf(out, "  %s", sample->subscription != NULL ? "  " : "");
    if (sample->event_type != NULL) {
        // A topic has nothing that a terminal would obey.
        fprintf(out, "%-*s ", NAME_WIDTH, sample->event_type);
    } else {
        fprintf(out, "%-*s ", NAME_WIDTH, name);
    }
    print_value(out, sample);
}

oyez_err metrics_table_print(FILE *out, const oyez_metrics *metrics)
{
    size_t count = 0;
    while (oyez_metrics_at(metrics, count) != NULL) {
        count++;
    }
    const struct oyez_metric_sample **sorted = calloc(count + 1, sizeof *sorted);
    if (sorted == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu metrics", count);
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = oyez_metrics_at(metrics, i);
    }
    qsort(sorted, count, sizeof *sorted, compare_samples);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_owners(sorted[i - 1], sorted[i]) != 0) {
            print_owner(out, sorted[i]);
        }
        if (sorted[i]->raw != 0) {
            print_sample(out, sorted[i]);
        }
    }
    free(sorted);
    return OYEZ_OK;
}

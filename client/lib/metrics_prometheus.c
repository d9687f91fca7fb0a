// SPDX-License-Identifier: MIT
// Prometheus' text format, version 0.0.4.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "oyez/metrics.h"

static const char *kind_name(enum oyez_metric_kind kind)
{
    static const char *const names[] = {"counter", "gauge", "summary"};
    return names[kind];
}

static void print_label(FILE *out, const char *name, const char *value, char *before)
{
    if (value == NULL)
        return;
    fprintf(out, "%c%s=\"", *before, name);
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            fputs("\\n", out);
        else if (*value == '"' || *value == '\\')
            fprintf(out, "\\%c", *value);
        else
            fputc(*value, out);
    }
    fputc('"', out);
    *before = ',';
}

static void print_labels(FILE *out, const struct oyez_metric_sample *sample)
{
    char before = '{';
    print_label(out, "client", sample->client, &before);
    print_label(out, "name", sample->name, &before);
    print_label(out, "subscription", sample->subscription, &before);
    print_label(out, "type", sample->event_type, &before);
    print_label(out, "quantile", sample->metric->quantile, &before);
    if (before == ',')
        fputc('}', out);
}

// By hand: printf asks the locale which character the point is.
static void print_value(FILE *out, const struct oyez_metric_sample *sample)
{
    uint64_t whole = sample->raw;
    unsigned digits = 0;
    if (sample->metric->scale < 1e-6)
        digits = 9;
    else if (sample->metric->scale < 1.0)
        digits = 3;
    uint64_t unit = digits == 9 ? 1000000000u : digits == 3 ? 1000u : 1u;
    fprintf(out, " %" PRIu64, whole / unit);
    if (digits > 0)
        fprintf(out, ".%0*" PRIu64, (int)digits, whole % unit);
    fputc('\n', out);
}

static void print_sample(FILE *out, const struct oyez_metric_sample *sample)
{
    fprintf(out, "%s%s", sample->metric->name, sample->metric->suffix);
    print_labels(out, sample);
    print_value(out, sample);
}

oyez_err oyez_metrics_to_prometheus(const oyez_metrics *metrics, char **text)
{
    REQUIRE_ARGUMENT(text);
    *text = NULL;
    REQUIRE_ARGUMENT(metrics);
    const struct oyez_metric_sample *sample;
    const char *family = "";
    size_t size = 0;
    FILE *out = open_memstream(text, &size);
    if (out == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for metrics");
    for (size_t i = 0; (sample = oyez_metrics_at(metrics, i)) != NULL; i++) {
        const struct oyez_metric *metric = sample->metric;
        if (strcmp(family, metric->name) != 0)
            fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                    kind_name(metric->kind));
        family = metric->name;
        print_sample(out, sample);
    }
    bool good = ferror(out) == 0;
    good = fclose(out) == 0 && good;
    if (good)
        return OYEZ_OK;
    free(*text);
    *text = NULL;
    return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for metrics");
}

// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "deadline.h"
#include "interrupt.h"
#include "metrics_table.h"
#include "output.h"
#include "oyez/client.h"
#include "oyez/metrics.h"
#include "terminal.h"

#define INTERVAL_MS_DEFAULT 1000
#define TIMEOUT_MS_DEFAULT 5000u
#define SLICE_MS 50u
#define CLEAR_SCREEN "\033[H\033[2J"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_PROMETHEUS };

struct metrics_values {
    int format; // enum format
    bool json;
    bool watch;
    bool list;
    int64_t interval_ms;
    uint32_t timeout_ms;
};

static void add_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL) {
        json_object_set_new(object, name, json_string(text));
    }
}

static void print_json_sample(const struct oyez_metric_sample *sample)
{
    const struct oyez_metric *metric = sample->metric;
    json_t *object = json_object();
    char name[128];
    snprintf(name, sizeof name, "%s%s", metric->name, metric->suffix);
    json_object_set_new(object, "metric", json_string(name));
    add_text(object, "client", sample->client);
    add_text(object, "name", sample->name);
    add_text(object, "subscription", sample->subscription);
    add_text(object, "type", sample->event_type);
    add_text(object, "quantile", metric->quantile);
    json_object_set_new(object, "value",
                        metric->scale < 1.0 ? json_real(sample->value)
                                            : json_integer((json_int_t)sample->raw));
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static oyez_err print_prometheus(const oyez_metrics *metrics)
{
    char *text;
    oyez_err err = oyez_metrics_to_prometheus(metrics, &text);
    if (err == OYEZ_OK) {
        fputs(text, stdout);
    }
    free(text);
    return err;
}

static oyez_err print(const struct metrics_values *values, const oyez_metrics *metrics)
{
    const struct oyez_metric_sample *sample;
    if (values->format == FORMAT_PROMETHEUS) {
        return print_prometheus(metrics);
    }
    if (values->format == FORMAT_TABLE && !values->json) {
        return metrics_table_print(stdout, metrics);
    }
    for (size_t i = 0; (sample = oyez_metrics_at(metrics, i)) != NULL; i++) {
        print_json_sample(sample);
    }
    return OYEZ_OK;
}

static oyez_err show(const struct metrics_values *values, oyez_client *client, bool clears)
{
    oyez_metrics *metrics;
    oyez_err err = oyez_metrics_read(&metrics, client, values->timeout_ms);
    if (err != OYEZ_OK) {
        return err;
    }
    if (clears) {
        fputs(CLEAR_SCREEN, stdout);
    }
    err = print(values, metrics);
    oyez_metrics_close(&metrics);
    return err;
}

// Until a signal comes, or nobody reads any more.
static oyez_err watch(const struct metrics_values *values, oyez_client *client)
{
    struct terminal terminal;
    terminal_detect(&terminal, STDOUT_FILENO);
    bool clears = terminal.is_tty && values->format == FORMAT_TABLE && !values->json;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && !interrupt_pending()) {
        int64_t next = deadline_now() + values->interval_ms;
        err = show(values, client, clears);
        if (!output_flush()) {
            break;
        }
        while (err == OYEZ_OK && deadline_left(next) > 0 && !interrupt_pending()) {
            uint32_t left = deadline_left(next);
            deadline_sleep(left < SLICE_MS ? left : SLICE_MS);
        }
    }
    return err;
}

static void list_metrics(void)
{
    static const char *const kinds[] = {"counter", "gauge", "summary"};
    const struct oyez_metric *metric;
    const char *family = "";
    for (size_t i = 0; (metric = oyez_metric_at(i)) != NULL; i++) {
        if (strcmp(family, metric->name) == 0) {
            continue;
        }
        family = metric->name;
        json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "metric", metric->name, "of",
                                   oyez_metric_scope_name(metric->scope), "kind",
                                   kinds[metric->kind], "help", metric->help);
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
    }
}

static int run(const struct arguments *arguments)
{
    const struct metrics_values *values = arguments->values;
    oyez_client *client = NULL;
    struct oyez_client_options options = {
        .endpoint = arguments->endpoint, .name = "oyez metrics", .close_timeout_ms = 1};
    if (values->list) {
        list_metrics();
        return EXIT_DONE;
    }
    if (values->watch) {
        (void)interrupt_open();
    }
    oyez_err err = oyez_client_open(&client, &options, values->timeout_ms);
    if (err == OYEZ_OK) {
        err = values->watch ? watch(values, client) : show(values, client, false);
    }
    int code = err == OYEZ_OK ? EXIT_DONE : command_fail_at(arguments->endpoint, err);
    oyez_client_close(&client);
    return code;
}

static const struct metrics_values defaults = {.interval_ms = INTERVAL_MS_DEFAULT,
                                               .timeout_ms = TIMEOUT_MS_DEFAULT};

static const char *const usage[] = {"[--watch] [--interval SECONDS] [--format FORMAT]", "--list",
                                    NULL};

static const struct command_option options[] = {
    {"--watch", NULL, "again and again, until a signal comes", OPTION_FLAG,
     offsetof(struct metrics_values, watch)},
    {"--interval", "SECONDS", "how often (default: 1, which is how often they are reported)",
     OPTION_SECONDS, offsetof(struct metrics_values, interval_ms)},
    {"--format", "table|json|prometheus",
     "a table of what is not 0 (default), an object a line, "
     "or Prometheus' text format",
     OPTION_CHOICE, offsetof(struct metrics_values, format)},
    {"--json", NULL, "as --format json", OPTION_FLAG, offsetof(struct metrics_values, json)},
    {"--list", NULL, "list the metrics that there are, one JSON object a line; asks nobody",
     OPTION_FLAG, offsetof(struct metrics_values, list)},
    {"--timeout", "MS", "how long to wait for one answer (default: 5000)", OPTION_MILLISECONDS,
     offsetof(struct metrics_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command metrics_command = {
    .name = "metrics",
    .summary = "show what broker, recorder, clients and handlers count and measure",
    .usage = usage,
    .notes =
        "The broker has what every client and recorder has reported in the last second, so one "
        "command shows the whole system. docs/metrics.md says what each means.",
    .options = options,
    .needs_configuration = true,
    .values_size = sizeof(struct metrics_values),
    .defaults = &defaults,
    .run = run,
};

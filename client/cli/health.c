// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "deadline.h"
#include "line.h"
#include "message.h"
#include "oyez/client.h"
#include "oyez/json.h"
#include "oyez/metrics.h"
#include "terminal.h"

#define TIMEOUT_MS_DEFAULT 2000u
#define POLL_MS 100u
#define WAITED "(waited "

struct health_values {
    int64_t wait_ms; // 0 = ask once
    uint32_t timeout_ms;
    bool json;
};

static oyez_err ask(oyez_client *client, struct oyez_status *status,
                    const struct arguments *arguments, uint32_t timeout_ms)
{
    return oyez_client_health(client, status, arguments->settings, timeout_ms);
}

// The last question's wait is not all that was waited.
static void tell_all_waiting(struct oyez_status *status, int64_t waited_ms)
{
    char *told = strstr(status->components[0].message, WAITED);
    if (told != NULL) {
        size_t room = sizeof status->components[0].message;
        snprintf(told, room - (size_t)(told - status->components[0].message),
                 WAITED "%" PRId64 " ms)", waited_ms);
    }
}

static oyez_err ask_until_healthy(oyez_client *client, struct oyez_status *status,
                                  const struct arguments *arguments)
{
    const struct health_values *values = arguments->values;
    int64_t began = deadline_now();
    int64_t deadline = began + values->wait_ms;
    oyez_err err = ask(client, status, arguments, values->timeout_ms);
    while (err == OYEZ_OK && status->health != OYEZ_HEALTHY && deadline_left(deadline) > 0) {
        deadline_sleep(POLL_MS);
        uint32_t left = deadline_left(deadline);
        if (left > 0) {
            err = ask(client, status, arguments,
                      left < values->timeout_ms ? left : values->timeout_ms);
        }
    }
    if (status->epoch == 0) {
        tell_all_waiting(status, deadline_now() - began);
    }
    return err;
}

// A peer's text may be no UTF-8; then it is shown as far as it goes, made inert.
static json_t *text_to_json(const char *text)
{
    json_t *string = json_string(text);
    if (string == NULL) {
        struct line line;
        line_open(&line, LINE_COLUMNS_MAX, false);
        line_text(&line, text);
        string = json_stringn(line.bytes, line.size);
    }
    return string;
}

static json_t *components_to_json(const struct oyez_status *status)
{
    json_t *components = json_object();
    for (size_t i = 0; i < status->component_count; i++) {
        const struct oyez_component *component = &status->components[i];
        char time[OYEZ_TIME_TEXT_SIZE];
        oyez_time_to_text((int64_t)component->last_check, time);
        json_object_set_new(components, component->name,
                            json_pack("{s:s, s:o, s:s}", "status",
                                      oyez_health_name(component->status), "message",
                                      text_to_json(component->message), "last_check", time));
    }
    return components;
}

static void print_json(const struct oyez_status *status, const char *endpoint)
{
    json_t *counters = json_object();
    for (size_t i = 0; i < status->counter_count; i++) {
        json_object_set_new(counters, status->counters[i].name,
                            json_integer((json_int_t)status->counters[i].value));
    }
    json_t *object = json_pack("{s:s, s:o, s:s}", "status", oyez_health_name(status->health),
                               "components", components_to_json(status), "endpoint", endpoint);
    if (status->epoch != 0) {
        char started_at[OYEZ_TIME_TEXT_SIZE];
        oyez_time_to_text((int64_t)status->started_at, started_at);
        json_object_set_new(object, "version", text_to_json(status->version));
        json_object_set_new(object, "epoch", json_integer((json_int_t)status->epoch));
        json_object_set_new(object, "position", json_integer((json_int_t)status->position));
        json_object_set_new(object, "started_at", json_string(started_at));
    }
    json_object_set_new(object, "counters", counters);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_line(const struct terminal *terminal, const char *name, enum oyez_health health,
                       const char *message)
{
    static const char *const styles[] = {"32", "33", "31"};
    struct line line;
    line_open(&line, LINE_COLUMNS_MAX, terminal->colour);
    line_field(&line, name, strlen(name), 12);
    line_style(&line, styles[health <= OYEZ_UNHEALTHY ? health : OYEZ_UNHEALTHY]);
    line_field(&line, oyez_health_name(health), strlen(oyez_health_name(health)), 11);
    line_style(&line, NULL);
    line_text(&line, message);
    line_close(&line);
    printf("%.*s\n", (int)line.size, line.bytes);
}

static void print_human(const struct oyez_status *status, const char *endpoint)
{
    struct terminal terminal;
    char summary[OYEZ_ENDPOINT_SIZE_MAX + 128];
    terminal_detect(&terminal, STDOUT_FILENO);
    if (status->epoch != 0) {
        snprintf(summary, sizeof summary, "%s, version %s, at %" PRIu64 ":%" PRIu64, endpoint,
                 status->version, status->epoch, status->position);
    } else {
        snprintf(summary, sizeof summary, "%s", endpoint);
    }
    print_line(&terminal, "oyez", status->health, summary);
    for (size_t i = 0; i < status->component_count; i++) {
        const struct oyez_component *component = &status->components[i];
        print_line(&terminal, component->name, component->status, component->message);
    }
}

static int run(const struct arguments *arguments)
{
    const struct health_values *values = arguments->values;
    oyez_client *client = NULL;
    struct oyez_client_options options = {
        .endpoint = arguments->endpoint, .name = "oyez health", .close_timeout_ms = 1};
    // The status is larger than a stack frame should be.
    struct oyez_status *status = calloc(1, sizeof *status);
    oyez_err err = status != NULL ? oyez_client_open(&client, &options, 0)
                                  : oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    int code;
    if (err != OYEZ_OK) {
        code = command_fail(err);
        goto done;
    }
    err = ask_until_healthy(client, status, arguments);
    if (err != OYEZ_OK) {
        code = command_fail(err);
        goto done;
    }
    if (values->json) {
        print_json(status, arguments->endpoint);
    } else {
        print_human(status, arguments->endpoint);
    }
    code = status->health == OYEZ_UNHEALTHY ? EXIT_CHECK_FAILED : EXIT_DONE;
done:
    oyez_client_close(&client);
    free(status);
    return code;
}

static const struct health_values defaults = {.timeout_ms = TIMEOUT_MS_DEFAULT};

static const char *const usage[] = {"[--wait SECONDS] [--timeout MS] [--json]", NULL};

static const struct command_option options[] = {
    {"--wait", "SECONDS", "ask again until it is healthy, for so long", OPTION_SECONDS,
     offsetof(struct health_values, wait_ms)},
    {"--timeout", "MS", "how long to wait for one answer (default: 2000)", OPTION_MILLISECONDS,
     offsetof(struct health_values, timeout_ms)},
    {"--json", NULL, "components and counters as JSON", OPTION_FLAG,
     offsetof(struct health_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command health_command = {
    .name = "health",
    .summary = "tell how broker, recorder, disk, checkpoints and queues are",
    .usage = usage,
    .notes = "Ends with 1 only if something is unhealthy; a broker that does not answer is. What "
             "counts as degraded stands in [health] of the configuration (oyez config).",
    .options = options,
    .needs_configuration = true,
    .values_size = sizeof(struct health_values),
    .defaults = &defaults,
    .run = run,
};

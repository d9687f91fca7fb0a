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
#include "terminal.h"

#define TIMEOUT_MS_DEFAULT 2000u
#define POLL_MS 100u
#define SLICE_MS 100u
#define NANOSECONDS_PER_SECOND 1000000000

struct health_values {
    int64_t wait_ms; // 0 = ask once
    uint32_t timeout_ms;
    bool json;
};

static const char *health_name(enum oyez_health health)
{
    switch (health) {
    case OYEZ_HEALTHY:
        return "healthy";
    case OYEZ_DEGRADED:
        return "degraded";
    case OYEZ_UNHEALTHY:
        return "unhealthy";
    }
    return "unhealthy";
}

// A broker that does not answer is a component like any other: unhealthy.
static void describe_silence(struct oyez_status *status, const char *endpoint, oyez_err err,
                             int64_t started_at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    memset(status, 0, sizeof *status);
    status->health = OYEZ_UNHEALTHY;
    status->component_count = 1;
    struct oyez_component *component = &status->components[0];
    component->status = OYEZ_UNHEALTHY;
    component->last_check = (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
    snprintf(component->name, sizeof component->name, "broker");
    if (err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE) {
        snprintf(component->message, sizeof component->message,
                 "no broker answers at %s (waited %" PRId64 " ms)", endpoint,
                 deadline_now() - started_at);
    } else {
        snprintf(component->message, sizeof component->message, "%s", command_reason(err));
    }
}

// Asks in slices that grow: a request is sent once, and one that was made while the connection was
// not there yet is lost.
static void ask(oyez_client *client, struct oyez_status *status, const char *endpoint,
                int64_t started_at, uint32_t timeout_ms)
{
    int64_t deadline = deadline_now() + timeout_ms;
    uint32_t slice_ms = SLICE_MS;
    uint32_t left = timeout_ms;
    oyez_err err = OYEZ_ERR_TIMEOUT;
    while ((err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE) && left > 0) {
        err = oyez_client_status(client, status, left < slice_ms ? left : slice_ms);
        slice_ms *= 2;
        left = deadline_left(deadline);
    }
    if (err != OYEZ_OK) {
        describe_silence(status, endpoint, err, started_at);
    }
}

static void ask_until_healthy(oyez_client *client, struct oyez_status *status,
                              const struct arguments *arguments)
{
    const struct health_values *values = arguments->values;
    int64_t started_at = deadline_now();
    int64_t deadline = started_at + values->wait_ms;
    ask(client, status, arguments->endpoint, started_at, values->timeout_ms);
    while (status->health != OYEZ_HEALTHY && deadline_left(deadline) > 0) {
        deadline_sleep(POLL_MS);
        uint32_t left = deadline_left(deadline);
        if (left > 0) {
            ask(client, status, arguments->endpoint, started_at,
                left < values->timeout_ms ? left : values->timeout_ms);
        }
    }
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
                            json_pack("{s:s, s:o, s:s}", "status", health_name(component->status),
                                      "message", text_to_json(component->message), "last_check",
                                      time));
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
    json_t *object = json_pack("{s:s, s:o, s:s}", "status", health_name(status->health),
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
    line_field(&line, health_name(health), strlen(health_name(health)), 11);
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
    ask_until_healthy(client, status, arguments);
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
    .summary = "tell how the broker is",
    .usage = usage,
    .notes = "Ends with 1 only if it is unhealthy; a broker that does not answer is.",
    .options = options,
    .values_size = sizeof(struct health_values),
    .defaults = &defaults,
    .run = run,
};

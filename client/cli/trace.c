// SPDX-License-Identifier: MIT
// A workflow from its first event to its last: who caused what, after how long, what went wrong.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "duration.h"
#include "inert.h"
#include "line.h"
#include "message.h"
#include "output.h"
#include "oyez/json.h"
#include "print_event.h"
#include "record_source.h"
#include "summary.h"
#include "terminal.h"
#include "trace_tree.h"

#define STYLE_DIM "2"
#define TIME_COLUMNS 11u
#define TYPE_COLUMN_MIN 40u
#define ACTOR_COLUMNS 14u
#define CONDITION_SIZE 512u

struct trace_values {
    bool json;
    uint32_t timeout_ms;
    const char *directory;
};

struct trace {
    struct oyez_event **events;
    size_t count;
    size_t capacity;
    bool truncated;
};

static oyez_err keep(struct trace *trace, const struct oyez_event *event)
{
    if (trace->count == trace->capacity) {
        size_t capacity = trace->capacity != 0 ? trace->capacity * 2 : 64;
        struct oyez_event **events = realloc(trace->events, capacity * sizeof *events);
        if (events == NULL) {
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu events", capacity);
        }
        trace->events = events;
        trace->capacity = capacity;
    }
    oyez_err err = oyez_event_copy(&trace->events[trace->count], event);
    trace->count += err == OYEZ_OK;
    return err;
}

// The event whose id the workflow is named by, where it has no correlation id itself: what a
// handler emits is correlated by its cause's id.
static oyez_err find_first(struct record_source *source, struct trace *trace, const char *id)
{
    struct oyez_uuid event_id;
    struct oyez_event *event = NULL;
    if (oyez_uuid_from_text(&event_id, id) != OYEZ_OK) {
        return OYEZ_OK;
    }
    oyez_err err = record_source_get(source, event_id, &event);
    if (err == OYEZ_ERR_NOT_FOUND) {
        return OYEZ_OK;
    }
    if (err == OYEZ_OK &&
        (event->correlation_id == NULL || strcmp(event->correlation_id, id) != 0)) {
        err = keep(trace, event);
    }
    oyez_event_free(&event);
    return err;
}

static oyez_err find_all(struct record_source *source, struct trace *trace, const char *id)
{
    char condition[CONDITION_SIZE];
    const char *conditions[] = {condition};
    struct oyez_query_options options = {.conditions = conditions, .condition_count = 1};
    const struct oyez_event *event;
    oyez_query *query = NULL;
    snprintf(condition, sizeof condition, "correlation_id=%s", id);
    oyez_err err = find_first(source, trace, id);
    if (err == OYEZ_OK) {
        err = record_source_query(source, &query, &options);
    }
    while (err == OYEZ_OK && !trace->truncated) {
        err = oyez_query_next(query, &event, source->timeout_ms);
        if (err == OYEZ_OK) {
            trace->truncated = trace->count == TRACE_EVENTS_MAX;
            err = trace->truncated ? OYEZ_OK : keep(trace, event);
        }
    }
    oyez_query_close(&query);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static void put_duration(struct line *line, int64_t nanoseconds)
{
    char text[DURATION_TEXT_SIZE];
    duration_write(text, nanoseconds);
    line_text(line, text);
}

static void put_branches(struct line *line, const struct trace_node *nodes, size_t at)
{
    const char *levels[TRACE_DEPTH_SHOWN_MAX];
    unsigned shown = trace_tree_branches(levels, nodes, at);
    for (unsigned i = 0; i < shown; i++) {
        line_text(line, levels[i]);
    }
}

static bool print_node(const struct terminal *terminal, const struct trace_node *nodes, size_t at)
{
    struct line line;
    struct line time;
    const struct trace_node *node = &nodes[at];
    const struct oyez_event *event = node->event;
    line_open(&time, TIME_COLUMNS, false);
    line_text(&time, "+");
    put_duration(&time, node->after_ns);
    line_open(&line, terminal->width, terminal->colour);
    line_style(&line, STYLE_DIM);
    line_field(&line, time.bytes, time.size, TIME_COLUMNS);
    put_branches(&line, nodes, at);
    line_style(&line, NULL);
    line_style(&line, node->failed ? "31" : "36");
    line_text(&line, node->failed ? "✗ " : "");
    line_text(&line, event->event_type);
    line_style(&line, NULL);
    if (node->below > 0) {
        line_style(&line, STYLE_DIM);
        line_text(&line, " (");
        put_duration(&line, node->taken_ns);
        line_text(&line, ")");
        line_style(&line, NULL);
    }
    line_text(&line, "  ");
    line_pad(&line, TYPE_COLUMN_MIN);
    const char *actor = event->actor_name != NULL ? event->actor_name : event->actor_id;
    line_field(&line, actor != NULL ? actor : "", actor != NULL ? strlen(actor) : 0, ACTOR_COLUMNS);
    summary_put(&line, event);
    while (line.size > 0 && line.bytes[line.size - 1] == ' ') {
        line.size--;
    }
    line_close(&line);
    line.bytes[line.size] = '\n';
    return fwrite(line.bytes, 1, line.size + 1, stdout) == line.size + 1;
}

static bool print_node_json(const struct trace_node *node)
{
    char *text = NULL;
    size_t size = 0;
    oyez_err err = oyez_event_to_json(node->event, &text, &size);
    if (err != OYEZ_OK) {
        message_print("%s: %s", node->event->event_type, command_reason(err));
        return true;
    }
    printf("{\"depth\":%u,\"after_ns\":%" PRId64 ",\"taken_ns\":%" PRId64 ",\"below\":%zu,"
           "\"failed\":%s,\"event\":%s}\n",
           node->depth, node->after_ns, node->taken_ns, node->below,
           node->failed ? "true" : "false", text);
    free(text);
    return ferror(stdout) == 0;
}

static void print_head(const struct trace_node *nodes, const struct trace *trace)
{
    struct line taken;
    size_t failed = 0;
    int64_t end = 0;
    for (size_t i = 0; i < trace->count; i++) {
        failed += nodes[i].failed;
        end = nodes[i].after_ns > end ? nodes[i].after_ns : end;
    }
    line_open(&taken, 40, false);
    put_duration(&taken, end);
    printf("%zu event%s in %.*s, %zu failed\n", trace->count, trace->count == 1 ? "" : "s",
           (int)taken.size, taken.bytes, failed);
}

static int print_tree(const struct trace *trace, bool json)
{
    struct terminal terminal;
    struct trace_node *nodes;
    terminal_detect(&terminal, STDOUT_FILENO);
    if (!trace_tree_build(&nodes, trace->events, trace->count)) {
        return command_fail(
            oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu events", trace->count));
    }
    if (!json) {
        print_head(nodes, trace);
    }
    bool written = true;
    for (size_t i = 0; i < trace->count && written; i++) {
        written = output_keep(json ? print_node_json(&nodes[i]) : print_node(&terminal, nodes, i));
    }
    free(nodes);
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    const struct trace_values *values = arguments->values;
    struct record_source source = {0};
    struct trace trace = {0};
    const char *id = arguments->positional[0];
    if (strlen(id) + sizeof "correlation_id=" > CONDITION_SIZE) {
        return command_usage_error(arguments->command, "the correlation id is too long");
    }
    int code = record_source_open(&source, arguments, values->directory, values->timeout_ms);
    if (code == EXIT_DONE) {
        oyez_err err = find_all(&source, &trace, id);
        code = err == OYEZ_OK ? EXIT_DONE : record_source_fail(&source, err);
    }
    if (code == EXIT_DONE && trace.count == 0) {
        message_print("no recorded event has the correlation id %s", id);
        code = EXIT_CHECK_FAILED;
    }
    if (code == EXIT_DONE) {
        code = print_tree(&trace, values->json);
    }
    if (trace.truncated) {
        message_print("only the first %u events are shown", TRACE_EVENTS_MAX);
    }
    for (size_t i = 0; i < trace.count; i++) {
        oyez_event_free(&trace.events[i]);
    }
    free(trace.events);
    record_source_close(&source);
    return code;
}

static const struct trace_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"CORRELATION_ID [--json] [--dir DIR]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "print one JSON object a line: depth, times, failed, and the whole event",
     OPTION_FLAG, offsetof(struct trace_values, json)},
    {"--dir", "DIR", "read this journal instead of asking the server", OPTION_TEXT,
     offsetof(struct trace_values, directory)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct trace_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command trace_command = {
    .name = "trace",
    .summary = "show a workflow as a tree of causes",
    .usage = usage,
    .notes =
        "Every recorded event with this correlation id, each below the event that its causation\n"
        "id names. Times are the broker's, since the first event; behind a type stands how long\n"
        "all that it caused took. A type whose name tells of a failure is marked. Ends with 1 if\n"
        "there is no such event.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .values_size = sizeof(struct trace_values),
    .defaults = &defaults,
    .run = run,
};

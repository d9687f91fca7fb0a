// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "line.h"
#include "message.h"
#include "oyez/consumer.h"
#include "oyez/json.h"
#include "record_source.h"
#include "tail_from.h"
#include "terminal.h"
#include "time_argument.h"

#define NAME_COLUMNS 24u
#define CURSOR_COLUMNS 26u
#define LAG_COLUMNS 10u
#define SEEN_COLUMNS 22u
#define CURSOR_SIZE 48u
#define CURSOR_END UINT64_MAX // all of an epoch that has ended
#define STYLE_FAINT "2"

struct consumer_values {
    bool json;
    uint32_t timeout_ms;
};

static void format_cursor(char out[CURSOR_SIZE], const struct oyez_consumer_info *info)
{
    if (info->position == CURSOR_END) {
        snprintf(out, CURSOR_SIZE, "%" PRIu64 ":end", info->epoch);
    } else {
        snprintf(out, CURSOR_SIZE, "%" PRIu64 ":%" PRIu64, info->epoch, info->position);
    }
}

// A text of a peer may be no UTF-8; then it has no JSON form.
static json_t *text_or_null(const char *text)
{
    json_t *string = json_string(text);
    return string != NULL ? string : json_null();
}

static void print_json(const struct oyez_consumer_info *info)
{
    char cursor[CURSOR_SIZE], seen[OYEZ_TIME_TEXT_SIZE];
    json_t *patterns = json_array();
    for (size_t i = 0; i < info->pattern_count; i++) {
        json_array_append_new(patterns, text_or_null(info->patterns[i]));
    }
    snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, info->epoch, info->position);
    oyez_time_to_text((int64_t)info->last_seen, seen);
    json_t *object = json_pack("{s:s, s:o, s:s, s:I, s:b, s:s, s:b, s:o}", "name", info->name,
                               "patterns", patterns, "cursor", cursor, "lag", (json_int_t)info->lag,
                               "lag_is_bound", (int)info->lag_is_bound, "last_seen", seen, "held",
                               (int)info->held, "holder", text_or_null(info->holder_name));
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_heading(const struct terminal *terminal)
{
    struct line line;
    line_open(&line, LINE_COLUMNS_MAX, terminal->colour);
    line_style(&line, STYLE_FAINT);
    line_field(&line, "NAME", 4, NAME_COLUMNS);
    line_field(&line, "CURSOR", 6, CURSOR_COLUMNS);
    line_field(&line, "LAG", 3, LAG_COLUMNS);
    line_field(&line, "LAST SEEN", 9, SEEN_COLUMNS);
    line_text(&line, "HOLDER");
    line_close(&line);
    printf("%.*s\n", (int)line.size, line.bytes);
}

static void print_row(const struct terminal *terminal, const struct oyez_consumer_info *info)
{
    struct line line;
    char cursor[CURSOR_SIZE], lag[32], seen[OYEZ_TIME_TEXT_SIZE];
    format_cursor(cursor, info);
    snprintf(lag, sizeof lag, "%" PRIu64 "%s", info->lag, info->lag_is_bound ? "+" : "");
    oyez_time_to_text((int64_t)info->last_seen, seen);
    memcpy(seen + strlen("2026-11-20T08:42:45"), "Z", 2); // seconds are enough here
    line_open(&line, LINE_COLUMNS_MAX, terminal->colour);
    line_field(&line, info->name, strlen(info->name), NAME_COLUMNS - 1);
    line_text(&line, " ");
    line_field(&line, cursor, strlen(cursor), CURSOR_COLUMNS);
    line_field(&line, lag, strlen(lag), LAG_COLUMNS);
    line_field(&line, seen, strlen(seen), SEEN_COLUMNS);
    line_text(&line, info->held ? info->holder_name : "-");
    line_close(&line);
    printf("%.*s\n", (int)line.size, line.bytes);
}

static int fail(const struct record_source *source, oyez_err err)
{
    int code = record_source_fail(source, err);
    return err == OYEZ_ERR_BUSY ? EXIT_REFUSED : code;
}

static int list(struct record_source *source, bool json)
{
    struct terminal terminal;
    struct oyez_consumer_info *consumers;
    size_t count;
    oyez_err err = oyez_client_consumers(source->client, &consumers, &count, source->timeout_ms);
    if (err != OYEZ_OK) {
        return fail(source, err);
    }
    terminal_detect(&terminal, STDOUT_FILENO);
    if (!json && count > 0) {
        print_heading(&terminal);
    }
    for (size_t i = 0; i < count; i++) {
        if (json) {
            print_json(&consumers[i]);
        } else {
            print_row(&terminal, &consumers[i]);
        }
    }
    free(consumers);
    return EXIT_DONE;
}

static int reset(struct record_source *source, const struct command *command, const char *name,
                 const char *where)
{
    struct tail_from from = {.kind = TAIL_FROM_FIRST};
    oyez_err err = OYEZ_OK;
    if (strcmp(where, "latest") == 0) {
        err = oyez_client_recorded(source->client, &from.epoch, &from.position, source->timeout_ms);
    } else if (tail_from_read(&from, where, time_argument_now()) != OYEZ_OK ||
               (from.kind != TAIL_FROM_FIRST && from.kind != TAIL_FROM_CURSOR)) {
        return command_usage_error(command, "'%s' is none of first, latest and EPOCH:POSITION",
                                   where);
    }
    if (err == OYEZ_OK) {
        err = oyez_client_reset_consumer(source->client, name, from.epoch, from.position,
                                         source->timeout_ms);
    }
    return err == OYEZ_OK ? EXIT_DONE : fail(source, err);
}

static int remove_one(struct record_source *source, const char *name)
{
    oyez_err err = oyez_client_delete_consumer(source->client, name, source->timeout_ms);
    return err == OYEZ_OK ? EXIT_DONE : fail(source, err);
}

// How many words a verb takes, itself among them; 0: there is no such verb.
static size_t words_of(const char *verb)
{
    if (strcmp(verb, "list") == 0) {
        return 1;
    }
    return strcmp(verb, "delete") == 0 ? 2 : strcmp(verb, "reset") == 0 ? 3 : 0;
}

static int run(const struct arguments *arguments)
{
    const struct consumer_values *values = arguments->values;
    const char *const *words = arguments->positional;
    struct record_source source = {0};
    size_t wanted = words_of(words[0]);
    if (wanted == 0) {
        return command_usage_error(arguments->command, "'%s' is not list, reset or delete",
                                   words[0]);
    }
    if (arguments->positional_count != wanted) {
        return command_usage_error(arguments->command, "%s takes %s", words[0],
                                   wanted == 1   ? "no argument"
                                   : wanted == 2 ? "a NAME"
                                                 : "a NAME and first, latest or EPOCH:POSITION");
    }
    int code = record_source_open(&source, arguments, NULL, values->timeout_ms);
    if (code == EXIT_DONE && wanted == 1) {
        code = list(&source, values->json);
    } else if (code == EXIT_DONE && wanted == 2) {
        code = remove_one(&source, words[1]);
    } else if (code == EXIT_DONE) {
        code = reset(&source, arguments->command, words[1], words[2]);
    }
    record_source_close(&source);
    return code;
}

static const struct consumer_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"list [--json]", "reset NAME first|latest|EPOCH:POSITION",
                                    "delete NAME", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "list: one JSON object a line", OPTION_FLAG,
     offsetof(struct consumer_values, json)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct consumer_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command consumer_command = {
    .name = "consumer",
    .summary = "list, reset and delete named durable consumers",
    .usage = usage,
    .notes =
        "A consumer is a name under which the recorder keeps how far a program has come. list\n"
        "tells its cursor, its lag (recorded events that it has not handled; 10000+ = at least\n"
        "so many), when it was last seen, and who holds it. reset makes it go on behind a\n"
        "cursor. A consumer that is held cannot be reset or deleted: exit 4; none of that\n"
        "name: exit 1.",
    .options = options,
    .positional_min = 1,
    .positional_max = 3,
    .values_size = sizeof(struct consumer_values),
    .defaults = &defaults,
    .run = run,
};

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
#include "oyez/dead_letter.h"
#include "oyez/json.h"
#include "print_event.h"
#include "print_fields.h"
#include "record_source.h"
#include "terminal.h"

#define ID_COLUMNS 38u
#define TIME_COLUMNS 22u
#define HANDLER_COLUMNS 20u
#define TYPE_COLUMNS 28u
#define TRIES_COLUMNS 7u
#define STYLE_FAINT "2"
#define CURSOR_SIZE 48u

struct deadletter_values {
    bool json;
    bool all;
    const char *reason;
    uint32_t timeout_ms;
};

// What the verbs work with.
struct post {
    struct record_source source;
    struct terminal terminal;
    const struct deadletter_values *values;
    struct oyez_dead_letter *letters;
    size_t count;
};

// A text of a peer may be no UTF-8; then it has no JSON form.
static json_t *text_or_null(const char *text)
{
    json_t *string = text[0] != '\0' ? json_string(text) : NULL;
    return string != NULL ? string : json_null();
}

static void print_json(const struct oyez_dead_letter *letter)
{
    char id[OYEZ_UUID_TEXT_SIZE], event_id[OYEZ_UUID_TEXT_SIZE], time[OYEZ_TIME_TEXT_SIZE];
    char cursor[CURSOR_SIZE] = "";
    oyez_uuid_to_text(letter->letter_id, id);
    oyez_uuid_to_text(letter->event_id, event_id);
    oyez_time_to_text(letter->failed_at, time);
    if (letter->position != 0) {
        snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, letter->epoch, letter->position);
    }
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:i, s:b, s:o, s:o, s:o}", "id", id, "failed_at",
                  time, "handler", text_or_null(letter->handler), "event_id", event_id,
                  "event_type", text_or_null(letter->event_type), "cursor", text_or_null(cursor),
                  "attempts", (int)letter->attempts, "timed_out", (int)letter->timed_out, "error",
                  text_or_null(letter->error), "error_text", text_or_null(letter->error_text),
                  "process", text_or_null(letter->process));
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void put_field(struct line *line, const char *text, unsigned width)
{
    line_field(line, text, strlen(text), width - 1);
    line_text(line, " ");
}

static void print_line(struct line *line)
{
    line_close(line);
    printf("%.*s\n", (int)line->size, line->bytes);
}

static void print_heading(const struct terminal *terminal)
{
    struct line line;
    line_open(&line, LINE_COLUMNS_MAX, terminal->colour);
    line_style(&line, STYLE_FAINT);
    put_field(&line, "ID", ID_COLUMNS);
    put_field(&line, "FAILED", TIME_COLUMNS);
    put_field(&line, "HANDLER", HANDLER_COLUMNS);
    put_field(&line, "EVENT TYPE", TYPE_COLUMNS);
    put_field(&line, "TRIES", TRIES_COLUMNS);
    line_text(&line, "ERROR");
    print_line(&line);
}

static void print_row(const struct terminal *terminal, const struct oyez_dead_letter *letter)
{
    struct line line;
    char id[OYEZ_UUID_TEXT_SIZE], time[OYEZ_TIME_TEXT_SIZE], tries[16];
    oyez_uuid_to_text(letter->letter_id, id);
    oyez_time_to_text(letter->failed_at, time);
    memcpy(time + strlen("2026-11-20T08:42:45"), "Z", 2); // seconds are enough here
    snprintf(tries, sizeof tries, "%" PRIu32, letter->attempts);
    line_open(&line, LINE_COLUMNS_MAX, terminal->colour);
    put_field(&line, id, ID_COLUMNS);
    put_field(&line, time, TIME_COLUMNS);
    put_field(&line, letter->handler, HANDLER_COLUMNS);
    put_field(&line, letter->event_type, TYPE_COLUMNS);
    put_field(&line, tries, TRIES_COLUMNS);
    line_text(&line, letter->error_text[0] != '\0' ? letter->error_text : letter->error);
    print_line(&line);
}

static oyez_err read_letters(struct post *post)
{
    return oyez_client_dead_letters(post->source.client, &post->letters, &post->count,
                                    post->source.timeout_ms);
}

static int list(struct post *post)
{
    oyez_err err = read_letters(post);
    if (err != OYEZ_OK) {
        return record_source_fail(&post->source, err);
    }
    if (!post->values->json && post->count > 0) {
        print_heading(&post->terminal);
    }
    for (size_t i = 0; i < post->count; i++) {
        if (post->values->json) {
            print_json(&post->letters[i]);
        } else {
            print_row(&post->terminal, &post->letters[i]);
        }
    }
    return EXIT_DONE;
}

static oyez_err print_recorded(struct post *post, struct oyez_uuid event_id)
{
    struct oyez_event *event = NULL;
    oyez_err err = record_source_get(&post->source, event_id, &event);
    if (err == OYEZ_OK) {
        record_source_learn(&post->source, event);
        if (post->values->json) {
            print_event_json(stdout, &post->terminal, event);
        } else {
            print_fields(stdout, &post->terminal, event);
        }
    }
    oyez_event_free(&event);
    return err;
}

static const struct oyez_dead_letter *find(const struct post *post, struct oyez_uuid id)
{
    for (size_t i = 0; i < post->count; i++) {
        if (oyez_uuid_equal(post->letters[i].letter_id, id)) {
            return &post->letters[i];
        }
    }
    return NULL;
}

// The letter as it was recorded, and the event that it names.
static int show(struct post *post, struct oyez_uuid id)
{
    oyez_err err = read_letters(post);
    const struct oyez_dead_letter *letter = err == OYEZ_OK ? find(post, id) : NULL;
    if (err == OYEZ_OK && letter == NULL) {
        message_print("there is no such dead letter, or it is resolved");
        return EXIT_CHECK_FAILED;
    }
    if (err == OYEZ_OK) {
        err = print_recorded(post, id);
    }
    if (err == OYEZ_OK) {
        if (!post->values->json) {
            putchar('\n');
        }
        err = print_recorded(post, letter->event_id);
    }
    return err == OYEZ_OK ? EXIT_DONE : record_source_fail(&post->source, err);
}

static int settle(struct post *post, struct oyez_uuid id, bool discard)
{
    oyez_client *client = post->source.client;
    oyez_err err = discard ? oyez_client_discard_dead_letter(client, id, post->values->reason,
                                                             post->source.timeout_ms)
                           : oyez_client_retry_dead_letter(client, id, post->source.timeout_ms);
    // Failed again is a check that failed, not a refusal of the broker.
    if (err == OYEZ_ERR_REFUSED && !discard) {
        message_print("%s", command_reason(err));
        return EXIT_CHECK_FAILED;
    }
    return err == OYEZ_OK ? EXIT_DONE : record_source_fail(&post->source, err);
}

static int settle_all(struct post *post, bool discard)
{
    int code = EXIT_DONE;
    oyez_err err = read_letters(post);
    if (err != OYEZ_OK) {
        return record_source_fail(&post->source, err);
    }
    for (size_t i = 0; i < post->count; i++) {
        int one = settle(post, post->letters[i].letter_id, discard);
        code = one > code ? one : code;
    }
    return code;
}

enum verb { LIST, SHOW, RETRY, DISCARD, NONE };

static enum verb read_verb(const char *word)
{
    static const char *const words[] = {"list", "show", "retry", "discard"};
    int verb = LIST;
    while (verb < NONE && strcmp(words[verb], word) != 0) {
        verb++;
    }
    return (enum verb)verb;
}

static int check(const struct arguments *arguments, enum verb verb, struct oyez_uuid *id)
{
    const struct deadletter_values *values = arguments->values;
    const char *const *words = arguments->positional;
    bool all = values->all && (verb == RETRY || verb == DISCARD);
    size_t wanted = verb == LIST || all ? 1 : 2;
    if (verb == NONE) {
        return command_usage_error(arguments->command, "'%s' is not list, show, retry or discard",
                                   words[0]);
    }
    if (values->all && !all) {
        return command_usage_error(arguments->command, "--all goes with retry and discard");
    }
    if (values->reason != NULL && verb != DISCARD) {
        return command_usage_error(arguments->command, "--reason goes with discard");
    }
    if (arguments->positional_count != wanted) {
        return command_usage_error(arguments->command, "%s takes %s", words[0],
                                   wanted == 1 ? "no ID" : "an ID");
    }
    if (wanted == 2 && oyez_uuid_from_text(id, words[1]) != OYEZ_OK) {
        return command_usage_error(arguments->command, "'%s' is no event id: they are UUIDs",
                                   words[1]);
    }
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    struct post post = {.values = arguments->values};
    struct oyez_uuid id = {0};
    enum verb verb = read_verb(arguments->positional[0]);
    int code = check(arguments, verb, &id);
    if (code != EXIT_DONE) {
        return code;
    }
    terminal_detect(&post.terminal, STDOUT_FILENO);
    code = record_source_open(&post.source, arguments, NULL, post.values->timeout_ms);
    if (code == EXIT_DONE && verb == LIST) {
        code = list(&post);
    } else if (code == EXIT_DONE && verb == SHOW) {
        code = show(&post, id);
    } else if (code == EXIT_DONE && post.values->all) {
        code = settle_all(&post, verb == DISCARD);
    } else if (code == EXIT_DONE) {
        code = settle(&post, id, verb == DISCARD);
    }
    free(post.letters);
    record_source_close(&post.source);
    return code;
}

static const struct deadletter_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"list [--json]", "show ID [--json]", "retry ID | --all",
                                    "discard ID | --all [--reason TEXT]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "list, show: one JSON object a line", OPTION_FLAG,
     offsetof(struct deadletter_values, json)},
    {"--all", NULL, "retry, discard: all that are listed", OPTION_FLAG,
     offsetof(struct deadletter_values, all)},
    {"--reason", "TEXT", "discard: why; it is recorded", OPTION_TEXT,
     offsetof(struct deadletter_values, reason)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct deadletter_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command deadletter_command = {
    .name = "deadletter",
    .summary = "list, show, retry and discard what handlers failed for good",
    .usage = usage,
    .notes =
        "A dead letter names an event that a handler has failed at every try, or took too long\n"
        "for. retry has it handled again, by the handler of that name in whatever process,\n"
        "and waits for the outcome: 0 handled, 1 failed again (with a new letter) or no such\n"
        "letter, 3 no such handler has answered in time. discard resolves it as it is. All\n"
        "of it is recorded: oyez query 'oyez.dead_letter*'.",
    .options = options,
    .positional_min = 1,
    .positional_max = 2,
    .values_size = sizeof(struct deadletter_values),
    .defaults = &defaults,
    .run = run,
};

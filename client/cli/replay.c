// SPDX-License-Identifier: MIT
#include "oyez/replay.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "deadline.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "oyez/pattern.h"
#include "progress.h"
#include "record_source.h"
#include "selection.h"
#include "time_argument.h"

#define SPEED_MIN 0.1
#define SPEED_MAX 1000.0
#define CURSOR_SIZE 48u
#define MILLISECOND_NS 1000000u

struct replay_values {
    struct text_list where;
    const char *since;
    const char *until;
    const char *speed;
    const char *run;
    uint32_t timeout_ms;
    bool json;
};

struct replaying {
    const struct arguments *arguments;
    const struct replay_values *values;
    struct record_source source;
    struct oyez_query_options options;
    double speed; // 0 = as fast as it goes
    int interrupt_fd;
    oyez_replay *replay;
    oyez_query *query;
    uint64_t published;
    uint64_t first_time; // broker time of the first event
    int64_t began_ms;
    char first[CURSOR_SIZE], last[CURSOR_SIZE];
};

static bool read_speed(double *out, const char *text)
{
    char *end;
    if (strcmp(text, "max") == 0) {
        *out = 0;
        return true;
    }
    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out) && *out >= SPEED_MIN && *out <= SPEED_MAX;
}

static int read_arguments(struct replaying *replaying)
{
    const struct replay_values *values = replaying->values;
    const struct arguments *arguments = replaying->arguments;
    struct oyez_query_options *options = &replaying->options;
    oyez_filter *filter;
    int64_t now = time_argument_now();
    *options = (struct oyez_query_options){.patterns = arguments->positional,
                                           .pattern_count = arguments->positional_count,
                                           .conditions = values->where.items,
                                           .condition_count = values->where.count};
    int code = selection_check(arguments, &values->where, &filter);
    oyez_filter_close(&filter);
    if (code != EXIT_DONE) {
        return code;
    }
    if (values->since != NULL && time_argument_read(&options->since, values->since, now)) {
        return command_usage_error(arguments->command, "--since: %s", oyez_error_detail());
    }
    if (values->until != NULL && time_argument_read(&options->until, values->until, now)) {
        return command_usage_error(arguments->command, "--until: %s", oyez_error_detail());
    }
    if (!read_speed(&replaying->speed, values->speed)) {
        return command_usage_error(arguments->command,
                                   "--speed: '%s' is neither 0.1 to 1000 nor max", values->speed);
    }
    return EXIT_DONE;
}

static int open_all(struct replaying *replaying)
{
    const struct replay_values *values = replaying->values;
    int code =
        record_source_open(&replaying->source, replaying->arguments, NULL, values->timeout_ms);
    if (code != EXIT_DONE) {
        return code;
    }
    oyez_err err = oyez_replay_open(&replaying->replay, replaying->source.client, values->run,
                                    values->timeout_ms);
    if (err == OYEZ_ERR_INVALID) {
        return command_usage_error(replaying->arguments->command, "--run: %s", oyez_error_detail());
    }
    if (err == OYEZ_OK) {
        err = record_source_query(&replaying->source, &replaying->query, &replaying->options);
    }
    return err == OYEZ_OK ? EXIT_DONE : record_source_fail(&replaying->source, err);
}

// Waits until it is the event's turn. False when interrupted.
static bool await_turn(struct replaying *replaying, const struct oyez_event *event)
{
    if (replaying->published == 0) {
        replaying->first_time = event->stamp.broker_time;
        replaying->began_ms = deadline_now();
    }
    // An epoch may have begun with its clock set back.
    uint64_t passed_ns = event->stamp.broker_time > replaying->first_time
                             ? event->stamp.broker_time - replaying->first_time
                             : 0;
    double wait_ms =
        replaying->speed > 0 ? (double)passed_ns / MILLISECOND_NS / replaying->speed : 0;
    int64_t due_ms = replaying->began_ms + (int64_t)wait_ms;
    for (int64_t now = deadline_now(); now < due_ms; now = deadline_now()) {
        struct pollfd entry = {.fd = replaying->interrupt_fd, .events = POLLIN};
        progress_set(passed_ns / MILLISECOND_NS, replaying->published);
        int64_t left_ms = due_ms - now < 100 ? due_ms - now : 100;
        if (poll(&entry, 1, (int)left_ms) == 1) {
            return false;
        }
    }
    progress_set(passed_ns / MILLISECOND_NS, replaying->published);
    return !interrupt_pending();
}

static void note(struct replaying *replaying, const struct oyez_event *event)
{
    snprintf(replaying->last, sizeof replaying->last, "%" PRIu64 ":%" PRIu64, event->stamp.epoch,
             event->stamp.position);
    if (replaying->published++ == 0) {
        memcpy(replaying->first, replaying->last, sizeof replaying->first);
    }
}

// Until there is room, or the user has had enough.
static oyez_err publish(struct replaying *replaying, const struct oyez_event *event)
{
    oyez_err err;
    do {
        err = oyez_replay_publish(replaying->replay, event, 100);
    } while (err == OYEZ_ERR_TIMEOUT && !interrupt_pending());
    return err;
}

static int replay_all(struct replaying *replaying)
{
    const struct oyez_event *event;
    oyez_err err;
    while ((err = oyez_query_next(replaying->query, &event, replaying->values->timeout_ms)) ==
           OYEZ_OK) {
        if (!await_turn(replaying, event)) {
            return EXIT_DONE;
        }
        err = publish(replaying, event);
        if (err != OYEZ_OK) {
            break;
        }
        note(replaying, event);
    }
    if (err == OYEZ_ERR_NOT_FOUND) {
        err = oyez_replay_flush(replaying->replay, replaying->values->timeout_ms);
        err = err == OYEZ_OK ? OYEZ_ERR_NOT_FOUND : err;
    }
    bool is_over = err == OYEZ_ERR_NOT_FOUND || (err != OYEZ_OK && interrupt_pending());
    return is_over ? EXIT_DONE : record_source_fail(&replaying->source, err);
}

static void print_summary(const struct replaying *replaying, bool complete)
{
    const char *run = oyez_replay_run(replaying->replay);
    double seconds =
        replaying->published > 0 ? (double)(deadline_now() - replaying->began_ms) / 1000.0 : 0.0;
    if (!replaying->values->json) {
        printf("replay.%s: %" PRIu64 " event%s in %.1f s%s%s%s\n", run, replaying->published,
               replaying->published == 1 ? "" : "s", seconds, complete ? "" : ", not complete",
               replaying->published > 0 ? "; the last was " : "", replaying->last);
        return;
    }
    json_t *object = json_pack("{s:s, s:I, s:s?, s:s?, s:f, s:b}", "run", run, "events",
                               (json_int_t)replaying->published, "first",
                               replaying->published > 0 ? replaying->first : NULL, "last",
                               replaying->published > 0 ? replaying->last : NULL, "seconds",
                               seconds, "complete", (int)complete);
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(object);
}

static int run(const struct arguments *arguments)
{
    struct replaying replaying = {.arguments = arguments, .values = arguments->values};
    int code = read_arguments(&replaying);
    if (code == EXIT_DONE) {
        code = open_all(&replaying);
    }
    if (code != EXIT_DONE) {
        goto done;
    }
    replaying.interrupt_fd = interrupt_open();
    message_line("replaying as replay.%s.TYPE: oyez tail 'replay.%s.*' shows it",
                 oyez_replay_run(replaying.replay), oyez_replay_run(replaying.replay));
    progress_open(0, "events replayed");
    code = replay_all(&replaying);
    progress_close();
    print_summary(&replaying, code == EXIT_DONE && !interrupt_pending());
done:
    oyez_query_close(&replaying.query);
    oyez_replay_close(&replaying.replay);
    record_source_close(&replaying.source);
    output_flush();
    interrupt_raise();
    return code;
}

static const struct replay_values defaults = {.speed = "1", .timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"[PATTERN]... [--where K=V]... [--since T] [--until T] "
                                    "[--speed 0.1..1000|max] [--run RUN] [--json]",
                                    NULL};

static const struct command_option options[] = {
    {"--where", "K=V", "only events with this FIELD, tag.KEY or details.PATH; all must hold",
     OPTION_LIST, offsetof(struct replay_values, where)},
    {"--since", "TIME", "only events stamped at this time or later", OPTION_TEXT,
     offsetof(struct replay_values, since)},
    {"--until", "TIME", "only events stamped before this time", OPTION_TEXT,
     offsetof(struct replay_values, until)},
    {"--speed", "N", "so many times as fast as it happened; max = without pauses (default: 1)",
     OPTION_TEXT, offsetof(struct replay_values, speed)},
    {"--run", "RUN", "8 characters of A-Z a-z 0-9 _ - (default: random ones)", OPTION_TEXT,
     offsetof(struct replay_values, run)},
    {"--json", NULL, "the summary as JSON", OPTION_FLAG, offsetof(struct replay_values, json)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct replay_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command replay_command = {
    .name = "replay",
    .summary = "publish recorded events again, for who asks for them",
    .usage = usage,
    .notes =
        "Each event comes as replay.RUN.TYPE, with its own header and details and the tag\n"
        "replay.cursor: shown to whoever asks for replay.* by name and to nobody else, without\n"
        "numbers, never recorded. What a slow reader of a fast replay misses is not sent\n"
        "again: take a lower speed. PATTERN and TIME as of `oyez query`.",
    .options = options,
    .positional_max = OYEZ_PATTERNS_MAX,
    .takes_patterns = true,
    .values_size = sizeof(struct replay_values),
    .defaults = &defaults,
    .run = run,
};

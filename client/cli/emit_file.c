// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "deadline.h"
#include "emit.h"
#include "event_lines.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "oyez/client.h"
#include "oyez/json.h"
#include "progress.h"

#define CLOSE_MS 1u
#define FULL_WAIT_MS 2u
#define PACE_WAIT_MS_MAX 100u
#define MILLISECONDS_PER_SECOND 1000u

struct emission {
    const struct arguments *arguments;
    const struct emit_values *values;
    struct event_lines lines;
    oyez_client *client;
    int64_t started_at;
    uint64_t emitted;
    uint64_t refused; // by us or by the broker
    uint64_t reached; // of the emitted, those known to have come to the level
    int code;
};

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    (void)arg;
    // What is left at the end is told with the summary's reason.
    if (notice->kind != OYEZ_NOTICE_UNSENT) {
        message_notice(notice);
    }
}

static void refuse_line(struct emission *emission, const char *type, const char *reason)
{
    uint64_t number = emission->lines.reader.number;
    emission->refused++;
    if (type != NULL) {
        message_line("line %" PRIu64 ": %s: %s", number, type, reason);
    } else {
        message_line("line %" PRIu64 ": %s", number, reason);
    }
}

static oyez_err open_client(struct emission *emission)
{
    const struct emit_values *values = emission->values;
    struct oyez_client_options options = {.endpoint = emission->arguments->endpoint,
                                          .name = "oyez emit",
                                          .on_notice = take_notice,
                                          .close_timeout_ms = CLOSE_MS};
    oyez_err err = oyez_client_open(&emission->client, &options, values->timeout_ms);
    // A level that this bus cannot reach is told before anything is emitted.
    if (err == OYEZ_OK && emit_level(values) > OYEZ_LEVEL_SENT) {
        err = oyez_client_flush(emission->client, emit_level(values), values->timeout_ms);
    }
    return err;
}

// Holds the next event back until its turn has come. False when interrupted.
static bool keep_pace(struct emission *emission)
{
    uint64_t rate = emission->values->rate;
    if (rate == 0) {
        return true;
    }
    uint64_t whole = emission->emitted / rate;
    uint64_t part = emission->emitted % rate * MILLISECONDS_PER_SECOND / rate;
    int64_t turn = emission->started_at + (int64_t)(whole * MILLISECONDS_PER_SECOND + part);
    uint32_t left;
    while ((left = deadline_left(turn)) > 0) {
        if (interrupt_pending()) {
            return false;
        }
        deadline_sleep(left < PACE_WAIT_MS_MAX ? left : PACE_WAIT_MS_MAX);
    }
    return true;
}

// Emits one event. A full window is waited out, as long as the broker takes something now and then.
static oyez_err emit(struct emission *emission, const struct oyez_event *event)
{
    struct oyez_client_counters counters;
    uint64_t accepted = 0;
    int64_t deadline = 0;
    oyez_err err;
    while ((err = oyez_client_emit(emission->client, event, NULL)) == OYEZ_ERR_FULL) {
        oyez_client_get_counters(emission->client, &counters);
        if (deadline == 0 || counters.accepted != accepted) {
            accepted = counters.accepted;
            deadline = deadline_now() + emission->values->timeout_ms;
        } else if (deadline_left(deadline) == 0) {
            return oyez_fail(OYEZ_ERR_TIMEOUT, "the broker has taken no events for %u ms",
                             emission->values->timeout_ms);
        }
        if (interrupt_pending()) {
            return OYEZ_ERR_FULL;
        }
        deadline_sleep(FULL_WAIT_MS);
    }
    return err;
}

// Takes one good line. False when the run is over.
static bool take_event(struct emission *emission, const struct oyez_event *event)
{
    if (!keep_pace(emission)) {
        return false;
    }
    oyez_err err = emit(emission, event);
    switch (err) {
    case OYEZ_OK:
        emission->emitted++;
        return true;
    case OYEZ_ERR_INVALID:
    case OYEZ_ERR_UNKNOWN_TYPE:
    case OYEZ_ERR_TOO_LARGE:
    case OYEZ_ERR_MALFORMED:
        refuse_line(emission, event->event_type, command_reason(err));
        return true;
    case OYEZ_ERR_FULL: // interrupted while waiting
        return false;
    default:
        emission->code = command_fail_at(emission->arguments->endpoint, err);
        return false;
    }
}

static void emit_lines(struct emission *emission)
{
    for (bool more = true; more;) {
        struct oyez_event *event;
        switch (event_lines_next(&emission->lines, &event)) {
        case EVENT_LINE_GOOD:
            more = take_event(emission, event);
            oyez_event_free(&event);
            break;
        case EVENT_LINE_BAD:
            refuse_line(emission, NULL, emission->lines.reason);
            break;
        case EVENT_LINE_FAILED:
            message_print("%s", emission->lines.reason);
            emission->code = command_exit_code(emission->lines.error);
            more = false;
            break;
        case EVENT_LINE_END:
        case EVENT_LINE_INTERRUPTED:
            more = false;
            break;
        }
        progress_set(emission->lines.reader.offset, emission->emitted);
        more = more && !interrupt_pending();
    }
}

// Of durable events: of fast ones nobody tells one by one.
static uint64_t count_reached(const struct oyez_client_counters *counters, enum oyez_level level)
{
    uint64_t again = counters->refused + counters->reemitted;
    if (level > OYEZ_LEVEL_SENT) {
        return counters->recorded;
    }
    // The broker takes the numbers of what it refuses, and of what is emitted again.
    return counters->accepted > again ? counters->accepted - again : 0;
}

static const char *reached_name(const struct emission *emission)
{
    return emit_level(emission->values) > OYEZ_LEVEL_SENT ? "recorded" : "accepted";
}

// Waits for the level and learns what the broker refused.
static void settle(struct emission *emission)
{
    struct oyez_client_counters counters;
    const struct emit_values *values = emission->values;
    oyez_err err = oyez_client_flush(emission->client, emit_level(values), values->timeout_ms);
    oyez_client_get_counters(emission->client, &counters);
    emission->emitted -=
        counters.refused < emission->emitted ? counters.refused : emission->emitted;
    emission->refused += counters.refused;
    uint64_t reached = count_reached(&counters, emit_level(values));
    emission->reached = err == OYEZ_OK || reached > emission->emitted ? emission->emitted : reached;
    if (err != OYEZ_OK && emission->code == EXIT_DONE) {
        emission->code = command_fail_at(emission->arguments->endpoint, err);
    }
    if (emission->refused > 0 && emission->code == EXIT_DONE) {
        emission->code = EXIT_REFUSED;
    }
}

static void print_summary(const struct emission *emission)
{
    uint64_t emitted = emission->emitted;
    uint64_t refused = emission->refused;
    if (emission->values->json) {
        json_t *object =
            json_pack("{s:I, s:I, s:I, s:I, s:s, s:b}", "emitted", (json_int_t)emitted,
                      reached_name(emission), (json_int_t)emission->reached, "refused",
                      (json_int_t)refused, "lines", (json_int_t)emission->lines.reader.number,
                      "level", emit_level_name(emit_level(emission->values)), "complete",
                      emission->code == EXIT_DONE && !interrupt_pending());
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
        return;
    }
    if (emission->reached < emitted) {
        printf("%" PRIu64 " of %" PRIu64 " events %s; for the rest the outcome is unknown",
               emission->reached, emitted, reached_name(emission));
    } else {
        printf("%" PRIu64 " event%s emitted", emitted, emitted == 1 ? "" : "s");
    }
    if (refused > 0) {
        printf(", %" PRIu64 " line%s refused", refused, refused == 1 ? "" : "s");
    }
    if (interrupt_pending()) {
        printf(", interrupted at line %" PRIu64, emission->lines.reader.number);
    }
    putchar('\n');
}

int emit_from_file(const struct arguments *arguments)
{
    struct emission emission = {.arguments = arguments, .values = arguments->values};
    int interrupt_fd = interrupt_open();
    oyez_err err = event_lines_open(&emission.lines, emission.values->from, interrupt_fd);
    if (err != OYEZ_OK) {
        emission.code = command_fail(err);
        goto done;
    }
    err = open_client(&emission);
    if (err != OYEZ_OK) {
        emission.code = command_fail_at(arguments->endpoint, err);
        goto done;
    }
    emission.started_at = deadline_now();
    progress_open(emission.lines.file_size, "events");
    emit_lines(&emission);
    settle(&emission);
    progress_close();
    print_summary(&emission);
done:
    oyez_client_close(&emission.client);
    event_lines_close(&emission.lines);
    output_flush();
    interrupt_raise();
    return emission.code;
}

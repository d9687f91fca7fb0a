// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "deadline.h"
#include "interrupt.h"
#include "message.h"
#include "output.h"
#include "oyez/catalog.h"
#include "oyez/client.h"
#include "oyez/json.h"
#include "oyez/query.h"
#include "print_event.h"
#include "selection.h"
#include "tail_from.h"
#include "tail_last.h"
#include "terminal.h"
#include "time_argument.h"

#define TIMEOUT_MS_DEFAULT 5000u
#define TICK_MS 100u // how often an idle tail looks for signals and its reader
#define NOT_GIVEN (-1)

struct tail_values {
    struct text_list where;
    const char *from; // NULL = live
    uint64_t count;
    int64_t for_ms;
    uint32_t timeout_ms;
    bool only_recorded;
    bool json;
    bool ids;
};

struct tail {
    const struct arguments *arguments;
    const struct tail_values *values;
    struct terminal terminal;
    oyez_filter *filter;
    oyez_client *client;
    oyez_subscription *subscription;
    struct tail_from from;
    int64_t ends_at;
    int64_t looked_at;
    uint64_t shown;
};

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    (void)arg;
    message_notice(notice);
}

static int check_arguments(struct tail *tail)
{
    const struct tail_values *values = tail->values;
    int code = selection_check(tail->arguments, &values->where, &tail->filter);
    if (code == EXIT_DONE && values->from != NULL &&
        tail_from_read(&tail->from, values->from, time_argument_now()) != OYEZ_OK) {
        return command_usage_error(tail->arguments->command, "--from: %s", oyez_error_detail());
    }
    return code;
}

static void set_from(struct oyez_subscription_options *options, const struct tail_from *from)
{
    switch (from->kind) {
    case TAIL_FROM_LIVE:
        options->from = OYEZ_FROM_LIVE;
        break;
    case TAIL_FROM_FIRST:
        options->from = OYEZ_FROM_FIRST;
        break;
    case TAIL_FROM_LAST:
        options->from = OYEZ_FROM_LAST;
        options->from_count = from->count;
        break;
    case TAIL_FROM_CURSOR:
        // A tail shows the event at its cursor, a subscription those behind it.
        options->from = OYEZ_FROM_CURSOR;
        options->from_epoch = from->epoch;
        options->from_position = from->position > 0 ? from->position - 1 : 0;
        break;
    case TAIL_FROM_TIME:
        options->from = OYEZ_FROM_TIME;
        options->from_time = from->time;
        break;
    }
}

static oyez_err subscribe(struct tail *tail, int64_t deadline)
{
    const struct arguments *arguments = tail->arguments;
    const struct text_list *where = &tail->values->where;
    oyez_err err = OYEZ_OK;
    // The library counts events by their type alone.
    if (tail->from.kind == TAIL_FROM_LAST && where->count > 0) {
        struct oyez_query_options query = {.patterns = arguments->positional,
                                           .pattern_count = arguments->positional_count,
                                           .conditions = where->items,
                                           .condition_count = where->count};
        err = tail_last_find(&tail->from, tail->client, &query, tail->values->timeout_ms);
    }
    struct oyez_subscription_options options = {.patterns = arguments->positional,
                                                .pattern_count = arguments->positional_count,
                                                .only_recorded = tail->values->only_recorded};
    set_from(&options, &tail->from);
    uint32_t left = deadline_left(deadline);
    // 0 would mean not to wait at all.
    if (err == OYEZ_OK) {
        err = oyez_subscription_open(&tail->subscription, tail->client, &options,
                                     left > 0 ? left : 1);
    }
    return err;
}

// A place that is not there yet: what is stamped before it passes by unseen.
static void tell_of_the_wait(const struct tail *tail)
{
    const struct tail_from *from = &tail->from;
    char place[OYEZ_TIME_TEXT_SIZE] = "";
    if (from->kind != TAIL_FROM_CURSOR &&
        (from->kind != TAIL_FROM_TIME || from->time <= time_argument_now())) {
        return;
    }
    struct oyez_status *status = calloc(1, sizeof *status);
    if (status == NULL ||
        oyez_client_status(tail->client, status, tail->values->timeout_ms) != OYEZ_OK) {
        free(status);
        return;
    }
    if (from->kind == TAIL_FROM_TIME) {
        oyez_time_to_text(from->time, place);
    } else if (from->epoch > status->epoch ||
               (from->epoch == status->epoch && from->position > status->position + 1)) {
        snprintf(place, sizeof place, "%" PRIu64 ":%" PRIu64, from->epoch, from->position);
    }
    if (place[0] != '\0') {
        message_print("the record ends at %" PRIu64 ":%" PRIu64 "; nothing is shown before %s",
                      status->epoch, status->position, place);
    }
    free(status);
}

static int listen_to(struct tail *tail)
{
    const struct arguments *arguments = tail->arguments;
    int64_t deadline = deadline_now() + tail->values->timeout_ms;
    struct oyez_client_options options = {.endpoint = arguments->endpoint,
                                          .name = "oyez tail",
                                          .on_notice = take_notice,
                                          .on_notice_arg = tail};
    oyez_err err = oyez_client_open(&tail->client, &options, tail->values->timeout_ms);
    if (err == OYEZ_OK) {
        err = subscribe(tail, deadline);
    }
    if (err != OYEZ_OK) {
        return command_fail_at(tail->arguments->endpoint, err);
    }
    // Until here a signal ends the process as it ends any other; the client's threads take none.
    interrupt_open();
    message_line("listening on %s", arguments->endpoint);
    tell_of_the_wait(tail);
    return EXIT_DONE;
}

// Whoever reads our output has gone: the pipe says so even while nothing is
// written.
static bool reader_is_gone(void)
{
    struct pollfd entry = {.fd = STDOUT_FILENO};
    return poll(&entry, 1, 0) == 1 && (entry.revents & (POLLERR | POLLNVAL)) != 0;
}

static bool is_over(struct tail *tail)
{
    int64_t now = deadline_now();
    if (tail->ends_at != NOT_GIVEN && now >= tail->ends_at) {
        return true;
    }
    if (now - tail->looked_at < TICK_MS) {
        return false;
    }
    tail->looked_at = now;
    return interrupt_pending() || reader_is_gone();
}

// Shows one event. False when it was the last.
static bool show(struct tail *tail, const struct oyez_event *event)
{
    bool written = tail->values->json  ? print_event_json(stdout, &tail->terminal, event)
                   : tail->values->ids ? print_event_with_ids(stdout, &tail->terminal, event)
                                       : print_event(stdout, &tail->terminal, event);
    tail->shown++;
    return output_keep(written) && (tail->values->count == 0 || tail->shown < tail->values->count);
}

// Conditions on details need the catalog too.
static void learn(struct tail *tail, const struct oyez_event *event)
{
    if (oyez_event_lacks_catalog(event)) {
        (void)oyez_client_fetch_catalog(tail->client, event->event_type, event->schema_version,
                                        tail->values->timeout_ms);
    }
}

static bool is_wanted(const struct tail *tail, const struct oyez_event *event)
{
    return tail->filter == NULL || oyez_filter_matches(tail->filter, event);
}

static int follow(struct tail *tail)
{
    const struct oyez_event *event;
    uint32_t wait_ms = 0;
    for (;;) {
        oyez_err err = oyez_subscription_receive(tail->subscription, &event, wait_ms);
        if (err == OYEZ_OK) {
            wait_ms = 0;
            learn(tail, event);
            if ((is_wanted(tail, event) && !show(tail, event)) || is_over(tail)) {
                return EXIT_DONE;
            }
        } else if (err == OYEZ_ERR_TIMEOUT) {
            // Output is flushed when there is a pause, not after each event.
            output_flush();
            if (is_over(tail)) {
                return EXIT_DONE;
            }
            wait_ms = TICK_MS;
            if (tail->ends_at != NOT_GIVEN && deadline_left(tail->ends_at) < TICK_MS) {
                wait_ms = deadline_left(tail->ends_at);
            }
        } else {
            return command_fail_at(tail->arguments->endpoint, err);
        }
    }
}

static int run(const struct arguments *arguments)
{
    struct tail tail = {.arguments = arguments, .values = arguments->values, .ends_at = NOT_GIVEN};
    int code = check_arguments(&tail);
    if (code != EXIT_DONE) {
        goto done;
    }
    terminal_detect(&tail.terminal, STDOUT_FILENO);
    code = listen_to(&tail);
    if (code != EXIT_DONE) {
        goto done;
    }
    if (tail.values->for_ms != NOT_GIVEN) {
        tail.ends_at = deadline_now() + tail.values->for_ms;
    }
    code = follow(&tail);
done:
    oyez_subscription_close(&tail.subscription);
    oyez_client_close(&tail.client);
    oyez_filter_close(&tail.filter);
    return code;
}

static const struct tail_values defaults = {.for_ms = NOT_GIVEN, .timeout_ms = TIMEOUT_MS_DEFAULT};

static const char *const usage[] = {
    "[PATTERN]... [--where K=V]... [--from PLACE] [--only-recorded] [--count N] "
    "[--for SECONDS] [--json]",
    NULL};

static const struct command_option options[] = {
    {"--where", "K=V", "only events with this FIELD, tag.KEY or details.PATH; all must hold",
     OPTION_LIST, offsetof(struct tail_values, where)},
    {"--from", "PLACE", "live, first, last:N, EPOCH:POSITION or a TIME (default: live)",
     OPTION_TEXT, offsetof(struct tail_values, from)},
    {"--only-recorded", NULL, "show an event once it is recorded, and nothing else", OPTION_FLAG,
     offsetof(struct tail_values, only_recorded)},
    {"--count", "N", "end after so many events", OPTION_COUNT, offsetof(struct tail_values, count)},
    {"--for", "SECONDS", "end after so long", OPTION_SECONDS, offsetof(struct tail_values, for_ms)},
    {"--timeout", "MS", "how long to wait for the broker at first (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct tail_values, timeout_ms)},
    {"--json", NULL, "print whole events, one JSON object a line", OPTION_FLAG,
     offsetof(struct tail_values, json)},
    {"--ids", NULL, "show cursor and event id before each line", OPTION_FLAG,
     offsetof(struct tail_values, ids)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command tail_command = {
    .name = "tail",
    .summary = "show events as they happen",
    .usage = usage,
    .notes = "A PATTERN is a glob over the event type (plan.*, *.errored, "
             "GIT.*.CREATED), @domain,\n"
             "@catalog/domain or view:NAME (see oyez views); without one, everything. Once the "
             "broker has "
             "proved that it listens,\n"
             "\"listening on ENDPOINT\" stands on stderr: what is stamped from "
             "then on is shown.\n"
             "Restarts and disconnects are told on stderr. What is lost on the way is read from "
             "the record;\n"
             "what the record does not have either is told. With --from what is recorded\n"
             "comes first: all of it, the last N that match, or from the event "
             "at a cursor or a time on\n"
             "(RFC 3339, or so long ago: 90s, 15m, 2h, 3d); then it goes on "
             "live, without a gap.\n"
             "FIELD: the header fields of `oyez emit --help`, with underscores.",
    .options = options,
    .positional_max = OYEZ_PATTERNS_MAX,
    .takes_patterns = true,
    .values_size = sizeof(struct tail_values),
    .defaults = &defaults,
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "output.h"
#include "oyez/limits.h"
#include "print_event.h"
#include "print_explanation.h"
#include "print_invalid.h"
#include "record_source.h"
#include "selection.h"
#include "terminal.h"

struct query_values {
    struct text_list where;
    const char *since;
    const char *until;
    uint64_t limit;
    bool reverse;
    uint32_t timeout_ms;
    bool json;
    bool ids;
    bool invalid;
    bool explain;
    bool no_index;
    const char *directory;
};

static bool print_one(const struct terminal *terminal, const struct query_values *values,
                      const struct oyez_event *event)
{
    if (values->json) {
        return values->invalid ? print_invalid_json(stdout, terminal, event)
                               : print_event_json(stdout, terminal, event);
    }
    bool written = values->ids ? print_event_with_ids(stdout, terminal, event)
                               : print_event(stdout, terminal, event);
    return written && (!values->invalid || print_invalid(stdout, terminal, event));
}

static void explain(const oyez_query *query, const struct query_values *values)
{
    struct oyez_query_explanation explanation;
    if (query != NULL && oyez_query_explain(query, &explanation)) {
        fflush(stdout);
        print_explanation(stderr, &explanation, values->json);
    }
}

static int print_all(struct record_source *source, const struct oyez_query_options *options,
                     const struct query_values *values)
{
    struct terminal terminal;
    oyez_query *query = NULL;
    const struct oyez_event *event;
    terminal_detect(&terminal, STDOUT_FILENO);
    oyez_err err = record_source_query(source, &query, options);
    while (err == OYEZ_OK) {
        err = oyez_query_next(query, &event, source->timeout_ms);
        if (err == OYEZ_OK) {
            record_source_learn(source, event);
        }
        if (!output_keep(err != OYEZ_OK || print_one(&terminal, values, event))) {
            break;
        }
    }
    explain(query, values);
    oyez_query_close(&query);
    return err == OYEZ_OK || err == OYEZ_ERR_NOT_FOUND ? EXIT_DONE
                                                       : record_source_fail(source, err);
}

static int run(const struct arguments *arguments)
{
    const struct query_values *values = arguments->values;
    struct record_source source = {0};
    oyez_filter *filter;
    struct oyez_query_options options = {
        .patterns = arguments->positional,
        .pattern_count = arguments->positional_count,
        .conditions = values->where.items,
        .condition_count = values->where.count,
        .limit = values->limit,
        .reverse = values->reverse,
        .invalid = values->invalid,
        .explain = values->explain,
        .no_index = values->no_index,
    };
    int code = selection_check(arguments, &values->where, &filter);
    oyez_filter_close(&filter);
    if (code == EXIT_DONE) {
        code = selection_times(arguments, values->since, values->until, &options.since,
                               &options.until);
    }
    if (code == EXIT_DONE) {
        code = record_source_open(&source, arguments, values->directory, values->timeout_ms);
    }
    if (code == EXIT_DONE) {
        code = print_all(&source, &options, values);
    }
    record_source_close(&source);
    return code;
}

static const struct query_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"[PATTERN]... [--where K=V]... [--since T] [--until T] "
                                    "[--limit N] [--reverse] [--invalid] [--explain] [--json] "
                                    "[--dir DIR]",
                                    NULL};

static const struct command_option options[] = {
    {"--where", "K=V", "only events with this FIELD, tag.KEY or details.PATH; all must hold",
     OPTION_LIST, offsetof(struct query_values, where)},
    {"--since", "TIME", "only events stamped at this time or later", OPTION_TEXT,
     offsetof(struct query_values, since)},
    {"--until", "TIME", "only events stamped before this time", OPTION_TEXT,
     offsetof(struct query_values, until)},
    {"--limit", "N", "end after so many events", OPTION_COUNT,
     offsetof(struct query_values, limit)},
    {"--reverse", NULL, "newest first", OPTION_FLAG, offsetof(struct query_values, reverse)},
    {"--json", NULL, "print whole events, one JSON object a line", OPTION_FLAG,
     offsetof(struct query_values, json)},
    {"--ids", NULL, "show cursor and event id before each line", OPTION_FLAG,
     offsetof(struct query_values, ids)},
    {"--invalid", NULL, "only events that break a rule of their catalog, and which rule",
     OPTION_FLAG, offsetof(struct query_values, invalid)},
    {"--explain", NULL, "then say on stderr what it took: segments, indexes, records", OPTION_FLAG,
     offsetof(struct query_values, explain)},
    {"--no-index", NULL, "look at every record, as if there were no index: to compare", OPTION_FLAG,
     offsetof(struct query_values, no_index)},
    {"--dir", "DIR", "read this journal instead of asking the server", OPTION_TEXT,
     offsetof(struct query_values, directory)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct query_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command query_command = {
    .name = "query",
    .summary = "show recorded events",
    .usage = usage,
    .notes =
        "A PATTERN is a glob over the event type (plan.*, *.errored, GIT.*.CREATED), @domain,\n"
        "@catalog/domain or view:NAME (see oyez views); without one, everything. TIME is the\n"
        "broker's, RFC 3339 or so long ago: 90s, 15m, 2h, 3d. No event is no failure. Events that "
        "were erased are not shown.\n"
        "FIELD: the header fields of `oyez emit --help`, with underscores.",
    .options = options,
    .positional_max = OYEZ_PATTERNS_MAX,
    .takes_patterns = true,
    .values_size = sizeof(struct query_values),
    .defaults = &defaults,
    .run = run,
};

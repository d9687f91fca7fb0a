// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "line.h"
#include "oyez/limits.h"
#include "print_explanation.h"
#include "record_source.h"
#include "selection.h"
#include "terminal.h"

#define COUNT_COLUMNS 12
#define BAR_COLUMNS 24u
#define BAR_PART "\xe2\x96\xa0" // a filled square
#define STYLE_CYAN "36"

struct stats_values {
    int by; // enum oyez_stats_by
    const char *since;
    const char *until;
    bool explain;
    bool no_index;
    bool json;
    uint32_t timeout_ms;
    const char *directory;
};

static void print_json(const struct oyez_stats_group *groups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *object =
            json_pack("{s:s, s:I}", "key", groups[i].key, "count", (json_int_t)groups[i].count);
        // A key of a peer may be no UTF-8; then it has no JSON form.
        if (object == NULL) {
            object = json_pack("{s:n, s:I}", "key", "count", (json_int_t)groups[i].count);
        }
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
    }
}

static void print_row(const struct terminal *terminal, const struct oyez_stats_group *group,
                      uint64_t most)
{
    char number[32];
    struct line line;
    unsigned bar = (unsigned)((double)group->count / (double)most * BAR_COLUMNS + 0.5);
    line_open(&line, LINE_COLUMNS_MAX, terminal->colour);
    int size = snprintf(number, sizeof number, "%*" PRIu64 "  ", COUNT_COLUMNS, group->count);
    line_put(&line, number, (size_t)size);
    if (terminal->is_tty) {
        line_style(&line, STYLE_CYAN);
        for (unsigned i = 0; i < bar; i++) {
            line_text(&line, BAR_PART);
        }
        line_style(&line, NULL);
        line_pad(&line, COUNT_COLUMNS + 2 + BAR_COLUMNS + 2);
    }
    line_text(&line, group->key[0] != '\0' ? group->key : "(none)");
    line_close(&line);
    printf("%.*s\n", (int)line.size, line.bytes);
}

static void print_table(const struct oyez_stats_group *groups, size_t count)
{
    struct terminal terminal;
    uint64_t most = 1;
    uint64_t sum = 0;
    terminal_detect(&terminal, STDOUT_FILENO);
    for (size_t i = 0; i < count; i++) {
        most = groups[i].count > most ? groups[i].count : most;
        sum += groups[i].count;
    }
    for (size_t i = 0; i < count; i++) {
        print_row(&terminal, &groups[i], most);
    }
    printf("%*" PRIu64 "  in all\n", COUNT_COLUMNS, sum);
}

// Hours are read as a course of time, so their order is not that of their counts.
static int compare_keys(const void *a, const void *b)
{
    const struct oyez_stats_group *one = a;
    const struct oyez_stats_group *other = b;
    return strcmp(one->key, other->key);
}

static void print_groups(const struct stats_values *values, struct oyez_stats_group *groups,
                         size_t count)
{
    if (values->by == OYEZ_STATS_BY_HOUR && count > 0) {
        qsort(groups, count, sizeof *groups, compare_keys);
    }
    if (values->json) {
        print_json(groups, count);
    } else {
        print_table(groups, count);
    }
}

static int count(struct record_source *source, const struct stats_values *values,
                 const struct oyez_stats_options *options)
{
    struct oyez_stats_group *groups = NULL;
    size_t group_count = 0;
    oyez_err err = record_source_stats(source, options, &groups, &group_count);
    if (err != OYEZ_OK) {
        return record_source_fail(source, err);
    }
    print_groups(values, groups, group_count);
    if (options->explanation != NULL) {
        fflush(stdout);
        print_explanation(stderr, options->explanation, values->json);
    }
    free(groups);
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    const struct stats_values *values = arguments->values;
    const struct text_list nowhere = {NULL, 0};
    struct record_source source = {0};
    struct oyez_query_explanation explanation;
    oyez_filter *filter;
    struct oyez_stats_options options = {
        .by = (enum oyez_stats_by)values->by,
        .patterns = arguments->positional,
        .pattern_count = arguments->positional_count,
        .no_index = values->no_index,
        .explanation = values->explain ? &explanation : NULL,
    };
    int code = selection_check(arguments, &nowhere, &filter);
    if (code == EXIT_DONE) {
        code = selection_times(arguments, values->since, values->until, &options.since,
                               &options.until);
    }
    if (code == EXIT_DONE) {
        code = record_source_open(&source, arguments, values->directory, values->timeout_ms);
    }
    if (code == EXIT_DONE) {
        code = count(&source, values, &options);
    }
    record_source_close(&source);
    return code;
}

static const struct stats_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"[PATTERN]... [--by type|domain|catalog|actor|hour] "
                                    "[--since T] [--until T] [--explain] [--json] [--dir DIR]",
                                    NULL};

// In the order of enum oyez_stats_by.
static const struct command_option options[] = {
    {"--by", "type|domain|catalog|actor|hour", "what to count by (default: type)", OPTION_CHOICE,
     offsetof(struct stats_values, by)},
    {"--since", "TIME", "only events stamped at this time or later", OPTION_TEXT,
     offsetof(struct stats_values, since)},
    {"--until", "TIME", "only events stamped before this time", OPTION_TEXT,
     offsetof(struct stats_values, until)},
    {"--explain", NULL, "then say on stderr what it took: segments, indexes, records", OPTION_FLAG,
     offsetof(struct stats_values, explain)},
    {"--no-index", NULL, "look at every record, as if there were no index: to compare", OPTION_FLAG,
     offsetof(struct stats_values, no_index)},
    {"--json", NULL, "one JSON object a line: key, count", OPTION_FLAG,
     offsetof(struct stats_values, json)},
    {"--dir", "DIR", "read this journal instead of asking the server", OPTION_TEXT,
     offsetof(struct stats_values, directory)},
    {"--timeout", "MS", "how long to wait for each part of the answer (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct stats_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command stats_command = {
    .name = "stats",
    .summary = "count recorded events",
    .usage = usage,
    .notes = "A PATTERN is that of `oyez query`; without one, everything. The largest group comes\n"
             "first; hours in their order, of broker time in UTC. Events that lack what they are\n"
             "counted by stand under \"(none)\", in JSON under an empty key.",
    .options = options,
    .positional_max = OYEZ_PATTERNS_MAX,
    .takes_patterns = true,
    .values_size = sizeof(struct stats_values),
    .defaults = &defaults,
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export.h"
#include "interrupt.h"
#include "message.h"
#include "progress.h"
#include "record_source.h"
#include "selection.h"
#include "terminal.h"

#define REASON_SIZE 512u
#define UNTOLD_AFTER 20u // events that were left out, told one by one

struct exporting {
    struct record_source source;
    struct oyez_query_options options;
    export_sink *sink;
    void *arg;
    uint64_t count;
    uint64_t left_out;
    char unreadable[REASON_SIZE]; // why the last answer gave no event
};

// How many events there will be, where indexes can say it and somebody looks. 0 = not known.
static uint64_t find_total(struct exporting *exporting)
{
    const struct oyez_query_options *asked = &exporting->options;
    struct oyez_stats_options options = {.by = OYEZ_STATS_BY_DOMAIN,
                                         .patterns = asked->patterns,
                                         .pattern_count = asked->pattern_count,
                                         .since = asked->since,
                                         .until = asked->until};
    struct oyez_stats_group *groups = NULL;
    size_t count = 0;
    uint64_t total = 0;
    if (asked->condition_count > 0 || isatty(STDERR_FILENO) != 1 ||
        record_source_stats(&exporting->source, &options, &groups, &count) != OYEZ_OK) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        total += groups[i].count;
    }
    free(groups);
    return total;
}

static void leave_out(struct exporting *exporting, const char *type, const char *reason)
{
    exporting->left_out++;
    if (exporting->left_out <= UNTOLD_AFTER) {
        message_print("%s%s%s", type, type[0] != '\0' ? ": " : "", reason);
    }
}

static oyez_err put(struct exporting *exporting, const struct oyez_event *event)
{
    char what[OYEZ_EVENT_TYPE_SIZE_MAX + 32];
    record_source_learn(&exporting->source, event);
    oyez_err err = exporting->sink(exporting->arg, event);
    if (err == OYEZ_ERR_MALFORMED) {
        snprintf(what, sizeof what, "%" PRIu64 ":%" PRIu64 " %s", event->stamp.epoch,
                 event->stamp.position, event->event_type != NULL ? event->event_type : "");
        leave_out(exporting, what, command_reason(err));
        return OYEZ_OK;
    }
    if (err == OYEZ_OK) {
        exporting->count++;
        progress_set(exporting->count, exporting->count);
    }
    return err;
}

// An event that cannot be read is passed over. The same words once more are no other event, but an
// answer that cannot be read.
static bool passes_over(struct exporting *exporting, oyez_err err)
{
    if (err != OYEZ_ERR_MALFORMED || strcmp(exporting->unreadable, command_reason(err)) == 0) {
        return false;
    }
    snprintf(exporting->unreadable, sizeof exporting->unreadable, "%s", command_reason(err));
    leave_out(exporting, "", exporting->unreadable);
    return true;
}

static int put_all(struct exporting *exporting)
{
    struct record_source *source = &exporting->source;
    const struct oyez_event *event;
    oyez_query *query = NULL;
    bool is_sink = false;
    oyez_err err = record_source_query(source, &query, &exporting->options);
    while (err == OYEZ_OK && !interrupt_pending()) {
        err = oyez_query_next(query, &event, source->timeout_ms);
        if (err == OYEZ_OK) {
            err = put(exporting, event);
            is_sink = err != OYEZ_OK;
        } else if (passes_over(exporting, err)) {
            err = OYEZ_OK;
        }
    }
    oyez_query_close(&query);
    if (err == OYEZ_OK || err == OYEZ_ERR_NOT_FOUND || (is_sink && err == OYEZ_ERR_CLOSED)) {
        return EXIT_DONE;
    }
    progress_close();
    return is_sink ? command_fail(err) : record_source_fail(source, err);
}

static int tell_left_out(const struct exporting *exporting)
{
    if (exporting->left_out == 0) {
        return EXIT_DONE;
    }
    message_print("%" PRIu64 " event%s left out, because there is no such form of %s",
                  exporting->left_out, exporting->left_out == 1 ? " is" : "s are",
                  exporting->left_out == 1 ? "it" : "them");
    return EXIT_CHECK_FAILED;
}

int export_events(const struct arguments *arguments, size_t pattern_count, export_sink *sink,
                  void *arg, uint64_t *count)
{
    const struct export_values *values = arguments->values;
    struct exporting exporting = {
        .options = {.patterns = arguments->positional,
                    .pattern_count = pattern_count,
                    .conditions = values->where.items,
                    .condition_count = values->where.count},
        .sink = sink,
        .arg = arg,
    };
    struct arguments selected = *arguments;
    oyez_filter *filter;
    selected.positional_count = pattern_count;
    int code = selection_check(&selected, &values->where, &filter);
    oyez_filter_close(&filter);
    if (code == EXIT_DONE) {
        code = selection_times(arguments, values->since, values->until, &exporting.options.since,
                               &exporting.options.until);
    }
    if (code == EXIT_DONE) {
        code =
            record_source_open(&exporting.source, arguments, values->directory, values->timeout_ms);
    }
    if (code == EXIT_DONE) {
        // Beside lines on the same terminal a bar would stand in the way.
        bool has_bar = values->format == EXPORT_SQLITE || isatty(STDOUT_FILENO) != 1;
        if (has_bar) {
            progress_open(find_total(&exporting), "events");
        }
        code = put_all(&exporting);
        progress_close();
    }
    record_source_close(&exporting.source);
    *count = exporting.count;
    return code == EXIT_DONE ? tell_left_out(&exporting) : code;
}

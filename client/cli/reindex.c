// SPDX-License-Identifier: MIT
#include "oyez/reindex.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "command.h"
#include "data_directory.h"
#include "interrupt.h"
#include "message.h"
#include "progress.h"

struct reindex_values {
    const char *directory;
    bool all;
    bool check;
    bool json;
};

struct reindexing {
    bool has_bar;
    bool stopped;
};

static void take_notice(void *arg, const char *text)
{
    (void)arg;
    message_print("%s", text);
}

static bool take_progress(void *arg, uint64_t done, uint64_t of)
{
    struct reindexing *reindexing = arg;
    if (!reindexing->has_bar) {
        progress_open(of, "segments");
        reindexing->has_bar = true;
    }
    progress_set(done, done);
    reindexing->stopped = interrupt_pending();
    return !reindexing->stopped;
}

static void print_json(const struct oyez_reindex_report *report)
{
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "segments",
                  (json_int_t)report->segments, "good", (json_int_t)report->good, "missing",
                  (json_int_t)report->missing, "bad", (json_int_t)report->bad, "written",
                  (json_int_t)report->written, "unwritten", (json_int_t)report->unwritten,
                  "records", (json_int_t)report->records, "bytes", (json_int_t)report->bytes);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const struct oyez_reindex_report *report)
{
    printf("%" PRIu64 " sealed segments: %" PRIu64 " indexes were good, %" PRIu64
           " missing, %" PRIu64 " bad\n",
           report->segments, report->good, report->missing, report->bad);
    if (report->written > 0) {
        printf("made %" PRIu64 " from %" PRIu64 " records: %" PRIu64 " bytes\n", report->written,
               report->records, report->bytes);
    }
    if (report->unwritten > 0) {
        printf("%" PRIu64 " could not be made: their segments are read record by record\n",
               report->unwritten);
    }
}

static int run(const struct arguments *arguments)
{
    const struct reindex_values *values = arguments->values;
    const char *directory = data_directory(values->directory);
    struct reindexing reindexing = {0};
    struct oyez_reindex_report report;
    const struct oyez_reindex_options options = {.all = values->all,
                                                 .check = values->check,
                                                 .notice = take_notice,
                                                 .progress = take_progress,
                                                 .arg = &reindexing};
    (void)interrupt_open();
    oyez_err err = oyez_reindex(directory, &options, &report);
    if (reindexing.has_bar) {
        progress_close();
    }
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    if (values->json) {
        print_json(&report);
    } else {
        print_text(&report);
    }
    if (reindexing.stopped) {
        interrupt_raise();
    }
    return report.unwritten > 0 ? EXIT_CHECK_FAILED : EXIT_DONE;
}

static const char *const usage[] = {"[--dir DIR] [--all] [--check] [--json]", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct reindex_values, directory)},
    {"--all", NULL, "make all indexes anew, good ones too", OPTION_FLAG,
     offsetof(struct reindex_values, all)},
    {"--check", NULL, "read every index wholly, not only whose it is", OPTION_FLAG,
     offsetof(struct reindex_values, check)},
    {"--json", NULL, "print the report as one JSON object", OPTION_FLAG,
     offsetof(struct reindex_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command reindex_command = {
    .name = "reindex",
    .summary = "make missing or bad indexes of a journal",
    .usage = usage,
    .notes =
        "Indexes are no part of the record: each is made from its segment alone, and a query that\n"
        "meets a missing or bad one makes it too. This does it beforehand. May be run while a\n"
        "server writes the directory. Ends with 1 where one cannot be made because its segment is\n"
        "damaged or too large: then queries read that segment.",
    .options = options,
    .values_size = sizeof(struct reindex_values),
    .run = run,
};

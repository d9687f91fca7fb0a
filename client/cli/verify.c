// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "data_directory.h"
#include "line.h"
#include "message.h"
#include "output.h"
#include "oyez/journal.h"
#include "progress.h"

#define MEBIBYTE (1024u * 1024u)

struct verification {
    bool has_bar;
};

static void take_problem(void *arg, const struct oyez_journal_problem *problem)
{
    (void)arg;
    struct line line;
    flockfile(stderr);
    progress_hide();
    fflush(stderr);
    funlockfile(stderr);
    line_open(&line, LINE_COLUMNS_MAX, false);
    line_text(&line, problem->file);
    line_close(&line);
    printf("%.*s: offset %" PRIu64 ", record %" PRIu64 ": %s\n", (int)line.size, line.bytes,
           problem->offset, problem->index, problem->what);
    output_flush();
}

static void take_progress(void *arg, uint64_t done, uint64_t all)
{
    struct verification *verification = arg;
    if (!verification->has_bar) {
        progress_open(all, "MiB");
        verification->has_bar = true;
    }
    progress_set(done, done / MEBIBYTE);
}

static void print_count(const char *name, uint64_t count)
{
    if (count > 0) {
        printf(", %" PRIu64 " %s%s", count, name, count == 1 ? "" : "s");
    }
}

static void print_verdict(const char *directory, const struct oyez_journal_verdict *verdict)
{
    printf("%s: ", directory);
    if (verdict->problems == 0) {
        printf("good");
    } else {
        printf("%" PRIu64 " problem%s", verdict->problems, verdict->problems == 1 ? "" : "s");
    }
    printf(": %" PRIu64 " event%s", verdict->events, verdict->events == 1 ? "" : "s");
    print_count("repeat", verdict->repeats);
    print_count("gap", verdict->gaps);
    print_count("missing position", verdict->missing);
    print_count("ended epoch", verdict->epoch_ends);
    print_count("act of the journal", verdict->acts);
    print_count("erased event", verdict->erased);
    print_count("event in conflict", verdict->conflicts);
    print_count("invalid event", verdict->invalid);
    printf("; %" PRIu64 " record%s, %" PRIu64 " segment%s, %" PRIu64 " bytes\n", verdict->records,
           verdict->records == 1 ? "" : "s", verdict->segments, verdict->segments == 1 ? "" : "s",
           verdict->bytes);
}

static void tell_how_it_ends(const char *directory, const struct oyez_journal_verdict *verdict)
{
    if (verdict->clean) {
        return;
    }
    if (data_directory_is_written(directory)) {
        message_print("being written; verified up to a commit");
        return;
    }
    message_print("not closed cleanly: %" PRIu64 " bytes and %" PRIu64
                  " whole uncommitted events follow the last commit%s%s",
                  verdict->torn_bytes, verdict->torn_records,
                  verdict->torn_file[0] != '\0' ? " in " : "", verdict->torn_file);
}

static int run(const struct arguments *arguments)
{
    struct verification verification = {0};
    struct oyez_journal_verify_options options = {
        .problem = take_problem, .progress = take_progress, .arg = &verification};
    struct oyez_journal_verdict verdict;
    const char *directory =
        data_directory(arguments->positional_count > 0 ? arguments->positional[0] : NULL);
    oyez_err err = oyez_journal_verify(directory, &options, &verdict);
    if (verification.has_bar) {
        progress_close();
    }
    if (err == OYEZ_ERR_NO_JOURNAL && arguments->positional_count == 0) {
        message_print("%s (name another DIR, or set OYEZ_DATA)", command_reason(err));
        return command_exit_code(err);
    }
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    print_verdict(directory, &verdict);
    tell_how_it_ends(directory, &verdict);
    return verdict.problems == 0 ? EXIT_DONE : EXIT_CHECK_FAILED;
}

static const char *const usage[] = {"[DIR]", NULL};

const struct command verify_command = {
    .name = "verify",
    .summary = "judge a journal: frames, checksums, order, commitments",
    .usage = usage,
    .notes =
        "DIR is OYEZ_DATA or ./oyez-data if it is not given. May be run while a server writes\n"
        "it. Ends with 0 if all is as it should be, with 1 if not: each problem is named by\n"
        "file, offset and record. What a crash left behind the last commit was never\n"
        "acknowledged: it is told, and is no problem. Changes nothing.",
    .positional_max = 1,
    .run = run,
};

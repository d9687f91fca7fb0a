// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "data_directory.h"
#include "inert.h"
#include "message.h"
#include "output.h"
#include "oyez/journal.h"
#include "oyez/key.h"
#include "oyez/repair.h"
#include "progress.h"

#define MEBIBYTE (1024u * 1024u)

struct repair_values {
    const char *directory;
    const char *key;
    bool cut_tail;
    bool rebuild_hashes;
    bool rebuild_checkpoints;
    const char *loss; // text of an index
};

struct diagnosis {
    bool has_bar;
    uint64_t first_problem; // index of the lowest record concerned
    uint64_t first_hash;    // alike, of hash files alone
    uint64_t history;       // problems of the history of checkpoints itself
    struct oyez_journal_verdict verdict;
};

static void take_problem(void *arg, const struct oyez_journal_problem *problem)
{
    struct diagnosis *diagnosis = arg;
    if (problem->history) {
        diagnosis->history++;
    } else if (!problem->derived) {
        bool hash = strncmp(problem->file, "hash.", strlen("hash.")) == 0;
        uint64_t *first = hash ? &diagnosis->first_hash : &diagnosis->first_problem;
        *first = problem->index < *first ? problem->index : *first;
    }
    inert_write(stdout, problem->file, strlen(problem->file));
    printf(": offset %" PRIu64 ", record %" PRIu64 ": %s", problem->offset, problem->index,
           problem->derived ? "notice: " : "");
    inert_write(stdout, problem->what, strlen(problem->what));
    putchar('\n');
}

static void take_progress(void *arg, uint64_t done, uint64_t all)
{
    struct diagnosis *diagnosis = arg;
    if (!diagnosis->has_bar) {
        progress_open(all, "MiB");
        diagnosis->has_bar = true;
    }
    progress_set(done, done / MEBIBYTE);
}

static void tell_moved(void *arg, const char *from, const char *to)
{
    (void)arg;
    printf("moved aside: ");
    inert_write(stdout, from, strlen(from));
    printf(" -> ");
    inert_write(stdout, to, strlen(to));
    putchar('\n');
}

static void suggest_hashes(const struct oyez_journal_verdict *verdict)
{
    if (verdict->expired == 0) {
        puts("can be done: --rebuild-hashes makes the hash files anew from the records; nothing of "
             "the record\n    is in them");
        return;
    }
    printf("can be done: --rebuild-hashes makes the hash files anew from the records; those of the "
           "%" PRIu64 " records\n    that have expired from hash.L0, where it still leads to the "
           "root of the newest checkpoint\n",
           verdict->expired);
}

static void suggest_loss(const struct diagnosis *diagnosis)
{
    uint64_t first = diagnosis->first_problem;
    puts("first of all: put the damaged files back from a copy or a mirror; nothing else brings "
         "records back");
    if (diagnosis->first_hash >= diagnosis->verdict.expired && diagnosis->first_hash < first) {
        first = diagnosis->first_hash;
    }
    if (first == UINT64_MAX) {
        return;
    }
    printf("can be done: --accept-loss-after %" PRIu64 " keeps the records below %" PRIu64
           " and GIVES UP ALL OTHERS, good\n    ones too; they stay beside the journal as "
           "files that end in .damaged\n",
           first, first);
}

static void suggest(const char *directory, const struct diagnosis *diagnosis)
{
    const struct oyez_journal_verdict *verdict = &diagnosis->verdict;
    if (verdict->torn_bytes > 0) {
        printf("can be done: --cut-tail cuts %" PRIu64 " bytes behind the last commit of %s, with "
               "%" PRIu64 " events\n    that nobody was told were recorded; the next start of a "
               "recorder does the same\n",
               verdict->torn_bytes, verdict->torn_file, verdict->torn_records);
    }
    if (verdict->derived > 0 || diagnosis->first_hash < verdict->expired) {
        suggest_hashes(verdict);
    }
    if (diagnosis->history > 0) {
        puts("first of all: put the file `checkpoints` back from a copy; nothing else brings lost "
             "checkpoints back\n"
             "can be done: --rebuild-checkpoints makes the history anew from those that can be "
             "read, and the newest;\n    the old file stays beside the journal");
    }
    if (verdict->problems > diagnosis->history) {
        suggest_loss(diagnosis);
    }
    if (verdict->problems == 0 && verdict->derived == 0 && verdict->torn_bytes == 0) {
        inert_write(stdout, directory, strlen(directory));
        puts(": nothing to repair");
    }
}

static int diagnose(const char *directory)
{
    struct diagnosis diagnosis = {.first_problem = UINT64_MAX, .first_hash = UINT64_MAX};
    const struct oyez_journal_verify_options options = {
        .problem = take_problem, .progress = take_progress, .arg = &diagnosis};
    oyez_err err = oyez_journal_verify(directory, &options, &diagnosis.verdict);
    if (diagnosis.has_bar) {
        progress_close();
    }
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    suggest(directory, &diagnosis);
    return diagnosis.verdict.problems == 0 ? EXIT_DONE : EXIT_CHECK_FAILED;
}

static int cut_tail(const char *directory, const char *key)
{
    struct oyez_journal_report report;
    oyez_err err = oyez_repair_open_once(directory, key, &report);
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    printf("cut %" PRIu64 " bytes and %" PRIu64 " uncommitted events; closed cleanly with %" PRIu64
           " records\n",
           report.torn_bytes, report.torn_records, report.records);
    return EXIT_DONE;
}

static int rebuild_hashes(const char *directory, const char *key)
{
    struct oyez_journal_report report;
    oyez_err err = oyez_repair_rebuild_hashes(directory, key, tell_moved, NULL, &report);
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    printf("hashed %" PRIu64 " records; the hash files are new\n", report.hashed);
    return EXIT_DONE;
}

static int rebuild_checkpoints(const char *directory)
{
    uint64_t kept = 0;
    oyez_err err = oyez_repair_rebuild_checkpoints(directory, tell_moved, NULL, &kept);
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    printf("%" PRIu64 " checkpoints are in the new history; what is not among them is lost\n",
           kept);
    return EXIT_DONE;
}

static int accept_loss(const char *directory, const char *key, uint64_t index)
{
    struct oyez_repair_loss loss;
    oyez_err err = oyez_repair_accept_loss(directory, key, index, tell_moved, NULL, &loss);
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    printf("LOST: every record from %" PRIu64 " on; %" PRIu64 " are kept\n", loss.kept, loss.kept);
    if (loss.contradicts) {
        printf("A checkpoint vouched for %" PRIu64 " records. Whoever holds one sees that this "
               "journal was cut, and is\nright. It ends here: its key is moved aside, and the next "
               "start makes another key, under\nanother name. Do not give it the old one: two "
               "stories under one name are what a forger tells.\n",
               loss.covered);
    }
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    const struct repair_values *values = arguments->values;
    if (values->directory != NULL && arguments->positional_count > 0) {
        return command_usage_error(arguments->command, "either DIR or --dir DIR");
    }
    const char *directory = data_directory(
        arguments->positional_count > 0 ? arguments->positional[0] : values->directory);
    char beside[OYEZ_JOURNAL_PATH_SIZE];
    const char *key = values->key != NULL ? values->key : beside;
    char *end = NULL;
    oyez_err err = oyez_key_default_path(beside, directory);
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    if (values->cut_tail + values->rebuild_hashes + values->rebuild_checkpoints +
            (values->loss != NULL) >
        1) {
        return command_usage_error(arguments->command, "one thing at a time");
    }
    if (values->cut_tail) {
        return cut_tail(directory, key);
    }
    if (values->rebuild_hashes) {
        return rebuild_hashes(directory, key);
    }
    if (values->rebuild_checkpoints) {
        return rebuild_checkpoints(directory);
    }
    if (values->loss == NULL) {
        return diagnose(directory);
    }
    errno = 0;
    uint64_t index = strtoull(values->loss, &end, 10);
    if (values->loss[0] < '0' || values->loss[0] > '9' || *end != '\0' || errno != 0) {
        return command_usage_error(arguments->command, "--accept-loss-after: '%s' is no index",
                                   values->loss);
    }
    return accept_loss(directory, key, index);
}

static const char *const usage[] = {
    "[DIR]", "[DIR] --cut-tail|--rebuild-hashes|--accept-loss-after INDEX [--key FILE]",
    "[DIR] --rebuild-checkpoints", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "the same as DIR (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct repair_values, directory)},
    {"--cut-tail", NULL, "cut what a crash left behind the last commit", OPTION_FLAG,
     offsetof(struct repair_values, cut_tail)},
    {"--rebuild-hashes", NULL, "make the hash files anew from the records", OPTION_FLAG,
     offsetof(struct repair_values, rebuild_hashes)},
    {"--rebuild-checkpoints", NULL, "make the history of checkpoints anew from what is left of it",
     OPTION_FLAG, offsetof(struct repair_values, rebuild_checkpoints)},
    {"--accept-loss-after", "INDEX", "keep the records below INDEX and give up all others",
     OPTION_TEXT, offsetof(struct repair_values, loss)},
    {"--key", "FILE", "the signing key (default: DIR.key, beside the directory)", OPTION_TEXT,
     offsetof(struct repair_values, key)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command repair_command = {
    .name = "repair",
    .summary = "say what can be done about a damaged journal, and do it",
    .usage = usage,
    .notes =
        "Without an option it says what is wrong and what can be done, and changes nothing: 0\n"
        "if nothing of the record is damaged, else 1. Nothing is ever deleted: what is taken\n"
        "out of the record stays beside it, under a name that ends in .damaged. Not while a\n"
        "server writes DIR.",
    .options = options,
    .positional_max = 1,
    .values_size = sizeof(struct repair_values),
    .run = run,
};

// SPDX-License-Identifier: MIT
#include "oyez/backup.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "data_directory.h"
#include "inert.h"
#include "message.h"
#include "progress.h"
#include "root_text.h"
#include "verify_telling.h"
#include "verify_verdict.h"

#define MEBIBYTE (1024u * 1024u)

struct backup_values {
    const char *directory;
    const char *key;
    bool verify;
    bool json;
};

static void take_progress(void *arg, uint64_t done, uint64_t all)
{
    bool *has_bar = arg;
    if (!*has_bar) {
        progress_open(all, "MiB copied and read again");
        *has_bar = true;
    }
    progress_set(done, done / MEBIBYTE);
}

static void print_json(const char *to, const struct oyez_backup_report *report, const char *root)
{
    json_t *object =
        json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "backup", to, "records",
                  (json_int_t)report->records, "root", root, "origin", report->origin, "before",
                  (json_int_t)report->before, "newer", (json_int_t)report->newer, "segments",
                  (json_int_t)report->segments, "copied", (json_int_t)report->copied, "bytes",
                  (json_int_t)report->bytes, "completed", report->completed ? 1 : 0);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const char *to, const struct oyez_backup_report *report, const char *root)
{
    inert_write(stdout, to, strlen(to));
    printf(": %" PRIu64 " records, root %s; %" PRIu64 " of %" PRIu64 " segments copied, %" PRIu64
           " bytes in all\n",
           report->records, root, report->copied, report->segments, report->bytes);
}

static void tell(const char *directory, const struct oyez_backup_report *report)
{
    if (report->completed) {
        message_print("the backup before this one was interrupted at its end, and is complete now");
    }
    if (report->newer > 0) {
        message_print("%" PRIu64 " newer records are not covered by a checkpoint yet: the next "
                      "backup has them",
                      report->newer);
    }
    message_print("the signing key (%s.key, or where --key said) is in no backup: keep a copy of "
                  "it elsewhere",
                  directory);
}

static int verify(const char *to, const char *directory, const struct backup_values *values)
{
    struct verify_telling telling = {.json = values->json};
    struct oyez_journal_verdict verdict;
    struct verifying_key key;
    int code = verifying_key_read(&key, values->key, directory);
    if (code != EXIT_DONE) {
        return code;
    }
    const struct oyez_journal_verify_options options = verify_telling_options(&telling, &key);
    oyez_err err = oyez_journal_verify(to, &options, &verdict);
    verify_telling_end(&telling);
    if (err != OYEZ_OK) {
        return command_fail_at(to, err);
    }
    if (values->json) {
        verdict_print_json(to, &verdict, &key);
    } else {
        verdict_print(to, &verdict, &key);
    }
    return verdict.problems == 0 ? EXIT_DONE : EXIT_CHECK_FAILED;
}

static int run(const struct arguments *arguments)
{
    const struct backup_values *values = arguments->values;
    const char *directory = data_directory(values->directory);
    const char *to = arguments->positional[0];
    char root[ROOT_TEXT_SIZE];
    bool has_bar = false;
    const struct oyez_backup_options options = {.progress = take_progress, .arg = &has_bar};
    struct oyez_backup_report report;
    oyez_err err = oyez_backup_make(directory, to, &options, &report);
    if (has_bar) {
        progress_close();
    }
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    root_text(root, report.root);
    if (values->json) {
        print_json(to, &report, root);
    } else {
        print_text(to, &report, root);
    }
    tell(directory, &report);
    return values->verify ? verify(to, directory, values) : EXIT_DONE;
}

static const char *const usage[] = {"TO [--dir DIR] [--verify [--key VKEY|FILE]] [--json]", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct backup_values, directory)},
    {"--verify", NULL, "verify the whole backup afterwards, not only what is new", OPTION_FLAG,
     offsetof(struct backup_values, verify)},
    {"--key", "VKEY", "for --verify: the verifier key, or a file with it (default: beside DIR)",
     OPTION_TEXT, offsetof(struct backup_values, key)},
    {"--json", NULL, "one JSON object; with --verify also each problem, and the verdict",
     OPTION_FLAG, offsetof(struct backup_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command backup_command = {
    .name = "backup",
    .summary = "copy a journal, also one that is being written",
    .usage = usage,
    .notes =
        "TO is a directory of its own. The first time everything is copied, later what is new\n"
        "or has changed: an erasure, an archiving and an expiry reach the backup with the next\n"
        "one. The copy is a journal closed at a checkpoint, and is held against that before it\n"
        "counts; until then TO is what it was. The key that signs is not in it. Archives of TO\n"
        "by other means have to keep the times of files, or all is copied again.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .values_size = sizeof(struct backup_values),
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "inert.h"
#include "message.h"
#include "oyez/backup.h"
#include "oyez/json.h"
#include "progress.h"
#include "root_text.h"
#include "verify_telling.h"
#include "verify_verdict.h"

#define MEBIBYTE (1024u * 1024u)

struct restore_values {
    const char *key;
    bool json;
};

static void take_progress(void *arg, uint64_t done, uint64_t all)
{
    bool *has_bar = arg;
    if (!*has_bar) {
        progress_open(all, "MiB");
        *has_bar = true;
    }
    progress_set(done, done / MEBIBYTE);
    if (done == all) { // the verification has a bar of its own
        progress_close();
        *has_bar = false;
    }
}

static void print_json(const char *to, const struct oyez_restore_report *report, const char *root)
{
    char taken[OYEZ_TIME_TEXT_SIZE];
    oyez_time_to_text((int64_t)report->taken, taken);
    json_t *object =
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:b, s:I}", "restored", to, "records",
                  (json_int_t)report->records, "root", root, "origin", report->origin, "taken",
                  taken, "epoch", (json_int_t)report->epoch, "position",
                  (json_int_t)(report->position == OYEZ_POSITION_EPOCH_END ? 0 : report->position),
                  "epoch_ended", report->position == OYEZ_POSITION_EPOCH_END, "bytes",
                  (json_int_t)report->bytes);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const char *to, const struct oyez_restore_report *report, const char *root)
{
    char taken[OYEZ_TIME_TEXT_SIZE];
    oyez_time_to_text((int64_t)report->taken, taken);
    inert_write(stdout, to, strlen(to));
    printf(": %" PRIu64 " records, root %s, as of %s\n", report->records, root, taken);
    if (report->position == OYEZ_POSITION_EPOCH_END) {
        printf("ends with the end of epoch %" PRIu64 "\n", report->epoch);
    } else if (report->epoch != 0) {
        printf("ends with %" PRIu64 ":%" PRIu64 "\n", report->epoch, report->position);
    }
}

static void tell(const char *to, const struct oyez_restore_report *report,
                 const struct verifying_key *key)
{
    message_print("what was recorded later is not here: a mirror may have it, and emitters send "
                  "again what they still hold");
    message_print("a checkpoint over more than %" PRIu64 " records that was given out will not be "
                  "found again, and whoever holds one sees that",
                  report->records);
    if (key->found && !key->outside && strcmp(key->verifier.name, report->origin) == 0) {
        return;
    }
    message_print("a recorder needs the key that signs as %s, at %s.key or by --key; no backup has "
                  "it",
                  report->origin, to);
}

static int run(const struct arguments *arguments)
{
    const struct restore_values *values = arguments->values;
    const char *from = arguments->positional[0], *to = arguments->positional[1];
    char root[ROOT_TEXT_SIZE];
    bool has_bar = false;
    const struct oyez_backup_options options = {.progress = take_progress, .arg = &has_bar};
    struct verify_telling telling = {.json = values->json};
    struct oyez_restore_report report;
    struct verifying_key key;
    int code = verifying_key_read(&key, values->key, to);
    if (code != EXIT_DONE) {
        return code;
    }
    const struct oyez_journal_verify_options verify = verify_telling_options(&telling, &key);
    oyez_err err = oyez_backup_restore(from, to, &options, &verify, &report);
    if (has_bar) {
        progress_close();
    }
    verify_telling_end(&telling);
    if (err != OYEZ_OK) {
        return command_fail_at(from, err);
    }
    root_text(root, report.root);
    if (values->json) {
        print_json(to, &report, root);
        verdict_print_json(to, &report.verdict, &key);
    } else {
        print_text(to, &report, root);
        verdict_print(to, &report.verdict, &key);
    }
    if (report.verdict.problems > 0) {
        message_print("%s is not to be used: the backup has problems", to);
        return EXIT_CHECK_FAILED;
    }
    tell(to, &report, &key);
    return EXIT_DONE;
}

static const char *const usage[] = {"FROM DIR [--key VKEY|FILE] [--json]", NULL};

static const struct command_option options[] = {
    {"--key", "VKEY", "the verifier key, or a file with it (default: the key beside DIR)",
     OPTION_TEXT, offsetof(struct restore_values, key)},
    {"--json", NULL, "one JSON object a line: each problem, what was restored, the verdict",
     OPTION_FLAG, offsetof(struct restore_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command restore_command = {
    .name = "restore",
    .summary = "make a journal of a backup, and verify it",
    .usage = usage,
    .notes = "FROM is what oyez backup has made. DIR is new or empty; one in which a restore was\n"
             "interrupted counts as empty. Ends with 0 if the copy verifies, else with 1. The\n"
             "recorder that is started on DIR then goes on behind the last record; it needs the\n"
             "key that signed, which is in no backup.",
    .options = options,
    .positional_min = 2,
    .positional_max = 2,
    .values_size = sizeof(struct restore_values),
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "compare_journals.h"
#include "data_directory.h"
#include "message.h"
#include "oyez/journal.h"
#include "verify_proof.h"
#include "verify_telling.h"
#include "verify_verdict.h"
#include "whole_file.h"

struct verify_values {
    const char *directory;
    const char *key;
    struct text_list checkpoints;
    const char *compare;
    const char *event;
    bool json;
};

// Checkpoints that were kept elsewhere.
struct verification {
    struct oyez_journal_outside *outside;
    size_t outside_count;
};

static void tell_how_it_ends(const char *directory, const struct oyez_journal_verdict *verdict)
{
    if (verdict->derived > 0) {
        message_print("nothing of the record is in what can be made again: oyez repair %s "
                      "--rebuild-hashes",
                      directory);
    }
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

static int read_outside(struct verification *verification, const struct text_list *paths)
{
    verification->outside = calloc(paths->count + 1, sizeof *verification->outside);
    if (verification->outside == NULL) {
        return command_fail(OYEZ_ERR_NO_MEMORY);
    }
    for (size_t i = 0; i < paths->count; i++) {
        uint8_t *bytes;
        size_t size;
        oyez_err err = whole_file_read(paths->items[i], OYEZ_NOTE_SIZE_MAX, &bytes, &size);
        if (err != OYEZ_OK) {
            return command_fail(err);
        }
        verification->outside[verification->outside_count++] = (struct oyez_journal_outside){
            .name = paths->items[i], .note = (const char *)bytes, .note_size = size};
    }
    return EXIT_DONE;
}

static void free_outside(struct verification *verification)
{
    for (size_t i = 0; i < verification->outside_count; i++) {
        free((void *)(uintptr_t)verification->outside[i].note);
    }
    free(verification->outside);
}

static int verify_directory(const struct arguments *arguments, const char *directory,
                            const struct verifying_key *key, struct verification *verification)
{
    const struct verify_values *values = arguments->values;
    struct verify_telling telling = {.json = values->json};
    struct oyez_journal_verify_options options = verify_telling_options(&telling, key);
    struct oyez_journal_verdict verdict;
    options.outside = verification->outside;
    options.outside_count = verification->outside_count;
    oyez_err err = oyez_journal_verify(directory, &options, &verdict);
    verify_telling_end(&telling);
    if (err != OYEZ_OK) {
        return command_fail_at(directory, err);
    }
    if (values->json) {
        verdict_print_json(directory, &verdict, key);
    } else {
        verdict_print(directory, &verdict, key);
    }
    tell_how_it_ends(directory, &verdict);
    return verdict.problems == 0 ? EXIT_DONE : EXIT_CHECK_FAILED;
}

static bool is_file(const char *path)
{
    struct stat status;
    return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISDIR(status.st_mode));
}

static int judge_directory(const struct arguments *arguments, const char *directory,
                           const struct verifying_key *key)
{
    const struct verify_values *values = arguments->values;
    struct verification verification = {.outside = NULL};
    if (values->event != NULL) {
        return command_usage_error(arguments->command, "--event goes with a proof, not with DIR");
    }
    int code = read_outside(&verification, &values->checkpoints);
    if (code == EXIT_DONE) {
        code = verify_directory(arguments, directory, key, &verification);
    }
    free_outside(&verification);
    if (code <= EXIT_CHECK_FAILED && values->compare != NULL) {
        int compared = compare_journals(directory, values->compare, values->json);
        code = compared > code ? compared : code;
    }
    return code;
}

static int run(const struct arguments *arguments)
{
    const struct verify_values *values = arguments->values;
    struct verifying_key key;
    if (values->directory != NULL && arguments->positional_count > 0) {
        return command_usage_error(arguments->command, "either DIR or --dir DIR");
    }
    const char *path = data_directory(arguments->positional_count > 0 ? arguments->positional[0]
                                                                      : values->directory);
    int code = verifying_key_read(&key, values->key, path);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!is_file(path)) {
        return judge_directory(arguments, path, &key);
    }
    if (values->checkpoints.count > 0 || values->compare != NULL) {
        return command_usage_error(arguments->command,
                                   "--checkpoint and --compare go with DIR, not with a proof");
    }
    return verify_proof(path, &key, values->event, values->json);
}

static const char *const usage[] = {
    "[DIR] [--key VKEY|FILE] [--checkpoint FILE]... [--compare DIR] [--json]",
    "PROOF --key VKEY|FILE [--event RAW] [--json]", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "the same as DIR (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct verify_values, directory)},
    {"--key", "VKEY", "the verifier key, or a file with it (default: the key beside DIR)",
     OPTION_TEXT, offsetof(struct verify_values, key)},
    {"--checkpoint", "FILE", "a checkpoint that was kept elsewhere; may be given again",
     OPTION_LIST, offsetof(struct verify_values, checkpoints)},
    {"--compare", "DIR", "name the first difference from another journal of the same stream",
     OPTION_TEXT, offsetof(struct verify_values, compare)},
    {"--event", "RAW", "a file with the event's bytes, as oyez get --raw gives them", OPTION_TEXT,
     offsetof(struct verify_values, event)},
    {"--json", NULL, "one JSON object a line: each problem, then the verdict", OPTION_FLAG,
     offsetof(struct verify_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command verify_command = {
    .name = "verify",
    .summary = "judge a journal or a proof: what is proven, and against whom",
    .usage = usage,
    .notes =
        "May be run while a server writes DIR. Ends with 0 if all is as it should be, with 1 if\n"
        "not: each problem is named by file, offset and record. What a crash left behind the\n"
        "last commit was never acknowledged: it is told, and is no problem; nor is a file that\n"
        "can be made again. A key and a checkpoint from elsewhere prove more than those beside\n"
        "the journal. A PROOF is a file that oyez prove has made. Changes nothing.",
    .options = options,
    .positional_max = 1,
    .values_size = sizeof(struct verify_values),
    .run = run,
};

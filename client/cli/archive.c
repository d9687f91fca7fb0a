// SPDX-License-Identifier: MIT
#include "oyez/archive.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_list.h"
#include "archive_place.h"
#include "command.h"
#include "data_directory.h"
#include "interrupt.h"
#include "message.h"
#include "progress.h"
#include "time_argument.h"

#define MEBIBYTE (1024u * 1024u)

struct archive_values {
    const char *older_than;
    bool all;
    bool mirror;
    const char *directory;
    const char *key;
    bool json;
};

struct archive_call {
    const struct arguments *arguments;
    const struct archive_values *values;
    const char *directory;
    uint64_t done, all; // bytes
    uint64_t packed;
    size_t segments;
};

static void print_one(const struct archive_call *call, const struct oyez_archive_report *report)
{
    if (call->values->json) {
        printf("{\"segment\":%" PRIu64 ",\"records\":%" PRIu64 ",\"bytes\":%" PRIu64
               ",\"archived\":%" PRIu64 "}\n",
               report->first_index, report->records, report->size, report->packed);
    } else {
        printf("%020" PRIu64 ": %" PRIu64 " records, %" PRIu64 " bytes are %" PRIu64 " now\n",
               report->first_index, report->records, report->size, report->packed);
    }
}

static void print_all(const struct archive_call *call)
{
    if (call->values->json) {
        return;
    }
    if (call->segments == 0) {
        printf("nothing to archive\n");
    } else {
        printf("%zu segments archived, %" PRIu64 " bytes are %" PRIu64 " now: %.2f of them\n",
               call->segments, call->done, call->packed, (double)call->packed / (double)call->done);
    }
}

static oyez_err archive_all(struct archive_call *call, struct archive_place *place,
                            const struct archive_item *items, size_t count)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < count && !interrupt_pending(); i++) {
        struct oyez_archive_report report;
        err = archive_place_segment(place, items[i].segment.first_index, &report);
        if (err != OYEZ_OK) {
            break;
        }
        call->segments++;
        call->done += report.size;
        call->packed += report.packed;
        progress_hide();
        print_one(call, &report);
        progress_set(call->done, call->done / MEBIBYTE);
    }
    return err;
}

static int archive_items(struct archive_call *call, const struct archive_item *items, size_t count)
{
    char key[OYEZ_JOURNAL_PATH_SIZE];
    struct archive_place *place = NULL;
    const struct archive_values *values = call->values;
    oyez_err err = OYEZ_OK;
    if (values->key == NULL) {
        err = oyez_key_default_path(key, call->directory);
    }
    if (err == OYEZ_OK) {
        err = archive_place_open(&place, call->directory, values->key != NULL ? values->key : key,
                                 values->mirror);
    }
    if (err == OYEZ_OK) {
        progress_open(call->all, "MiB");
        err = archive_all(call, place, items, count);
        progress_close();
    }
    oyez_err closed = archive_place_close(&place);
    err = err != OYEZ_OK ? err : closed;
    print_all(call);
    return err == OYEZ_OK ? EXIT_DONE : command_fail_at(call->directory, err);
}

// Of the sealed ones that have their plain files those that are old enough.
static size_t choose(struct archive_item *items, size_t count, uint64_t before, uint64_t *bytes)
{
    size_t chosen = 0;
    *bytes = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        const struct archive_item *item = &items[i];
        if (!item->segment.sealed || item->storage.packed > 0 || item->segment.time_max >= before) {
            continue;
        }
        *bytes += item->storage.size;
        items[chosen++] = *item;
    }
    return chosen;
}

static int archive(struct archive_call *call)
{
    const struct archive_values *values = call->values;
    struct archive_item *items = NULL;
    size_t count = 0;
    int64_t before = INT64_MAX;
    oyez_err err = OYEZ_OK;
    if (values->all == (values->older_than != NULL)) {
        return command_usage_error(call->arguments->command, "either --older-than AGE or --all");
    }
    if (values->older_than != NULL &&
        time_argument_read(&before, values->older_than, time_argument_now()) != OYEZ_OK) {
        return command_usage_error(call->arguments->command, "--older-than: %s",
                                   command_reason(OYEZ_ERR_INVALID));
    }
    err = archive_list_read(&items, &count, call->directory);
    if (err != OYEZ_OK) {
        return command_fail_at(call->directory, err);
    }
    (void)interrupt_open();
    count = choose(items, count, before > 0 ? (uint64_t)before : 0, &call->all);
    int code = EXIT_DONE;
    if (count > 0) {
        code = archive_items(call, items, count);
    } else {
        print_all(call);
    }
    free(items);
    if (code == EXIT_DONE && interrupt_pending()) {
        interrupt_raise();
    }
    return code;
}

static int run(const struct arguments *arguments)
{
    struct archive_call call = {.arguments = arguments, .values = arguments->values};
    call.directory = data_directory(call.values->directory);
    if (arguments->positional_count == 0) {
        return archive(&call);
    }
    if (strcmp(arguments->positional[0], "list") != 0) {
        return command_usage_error(arguments->command, "'%s' is not list",
                                   arguments->positional[0]);
    }
    return archive_list(call.directory, call.values->json);
}

static const char *const usage[] = {
    "--older-than AGE|--all [--dir DIR] [--key FILE] [--mirror] [--json]",
    "list [--dir DIR] [--json]", NULL};

static const struct command_option options[] = {
    {"--older-than", "AGE",
     "segments whose events are all older: 30d, 12h, or stamped before a time, RFC 3339",
     OPTION_TEXT, offsetof(struct archive_values, older_than)},
    {"--all", NULL, "all sealed segments", OPTION_FLAG, offsetof(struct archive_values, all)},
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct archive_values, directory)},
    {"--key", "FILE", "where no recorder runs: the key that signs (default: DIR.key)", OPTION_TEXT,
     offsetof(struct archive_values, key)},
    {"--mirror", NULL, "where no recorder runs: DIR is a mirror's, so no act is recorded",
     OPTION_FLAG, offsetof(struct archive_values, mirror)},
    {"--json", NULL, "a JSON object for each segment", OPTION_FLAG,
     offsetof(struct archive_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command archive_command = {
    .name = "archive",
    .summary = "compress old segments of a journal, or list them",
    .usage = usage,
    .notes =
        "A sealed segment becomes DIR/archive/NNN.seg.zst, which `zstd -d` opens too. It is read\n"
        "back and held against the segment and the hashes of its leaves before the segment's\n"
        "file goes. Queries, proofs and verification read it from there as before. DIR/archive\n"
        "may be a symbolic link or a mount point. Each segment is an act in the journal, and a\n"
        "recorder that writes DIR does it itself, asked over the socket DIR/admin: recording\n"
        "goes on meanwhile.",
    .options = options,
    .positional_max = 1,
    .values_size = sizeof(struct archive_values),
    .run = run,
};

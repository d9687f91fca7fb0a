// SPDX-License-Identifier: MIT
#include "archive_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "oyez/json.h"

static oyez_err read_items(oyez_journal_reader *reader, struct archive_item *items, size_t count)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < count; i++) {
        err = oyez_journal_reader_segment(reader, i, &items[i].segment);
        if (err == OYEZ_OK) {
            err = oyez_journal_reader_storage(reader, i, &items[i].storage);
        }
    }
    return err;
}

oyez_err archive_list_read(struct archive_item **out, size_t *count, const char *directory)
{
    oyez_journal_reader *reader = NULL;
    *out = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, directory, NULL);
    if (err == OYEZ_OK) {
        err = oyez_journal_reader_refresh(reader, count);
    }
    if (err == OYEZ_OK) {
        *out = calloc(*count, sizeof **out);
        err = *out != NULL ? read_items(reader, *out, *count)
                           : oyez_fail(OYEZ_ERR_NO_MEMORY, "list of segments");
    }
    oyez_journal_reader_close(&reader);
    return err;
}

static void print_json(const struct archive_item *item)
{
    printf("{\"segment\":%" PRIu64 ",\"records\":%" PRIu64 ",\"sealed\":%s,\"bytes\":%" PRIu64,
           item->segment.first_index, item->segment.records,
           item->segment.sealed ? "true" : "false", item->storage.size);
    if (item->storage.packed > 0) {
        printf(",\"archived\":%" PRIu64, item->storage.packed);
    }
    if (item->segment.time_max > 0) {
        char first[OYEZ_TIME_TEXT_SIZE], last[OYEZ_TIME_TEXT_SIZE];
        oyez_time_to_text((int64_t)item->segment.time_min, first);
        oyez_time_to_text((int64_t)item->segment.time_max, last);
        printf(",\"from\":\"%s\",\"to\":\"%s\"", first, last);
    }
    printf("}\n");
}

static void print_text(const struct archive_item *item)
{
    char last[OYEZ_TIME_TEXT_SIZE] = "-";
    if (item->segment.time_max > 0) {
        oyez_time_to_text((int64_t)item->segment.time_max, last);
    }
    printf("%020" PRIu64 " %10" PRIu64 "  %-30s %12" PRIu64 "  ", item->segment.first_index,
           item->segment.records, last, item->storage.size);
    if (item->storage.packed > 0) {
        printf("archived: %" PRIu64 " bytes, %.2f\n", item->storage.packed,
               (double)item->storage.packed / (double)item->storage.size);
    } else {
        printf("%s\n", item->segment.sealed ? "sealed" : "written");
    }
}

int archive_list(const char *directory, bool json)
{
    struct archive_item *items = NULL;
    size_t count = 0;
    oyez_err err = archive_list_read(&items, &count, directory);
    if (err != OYEZ_OK) {
        free(items);
        return command_fail_at(directory, err);
    }
    if (!json) {
        printf("%-20s %10s  %-30s %12s\n", "SEGMENT", "RECORDS", "NEWEST EVENT", "BYTES");
    }
    for (size_t i = 0; i < count; i++) {
        if (json) {
            print_json(&items[i]);
        } else {
            print_text(&items[i]);
        }
    }
    free(items);
    return EXIT_DONE;
}

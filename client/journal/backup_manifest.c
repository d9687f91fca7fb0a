// SPDX-License-Identifier: MIT
#include "backup_manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "oyez/disk.h"

#define VERSION 1u
#define HEAD_SIZE_MAX 512u
#define LINE_SIZE_MAX 48u
#define FILE_SIZE_MAX ((size_t)1 << 30)

oyez_err oyez_backup_manifest_add(struct oyez_backup_manifest *manifest, uint64_t first,
                                  bool archived)
{
    if (manifest->count == manifest->room) {
        size_t room = manifest->room == 0 ? 64 : manifest->room * 2;
        struct oyez_backup_segment *grown = realloc(manifest->segments, room * sizeof(*grown));
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of %zu segments", room);
        manifest->segments = grown;
        manifest->room = room;
    }
    manifest->segments[manifest->count++] =
        (struct oyez_backup_segment){.first = first, .archived = archived};
    return OYEZ_OK;
}

void oyez_backup_manifest_clear(struct oyez_backup_manifest *manifest)
{
    free(manifest->segments);
    *manifest = (struct oyez_backup_manifest){0};
}

bool oyez_backup_manifest_has(const struct oyez_backup_manifest *manifest, uint64_t first,
                              bool archived)
{
    size_t low = 0, high = manifest->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (manifest->segments[middle].first < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < manifest->count && manifest->segments[low].first == first &&
           manifest->segments[low].archived == archived;
}

bool oyez_backup_manifest_has_archived(const struct oyez_backup_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (manifest->segments[i].archived)
            return true;
    return false;
}

// A walk over the lines of the text.
struct reading {
    const char *at;
    bool failed;
};

static void take_word(struct reading *reading, const char *word)
{
    size_t size = strlen(word);

    if (reading->failed || strncmp(reading->at, word, size) != 0)
        reading->failed = true;
    else
        reading->at += size;
}

static uint64_t take_number(struct reading *reading, const char *end_with)
{
    char *end = NULL;

    if (reading->failed || reading->at[0] < '0' || reading->at[0] > '9') {
        reading->failed = true;
        return 0;
    }
    uint64_t number = strtoull(reading->at, &end, 10);
    reading->at = end;
    take_word(reading, end_with);
    return number;
}

// 16: it is none.
static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static void take_id(struct reading *reading, uint8_t id[OYEZ_JOURNAL_ID_SIZE])
{
    for (size_t i = 0; i < OYEZ_JOURNAL_ID_SIZE && !reading->failed; i++) {
        unsigned high = hex_digit(reading->at[0]);
        unsigned low = high < 16 ? hex_digit(reading->at[1]) : 16;
        reading->failed = low == 16;
        if (!reading->failed) {
            id[i] = (uint8_t)(high << 4 | low);
            reading->at += 2;
        }
    }
    take_word(reading, "\n");
}

static oyez_err take_segments(struct reading *reading, struct oyez_backup_manifest *out)
{
    static const char plain[] = "plain ", archived[] = "archived ";
    oyez_err err = OYEZ_OK;

    while (err == OYEZ_OK && !reading->failed && strncmp(reading->at, "sum ", 4) != 0) {
        bool is_archived = strncmp(reading->at, archived, strlen(archived)) == 0;
        take_word(reading, is_archived ? archived : plain);
        uint64_t first = take_number(reading, "\n");
        if (!reading->failed && out->count > 0 && first <= out->segments[out->count - 1].first)
            reading->failed = true;
        if (!reading->failed)
            err = oyez_backup_manifest_add(out, first, is_archived);
    }
    return err;
}

static bool sum_is_right(const char *text, size_t size)
{
    char line[16];
    size_t line_size = strlen("sum 01234567\n");

    if (size < line_size)
        return false;
    snprintf(line, sizeof(line), "sum %08" PRIx32 "\n",
             oyez_journal_crc32c(0, (const uint8_t *)text, size - line_size));
    return memcmp(text + size - line_size, line, line_size) == 0;
}

static oyez_err read_text(struct oyez_backup_manifest *out, const char *text, size_t size)
{
    struct reading reading = {.at = text};

    take_word(&reading, "oyez backup ");
    uint64_t version = take_number(&reading, "\n");
    if (!reading.failed && version > VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "backup of version %" PRIu64 ", this program reads %u",
                         version, VERSION);
    take_word(&reading, "journal ");
    take_id(&reading, out->journal_id);
    take_word(&reading, "records ");
    out->records = take_number(&reading, "\n");
    take_word(&reading, "taken ");
    out->taken = take_number(&reading, "\n");
    take_word(&reading, "base ");
    out->base = take_number(&reading, "\n");
    take_word(&reading, "checkpoints ");
    out->history_start = take_number(&reading, " ");
    out->history_end = take_number(&reading, "\n");
    oyez_err err = take_segments(&reading, out);
    if (err == OYEZ_OK && (reading.failed || !sum_is_right(text, size)))
        err = OYEZ_ERR_CORRUPT;
    return err;
}

oyez_err oyez_backup_manifest_load(struct oyez_backup_manifest *out, const struct oyez_disk *disk,
                                   const char *directory, const char *name)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t size = 0;

    *out = (struct oyez_backup_manifest){0};
    oyez_err err = oyez_disk_path(path, directory, name);
    if (err == OYEZ_OK)
        err = oyez_disk_load_new(disk, path, FILE_SIZE_MAX, &bytes, &size);
    if (err != OYEZ_OK)
        return err;
    // The reading functions stop at a NUL, which a good text does not have.
    err = strlen((const char *)bytes) == size ? read_text(out, (const char *)bytes, size)
                                              : OYEZ_ERR_CORRUPT;
    if (err == OYEZ_ERR_CORRUPT)
        err = oyez_fail(err, "%s: is not the list of a backup, or is damaged", path);
    free(bytes);
    return err;
}

static size_t write_head(const struct oyez_backup_manifest *manifest, char *out, size_t room)
{
    char id[2 * OYEZ_JOURNAL_ID_SIZE + 1];

    for (size_t i = 0; i < OYEZ_JOURNAL_ID_SIZE; i++)
        snprintf(id + 2 * i, 3, "%02x", manifest->journal_id[i]);
    int size = snprintf(out, room,
                        "oyez backup %u\njournal %s\nrecords %" PRIu64 "\ntaken %" PRIu64
                        "\nbase %" PRIu64 "\ncheckpoints %" PRIu64 " %" PRIu64 "\n",
                        VERSION, id, manifest->records, manifest->taken, manifest->base,
                        manifest->history_start, manifest->history_end);
    return (size_t)size;
}

oyez_err oyez_backup_manifest_save(const struct oyez_backup_manifest *manifest,
                                   const struct oyez_disk *disk, const char *directory,
                                   const char *name)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    size_t room = HEAD_SIZE_MAX + (manifest->count + 1) * LINE_SIZE_MAX;
    char *text = malloc(room);

    if (text == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of %zu segments", manifest->count);
    size_t size = write_head(manifest, text, room);
    for (size_t i = 0; i < manifest->count; i++)
        size += (size_t)snprintf(text + size, room - size, "%s %" PRIu64 "\n",
                                 manifest->segments[i].archived ? "archived" : "plain",
                                 manifest->segments[i].first);
    uint32_t sum = oyez_journal_crc32c(0, (const uint8_t *)text, size);
    size += (size_t)snprintf(text + size, room - size, "sum %08" PRIx32 "\n", sum);
    oyez_err err = oyez_disk_path(path, directory, name);
    if (err == OYEZ_OK)
        err = oyez_disk_replace(disk, path, text, size);
    free(text);
    return err;
}

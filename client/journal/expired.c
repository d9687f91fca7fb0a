// SPDX-License-Identifier: MIT
#include "expired.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/disk.h"

#define FILE_SIZE 64u

bool oyez_expired_next_line(const struct oyez_journal_record *act, size_t *at,
                            char line[OYEZ_EXPIRED_LINE_MAX])
{
    if (*at >= act->details_size)
        return false;
    const char *begin = (const char *)act->details + *at;
    const char *newline = memchr(begin, '\n', act->details_size - *at);
    if (newline == NULL)
        return false;
    size_t size = (size_t)(newline - begin);
    *at += size + 1;
    size = size < OYEZ_EXPIRED_LINE_MAX ? size : OYEZ_EXPIRED_LINE_MAX - 1;
    memcpy(line, begin, size);
    line[size] = '\0';
    return true;
}

// "WORDnumber"; *at is behind it then.
static bool read_number(const char **at, const char *word, uint64_t *out)
{
    size_t size = strlen(word);
    char *end;

    if (strncmp(*at, word, size) != 0 || (*at)[size] < '0' || (*at)[size] > '9')
        return false;
    errno = 0;
    *out = strtoull(*at + size, &end, 10);
    *at = end;
    return errno == 0;
}

static void read_line(struct oyez_expired *out, const char *line)
{
    const char *at = line;
    uint64_t epoch, position;

    if (read_number(&at, "last ", &epoch) && read_number(&at, ":", &position)) {
        out->epoch = epoch;
        out->position = position;
    }
    at = line;
    (void)read_number(&at, "next ", &out->next_epoch);
}

bool oyez_expired_read(struct oyez_expired *out, const struct oyez_journal_record *act)
{
    char line[OYEZ_EXPIRED_LINE_MAX];
    const char *first = line;
    size_t at = 0;

    *out = (struct oyez_expired){.index = act->index};
    if (act->kind != OYEZ_RECORD_EXPIRED || !oyez_expired_next_line(act, &at, line) ||
        !read_number(&first, "before ", &out->before) || out->before > act->index)
        return false;
    while (oyez_expired_next_line(act, &at, line))
        read_line(out, line);
    return out->before > 0;
}

static bool read_file(const struct oyez_disk *disk, const char *directory, uint64_t *act)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], text[FILE_SIZE];
    const char *at = text;
    size_t size;

    return oyez_disk_path(path, directory, OYEZ_EXPIRED_FILE) == OYEZ_OK &&
           oyez_disk_load(disk, path, text, sizeof(text), &size) == OYEZ_OK &&
           read_number(&at, "act ", act);
}

void oyez_expired_note(const struct oyez_disk *disk, const char *directory, uint64_t act)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], text[FILE_SIZE];
    int size = snprintf(text, sizeof(text), "act %" PRIu64 "\n", act);

    if (oyez_disk_path(path, directory, OYEZ_EXPIRED_FILE) == OYEZ_OK)
        (void)oyez_disk_replace_unsynced(disk, path, text, (size_t)size);
}

// The file is only believed of what the record says itself.
static oyez_err look_in_file(struct oyez_expired *out, const struct oyez_disk *disk,
                             const char *directory, oyez_journal_reader *reader, uint64_t first)
{
    struct oyez_journal_record record;
    uint64_t act;

    if (!read_file(disk, directory, &act))
        return OYEZ_ERR_NOT_FOUND;
    oyez_err err = oyez_journal_reader_read(reader, act, &record);
    if (err == OYEZ_ERR_CORRUPT)
        return OYEZ_ERR_NOT_FOUND;
    if (err == OYEZ_OK && (!oyez_expired_read(out, &record) || out->before < first))
        return OYEZ_ERR_NOT_FOUND;
    return err;
}

static oyez_err look_in_records(struct oyez_expired *out, oyez_journal_reader *reader,
                                uint64_t first)
{
    struct oyez_journal_record record;
    struct oyez_expired found;
    oyez_err err;

    *out = (struct oyez_expired){0};
    while ((err = oyez_journal_reader_next(reader, &record)) == OYEZ_OK)
        if (oyez_expired_read(&found, &record) && found.before >= first &&
            found.before >= out->before)
            *out = found;
    // Behind damage there may be another, but this one says enough.
    if (err != OYEZ_ERR_NOT_FOUND && (err != OYEZ_ERR_CORRUPT || out->before == 0))
        return err;
    return out->before > 0 ? OYEZ_OK : OYEZ_ERR_NOT_FOUND;
}

oyez_err oyez_expired_find(struct oyez_expired *out, const struct oyez_disk *disk,
                           const char *directory, uint64_t first)
{
    oyez_journal_reader *reader = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, directory, disk);

    if (err == OYEZ_OK) {
        err = look_in_file(out, disk, directory, reader, first);
        if (err == OYEZ_ERR_NOT_FOUND)
            err = look_in_records(out, reader, first);
    }
    oyez_journal_reader_close(&reader);
    return err;
}

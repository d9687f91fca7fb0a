// SPDX-License-Identifier: MIT
// A history of checkpoints made anew from what can be read of the old one. Its entries know their
// place, and their checksums the journal, so none is taken for one that is not.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint_history.h"
#include "oyez/disk.h"
#include "repair_files.h"
#include "segment.h"

#define WINDOW_SIZE (1024u * 1024u)

struct rebuild {
    const struct oyez_disk *disk;
    struct oyez_history_header header;
    char old_path[OYEZ_JOURNAL_PATH_SIZE], new_path[OYEZ_JOURNAL_PATH_SIZE];
    int old_fd, new_fd; // -1 = not open
    uint64_t end;       // of the new one
    uint64_t covered;   // by its last entry
    uint64_t kept;
    uint8_t window[WINDOW_SIZE]; // of the old one
    char note[OYEZ_NOTE_SIZE_MAX];
};

static oyez_err find_journal_id(struct rebuild *rebuild, const char *directory)
{
    struct oyez_segment_list list = {0};
    struct oyez_segment segment = {.fd = -1};
    oyez_err err = oyez_segment_list_read(&list, rebuild->disk, directory);

    if (err == OYEZ_OK && list.count == 0)
        err = oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: holds no journal", directory);
    if (err == OYEZ_OK)
        err = oyez_segment_open(&segment, rebuild->disk, directory, list.first[0], O_RDONLY);
    if (err == OYEZ_OK)
        memcpy(rebuild->header.journal_id, segment.header.journal_id, OYEZ_JOURNAL_ID_SIZE);
    oyez_segment_close(&segment, rebuild->disk);
    free(list.first);
    return err;
}

static oyez_err begin(struct rebuild *rebuild, const char *directory)
{
    uint8_t bytes[OYEZ_HISTORY_HEADER_SIZE];
    oyez_err err = find_journal_id(rebuild, directory);

    if (err == OYEZ_OK)
        err = oyez_disk_path(rebuild->old_path, directory, OYEZ_CHECKPOINT_HISTORY_FILE);
    if (err == OYEZ_OK)
        err = oyez_disk_path(rebuild->new_path, directory, OYEZ_CHECKPOINT_HISTORY_FILE ".new");
    if (err != OYEZ_OK)
        return err;
    rebuild->old_fd = open(rebuild->old_path, O_RDONLY | O_CLOEXEC);
    if (rebuild->old_fd < 0 && errno != ENOENT)
        return oyez_disk_fail(rebuild->old_path, "opening");
    rebuild->new_fd = open(rebuild->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (rebuild->new_fd < 0)
        return oyez_disk_fail(rebuild->new_path, "making");
    oyez_history_header_encode(bytes, &rebuild->header);
    rebuild->end = sizeof(bytes);
    return oyez_disk_write(rebuild->disk, rebuild->new_fd, rebuild->new_path, bytes, sizeof(bytes),
                           0);
}

// Nothing that covers less than the one before it: an old one that was put in again.
static oyez_err keep(struct rebuild *rebuild, const char *note, size_t size, uint64_t time)
{
    const struct oyez_checkpoint_entry entry = {
        .offset = rebuild->end, .time = time, .note = note, .note_size = size};
    uint8_t bytes[OYEZ_HISTORY_ENTRY_MAX];
    struct oyez_checkpoint checkpoint;
    struct oyez_note parsed;

    if (size > OYEZ_HISTORY_NOTE_MAX || oyez_note_parse(&parsed, note, size) != OYEZ_OK ||
        oyez_checkpoint_read(&checkpoint, parsed.text, parsed.text_size) != OYEZ_OK ||
        checkpoint.size < rebuild->covered)
        return OYEZ_OK;
    size_t entry_size = oyez_history_entry_encode(bytes, &entry, rebuild->header.sum);
    oyez_err err = oyez_disk_write(rebuild->disk, rebuild->new_fd, rebuild->new_path, bytes,
                                   entry_size, rebuild->end);
    rebuild->end += entry_size;
    rebuild->covered = checkpoint.size;
    rebuild->kept++;
    return err;
}

// Keeps the good entries that begin in the window at `offset`, and tells where to go on.
static oyez_err keep_window(struct rebuild *rebuild, uint64_t offset, size_t size, uint64_t *next)
{
    struct oyez_checkpoint_entry entry;
    size_t at = 0;
    oyez_err err = OYEZ_OK;

    // One that begins near the end of a full window may reach beyond it.
    size_t limit = size < WINDOW_SIZE ? size : size - OYEZ_HISTORY_ENTRY_MAX;
    while (at < limit && err == OYEZ_OK) {
        size_t step = oyez_history_entry_decode(&entry, rebuild->window + at, size - at,
                                                offset + at, rebuild->header.sum);
        if (step > 0)
            err = keep(rebuild, entry.note, entry.note_size, entry.time);
        at += step > 0 ? step : OYEZ_HISTORY_ALIGN;
    }
    *next = offset + at;
    return err;
}

static oyez_err keep_readable(struct rebuild *rebuild)
{
    uint64_t offset = OYEZ_HISTORY_HEADER_SIZE;
    size_t got = WINDOW_SIZE;
    oyez_err err = OYEZ_OK;

    while (rebuild->old_fd >= 0 && err == OYEZ_OK && got == WINDOW_SIZE) {
        err = oyez_disk_read(rebuild->disk, rebuild->old_fd, rebuild->old_path, rebuild->window,
                             WINDOW_SIZE, offset, &got);
        if (err == OYEZ_OK)
            err = keep_window(rebuild, offset, got, &offset);
    }
    return err;
}

static oyez_err keep_newest(struct rebuild *rebuild, const char *directory)
{
    struct oyez_checkpoint checkpoint;
    struct oyez_note parsed;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    size_t size;
    oyez_err err = oyez_disk_path(path, directory, OYEZ_CHECKPOINT_FILE);

    if (err == OYEZ_OK)
        err = oyez_disk_load(rebuild->disk, path, rebuild->note, OYEZ_NOTE_SIZE_MAX, &size);
    if (err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_TOO_LARGE)
        return OYEZ_OK;
    if (err != OYEZ_OK || oyez_note_parse(&parsed, rebuild->note, size) != OYEZ_OK ||
        oyez_checkpoint_read(&checkpoint, parsed.text, parsed.text_size) != OYEZ_OK ||
        (rebuild->kept > 0 && checkpoint.size <= rebuild->covered))
        return err;
    return keep(rebuild, rebuild->note, size, rebuild->disk->now(rebuild->disk->context));
}

static oyez_err rebuild_history(struct rebuild *rebuild, const struct oyez_repair *repair)
{
    oyez_err err = begin(rebuild, repair->directory);

    if (err == OYEZ_OK)
        err = keep_readable(rebuild);
    if (err == OYEZ_OK)
        err = keep_newest(rebuild, repair->directory);
    if (err == OYEZ_OK && fsync(rebuild->new_fd) != 0)
        err = oyez_disk_fail(rebuild->new_path, "syncing");
    if (rebuild->old_fd >= 0)
        close(rebuild->old_fd);
    if (rebuild->new_fd >= 0)
        close(rebuild->new_fd);
    if (err == OYEZ_OK)
        err = oyez_repair_replace(repair, OYEZ_CHECKPOINT_HISTORY_FILE);
    return err == OYEZ_OK ? oyez_repair_sync(repair) : err;
}

oyez_err oyez_repair_rebuild_checkpoints(const char *directory, oyez_repair_moved *moved, void *arg,
                                         uint64_t *kept)
{
    struct oyez_repair repair = {directory, -1, moved, arg};
    struct rebuild *rebuild = calloc(1, sizeof(*rebuild));
    oyez_err err = OYEZ_OK;

    *kept = 0;
    if (rebuild == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "history of checkpoints");
    rebuild->disk = oyez_disk_system();
    rebuild->old_fd = rebuild->new_fd = -1;
    err = access(directory, F_OK) == 0
              ? oyez_repair_lock(&repair)
              : oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: no such directory", directory);
    if (err == OYEZ_OK)
        err = rebuild_history(rebuild, &repair);
    if (err == OYEZ_OK)
        *kept = rebuild->kept;
    oyez_repair_unlock(&repair);
    free(rebuild);
    return err;
}

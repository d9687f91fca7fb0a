// SPDX-License-Identifier: MIT
// What a backup ends with. The bytes of records below a checkpoint change by acts alone: so a copy
// that was begun when none was unfinished is that of one moment, if no act came while it was made.
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backup_state.h"
#include "checkpoint_history.h"
#include "oyez/disk.h"
#include "unfinished.h"

#define ASK_AGAIN_NS 20000000 // 20 ms

static oyez_err read_checkpoint(const char *note, size_t size, struct oyez_checkpoint *out)
{
    struct oyez_note parsed;
    oyez_err err = oyez_note_parse(&parsed, note, size);

    return err == OYEZ_OK ? oyez_checkpoint_read(out, parsed.text, parsed.text_size) : err;
}

// The last entry of the history, and where it ends.
static oyez_err read_history(struct oyez_backup *backup)
{
    const struct oyez_disk *disk = backup->disk;
    struct oyez_history_header header;
    struct oyez_checkpoint_entry entry;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t *bytes = malloc(2 * OYEZ_HISTORY_ENTRY_MAX);
    size_t got = 0;
    int fd = -1;
    oyez_err err = oyez_disk_path(path, backup->from, OYEZ_CHECKPOINT_HISTORY_FILE);

    if (bytes == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "history of checkpoints");
    if (err == OYEZ_OK)
        err = oyez_backup_open_file(disk, path, O_RDONLY, &fd);
    if (err == OYEZ_OK)
        err = oyez_disk_read(disk, fd, path, bytes, OYEZ_HISTORY_HEADER_SIZE, 0, &got);
    if (err == OYEZ_OK)
        err = oyez_history_header_decode(&header, bytes, got);
    if (err == OYEZ_OK)
        err = oyez_history_find_last(disk, fd, path, &header, bytes, &entry,
                                     &backup->after.history_end);
    if (err == OYEZ_OK) {
        memcpy(backup->after.journal_id, header.journal_id, OYEZ_JOURNAL_ID_SIZE);
        memcpy(backup->note, entry.note, entry.note_size);
        backup->note_size = entry.note_size;
        err = read_checkpoint(backup->note, backup->note_size, &backup->aim);
    }
    if (fd >= 0)
        disk->close(disk->context, fd);
    free(bytes);
    return err;
}

// The file `checkpoint` is never ahead of the history but where that has lost entries.
static oyez_err read_newest(struct oyez_backup *backup, uint64_t *covers)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_checkpoint newest;
    char *note = malloc(OYEZ_NOTE_SIZE_MAX);
    size_t size;
    oyez_err err = oyez_disk_path(path, backup->from, OYEZ_CHECKPOINT_FILE);

    *covers = 0;
    if (note == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "newest checkpoint");
    if (err == OYEZ_OK)
        err = oyez_disk_load(backup->disk, path, note, OYEZ_NOTE_SIZE_MAX, &size);
    if (err == OYEZ_OK && read_checkpoint(note, size, &newest) == OYEZ_OK)
        *covers = newest.size;
    free(note);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err read_aim(struct oyez_backup *backup)
{
    uint64_t covered;
    oyez_err err = read_newest(backup, &covered);

    if (err == OYEZ_OK)
        err = read_history(backup);
    if (err == OYEZ_ERR_NOT_FOUND && covered == 0)
        return oyez_fail(err,
                         "%s: has no checkpoint yet, and nothing else says what a copy is to be",
                         backup->from);
    if (err == OYEZ_ERR_NOT_FOUND || (err == OYEZ_OK && backup->aim.size < covered))
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: the history of checkpoints is behind the newest; look at it with "
                         "oyez verify, and see oyez repair",
                         backup->from);
    return err;
}

static oyez_err is_unfinished(const struct oyez_backup *backup, bool *unfinished)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    int fd;
    oyez_err err = oyez_disk_path(path, backup->from, OYEZ_UNFINISHED_FILE);

    if (err == OYEZ_OK)
        err = oyez_backup_open_file(backup->disk, path, O_RDONLY, &fd);
    *unfinished = err == OYEZ_OK;
    if (err == OYEZ_OK)
        backup->disk->close(backup->disk->context, fd);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_backup_aim(struct oyez_backup *backup, uint64_t least)
{
    const struct oyez_disk *disk = backup->disk;
    const struct timespec pause = {.tv_nsec = ASK_AGAIN_NS};
    uint64_t deadline = disk->now(disk->context) + backup->wait_ns;
    bool unfinished;

    for (;;) {
        // In this order: what is found finished now was begun before it was covered.
        oyez_err err = read_aim(backup);
        if (err == OYEZ_OK)
            err = is_unfinished(backup, &unfinished);
        if (err != OYEZ_OK || (!unfinished && backup->aim.size >= least))
            return err;
        if (disk->now(disk->context) > deadline)
            break;
        nanosleep(&pause, NULL);
    }
    if (unfinished)
        return oyez_fail(OYEZ_ERR_TIMEOUT,
                         "%s: an erasure, an archiving or an expiry in it is unfinished; the next "
                         "start of its recorder finishes it",
                         backup->from);
    return oyez_fail(OYEZ_ERR_TIMEOUT,
                     "%s: no checkpoint covers its newest act yet; the next start of its recorder "
                     "makes one",
                     backup->from);
}

// An archived segment has the bytes that it had.
static bool changes_records(enum oyez_record_kind kind)
{
    return kind == OYEZ_RECORD_ERASED || kind == OYEZ_RECORD_EXPIRED;
}

oyez_err oyez_backup_find_acts(struct oyez_backup *backup, uint64_t *least, uint64_t *newer)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    uint64_t end = 0;
    oyez_err err = oyez_journal_reader_open(&reader, backup->from, backup->disk);

    *least = 0;
    *newer = 0;
    if (err == OYEZ_OK)
        err = oyez_journal_reader_end(reader, &end);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_index(reader, backup->aim.size);
    // Up to what is there now: who writes may be faster than who reads.
    for (uint64_t index = backup->aim.size; err == OYEZ_OK && index < end; index++) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_OK && changes_records(record.kind))
            *least = record.index + 1;
        *newer += err == OYEZ_OK;
    }
    oyez_journal_reader_close(&reader);
    return err;
}

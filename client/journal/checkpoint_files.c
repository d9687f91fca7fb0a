// SPDX-License-Identifier: MIT
// History first, so that what stands in `checkpoint` always stands there too.
#include "checkpoint_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/disk.h"

static oyez_err read_size(const char *note, size_t size, uint64_t *covers)
{
    struct oyez_note parsed;
    struct oyez_checkpoint checkpoint = {0};
    oyez_err err = oyez_note_parse(&parsed, note, size);

    if (err == OYEZ_OK)
        err = oyez_checkpoint_read(&checkpoint, parsed.text, parsed.text_size);
    *covers = checkpoint.size;
    return err;
}

// Bytes behind the last good entry.
struct rest {
    uint64_t offset;
    size_t size;
    uint8_t bytes[OYEZ_HISTORY_ENTRY_MAX + 1];
};

// The last note of the history, and what follows its entry; `rest` may be NULL.
static oyez_err load_history(const struct oyez_disk *disk, const char *directory, char *note,
                             size_t *size, struct rest *rest)
{
    struct oyez_history_header header;
    struct oyez_checkpoint_entry entry;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t *bytes = malloc(2 * OYEZ_HISTORY_ENTRY_MAX);
    uint64_t end = OYEZ_HISTORY_HEADER_SIZE;
    size_t got = 0;
    int fd = -1;
    oyez_err err = oyez_disk_path(path, directory, OYEZ_CHECKPOINT_HISTORY_FILE);

    if (bytes == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "history of checkpoints");
    if (err != OYEZ_OK)
        goto done;
    fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (fd < 0) {
        err = errno == ENOENT ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no such file", path)
                              : oyez_disk_fail(path, "opening");
        goto done;
    }
    err = oyez_disk_read(disk, fd, path, bytes, OYEZ_HISTORY_HEADER_SIZE, 0, &got);
    if (err == OYEZ_OK)
        err = oyez_history_header_decode(&header, bytes, got);
    if (err == OYEZ_OK)
        err = oyez_history_find_last(disk, fd, path, &header, bytes, &entry, &end);
    if (err == OYEZ_OK) {
        memcpy(note, entry.note, entry.note_size);
        *size = entry.note_size;
    }
    if (rest != NULL && (err == OYEZ_OK || err == OYEZ_ERR_NOT_FOUND)) {
        rest->offset = end;
        oyez_err read =
            oyez_disk_read(disk, fd, path, rest->bytes, sizeof(rest->bytes), end, &rest->size);
        err = read == OYEZ_OK ? err : read;
    }
done:
    if (fd >= 0)
        disk->close(disk->context, fd);
    free(bytes);
    return err;
}

// Both were there or are not to be read: that decides what it means that neither gives a note.
static oyez_err nothing_to_load(oyez_err newest, oyez_err history)
{
    if (newest == OYEZ_ERR_NOT_FOUND && history == OYEZ_ERR_NOT_FOUND)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no checkpoint yet");
    if (newest == OYEZ_ERR_IO || history == OYEZ_ERR_IO)
        return OYEZ_ERR_IO;
    return oyez_fail(OYEZ_ERR_CORRUPT, "%s and %s: no checkpoint can be read from either",
                     OYEZ_CHECKPOINT_FILE, OYEZ_CHECKPOINT_HISTORY_FILE);
}

oyez_err oyez_checkpoint_load(const char *directory, const struct oyez_disk *disk,
                              char note[OYEZ_NOTE_SIZE_MAX], size_t *size)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    char last[OYEZ_HISTORY_NOTE_MAX];
    size_t last_size = 0;
    uint64_t covers = 0, last_covers = 0;

    if (disk == NULL)
        disk = oyez_disk_system();
    oyez_err err = oyez_disk_path(path, directory, OYEZ_CHECKPOINT_FILE);
    if (err != OYEZ_OK)
        return err;
    oyez_err newest = oyez_disk_load(disk, path, note, OYEZ_NOTE_SIZE_MAX, size);
    if (newest == OYEZ_OK)
        newest = read_size(note, *size, &covers);
    oyez_err history = load_history(disk, directory, last, &last_size, NULL);
    if (history == OYEZ_OK)
        history = read_size(last, last_size, &last_covers);
    if (newest != OYEZ_OK && history != OYEZ_OK)
        return nothing_to_load(newest, history);
    if (history == OYEZ_OK && (newest != OYEZ_OK || last_covers >= covers)) {
        memcpy(note, last, last_size);
        note[last_size] = '\0';
        *size = last_size;
    }
    return OYEZ_OK;
}

// Is that what is left of the entry of this note, and of no other? As long as that entry, or as much
// of it as tells what it covers.
static bool is_rest_of(const struct rest *rest, const char *note, size_t size)
{
    uint8_t entry[OYEZ_HISTORY_ENTRY_MAX];
    struct oyez_note parsed;

    if (size > OYEZ_HISTORY_NOTE_MAX || oyez_note_parse(&parsed, note, size) != OYEZ_OK)
        return false;
    const struct oyez_checkpoint_entry whole = {
        .offset = rest->offset, .note = note, .note_size = size};
    size_t whole_size = oyez_history_entry_encode(entry, &whole, 0);
    if (rest->size >= whole_size)
        return rest->size == whole_size;
    memcpy(entry + 4, rest->bytes + 4, 4);   // the checksum, of a time
    memcpy(entry + 16, rest->bytes + 16, 8); // that nobody knows any more
    return rest->size >= OYEZ_HISTORY_ENTRY_SIZE + parsed.text_size &&
           memcmp(entry, rest->bytes, rest->size) == 0;
}

static oyez_err check_not_ahead(const struct oyez_disk *disk, const char *directory,
                                const char *note, size_t size, uint64_t covers, struct rest *rest)
{
    char last[OYEZ_HISTORY_NOTE_MAX];
    size_t last_size = 0;
    uint64_t last_covers = 0;
    oyez_err err = load_history(disk, directory, last, &last_size, rest);

    if (err == OYEZ_OK && read_size(last, last_size, &last_covers) == OYEZ_OK &&
        last_covers >= covers)
        return OYEZ_OK;
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND)
        return err;
    if (rest->offset > 0 && is_rest_of(rest, note, size))
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_CORRUPT,
                     "%s/%s: offset %" PRIu64 ": a checkpoint over %" PRIu64
                     " records was made and is not here, and others may be lost with it; `oyez "
                     "repair` says what can be done",
                     directory, OYEZ_CHECKPOINT_HISTORY_FILE, rest->offset, covers);
}

oyez_err oyez_checkpoint_files_check(const struct oyez_disk *disk, const char *directory)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    char *note = malloc(OYEZ_NOTE_SIZE_MAX);
    struct rest *rest = calloc(1, sizeof(*rest));
    uint64_t covers;
    size_t size;
    oyez_err err = oyez_fail(OYEZ_ERR_NO_MEMORY, "newest checkpoint");

    if (note == NULL || rest == NULL)
        goto done;
    err = oyez_disk_path(path, directory, OYEZ_CHECKPOINT_FILE);
    if (err == OYEZ_OK)
        err = oyez_disk_load(disk, path, note, OYEZ_NOTE_SIZE_MAX, &size);
    if (err == OYEZ_OK)
        err = read_size(note, size, &covers);
    if (err == OYEZ_OK)
        err = check_not_ahead(disk, directory, note, size, covers, rest);
    else if (err != OYEZ_ERR_IO)
        err = OYEZ_OK; // the history has it
done:
    free(note);
    free(rest);
    return err;
}

static oyez_err make_history(struct oyez_checkpoint_files *files, const char *path)
{
    uint8_t bytes[OYEZ_HISTORY_HEADER_SIZE];

    oyez_history_header_encode(bytes, &files->header);
    oyez_err err = oyez_disk_replace(files->disk, path, bytes, sizeof(bytes));
    if (err != OYEZ_OK)
        return err;
    files->history_fd = files->disk->open(files->disk->context, path, O_RDWR, 0);
    files->history_end = sizeof(bytes);
    return files->history_fd >= 0 ? OYEZ_OK : oyez_disk_fail(path, "opening");
}

// After a failed sync the system may show an entry that the disk never got.
static oyez_err write_again(const struct oyez_checkpoint_files *files, const char *path,
                            const struct oyez_checkpoint_entry *entry)
{
    const struct oyez_disk *disk = files->disk;
    oyez_err err =
        oyez_disk_write(disk, files->history_fd, path, entry->note - OYEZ_HISTORY_ENTRY_SIZE,
                        files->history_end - entry->offset, entry->offset);

    if (err == OYEZ_OK && disk->fdatasync(disk->context, files->history_fd) != 0)
        err = oyez_disk_fail(path, "syncing");
    return err;
}

// What follows the last good entry was never told to anybody.
static oyez_err cut_history(struct oyez_checkpoint_files *files, const char *path)
{
    const struct oyez_disk *disk = files->disk;
    struct oyez_checkpoint_entry entry;
    uint8_t *bytes = malloc(2 * OYEZ_HISTORY_ENTRY_MAX);

    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "history of checkpoints");
    oyez_err err = oyez_history_find_last(disk, files->history_fd, path, &files->header, bytes,
                                          &entry, &files->history_end);
    if (err == OYEZ_OK)
        err = write_again(files, path, &entry);
    free(bytes);
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND)
        return err;
    off_t size = disk->size(disk->context, files->history_fd);
    if (size < 0)
        return oyez_disk_fail(path, "asking for its size");
    if ((uint64_t)size > files->history_end + 2 * OYEZ_HISTORY_ENTRY_MAX)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: offset %llu: no good entry, and more behind it than a crash leaves",
                         path, (unsigned long long)files->history_end);
    if ((uint64_t)size > files->history_end &&
        disk->ftruncate(disk->context, files->history_fd, (off_t)files->history_end) != 0)
        return oyez_disk_fail(path, "cutting");
    return OYEZ_OK;
}

static oyez_err open_history(struct oyez_checkpoint_files *files, const char *path)
{
    struct oyez_history_header header;
    uint8_t bytes[OYEZ_HISTORY_HEADER_SIZE];
    size_t got = 0;

    files->history_fd = files->disk->open(files->disk->context, path, O_RDWR, 0);
    if (files->history_fd < 0)
        return errno == ENOENT ? make_history(files, path) : oyez_disk_fail(path, "opening");
    oyez_err err =
        oyez_disk_read(files->disk, files->history_fd, path, bytes, sizeof(bytes), 0, &got);
    if (err == OYEZ_OK)
        err = oyez_history_header_decode(&header, bytes, got);
    if (err == OYEZ_OK &&
        memcmp(header.journal_id, files->header.journal_id, OYEZ_JOURNAL_ID_SIZE) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 16: of another journal", path);
    if (err != OYEZ_OK)
        return err;
    files->header = header;
    return cut_history(files, path);
}

static oyez_err add_to_history(struct oyez_checkpoint_files *files, const char *note, size_t size)
{
    const struct oyez_disk *disk = files->disk;
    const struct oyez_checkpoint_entry entry = {.offset = files->history_end,
                                                .time = disk->now(disk->context),
                                                .note = note,
                                                .note_size = size};
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t bytes[OYEZ_HISTORY_ENTRY_MAX];

    if (size > OYEZ_HISTORY_NOTE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "checkpoint of %zu bytes", size);
    oyez_err err = oyez_disk_path(path, files->directory, OYEZ_CHECKPOINT_HISTORY_FILE);
    if (err != OYEZ_OK)
        return err;
    size_t entry_size = oyez_history_entry_encode(bytes, &entry, files->header.sum);
    err = oyez_disk_write(disk, files->history_fd, path, bytes, entry_size, files->history_end);
    if (err == OYEZ_OK && disk->fdatasync(disk->context, files->history_fd) != 0)
        err = oyez_disk_fail(path, "syncing");
    if (err == OYEZ_OK)
        files->history_end += entry_size;
    return err;
}

static oyez_err set_newest(struct oyez_checkpoint_files *files, const char *note, size_t size)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, files->directory, OYEZ_CHECKPOINT_FILE);

    return err == OYEZ_OK ? oyez_disk_replace(files->disk, path, note, size) : err;
}

oyez_err oyez_checkpoint_files_put(struct oyez_checkpoint_files *files, const char *note,
                                   size_t size)
{
    oyez_err err = add_to_history(files, note, size);

    return err == OYEZ_OK ? set_newest(files, note, size) : err;
}

// A crash, or damage to one of the two, may have left them different.
static oyez_err make_equal(struct oyez_checkpoint_files *files)
{
    char note[OYEZ_NOTE_SIZE_MAX], other[OYEZ_NOTE_SIZE_MAX], path[OYEZ_JOURNAL_PATH_SIZE];
    size_t size = 0, other_size = 0;
    oyez_err err = oyez_checkpoint_load(files->directory, files->disk, note, &size);

    if (err == OYEZ_ERR_NOT_FOUND)
        return OYEZ_OK;
    if (err == OYEZ_OK)
        err = oyez_disk_path(path, files->directory, OYEZ_CHECKPOINT_FILE);
    if (err != OYEZ_OK)
        return err;
    if (load_history(files->disk, files->directory, other, &other_size, NULL) != OYEZ_OK ||
        other_size != size || memcmp(other, note, size) != 0)
        err = add_to_history(files, note, size);
    if (err == OYEZ_OK &&
        (oyez_disk_load(files->disk, path, other, sizeof(other), &other_size) != OYEZ_OK ||
         other_size != size || memcmp(other, note, size) != 0))
        err = set_newest(files, note, size);
    return err;
}

oyez_err oyez_checkpoint_files_open(struct oyez_checkpoint_files *files,
                                    const struct oyez_disk *disk, const char *directory,
                                    const uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE])
{
    char path[OYEZ_JOURNAL_PATH_SIZE];

    *files = (struct oyez_checkpoint_files){.disk = disk, .directory = directory, .history_fd = -1};
    memcpy(files->header.journal_id, journal_id, OYEZ_JOURNAL_ID_SIZE);
    oyez_err err = oyez_disk_path(path, directory, OYEZ_CHECKPOINT_HISTORY_FILE);
    if (err == OYEZ_OK)
        err = open_history(files, path);
    if (err == OYEZ_OK)
        err = make_equal(files);
    if (err != OYEZ_OK)
        oyez_checkpoint_files_close(files);
    return err;
}

void oyez_checkpoint_files_close(struct oyez_checkpoint_files *files)
{
    if (files->disk != NULL && files->history_fd >= 0)
        files->disk->close(files->disk->context, files->history_fd);
    *files = (struct oyez_checkpoint_files){.history_fd = -1};
}

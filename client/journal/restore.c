// SPDX-License-Identifier: MIT
// A restore leaves no directory that could be taken for a journal before all of it is there: the
// checkpoint comes first, and what holds fewer records than that covers is not opened for writing.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "backup_state.h"
#include "hash_files.h"
#include "oyez/disk.h"

#define MARKER "restoring"
#define MARKER_TEXT "A restore into this directory has not ended, or has found problems.\n"

struct restore {
    const struct oyez_disk *disk;
    const char *from, *to;
    int lock_fd;
    struct oyez_backup_manifest manifest;
    struct oyez_checkpoint checkpoint;
    struct oyez_backup_progress progress;
    struct oyez_restore_report *report;
};

struct contents {
    bool marker;
    bool others;
};

static int look_at_name(void *arg, const char *name)
{
    // The last but one an interrupted restore may have left; the last a file system of its own has.
    static const char *const passed[] = {".", "..", MARKER ".new", "lost+found"};
    struct contents *contents = arg;

    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
        if (strcmp(name, passed[i]) == 0)
            return 0;
    if (strcmp(name, MARKER) == 0)
        contents->marker = true;
    else
        contents->others = true;
    return 0;
}

// Of what an earlier restore left in the directory, everything is put anew but segments that this
// backup has not.
static bool is_left(void *arg, const char *name)
{
    const struct oyez_backup_manifest *manifest = arg;
    uint64_t first;

    return (oyez_backup_is_segment(name, false, &first) &&
            !oyez_backup_manifest_has(manifest, first, false)) ||
           (oyez_backup_is_segment(name, true, &first) &&
            !oyez_backup_manifest_has(manifest, first, true));
}

static oyez_err open_target(const struct restore *restore)
{
    const struct oyez_disk *disk = restore->disk;
    struct contents contents = {0};
    char path[OYEZ_JOURNAL_PATH_SIZE], archive[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_backup_make_directory(disk, restore->to);

    if (err == OYEZ_OK && disk->list(disk->context, restore->to, look_at_name, &contents) != 0)
        err = oyez_disk_fail(restore->to, "listing");
    if (err == OYEZ_OK && contents.others && !contents.marker)
        err = oyez_fail(OYEZ_ERR_REFUSED,
                        "%s: is not empty; a backup is restored into an empty "
                        "directory only",
                        restore->to);
    if (err == OYEZ_OK)
        err = oyez_disk_path(path, restore->to, MARKER);
    if (err == OYEZ_OK)
        err = oyez_disk_path(archive, restore->to, OYEZ_BACKUP_ARCHIVE);
    if (err == OYEZ_OK)
        err = oyez_disk_replace(disk, path, MARKER_TEXT, strlen(MARKER_TEXT));
    if (err == OYEZ_OK)
        err = oyez_backup_make_archive(disk, restore->to, &restore->manifest);
    if (err == OYEZ_OK)
        err = oyez_backup_remove_names(disk, restore->to, is_left,
                                       (void *)(uintptr_t)&restore->manifest);
    if (err == OYEZ_OK)
        err =
            oyez_backup_remove_names(disk, archive, is_left, (void *)(uintptr_t)&restore->manifest);
    return err;
}

// A backup on a medium that is read only is not being written either.
static oyez_err open_source(struct restore *restore)
{
    bool completed;
    oyez_err err = oyez_backup_lock(restore->disk, restore->from, &restore->lock_fd);

    if (err != OYEZ_ERR_LOCKED)
        err = OYEZ_OK;
    if (err == OYEZ_OK)
        err = oyez_backup_complete(restore->disk, restore->from, &completed);
    if (err == OYEZ_OK)
        err = oyez_backup_manifest_load(&restore->manifest, restore->disk, restore->from,
                                        OYEZ_BACKUP_FILE);
    return err;
}

static oyez_err is_backup(const struct restore *restore)
{
    static const char *const names[] = {OYEZ_BACKUP_FILE, OYEZ_BACKUP_NEXT_FILE};
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = OYEZ_ERR_NOT_FOUND;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && err == OYEZ_ERR_NOT_FOUND; i++) {
        int fd = -1;
        err = oyez_disk_path(path, restore->from, names[i]);
        if (err == OYEZ_OK)
            err = oyez_backup_open_file(restore->disk, path, O_RDONLY, &fd);
        if (fd >= 0)
            restore->disk->close(restore->disk->context, fd);
    }
    return err == OYEZ_ERR_NOT_FOUND
               ? oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: is no backup", restore->from)
               : err;
}

static oyez_err read_checkpoint(struct restore *restore)
{
    struct oyez_note note;
    size_t size;
    char *bytes = malloc(OYEZ_NOTE_SIZE_MAX);
    oyez_err err = bytes != NULL ? oyez_checkpoint_load(restore->from, restore->disk, bytes, &size)
                                 : oyez_fail(OYEZ_ERR_NO_MEMORY, "newest checkpoint");

    if (err == OYEZ_OK)
        err = oyez_note_parse(&note, bytes, size);
    if (err == OYEZ_OK)
        err = oyez_checkpoint_read(&restore->checkpoint, note.text, note.text_size);
    free(bytes);
    return err;
}

static oyez_err copy_file(struct restore *restore, const char *from, const char *to)
{
    const struct oyez_backup_piece piece = {.from = from, .to = to, .size = UINT64_MAX};

    return oyez_backup_copy(restore->disk, &piece, &restore->progress, &restore->report->bytes);
}

static oyez_err copy_name(struct restore *restore, const char *name)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(from, restore->from, name);

    if (err == OYEZ_OK)
        err = oyez_disk_path(to, restore->to, name);
    if (err == OYEZ_OK)
        err = copy_file(restore, from, to);
    return err;
}

// Those that need not be there.
static oyez_err copy_optional(struct restore *restore, const char *name)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = copy_name(restore, name);

    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    err = oyez_disk_path(path, restore->to, name);
    return err == OYEZ_OK ? oyez_backup_remove(restore->disk, path) : err;
}

static oyez_err copy_segments(struct restore *restore)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = OYEZ_OK;

    for (size_t i = 0; i < restore->manifest.count && err == OYEZ_OK; i++) {
        const struct oyez_backup_segment *segment = &restore->manifest.segments[i];
        err = oyez_backup_segment_path(from, restore->from, segment->first, segment->archived);
        if (err == OYEZ_OK)
            err = oyez_backup_segment_path(to, restore->to, segment->first, segment->archived);
        if (err == OYEZ_OK)
            err = copy_file(restore, from, to);
    }
    return err;
}

static oyez_err copy_all(struct restore *restore)
{
    char name[OYEZ_HASH_FILE_NAME_SIZE];
    oyez_err err = copy_name(restore, OYEZ_CHECKPOINT_FILE);

    if (err == OYEZ_OK)
        err = copy_name(restore, OYEZ_CHECKPOINT_HISTORY_FILE);
    if (err == OYEZ_OK)
        err = oyez_backup_sync_directory(restore->disk, restore->to);
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++) {
        oyez_hash_file_name(name, level);
        err = copy_optional(restore, name);
    }
    if (err == OYEZ_OK)
        err = copy_optional(restore, OYEZ_BACKUP_CONSUMERS);
    if (err == OYEZ_OK)
        err = copy_segments(restore);
    return err == OYEZ_OK ? oyez_backup_sync(restore->disk, restore->to, &restore->manifest) : err;
}

static oyez_err sum_sizes(struct restore *restore)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = OYEZ_OK;

    for (size_t i = 0; i < restore->manifest.count && err == OYEZ_OK; i++) {
        const struct oyez_backup_segment *segment = &restore->manifest.segments[i];
        int fd = -1;
        err = oyez_backup_segment_path(path, restore->from, segment->first, segment->archived);
        if (err == OYEZ_OK)
            err = oyez_backup_open_file(restore->disk, path, O_RDONLY, &fd);
        if (err == OYEZ_ERR_NOT_FOUND)
            err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: the backup lacks it", path);
        off_t size = fd >= 0 ? restore->disk->size(restore->disk->context, fd) : 0;
        restore->progress.all += size > 0 ? (uint64_t)size : 0;
        if (fd >= 0)
            restore->disk->close(restore->disk->context, fd);
    }
    return err;
}

// What the last records say of where the journal stands.
static oyez_err find_reach(struct restore *restore)
{
    struct oyez_journal_segment segment;
    oyez_journal_reader *reader = NULL;
    size_t segments = 0;
    oyez_err err = oyez_journal_reader_open(&reader, restore->to, restore->disk);

    if (err == OYEZ_OK)
        err = oyez_journal_reader_refresh(reader, &segments);
    for (size_t i = segments; i > 0 && err == OYEZ_OK && restore->report->epoch == 0; i--) {
        err = oyez_journal_reader_segment(reader, i - 1, &segment);
        restore->report->epoch = err == OYEZ_OK ? segment.last_epoch : 0;
        restore->report->position = err == OYEZ_OK ? segment.last_position : 0;
    }
    oyez_journal_reader_close(&reader);
    return err;
}

static void tell(struct restore *restore)
{
    struct oyez_restore_report *report = restore->report;

    report->records = restore->checkpoint.size;
    report->taken = restore->manifest.taken;
    memcpy(report->root, restore->checkpoint.root.bytes, sizeof(report->root));
    memccpy(report->origin, restore->checkpoint.origin, '\0', sizeof(report->origin) - 1);
}

static oyez_err end(struct restore *restore, const struct oyez_journal_verify_options *verify)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_journal_verify(restore->to, verify, &restore->report->verdict);

    if (err != OYEZ_OK || restore->report->verdict.problems > 0)
        return err;
    err = find_reach(restore);
    if (err == OYEZ_OK)
        err = oyez_disk_path(path, restore->to, MARKER);
    if (err == OYEZ_OK)
        err = oyez_backup_remove(restore->disk, path);
    return err == OYEZ_OK ? oyez_backup_sync_directory(restore->disk, restore->to) : err;
}

oyez_err oyez_backup_restore(const char *from, const char *to,
                             const struct oyez_backup_options *options,
                             const struct oyez_journal_verify_options *verify,
                             struct oyez_restore_report *report)
{
    static const struct oyez_backup_options defaults;
    struct restore restore = {.from = from, .to = to, .lock_fd = -1, .report = report};

    *report = (struct oyez_restore_report){0};
    if (options == NULL)
        options = &defaults;
    restore.disk = options->disk != NULL ? options->disk : oyez_disk_system();
    restore.progress =
        (struct oyez_backup_progress){.tell = options->progress, .arg = options->arg};
    oyez_err err = is_backup(&restore);
    if (err == OYEZ_OK)
        err = open_source(&restore);
    if (err == OYEZ_OK)
        err = read_checkpoint(&restore);
    if (err == OYEZ_OK)
        err = sum_sizes(&restore);
    if (err == OYEZ_OK)
        err = open_target(&restore);
    if (err == OYEZ_OK)
        err = copy_all(&restore);
    if (err == OYEZ_OK) {
        tell(&restore);
        err = end(&restore, verify);
    }
    if (restore.lock_fd >= 0)
        restore.disk->close(restore.disk->context, restore.lock_fd);
    oyez_backup_manifest_clear(&restore.manifest);
    return err;
}

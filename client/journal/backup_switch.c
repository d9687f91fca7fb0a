// SPDX-License-Identifier: MIT
// Puts what was copied in place. Every step may be done twice, so it does not matter where it was
// interrupted.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backup_state.h"
#include "hash_files.h"
#include "oyez/disk.h"

struct switching {
    const struct oyez_disk *disk;
    const char *directory;
    char next[OYEZ_JOURNAL_PATH_SIZE];
    char archive[OYEZ_JOURNAL_PATH_SIZE];      // of the backup
    char next_archive[OYEZ_JOURNAL_PATH_SIZE]; // of what is new
    struct oyez_backup_manifest manifest;
};

static oyez_err move(const struct switching *switching, const char *from, const char *to)
{
    const struct oyez_disk *disk = switching->disk;

    if (disk->rename(disk->context, from, to) == 0 || errno == ENOENT)
        return OYEZ_OK;
    return oyez_disk_fail(from, "renaming");
}

static oyez_err move_name(const struct switching *switching, const char *name)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(from, switching->next, name);

    if (err == OYEZ_OK)
        err = oyez_disk_path(to, switching->directory, name);
    return err == OYEZ_OK ? move(switching, from, to) : err;
}

static oyez_err move_segments(const struct switching *switching)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = OYEZ_OK;

    for (size_t i = 0; i < switching->manifest.count && err == OYEZ_OK; i++) {
        const struct oyez_backup_segment *segment = &switching->manifest.segments[i];
        err = oyez_backup_segment_path(from, switching->next, segment->first, segment->archived);
        if (err == OYEZ_OK)
            err = oyez_backup_segment_path(to, switching->directory, segment->first,
                                           segment->archived);
        if (err == OYEZ_OK)
            err = move(switching, from, to);
    }
    return err;
}

// What was added to a file goes behind what the backup has of it.
static oyez_err append_name(const struct switching *switching, const char *name, uint64_t offset)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    const struct oyez_backup_piece piece = {
        .from = from, .to = to, .size = UINT64_MAX, .to_start = offset};
    uint64_t bytes = 0;

    if (offset == 0)
        return move_name(switching, name);
    oyez_err err = oyez_disk_path(from, switching->next, name);
    if (err == OYEZ_OK)
        err = oyez_disk_path(to, switching->directory, name);
    if (err == OYEZ_OK)
        err = oyez_backup_copy(switching->disk, &piece, NULL, &bytes);
    if (err == OYEZ_OK)
        err = oyez_backup_remove(switching->disk, from);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err append_files(const struct switching *switching)
{
    const struct oyez_backup_manifest *manifest = &switching->manifest;
    char name[OYEZ_HASH_FILE_NAME_SIZE];
    oyez_err err = OYEZ_OK;

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++) {
        oyez_hash_file_name(name, level);
        err = append_name(switching, name,
                          oyez_tree_stored(manifest->base, level) * sizeof(struct oyez_hash));
    }
    if (err == OYEZ_OK)
        err = append_name(switching, OYEZ_CHECKPOINT_HISTORY_FILE, manifest->history_start);
    return err;
}

static bool is_gone_plain(void *arg, const char *name)
{
    const struct oyez_backup_manifest *manifest = arg;
    static const char *const made[] = {".ids", ".idx", ".ids.new", ".idx.new"};
    uint64_t first;

    // Somebody asked the backup. What was made for that may name what is erased now.
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        if (strspn(name, "0123456789") == 20 && strcmp(name + 20, made[i]) == 0)
            return true;
    return oyez_backup_is_segment(name, false, &first) &&
           !oyez_backup_manifest_has(manifest, first, false);
}

static bool is_gone_archived(void *arg, const char *name)
{
    const struct oyez_backup_manifest *manifest = arg;
    uint64_t first;

    return oyez_backup_is_segment(name, true, &first) &&
           !oyez_backup_manifest_has(manifest, first, true);
}

static bool is_file(void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strcmp(name, OYEZ_BACKUP_ARCHIVE) != 0;
}

static oyez_err remove_gone(struct switching *switching)
{
    oyez_err err = oyez_backup_remove_names(switching->disk, switching->directory, is_gone_plain,
                                            &switching->manifest);

    if (err == OYEZ_OK)
        err = oyez_backup_remove_names(switching->disk, switching->archive, is_gone_archived,
                                       &switching->manifest);
    return err;
}

static oyez_err finish(struct switching *switching)
{
    const struct oyez_disk *disk = switching->disk;
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_backup_sync(disk, switching->directory, &switching->manifest);

    if (err == OYEZ_OK)
        err = oyez_disk_path(from, switching->directory, OYEZ_BACKUP_NEXT_FILE);
    if (err == OYEZ_OK)
        err = oyez_disk_path(to, switching->directory, OYEZ_BACKUP_FILE);
    if (err == OYEZ_OK)
        err = move(switching, from, to);
    if (err == OYEZ_OK)
        err = oyez_backup_sync_directory(disk, switching->directory);
    // What an interrupted call had copied, and this one had no use for.
    if (err == OYEZ_OK)
        err = oyez_backup_remove_names(disk, switching->next_archive, is_file, NULL);
    if (err == OYEZ_OK)
        err = oyez_backup_remove_names(disk, switching->next, is_file, NULL);
    return err;
}

static oyez_err carry_out(struct switching *switching)
{
    oyez_err err = oyez_disk_path(switching->next, switching->directory, OYEZ_BACKUP_NEXT);

    if (err == OYEZ_OK)
        err = oyez_disk_path(switching->archive, switching->directory, OYEZ_BACKUP_ARCHIVE);
    if (err == OYEZ_OK)
        err = oyez_disk_path(switching->next_archive, switching->next, OYEZ_BACKUP_ARCHIVE);
    if (err == OYEZ_OK)
        err = oyez_backup_make_archive(switching->disk, switching->directory, &switching->manifest);
    if (err == OYEZ_OK)
        err = move_segments(switching);
    if (err == OYEZ_OK)
        err = append_files(switching);
    if (err == OYEZ_OK)
        err = move_name(switching, OYEZ_CHECKPOINT_FILE);
    if (err == OYEZ_OK)
        err = move_name(switching, OYEZ_BACKUP_CONSUMERS);
    if (err == OYEZ_OK)
        err = remove_gone(switching);
    return err == OYEZ_OK ? finish(switching) : err;
}

oyez_err oyez_backup_complete(const struct oyez_disk *disk, const char *directory, bool *completed)
{
    struct switching *switching = calloc(1, sizeof(*switching));

    *completed = false;
    if (switching == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "backup");
    switching->disk = disk;
    switching->directory = directory;
    oyez_err err =
        oyez_backup_manifest_load(&switching->manifest, disk, directory, OYEZ_BACKUP_NEXT_FILE);
    *completed = err == OYEZ_OK;
    if (err == OYEZ_OK)
        err = carry_out(switching);
    oyez_backup_manifest_clear(&switching->manifest);
    free(switching);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_backup_switch(struct oyez_backup *backup)
{
    bool switched;
    oyez_err err = oyez_backup_sync(backup->disk, backup->next, &backup->after);

    backup->after.records = backup->aim.size;
    backup->after.taken = backup->disk->now(backup->disk->context);
    if (err == OYEZ_OK)
        err = oyez_backup_manifest_save(&backup->after, backup->disk, backup->to,
                                        OYEZ_BACKUP_NEXT_FILE);
    return err == OYEZ_OK ? oyez_backup_complete(backup->disk, backup->to, &switched) : err;
}

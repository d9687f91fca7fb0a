// SPDX-License-Identifier: MIT
#include "hash_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "oyez/disk.h"

#define WAITING_MAX 2048u // 64 KiB

void oyez_hash_file_name(char out[OYEZ_HASH_FILE_NAME_SIZE], unsigned level)
{
    snprintf(out, OYEZ_HASH_FILE_NAME_SIZE, "hash.L%u", level);
}

void oyez_hash_files_open(struct oyez_hash_files *files, const struct oyez_disk *disk,
                          const char *directory)
{
    *files = (struct oyez_hash_files){.disk = disk, .directory = directory};
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        files->levels[level].fd = -1;
}

void oyez_hash_files_close(struct oyez_hash_files *files)
{
    if (files->disk == NULL)
        return;
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++) {
        if (files->levels[level].fd >= 0)
            files->disk->close(files->disk->context, files->levels[level].fd);
        free(files->levels[level].waiting);
    }
    *files = (struct oyez_hash_files){0};
}

static oyez_err make_path(const struct oyez_hash_files *files, unsigned level,
                          char path[OYEZ_JOURNAL_PATH_SIZE])
{
    char name[OYEZ_HASH_FILE_NAME_SIZE];

    oyez_hash_file_name(name, level);
    return oyez_disk_path(path, files->directory, name);
}

static oyez_err open_level(struct oyez_hash_files *files, unsigned level, const char *path)
{
    struct oyez_hash_file *file = &files->levels[level];
    const struct oyez_disk *disk = files->disk;

    if (file->fd >= 0)
        return OYEZ_OK;
    file->fd = disk->open(disk->context, path, O_RDWR, 0);
    if (file->fd >= 0)
        return OYEZ_OK;
    file->fd = disk->open(disk->context, path, O_RDWR | O_CREAT, 0600);
    files->made = true;
    return file->fd >= 0 ? OYEZ_OK : oyez_disk_fail(path, "making");
}

static oyez_err cut_level(struct oyez_hash_files *files, unsigned level, uint64_t count)
{
    struct oyez_hash_file *file = &files->levels[level];
    const struct oyez_disk *disk = files->disk;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = make_path(files, level, path);

    file->written = count;
    file->waiting_count = 0;
    if (err != OYEZ_OK)
        return err;
    if (file->fd < 0)
        file->fd = disk->open(disk->context, path, O_RDWR, 0);
    if (file->fd < 0)
        return OYEZ_OK; // made when it has something to hold
    off_t size = disk->size(disk->context, file->fd);
    off_t wanted = (off_t)(count * sizeof(struct oyez_hash));
    if (size < 0)
        return oyez_disk_fail(path, "asking for its size");
    if (size > wanted && disk->ftruncate(disk->context, file->fd, wanted) != 0)
        return oyez_disk_fail(path, "cutting");
    return OYEZ_OK;
}

oyez_err oyez_hash_files_go_on(struct oyez_hash_files *files, uint64_t size)
{
    oyez_err err = OYEZ_OK;

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++)
        err = cut_level(files, level, oyez_tree_stored(size, level));
    return err;
}

static oyez_err sync_level(struct oyez_hash_files *files, unsigned level)
{
    struct oyez_hash_file *file = &files->levels[level];

    if (!file->dirty)
        return OYEZ_OK;
    if (files->disk->fdatasync(files->disk->context, file->fd) != 0)
        return oyez_disk_fail(files->directory, "syncing the hash files");
    file->dirty = false;
    return OYEZ_OK;
}

static oyez_err write_waiting(struct oyez_hash_files *files, unsigned level)
{
    struct oyez_hash_file *file = &files->levels[level];
    char path[OYEZ_JOURNAL_PATH_SIZE];

    if (file->waiting_count == 0)
        return OYEZ_OK;
    oyez_err err = make_path(files, level, path);
    if (err == OYEZ_OK)
        err = open_level(files, level, path);
    if (err == OYEZ_OK)
        err = oyez_disk_write(files->disk, file->fd, path, file->waiting,
                              file->waiting_count * sizeof(*file->waiting),
                              file->written * sizeof(*file->waiting));
    if (err != OYEZ_OK)
        return err;
    file->written += file->waiting_count;
    file->waiting_count = 0;
    file->dirty = true;
    return OYEZ_OK;
}

static oyez_err write_level(struct oyez_hash_files *files, unsigned level)
{
    oyez_err err = OYEZ_OK;

    for (unsigned below = 0; files->in_order && below < level && err == OYEZ_OK; below++) {
        err = write_waiting(files, below);
        if (err == OYEZ_OK)
            err = sync_level(files, below);
    }
    return err == OYEZ_OK ? write_waiting(files, level) : err;
}

static oyez_err make_room(struct oyez_hash_file *file)
{
    size_t room = file->waiting_room == 0 ? 16 : file->waiting_room * 2;
    struct oyez_hash *grown = realloc(file->waiting, room * sizeof(*grown));

    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "hashes that wait for their file");
    file->waiting = grown;
    file->waiting_room = room;
    return OYEZ_OK;
}

oyez_err oyez_hash_files_add(struct oyez_hash_files *files, unsigned level,
                             const struct oyez_hash *hash)
{
    struct oyez_hash_file *file = &files->levels[level];
    oyez_err err = OYEZ_OK;

    if (file->waiting_count == WAITING_MAX)
        err = write_level(files, level);
    if (err == OYEZ_OK && file->waiting_count == file->waiting_room)
        err = make_room(file);
    if (err == OYEZ_OK)
        file->waiting[file->waiting_count++] = *hash;
    return err;
}

oyez_err oyez_hash_files_write(struct oyez_hash_files *files)
{
    oyez_err err = OYEZ_OK;

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++)
        err = write_level(files, level);
    return err;
}

oyez_err oyez_hash_files_sync(struct oyez_hash_files *files)
{
    const struct oyez_disk *disk = files->disk;
    oyez_err err = oyez_hash_files_write(files);

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++)
        err = sync_level(files, level);
    files->in_order = files->in_order && err != OYEZ_OK;
    if (err == OYEZ_OK && files->made) {
        if (disk->sync_directory(disk->context, files->directory) != 0)
            return oyez_disk_fail(files->directory, "syncing the directory");
        files->made = false;
    }
    return err;
}

oyez_err oyez_hash_files_begin_anew(struct oyez_hash_files *files, uint64_t size)
{
    oyez_err err = oyez_hash_files_go_on(files, size);

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        files->levels[level].dirty = files->levels[level].fd >= 0;
    if (err == OYEZ_OK)
        err = oyez_hash_files_sync(files);
    files->in_order = true;
    return err;
}

oyez_err oyez_hash_files_read(void *files, unsigned level, uint64_t first, size_t count,
                              struct oyez_hash *out)
{
    struct oyez_hash_files *all = files;
    struct oyez_hash_file *file = &all->levels[level];
    char path[OYEZ_JOURNAL_PATH_SIZE];
    size_t got = 0;
    oyez_err err = make_path(all, level, path);

    if (err == OYEZ_OK && file->fd >= 0)
        err = oyez_disk_read(all->disk, file->fd, path, out, count * sizeof(*out),
                             first * sizeof(*out), &got);
    if (err == OYEZ_OK && got < count * sizeof(*out))
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: hash %llu is missing", path,
                        (unsigned long long)(first + got / sizeof(*out)));
    return err;
}

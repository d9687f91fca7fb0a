// SPDX-License-Identifier: MIT
#include "repair_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "oyez/disk.h"

#define COPY_SIZE (1024u * 1024u)
#define NAMES_MAX 1000u

oyez_err oyez_repair_lock(struct oyez_repair *repair)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, repair->directory, "lock");

    if (err != OYEZ_OK)
        return err;
    repair->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (repair->lock_fd < 0)
        return oyez_disk_fail(path, "opening");
    if (flock(repair->lock_fd, LOCK_EX | LOCK_NB) != 0)
        err = oyez_fail(OYEZ_ERR_LOCKED, "%s: is being written; stop the recorder first",
                        repair->directory);
    return err;
}

void oyez_repair_unlock(struct oyez_repair *repair)
{
    if (repair->lock_fd >= 0)
        close(repair->lock_fd);
    repair->lock_fd = -1;
}

// A name beside the path that nothing has yet.
static oyez_err free_name(const char *path, char out[OYEZ_JOURNAL_PATH_SIZE])
{
    for (unsigned n = 1; n < NAMES_MAX; n++) {
        int size = n == 1 ? snprintf(out, OYEZ_JOURNAL_PATH_SIZE, "%s.damaged", path)
                          : snprintf(out, OYEZ_JOURNAL_PATH_SIZE, "%s.damaged.%u", path, n);
        if (size < 0 || (size_t)size >= OYEZ_JOURNAL_PATH_SIZE)
            return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", path);
        if (access(out, F_OK) != 0)
            return OYEZ_OK;
    }
    return oyez_fail(OYEZ_ERR_IN_USE, "%s: too many files moved aside", path);
}

oyez_err oyez_repair_move_aside(const struct oyez_repair *repair, const char *path)
{
    char aside[OYEZ_JOURNAL_PATH_SIZE];

    if (access(path, F_OK) != 0)
        return errno == ENOENT ? OYEZ_OK : oyez_disk_fail(path, "looking");
    oyez_err err = free_name(path, aside);
    if (err == OYEZ_OK && rename(path, aside) != 0)
        err = oyez_disk_fail(path, "renaming");
    if (err == OYEZ_OK && repair->moved != NULL)
        repair->moved(repair->arg, path, aside);
    return err;
}

oyez_err oyez_repair_move_name(const struct oyez_repair *repair, const char *name)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, repair->directory, name);

    return err == OYEZ_OK ? oyez_repair_move_aside(repair, path) : err;
}

static oyez_err copy(int from, int to, const char *path, uint64_t size)
{
    const struct oyez_disk *disk = oyez_disk_system();
    uint8_t *bytes = malloc(COPY_SIZE);
    oyez_err err = bytes != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "copy of a segment");
    uint64_t at = 0;

    while (err == OYEZ_OK && at < size) {
        size_t got, piece = size - at < COPY_SIZE ? (size_t)(size - at) : COPY_SIZE;
        err = oyez_disk_read(disk, from, path, bytes, piece, at, &got);
        if (err == OYEZ_OK && got < piece)
            err = oyez_fail(OYEZ_ERR_IO, "%s: ends early", path);
        if (err == OYEZ_OK)
            err = oyez_disk_write(disk, to, path, bytes, got, at);
        at += piece;
    }
    if (err == OYEZ_OK && fsync(to) != 0)
        err = oyez_disk_fail(path, "syncing");
    free(bytes);
    return err;
}

static oyez_err new_path(char out[OYEZ_JOURNAL_PATH_SIZE], const struct oyez_repair *repair,
                         const char *name)
{
    char new_name[80];

    snprintf(new_name, sizeof(new_name), "%s.new", name);
    return oyez_disk_path(out, repair->directory, new_name);
}

oyez_err oyez_repair_replace(const struct oyez_repair *repair, const char *name)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], fresh[OYEZ_JOURNAL_PATH_SIZE], aside[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, repair->directory, name);

    if (err == OYEZ_OK)
        err = new_path(fresh, repair, name);
    if (err == OYEZ_OK)
        err = free_name(path, aside);
    if (err != OYEZ_OK)
        return err;
    // The old one has a second name before it loses its first.
    bool was_there = link(path, aside) == 0;
    if (!was_there && errno != ENOENT)
        return oyez_disk_fail(aside, "linking");
    if (rename(fresh, path) != 0)
        return oyez_disk_fail(fresh, "renaming");
    if (was_there && repair->moved != NULL)
        repair->moved(repair->arg, path, aside);
    return OYEZ_OK;
}

oyez_err oyez_repair_cut(const struct oyez_repair *repair, const char *name, uint64_t size)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], shorter[OYEZ_JOURNAL_PATH_SIZE];
    int from = -1, to = -1;
    oyez_err err = oyez_disk_path(path, repair->directory, name);

    if (err == OYEZ_OK)
        err = new_path(shorter, repair, name);
    if (err != OYEZ_OK)
        return err;
    from = open(path, O_RDONLY | O_CLOEXEC);
    to = open(shorter, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    err = from < 0 || to < 0 ? oyez_disk_fail(path, "opening") : copy(from, to, path, size);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return err == OYEZ_OK ? oyez_repair_replace(repair, name) : err;
}

oyez_err oyez_repair_sync(const struct oyez_repair *repair)
{
    const struct oyez_disk *disk = oyez_disk_system();

    if (disk->sync_directory(disk->context, repair->directory) != 0)
        return oyez_disk_fail(repair->directory, "syncing the directory");
    return OYEZ_OK;
}

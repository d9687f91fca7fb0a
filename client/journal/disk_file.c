// SPDX-License-Identifier: MIT
// Whole reads and writes on a struct oyez_disk, and its failures as errors with a detail.
#include "oyez/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

oyez_err oyez_disk_fail(const char *path, const char *doing)
{
    int reason = errno;
    oyez_err err = OYEZ_ERR_IO;

    if (reason == ENOSPC || reason == EDQUOT)
        err = OYEZ_ERR_NO_SPACE;
    else if (reason == ENOMEM)
        err = OYEZ_ERR_NO_MEMORY;
    return oyez_fail(err, "%s: %s: %s", path, doing, strerror(reason));
}

oyez_err oyez_disk_read(const struct oyez_disk *disk, int fd, const char *path, void *data,
                        size_t size, uint64_t offset, size_t *got)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = disk->pread(disk->context, fd, (uint8_t *)data + done, size - done,
                                (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return oyez_disk_fail(path, "reading");
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return OYEZ_OK;
}

oyez_err oyez_disk_write(const struct oyez_disk *disk, int fd, const char *path, const void *data,
                         size_t size, uint64_t offset)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = disk->pwrite(disk->context, fd, (const uint8_t *)data + done, size - done,
                                 (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return oyez_disk_fail(path, "writing");
        }
        done += (size_t)n;
    }
    return OYEZ_OK;
}

oyez_err oyez_disk_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory, const char *name)
{
    int size = snprintf(out, OYEZ_JOURNAL_PATH_SIZE, "%s/%s", directory, name);

    if (size < 0 || (size_t)size >= OYEZ_JOURNAL_PATH_SIZE)
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    return OYEZ_OK;
}

oyez_err oyez_disk_sync_name(const struct oyez_disk *disk, const char *path)
{
    char directory[OYEZ_JOURNAL_PATH_SIZE] = ".";
    const char *slash = strrchr(path, '/');

    if (slash != NULL && strlen(path) >= sizeof(directory))
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", path);
    if (slash != NULL) {
        size_t size = slash == path ? 1 : (size_t)(slash - path);
        memcpy(directory, path, size);
        directory[size] = '\0';
    }
    if (disk->sync_directory(disk->context, directory) != 0)
        return oyez_disk_fail(directory, "syncing the directory");
    return OYEZ_OK;
}

static oyez_err write_new(const struct oyez_disk *disk, const char *path, const void *data,
                          size_t size, bool synced)
{
    // One that was left may have other permissions.
    (void)disk->unlink(disk->context, path);
    int fd = disk->open(disk->context, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        return oyez_disk_fail(path, "making");
    oyez_err err = oyez_disk_write(disk, fd, path, data, size, 0);
    if (err == OYEZ_OK && synced && disk->fdatasync(disk->context, fd) != 0)
        err = oyez_disk_fail(path, "syncing");
    disk->close(disk->context, fd);
    return err;
}

static oyez_err replace(const struct oyez_disk *disk, const char *path, const void *data,
                        size_t size, bool synced)
{
    char new_path[OYEZ_JOURNAL_PATH_SIZE];
    int length = snprintf(new_path, sizeof(new_path), "%s.new", path);

    if (length < 0 || (size_t)length >= sizeof(new_path))
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", path);
    oyez_err err = write_new(disk, new_path, data, size, synced);
    if (err == OYEZ_OK && disk->rename(disk->context, new_path, path) != 0)
        err = oyez_disk_fail(new_path, "renaming");
    return err;
}

oyez_err oyez_disk_replace(const struct oyez_disk *disk, const char *path, const void *data,
                           size_t size)
{
    oyez_err err = replace(disk, path, data, size, true);

    return err == OYEZ_OK ? oyez_disk_sync_name(disk, path) : err;
}

oyez_err oyez_disk_replace_unsynced(const struct oyez_disk *disk, const char *path,
                                    const void *data, size_t size)
{
    return replace(disk, path, data, size, false);
}

static oyez_err open_to_read(const struct oyez_disk *disk, const char *path, int *fd)
{
    *fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (*fd >= 0)
        return OYEZ_OK;
    return errno == ENOENT ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no such file", path)
                           : oyez_disk_fail(path, "opening");
}

static oyez_err fill(const struct oyez_disk *disk, int fd, const char *path, char *out, size_t room,
                     size_t *size)
{
    oyez_err err = oyez_disk_read(disk, fd, path, out, room, 0, size);

    if (err == OYEZ_OK && *size == room)
        err = oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: more than %zu bytes", path, room - 1);
    else if (err == OYEZ_OK)
        out[*size] = '\0';
    return err;
}

oyez_err oyez_disk_load(const struct oyez_disk *disk, const char *path, char *out, size_t room,
                        size_t *size)
{
    int fd;
    oyez_err err = open_to_read(disk, path, &fd);

    *size = 0;
    if (err != OYEZ_OK)
        return err;
    err = fill(disk, fd, path, out, room, size);
    disk->close(disk->context, fd);
    return err;
}

oyez_err oyez_disk_load_new(const struct oyez_disk *disk, const char *path, size_t max,
                            uint8_t **out, size_t *size)
{
    char *bytes = NULL;
    int fd;
    oyez_err err = open_to_read(disk, path, &fd);

    *out = NULL;
    *size = 0;
    if (err != OYEZ_OK)
        return err;
    off_t all = disk->size(disk->context, fd);
    if (all < 0)
        err = oyez_disk_fail(path, "asking for its size");
    else if ((uint64_t)all > max)
        err = oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: more than %zu bytes", path, max);
    if (err == OYEZ_OK) {
        bytes = malloc((size_t)all + 1);
        err = bytes != NULL ? fill(disk, fd, path, bytes, (size_t)all + 1, size)
                            : oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: reading it", path);
    }
    disk->close(disk->context, fd);
    if (err == OYEZ_OK)
        *out = (uint8_t *)bytes;
    else
        free(bytes);
    return err;
}

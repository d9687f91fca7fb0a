// SPDX-License-Identifier: MIT
#include "disk_file.h"

#include <errno.h>
#include <stdio.h>
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

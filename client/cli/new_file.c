// SPDX-License-Identifier: MIT
#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static oyez_err fail(const struct new_file *file)
{
    if (errno == EEXIST) {
        return oyez_fail(OYEZ_ERR_IN_USE, "%s is there already", file->path);
    }
    return oyez_fail(errno == ENOSPC ? OYEZ_ERR_NO_SPACE : OYEZ_ERR_IO, "%s: %s", file->partial,
                     strerror(errno));
}

// Whether the name still is that of the file that was locked: who wrote it before may have given it
// another one in between.
static bool is_named(const struct new_file *file)
{
    struct stat named;
    struct stat opened;
    return fstat(file->fd, &opened) == 0 && stat(file->partial, &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static oyez_err lock(struct new_file *file)
{
    file->fd = open(file->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file->fd < 0) {
        return fail(file);
    }
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0 || !is_named(file)) {
        close(file->fd);
        file->fd = -1;
        return oyez_fail(OYEZ_ERR_IN_USE, "%s is being written by another process", file->partial);
    }
    return ftruncate(file->fd, 0) == 0 ? OYEZ_OK : fail(file);
}

oyez_err new_file_open(struct new_file *file, const char *path)
{
    struct stat status;
    *file = (struct new_file){.path = path, .fd = -1};
    size_t capacity = strlen(path) + sizeof ".partial";
    char *partial = malloc(capacity);
    if (partial == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a file name");
    }
    snprintf(partial, capacity, "%s.partial", path);
    file->partial = partial;
    if (lstat(path, &status) == 0) {
        errno = EEXIST;
        return fail(file);
    }
    return lock(file);
}

static oyez_err sync_directory(const struct new_file *file)
{
    char *path = strdup(file->path);
    int fd = path != NULL ? open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    oyez_err err = fd >= 0 && fsync(fd) == 0 ? OYEZ_OK : fail(file);
    if (fd >= 0) {
        close(fd);
    }
    free(path);
    return err;
}

oyez_err new_file_keep(struct new_file *file)
{
    // Not every file system can refuse to replace; the name was free when the file was begun.
    if (fsync(file->fd) != 0 ||
        (renameat2(AT_FDCWD, file->partial, AT_FDCWD, file->path, RENAME_NOREPLACE) != 0 &&
         (errno != EINVAL || rename(file->partial, file->path) != 0))) {
        return fail(file);
    }
    oyez_err err = sync_directory(file);
    close(file->fd);
    file->fd = -1;
    return err;
}

void new_file_close(struct new_file *file)
{
    if (file->fd >= 0) {
        unlink(file->partial);
        close(file->fd);
        file->fd = -1;
    }
    free(file->partial);
    file->partial = NULL;
}

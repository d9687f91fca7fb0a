// SPDX-License-Identifier: MIT
// The disk of the operating system, of which all changing calls fail from a given one on: what is on
// the disk then is what a killed process leaves. It syncs nothing.
#ifndef OYEZ_STOPPING_DISK_H
#define OYEZ_STOPPING_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "oyez/disk.h"

struct stopping_disk {
    struct oyez_disk table;
    unsigned changes; // calls that change something, so far
    unsigned stop;    // the number of the first that fails; 0 = none
    // Before a file whose name ends so is opened; NULL = nothing is called.
    const char *watched;
    void (*opening)(void *arg);
    void *arg;
};

static inline bool stopping_disk_refuses(struct stopping_disk *disk)
{
    disk->changes++;
    if (disk->stop == 0 || disk->changes < disk->stop)
        return false;
    errno = EIO;
    return true;
}

static inline bool stopping_disk_ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);

    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

static inline int stopping_disk_open(void *context, const char *path, int flags, mode_t mode)
{
    struct stopping_disk *disk = context;
    const struct oyez_disk *system = oyez_disk_system();

    if (disk->watched != NULL && stopping_disk_ends_with(path, disk->watched))
        disk->opening(disk->arg);
    if ((flags & O_CREAT) != 0 && stopping_disk_refuses(disk))
        return -1;
    return system->open(system->context, path, flags, mode);
}

static inline ssize_t stopping_disk_pwrite(void *context, int fd, const void *data, size_t size,
                                           off_t offset)
{
    const struct oyez_disk *system = oyez_disk_system();

    // The one that is interrupted leaves a half.
    if (stopping_disk_refuses(context)) {
        const struct stopping_disk *disk = context;
        if (disk->changes == disk->stop && size > 1)
            (void)system->pwrite(system->context, fd, data, size / 2, offset);
        errno = EIO;
        return -1;
    }
    return system->pwrite(system->context, fd, data, size, offset);
}

static inline int stopping_disk_ftruncate(void *context, int fd, off_t size)
{
    const struct oyez_disk *system = oyez_disk_system();

    return stopping_disk_refuses(context) ? -1 : system->ftruncate(system->context, fd, size);
}

static inline int stopping_disk_fdatasync(void *context, int fd)
{
    (void)fd;
    return stopping_disk_refuses(context) ? -1 : 0;
}

static inline int stopping_disk_rename(void *context, const char *from, const char *to)
{
    const struct oyez_disk *system = oyez_disk_system();

    return stopping_disk_refuses(context) ? -1 : system->rename(system->context, from, to);
}

static inline int stopping_disk_unlink(void *context, const char *path)
{
    const struct oyez_disk *system = oyez_disk_system();

    return stopping_disk_refuses(context) ? -1 : system->unlink(system->context, path);
}

static inline int stopping_disk_mkdir(void *context, const char *path, mode_t mode)
{
    const struct oyez_disk *system = oyez_disk_system();

    return stopping_disk_refuses(context) ? -1 : system->mkdir(system->context, path, mode);
}

static inline int stopping_disk_sync_directory(void *context, const char *path)
{
    (void)path;
    return stopping_disk_refuses(context) ? -1 : 0;
}

static inline int stopping_disk_set_modified(void *context, int fd, uint64_t time)
{
    const struct oyez_disk *system = oyez_disk_system();

    return stopping_disk_refuses(context) ? -1 : system->set_modified(system->context, fd, time);
}

static inline void stopping_disk_init(struct stopping_disk *disk, unsigned stop)
{
    *disk = (struct stopping_disk){.table = *oyez_disk_system(), .stop = stop};
    disk->table.context = disk;
    disk->table.open = stopping_disk_open;
    disk->table.pwrite = stopping_disk_pwrite;
    disk->table.ftruncate = stopping_disk_ftruncate;
    disk->table.fdatasync = stopping_disk_fdatasync;
    disk->table.rename = stopping_disk_rename;
    disk->table.unlink = stopping_disk_unlink;
    disk->table.mkdir = stopping_disk_mkdir;
    disk->table.sync_directory = stopping_disk_sync_directory;
    disk->table.set_modified = stopping_disk_set_modified;
}

#endif

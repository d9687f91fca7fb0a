// SPDX-License-Identifier: MIT
// The disk as the journal sees it: a table of functions, so that a test can stand in for it.
#ifndef OYEZ_DISK_H
#define OYEZ_DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Called for each name in a directory; anything but 0 ends the listing and is its result.
typedef int oyez_disk_name(void *arg, const char *name);

// As the POSIX calls of these names: -1 and errno is failure, reads and writes may be short.
// All but `size`, `list`, `names`, `sync_directory`, `now` and `permissions` have their arguments; flags
// and modes are those of open(2). Called from several threads at once.
struct oyez_disk {
    void *context; // handed to each function
    int (*open)(void *context, const char *path, int flags, mode_t mode);
    int (*close)(void *context, int fd);
    ssize_t (*pread)(void *context, int fd, void *data, size_t size, off_t offset);
    ssize_t (*pwrite)(void *context, int fd, const void *data, size_t size, off_t offset);
    int (*fdatasync)(void *context, int fd);
    int (*ftruncate)(void *context, int fd, off_t size);
    int (*flock)(void *context, int fd, int operation);
    int (*rename)(void *context, const char *from, const char *to);
    int (*unlink)(void *context, const char *path);
    int (*mkdir)(void *context, const char *path, mode_t mode);
    off_t (*size)(void *context, int fd);                   // of an open file
    int (*sync_directory)(void *context, const char *path); // open, fsync, close
    int (*list)(void *context, const char *path, oyez_disk_name *name, void *arg);
    uint64_t (*now)(void *context);            // nanoseconds since 1970-01-01T00:00:00Z
    int (*permissions)(void *context, int fd); // of an open file: the nine bits of its mode, or -1
    // Of a directory: another number once a name in it came, went or means another file. 0 = it
    // cannot be told. Cheap, where `list` is not.
    uint64_t (*names)(void *context, const char *path);
};

// oyez_disk_system is the real one. Static; never NULL. Any thread.
const struct oyez_disk *oyez_disk_system(void);

#ifdef __cplusplus
}
#endif

#endif

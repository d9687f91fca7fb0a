// SPDX-License-Identifier: MIT
// The disk as the journal sees it: a table of functions, so that a test can stand in for it; and
// whole reads and writes on it. These block; none keeps what it was given.
#ifndef OYEZ_DISK_H
#define OYEZ_DISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "oyez/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_JOURNAL_PATH_SIZE 4096u

// Called for each name in a directory; anything but 0 ends the listing and is its result.
typedef int oyez_disk_name(void *arg, const char *name);

struct oyez_disk_space {
    uint64_t free_bytes; // that this process may still take
    uint64_t size_bytes;
};

// As the POSIX calls of these names: -1 and errno is failure, reads and writes may be short.
// All but `size`, `list`, `names`, `space`, `sync_directory`, `now`, `permissions` and the last two have their
// arguments; flags and modes are those of open(2). Called from several threads at once.
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
    // When the bytes of an open file were last changed, ns since 1970-01-01T00:00:00Z. 0 = it cannot
    // be told, or just now: another change could have the same time.
    uint64_t (*modified)(void *context, int fd);
    int (*set_modified)(void *context, int fd, uint64_t time);
    // Of the disk that a directory lies on. NULL = it cannot be told.
    int (*space)(void *context, const char *path, struct oyez_disk_space *out);
};

// oyez_disk_system is the real one. Static; never NULL. Any thread.
const struct oyez_disk *oyez_disk_system(void);

// oyez_disk_fail turns errno into OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY or OYEZ_ERR_IO; the detail
// is "PATH: DOING: REASON". The functions below fail with it, and with what they name besides.
oyez_err oyez_disk_fail(const char *path, const char *doing);

// oyez_disk_path joins directory and name. OYEZ_ERR_INVALID: longer than a path may be.
oyez_err oyez_disk_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory, const char *name);

// oyez_disk_read reads up to `size` bytes; *got is less only at the end of the file.
oyez_err oyez_disk_read(const struct oyez_disk *disk, int fd, const char *path, void *data,
                        size_t size, uint64_t offset, size_t *got);

// oyez_disk_write writes all or fails.
oyez_err oyez_disk_write(const struct oyez_disk *disk, int fd, const char *path, const void *data,
                         size_t size, uint64_t offset);

// oyez_disk_sync_name makes the name of a file safe: it syncs the directory that the path lies in.
oyez_err oyez_disk_sync_name(const struct oyez_disk *disk, const char *path);

// oyez_disk_replace puts bytes under a name, whole or not at all, and makes them safe: written as
// PATH.new, synced, renamed, and the directory synced. The file's mode is 0600.
oyez_err oyez_disk_replace(const struct oyez_disk *disk, const char *path, const void *data,
                           size_t size);

// oyez_disk_replace_unsynced is the same without the syncs, for what can be made again: after a
// power cut there may be anything under the name.
oyez_err oyez_disk_replace_unsynced(const struct oyez_disk *disk, const char *path,
                                    const void *data, size_t size);

// oyez_disk_load reads a file of less than `room` bytes and puts a NUL behind it.
// OYEZ_ERR_NOT_FOUND: there is none. OYEZ_ERR_TOO_LARGE.
oyez_err oyez_disk_load(const struct oyez_disk *disk, const char *path, char *out, size_t room,
                        size_t *size);

// oyez_disk_load_new is the same into memory of its own, which the caller frees, for a file of at
// most `max` bytes. *out is NULL after an error.
oyez_err oyez_disk_load_new(const struct oyez_disk *disk, const char *path, size_t max,
                            uint8_t **out, size_t *size);

#ifdef __cplusplus
}
#endif

#endif

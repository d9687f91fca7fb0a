// SPDX-License-Identifier: MIT
// Whole reads and writes on a struct oyez_disk, and its failures as errors with a detail.
#ifndef OYEZ_DISK_FILE_H
#define OYEZ_DISK_FILE_H

#include "oyez/journal.h"

// oyez_disk_fail turns errno into OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY or OYEZ_ERR_IO; the detail
// is "PATH: DOING: REASON".
oyez_err oyez_disk_fail(const char *path, const char *doing);

// oyez_disk_read reads up to `size` bytes; *got is less only at the end of the file.
oyez_err oyez_disk_read(const struct oyez_disk *disk, int fd, const char *path, void *data,
                        size_t size, uint64_t offset, size_t *got);

// oyez_disk_write writes all or fails.
oyez_err oyez_disk_write(const struct oyez_disk *disk, int fd, const char *path, const void *data,
                         size_t size, uint64_t offset);

// oyez_disk_sync_name makes the name of a file safe: it syncs the directory that the path lies in.
oyez_err oyez_disk_sync_name(const struct oyez_disk *disk, const char *path);

// oyez_disk_replace puts bytes under a name, whole or not at all, and makes them safe: written as
// PATH.new, synced, renamed, and the directory synced.
oyez_err oyez_disk_replace(const struct oyez_disk *disk, const char *path, const void *data,
                           size_t size);

// oyez_disk_load reads a file of less than `room` bytes and puts a NUL behind it.
// OYEZ_ERR_NOT_FOUND: there is none. OYEZ_ERR_TOO_LARGE.
oyez_err oyez_disk_load(const struct oyez_disk *disk, const char *path, char *out, size_t room,
                        size_t *size);

// oyez_disk_path joins directory and name. OYEZ_ERR_INVALID: longer than a path may be.
oyez_err oyez_disk_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory, const char *name);

#endif

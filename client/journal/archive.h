// SPDX-License-Identifier: MIT
// An archived segment: its bytes in zstd frames of which each can be read alone. docs/journal.md
// has the format.
#ifndef OYEZ_ARCHIVE_H
#define OYEZ_ARCHIVE_H

#include "oyez/disk.h"

#define OYEZ_ARCHIVE_NAME_SIZE 48u // of a file's name in the journal's directory

// An archived segment that is open. One thread at a time.
struct oyez_archive;

// oyez_archive_open reads the seek table of an open file, which stays the caller's; errors are told
// with `name`. OYEZ_ERR_CORRUPT: not an archived segment.
oyez_err oyez_archive_open(struct oyez_archive **out, const struct oyez_disk *disk, int fd,
                           const char *name);
void oyez_archive_close(struct oyez_archive **archive);

// oyez_archive_size is the size of the segment.
uint64_t oyez_archive_size(const struct oyez_archive *archive);

// oyez_archive_read as oyez_segment_read. OYEZ_ERR_CORRUPT: damage, named with its frame. Keeps the
// frame that was read last.
oyez_err oyez_archive_read(struct oyez_archive *archive, void *data, size_t size, uint64_t offset,
                           size_t *got);

// oyez_archive_rest gives back the memory that reading takes; the next reading takes it again.
void oyez_archive_rest(struct oyez_archive *archive);

#endif

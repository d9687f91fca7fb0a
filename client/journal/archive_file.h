// SPDX-License-Identifier: MIT
// An archived segment: its bytes in zstd frames of which each can be read alone. docs/journal.md
// has the format.
#ifndef OYEZ_ARCHIVE_FILE_H
#define OYEZ_ARCHIVE_FILE_H

#include "oyez/disk.h"

#define OYEZ_ARCHIVE_NAME_SIZE 48u // of a file's name in the journal's directory

// An archived segment that is open. One thread at a time.
struct oyez_archive;

// oyez_archive_open reads the seek table of an open file, which stays the caller's; errors are told
// with `name`. OYEZ_ERR_CORRUPT: not an archived segment.
oyez_err oyez_archive_open(struct oyez_archive **out, const struct oyez_disk *disk, int fd,
                           const char *name);
void oyez_archive_close(struct oyez_archive **closing);

// oyez_archive_size is the size of the segment.
uint64_t oyez_archive_size(const struct oyez_archive *archive);

// oyez_archive_read as oyez_segment_read. OYEZ_ERR_CORRUPT: damage, named with its frame. Keeps the
// frame that was read last.
oyez_err oyez_archive_read(struct oyez_archive *archive, void *data, size_t size, uint64_t offset,
                           size_t *got);

// oyez_archive_rest gives back the memory that reading takes; the next reading takes it again.
void oyez_archive_rest(struct oyez_archive *archive);

// Making one: archive_write.c

// The bytes of a segment, as oyez_segment_read gives them.
typedef oyez_err oyez_archive_source(void *arg, void *data, size_t size, uint64_t offset,
                                     size_t *got);

// oyez_archive_write makes archive/NNN.seg.zst.new of the first `size` bytes that the source gives,
// syncs it, reads it back, and compares it with the source byte by byte. *packed is its size; may be
// NULL. The directory is made where it is not there. The file is made before anything is read: who
// changes the segment meanwhile drops it behind that, and so ends the making (OYEZ_ERR_NOT_FOUND).
// OYEZ_ERR_CORRUPT: it does not read back; there is no file then. Errors of reading and writing.
// Any thread, one for each segment. Blocks for long.
oyez_err oyez_archive_write(const struct oyez_disk *disk, const char *directory,
                            uint64_t first_index, oyez_archive_source *source, void *arg,
                            uint64_t size, uint64_t *packed);

// oyez_archive_put gives it its name, safely: archive/NNN.seg.zst. OYEZ_ERR_NOT_FOUND: it was
// dropped. Errors of the disk.
oyez_err oyez_archive_put(const struct oyez_disk *disk, const char *directory,
                          uint64_t first_index);

// oyez_archive_drop removes what oyez_archive_write made, safely. None is no error.
oyez_err oyez_archive_drop(const struct oyez_disk *disk, const char *directory,
                           uint64_t first_index);

// oyez_archive_path is the path of an archived segment, with more behind it such as ".new".
oyez_err oyez_archive_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory,
                           uint64_t first_index, const char *more);

#endif

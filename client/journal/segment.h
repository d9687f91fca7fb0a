// SPDX-License-Identifier: MIT
// A segment file: its name, its header, its seal. docs/journal.md has the bytes.
#ifndef OYEZ_SEGMENT_H
#define OYEZ_SEGMENT_H

#include <sys/types.h>

#include "mark.h"

#define OYEZ_SEGMENT_HEADER_SIZE 64u
#define OYEZ_SEGMENT_NAME_SIZE 48u

struct oyez_archive;

struct oyez_segment_header {
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    uint64_t first_index;
    uint64_t created;
    uint32_t chain;
    uint32_t sum; // its checksum: all others of the file continue from it
};

// An open segment: a file of its own, or an archived one, which is only read.
struct oyez_segment {
    int fd;                            // -1 = not open
    struct oyez_archive *archive;      // NULL = a file of its own
    char name[OYEZ_SEGMENT_NAME_SIZE]; // in the directory: "archive/..." of an archived one
    char path[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_segment_header header;
};

struct oyez_segment_list {
    uint64_t *first; // indexes, ascending
    size_t count;
    size_t room;
    bool has_archive; // there is a directory of archived ones
};

// oyez_segment_name writes the file's name: 20 digits and a suffix such as ".seg".
void oyez_segment_name(char out[OYEZ_SEGMENT_NAME_SIZE], uint64_t first_index, const char *suffix);

// oyez_segment_parse_name: is it such a name?
bool oyez_segment_parse_name(const char *name, const char *suffix, uint64_t *first_index);

// oyez_segment_header_encode fills in header->sum too.
void oyez_segment_header_encode(uint8_t out[OYEZ_SEGMENT_HEADER_SIZE],
                                struct oyez_segment_header *header);

// oyez_segment_header_decode: OYEZ_ERR_CORRUPT or OYEZ_ERR_VERSION with a detail naming the file.
oyez_err oyez_segment_header_decode(struct oyez_segment_header *out, const uint8_t *bytes,
                                    size_t size, const char *name);

// oyez_segment_list_read finds the segments of a directory, archived ones too.
// OYEZ_ERR_NO_JOURNAL: no directory. An empty list is no error. Free list->first.
oyez_err oyez_segment_list_read(struct oyez_segment_list *list, const struct oyez_disk *disk,
                                const char *directory);

// oyez_segment_open opens a segment and reads its header; `flags` as in open(2). Where it is both a
// file of its own and archived, the former is opened; to be written, only that.
oyez_err oyez_segment_open(struct oyez_segment *out, const struct oyez_disk *disk,
                           const char *directory, uint64_t first_index, int flags);

// oyez_segment_open_archived opens the archived file, or one with more behind its name such as ".new".
// OYEZ_ERR_NOT_FOUND: there is none.
oyez_err oyez_segment_open_archived(struct oyez_segment *out, const struct oyez_disk *disk,
                                    const char *directory, uint64_t first_index, const char *more);
void oyez_segment_close(struct oyez_segment *segment, const struct oyez_disk *disk);

// oyez_segment_read reads up to `size` of the segment's bytes; *got is less only at its end. All
// reading of segments is done by it, on one thread at a time for one open segment. An archived one
// keeps the frame that was read last. OYEZ_ERR_CORRUPT: damage to an archived one.
oyez_err oyez_segment_read(const struct oyez_segment *segment, const struct oyez_disk *disk,
                           void *data, size_t size, uint64_t offset, size_t *got);

// oyez_segment_rest gives back the memory that reading took; the next reading takes it again.
void oyez_segment_rest(const struct oyez_segment *segment);

// oyez_segment_size is how many bytes the segment has; -1 and errno.
off_t oyez_segment_size(const struct oyez_segment *segment, const struct oyez_disk *disk);

// oyez_segment_measure is the same of one that is not open; 0 = it cannot be told.
uint64_t oyez_segment_measure(const struct oyez_disk *disk, const char *directory,
                              uint64_t first_index);

// oyez_segment_read_seal reads the seal at the end. OYEZ_ERR_NOT_FOUND: there is none.
oyez_err oyez_segment_read_seal(const struct oyez_segment *segment, const struct oyez_disk *disk,
                                struct oyez_mark *out, uint64_t *offset);

// oyez_segment_check_next says whether `next` may follow a segment that ends with `seal`.
oyez_err oyez_segment_check_next(const struct oyez_segment_header *header,
                                 const struct oyez_mark *seal, const struct oyez_segment *next);

#endif

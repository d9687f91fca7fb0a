// SPDX-License-Identifier: MIT
// The file of all checkpoints. docs/journal.md has the bytes.
#ifndef OYEZ_CHECKPOINT_HISTORY_H
#define OYEZ_CHECKPOINT_HISTORY_H

#include "oyez/checkpoint.h"

#define OYEZ_HISTORY_HEADER_SIZE 32u
#define OYEZ_HISTORY_ENTRY_SIZE 32u // before the note
#define OYEZ_HISTORY_ALIGN 8u
// An entry holds a note of at most so many bytes, so the last one is found from the end.
#define OYEZ_HISTORY_NOTE_MAX (16u * 1024u)
#define OYEZ_HISTORY_ENTRY_MAX (OYEZ_HISTORY_ENTRY_SIZE + OYEZ_HISTORY_NOTE_MAX)

struct oyez_history_header {
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    uint32_t sum; // entries' checksums continue from it
};

void oyez_history_header_encode(uint8_t out[OYEZ_HISTORY_HEADER_SIZE],
                                struct oyez_history_header *header);
// oyez_history_header_decode: OYEZ_ERR_CORRUPT, OYEZ_ERR_VERSION.
oyez_err oyez_history_header_decode(struct oyez_history_header *out, const uint8_t *bytes,
                                    size_t size);

// oyez_history_entry_encode writes an entry and returns its size. `out` has room for
// OYEZ_HISTORY_ENTRY_MAX bytes; the note is no larger than OYEZ_HISTORY_NOTE_MAX.
size_t oyez_history_entry_encode(uint8_t *out, const struct oyez_checkpoint_entry *entry,
                                 uint32_t seed);

// oyez_history_entry_decode reads the entry at `offset` of the file. Returns its size; 0: these
// bytes are none.
size_t oyez_history_entry_decode(struct oyez_checkpoint_entry *out, const uint8_t *bytes,
                                 size_t available, uint64_t offset, uint32_t seed);

// oyez_history_find_last finds the last entry of an open file, from its end. *end is behind it, or
// behind the header. `bytes` has room for 2 * OYEZ_HISTORY_ENTRY_MAX; the entry leads into it.
// OYEZ_ERR_NOT_FOUND: there is none.
oyez_err oyez_history_find_last(const struct oyez_disk *disk, int fd, const char *path,
                                const struct oyez_history_header *header, uint8_t *bytes,
                                struct oyez_checkpoint_entry *entry, uint64_t *end);

#endif

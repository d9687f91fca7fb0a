// SPDX-License-Identifier: MIT
// Records on their way from a primary to a mirror: Records and Record of proto/query.proto. Their
// own reader and writer, because details have no bound that a static struct could have.
#ifndef OYEZ_RECORD_MESSAGE_H
#define OYEZ_RECORD_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"

// Bytes that grow.
struct recorder_bytes {
    uint8_t *bytes;
    size_t size, room;
};

// recorder_bytes_grow makes room for so many more. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_bytes_grow(struct recorder_bytes *to, size_t more);
void recorder_bytes_free(struct recorder_bytes *bytes);

// What a Records has beside the records. before_size and root_size are 0 or OYEZ_LEAF_HASH_SIZE.
struct recorder_records_head {
    uint64_t end;
    const uint8_t *before;
    size_t before_size;
    uint64_t checkpoint; // records under the newest; 0 = there is none
    const uint8_t *root; // its root
    size_t root_size;
};

// recorder_records_begin writes it. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_records_begin(struct recorder_bytes *to,
                                const struct recorder_records_head *head);

// recorder_records_add adds a record that was read from a journal. OYEZ_ERR_NO_MEMORY; errors of
// oyez_leaf_build.
oyez_err recorder_records_add(struct recorder_bytes *to, oyez_leaf_hasher *hasher,
                              const struct oyez_journal_record *record);

// recorder_records_read reads the head and counts the records, which are not looked at. False: it
// is no Records.
bool recorder_records_read(const uint8_t *bytes, size_t size, struct recorder_records_head *head,
                           uint64_t *count);

// A record as it came: to be appended, and its leaf. Pointers lead into the message.
struct recorder_copy {
    struct oyez_journal_record record;
    const uint8_t *leaf;
    size_t leaf_size;
};

// recorder_records_next gives the record at *offset (0 = the first) and steps behind it.
// OYEZ_ERR_NOT_FOUND: that was the last. OYEZ_ERR_CORRUPT: it is none, or its leaf is not that of
// its parts; the detail says which. OYEZ_ERR_SYSTEM.
oyez_err recorder_records_next(const uint8_t *bytes, size_t size, size_t *offset,
                               oyez_leaf_hasher *hasher, struct recorder_copy *out);

#endif

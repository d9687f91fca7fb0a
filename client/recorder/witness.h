// SPDX-License-Identifier: MIT
// What a mirror saw on the bus, and what it took from its primary, held against each other: a hash
// for each position, of the last so many. Whichever comes second is compared.
#ifndef OYEZ_WITNESS_H
#define OYEZ_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"

// Positions that are remembered, 56 bytes each. What a mirror sees beyond that before its primary
// has recorded it is copied unseen, and not counted as witnessed.
#define RECORDER_WITNESS_MAX 131072u

enum recorder_witness_source { RECORDER_SEEN = 1, RECORDER_COPIED = 2 };

enum recorder_witness_verdict {
    RECORDER_WITNESS_FIRST,   // the other has not come, or is forgotten
    RECORDER_WITNESS_SAME,    // the other is the same
    RECORDER_WITNESS_DIFFERS, // it is not
};

struct recorder_witness_entry {
    uint64_t epoch, position;
    uint8_t hash[OYEZ_LEAF_HASH_SIZE];
    uint8_t sources;
};

struct recorder_witness {
    struct recorder_witness_entry *entries;
    size_t capacity; // a power of two
};

// recorder_witness_open remembers `capacity` positions, a power of two. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_witness_open(struct recorder_witness *witness, size_t capacity);
void recorder_witness_close(struct recorder_witness *witness);

// recorder_witness_take notes a hash and compares it with that of the other source, once. One that
// comes when later positions have taken its room is forgotten.
enum recorder_witness_verdict recorder_witness_take(struct recorder_witness *witness,
                                                    enum recorder_witness_source source,
                                                    uint64_t epoch, uint64_t position,
                                                    const uint8_t hash[OYEZ_LEAF_HASH_SIZE]);

// recorder_witness_count counts the positions from `first` to `last` that were seen on the bus, as
// far as they are remembered. *lowest is the first of them.
uint64_t recorder_witness_count(const struct recorder_witness *witness, uint64_t epoch,
                                uint64_t first, uint64_t last, uint64_t *lowest);

// recorder_witness_hash hashes what of a leaf the stream decides: that a record is a repeat, or a
// conflict, is the recorder's word. The leaf is an event's or a repeat's. OYEZ_ERR_SYSTEM.
oyez_err recorder_witness_hash(oyez_leaf_hasher *hasher, const uint8_t *leaf, size_t size,
                               uint8_t out[OYEZ_LEAF_HASH_SIZE]);

#endif

// SPDX-License-Identifier: MIT
// The parts of a leaf that a frame holds as they are.
#ifndef OYEZ_LEAF_H
#define OYEZ_LEAF_H

#include "oyez/journal.h"

#define OYEZ_LEAF_VERSION 1u
#define OYEZ_LEAF_PREFIX_SIZE 26u // of every leaf
#define OYEZ_LEAF_STAMP_SIZE 59u  // of an event's or a repeat's; begins with the prefix

// oyez_leaf_digest is SHA-256. OYEZ_ERR_SYSTEM.
oyez_err oyez_leaf_digest(oyez_leaf_hasher *hasher, const void *bytes, size_t size,
                          uint8_t out[OYEZ_LEAF_HASH_SIZE]);

// oyez_leaf_hash_record is oyez_leaf_build and oyez_leaf_hash; without a commitment in the record
// it makes that too.
oyez_err oyez_leaf_hash_record(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                               uint8_t out[OYEZ_LEAF_HASH_SIZE]);

void oyez_leaf_put_stamp(uint8_t out[OYEZ_LEAF_STAMP_SIZE],
                         const struct oyez_journal_record *record);

// oyez_leaf_put_personal writes event id, type and occurred_at. Returns bytes written.
size_t oyez_leaf_put_personal(uint8_t *out, const struct oyez_journal_record *record);
void oyez_leaf_put_gap(uint8_t out[9], const struct oyez_journal_record *record);
void oyez_leaf_put_epoch_end(uint8_t out[17], const struct oyez_journal_record *record);

#endif

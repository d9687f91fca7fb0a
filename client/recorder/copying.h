// SPDX-License-Identifier: MIT
// A mirror's records: copied from its primary as they lie there, and held against what came over the
// bus. The writer's thread.
#ifndef OYEZ_RECORDER_COPYING_H
#define OYEZ_RECORDER_COPYING_H

#include "oyez/tree.h"
#include "record_message.h"
#include "witness.h"
#include "writer.h"

struct recorder_copying {
    struct recorder_witness witness;
    uint8_t last_hash[OYEZ_LEAF_HASH_SIZE]; // of the last record's leaf, if there is one
    uint64_t copied, witnessed;             // records; events that came over the bus too
    uint64_t lost;                          // positions of gaps that came over the bus
    // The primary's checkpoint that is compared when one of our own covers as many records.
    uint64_t checkpoint, compared; // 0 = none; records under the last that was the same
    struct oyez_hash root;
};

// recorder_copying_open makes what a mirror's writer needs. OYEZ_ERR_NO_MEMORY; errors of reading.
oyez_err recorder_copying_open(struct recorder_writer *writer);
void recorder_copying_close(struct recorder_writer *writer);

// recorder_copy_item takes an item of the queue: what came over the bus is remembered, what came
// from the primary is appended. OYEZ_ERR_CORRUPT: the primary's record is not to be followed; the
// detail names the record and the position. Errors of appending.
oyez_err recorder_copy_item(struct recorder_writer *writer, const struct recorder_item *item);

// recorder_copy_follows says whether a record may stand next, at this index, where the stream has
// come so far. OYEZ_ERR_CORRUPT says why not.
oyez_err recorder_copy_follows(const struct recorder_place *place, uint64_t index,
                               const struct oyez_journal_record *record);

#endif

// SPDX-License-Identifier: MIT
// What is known in memory of one segment's records: their places, their event ids, their span.
#ifndef OYEZ_SEGMENT_MAP_H
#define OYEZ_SEGMENT_MAP_H

#include "mark.h"

struct oyez_map_slot {
    uint64_t fingerprint;
    uint32_t record; // in the segment, + 1; 0 = free
};

struct oyez_segment_map {
    uint32_t *offsets; // of frames, in units of 8 bytes
    size_t records;
    size_t offsets_room;
    struct oyez_map_slot *slots; // open addressing, at most half full
    size_t slots_room;           // a power of two
    size_t entries;
    struct oyez_journal_span span;
};

// oyez_journal_fingerprint of an event id, see docs/journal.md.
uint64_t oyez_journal_fingerprint(struct oyez_uuid event_id);

// oyez_segment_map_add takes the segment's next record, whose frame is at `offset`.
// OYEZ_ERR_NO_MEMORY: nothing is taken.
oyez_err oyez_segment_map_add(struct oyez_segment_map *map,
                              const struct oyez_journal_record *record, uint64_t offset);

// oyez_segment_map_find gives one record after another that has the fingerprint: start with
// *cursor = 0. False: there is no other.
bool oyez_segment_map_find(const struct oyez_segment_map *map, uint64_t fingerprint, size_t *cursor,
                           uint32_t *record);

// oyez_segment_map_clear forgets all and frees the memory; also one that is all zero.
void oyez_segment_map_clear(struct oyez_segment_map *map);

#endif

// SPDX-License-Identifier: MIT
// What a table of an index is made of, for who writes it as a file.
#ifndef OYEZ_INDEX_TABLE_STATE_H
#define OYEZ_INDEX_TABLE_STATE_H

#include "index_counts.h"
#include "index_postings.h"
#include "index_table.h"

// A key: count 0 = none here, 1 = `value` is the record, more = the list.
struct oyez_index_entry {
    uint64_t key;
    uint32_t value;
    uint32_t count;
};

struct oyez_index_table {
    struct oyez_index_memory memory;
    struct oyez_index_entry *slots;
    unsigned slot_bits; // there are 2^slot_bits
    size_t keys;
    uint64_t secrets[2]; // peers choose values; they must not choose where their keys stand too
    struct oyez_postings postings;
    struct oyez_index_counts counts[OYEZ_INDEX_COUNTS];
    uint64_t hour; // counted last; 0 = none
    uint32_t records;
};

#endif

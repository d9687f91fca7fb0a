// SPDX-License-Identifier: MIT
// What the file of an index begins with, and where its parts are. docs/journal.md has the bytes.
#ifndef OYEZ_INDEX_HEADER_H
#define OYEZ_INDEX_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_table.h"

#define OYEZ_INDEX_HEADER_SIZE 72u // whole entries, so that none is split between two pages
#define OYEZ_INDEX_ENTRY_SIZE 12u
#define OYEZ_INDEX_VERSION 1u
#define OYEZ_INDEX_LISTED 0x80000000u // of an entry's value: the rest is the offset of a list
#define OYEZ_INDEX_UNCOUNTED UINT32_MAX
#define OYEZ_INDEX_SUFFIX ".idx"

struct oyez_index_header {
    uint32_t version;
    uint32_t header_sum; // of the segment, as are the next three
    uint32_t seal_chain;
    uint32_t records;
    uint64_t first_index;
    uint32_t keys;
    uint32_t lists_size;
    struct {
        uint32_t groups; // OYEZ_INDEX_UNCOUNTED: more than are counted
        uint32_t size;
    } counts[OYEZ_INDEX_COUNTS];
};

// oyez_index_header_encode and _decode; false: the magic is another.
void oyez_index_header_encode(uint8_t out[OYEZ_INDEX_HEADER_SIZE],
                              const struct oyez_index_header *header);
bool oyez_index_header_decode(struct oyez_index_header *out,
                              const uint8_t bytes[OYEZ_INDEX_HEADER_SIZE]);

// Offsets of the parts: keys, filter, lists, summaries; and of the end. No sum of them overflows.
uint64_t oyez_index_entry_at(uint64_t number);
uint64_t oyez_index_filter_at(const struct oyez_index_header *header);
size_t oyez_index_filter_size(const struct oyez_index_header *header);
uint64_t oyez_index_lists_at(const struct oyez_index_header *header);
uint64_t oyez_index_counts_at(const struct oyez_index_header *header, size_t by);

// oyez_index_path is the path of the file of a segment, with more behind it. OYEZ_ERR_INVALID: longer than a path
// may be.
oyez_err oyez_index_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory,
                         uint64_t first_index, const char *suffix);

#endif

// SPDX-License-Identifier: MIT
// An open file of an index, and what its parts are read with.
#ifndef OYEZ_INDEX_FILE_STATE_H
#define OYEZ_INDEX_FILE_STATE_H

#include "index_file.h"
#include "index_header.h"
#include "index_pages.h"

struct oyez_index_file {
    struct oyez_index_pages pages;
    struct oyez_index_header header;
    uint8_t *filter; // NULL = read block by block
};

// A key that the file has.
struct oyez_index_place {
    uint64_t number; // of the key
    uint32_t value;  // record, or OYEZ_INDEX_LISTED and the offset of a list
};

// Reads the records of one key. OYEZ_ERR_CORRUPT where they are none of the segment's.
struct oyez_index_list {
    struct oyez_index_bytes bytes;
    uint32_t records; // of the segment
    uint32_t count;
    uint32_t read;
    uint32_t last;
};

// oyez_index_list_begin tells with list->count how many there are, and oyez_index_list_next gives
// the next of them; they ascend.
oyez_err oyez_index_list_begin(struct oyez_index_list *list, oyez_index_file *file,
                               const struct oyez_index_place *place);
oyez_err oyez_index_list_next(struct oyez_index_list *list, uint32_t *record);

// oyez_index_file_judge_counts reads one summary. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO.
oyez_err oyez_index_file_judge_counts(oyez_index_file *file, size_t by);

#endif

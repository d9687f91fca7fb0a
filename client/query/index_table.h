// SPDX-License-Identifier: MIT
// The index of one segment in memory: of the open one as it grows, and of a sealed one before it is
// written as a file. Keys lead to records, in ascending order; beside them what stats count.
#ifndef OYEZ_INDEX_TABLE_H
#define OYEZ_INDEX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event_view.h"
#include "index_keys.h"
#include "oyez/error.h"
#include "oyez/journal.h"

// Records of one segment at most: a number has 31 bits in the file. What lies behind is scanned.
#define OYEZ_INDEX_RECORDS_MAX 0x7FFFFFFFu

// A growing list of record numbers within a segment, ascending. Zero it; free(list.items).
struct oyez_record_list {
    uint32_t *items;
    size_t count;
    size_t room;
};

// oyez_record_list_reserve makes room for `count` more. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_record_list_reserve(struct oyez_record_list *list, size_t count);

enum oyez_index_count_by {
    OYEZ_INDEX_COUNT_TYPES = 0,
    OYEZ_INDEX_COUNT_ACTORS = 1, // as oyez_groups_count names them
    OYEZ_INDEX_COUNT_HOURS = 2,
};
#define OYEZ_INDEX_COUNTS 3u

// Tells one group of a summary; `name` has no NUL and lives for the call. False ends the telling.
typedef bool oyez_index_tell(void *arg, const char *name, size_t size, uint64_t count);

typedef struct oyez_index_table oyez_index_table;

// oyez_index_table_open makes an empty one that takes `memory_max` bytes at most.
oyez_err oyez_index_table_open(oyez_index_table **out, size_t memory_max);
void oyez_index_table_close(oyez_index_table **table);

// oyez_index_table_add takes the segment's next record, of any kind; `view` is it as an event where
// readers see it, else NULL. No two records may be left out. OYEZ_ERR_FULL: memory_max is reached,
// nothing is taken; OYEZ_ERR_NO_MEMORY likewise.
oyez_err oyez_index_table_add(oyez_index_table *table, const struct oyez_journal_record *record,
                              const struct oyez_event_view *view);

// oyez_index_table_records: how many it has taken; all from the segment's first on.
uint32_t oyez_index_table_records(const oyez_index_table *table);

// oyez_index_table_count is the number of records with a key.
uint32_t oyez_index_table_count(const oyez_index_table *table, uint64_t key);

// oyez_index_table_find adds the records with a key to the list. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_index_table_find(const oyez_index_table *table, uint64_t key,
                               struct oyez_record_list *list);

// oyez_index_table_tell tells every group of one summary, in no order. Types are all that the
// segment's events have. False: there are more than OYEZ_INDEX_GROUPS_MAX, so they were not
// counted and nothing is told: read the records.
bool oyez_index_table_tell(const oyez_index_table *table, enum oyez_index_count_by by,
                           oyez_index_tell *tell, void *arg);

// oyez_index_table_memory is the bytes it holds.
size_t oyez_index_table_memory(const oyez_index_table *table);

#endif

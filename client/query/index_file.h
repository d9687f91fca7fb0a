// SPDX-License-Identifier: MIT
// The index of a sealed segment as a file: NNNNNNNNNNNNNNNNNNNN.idx, immutable, made from the segment
// alone, no part of the record. docs/journal.md has the bytes.
//
// Every page that is looked at is held against its checksum, so damage is found and never changes
// an answer; what a key leads to is checked against the record by whoever asked. A call that fails
// gives nothing.
#ifndef OYEZ_INDEX_FILE_H
#define OYEZ_INDEX_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_table.h"
#include "oyez/disk.h"
#include "oyez/error.h"
#include "oyez/journal.h"

typedef struct oyez_index_file oyez_index_file;

// oyez_index_file_write makes the file of a sealed segment from its table, which has all of its
// records: as ….idx.new under a lock on the segment, then renamed. What a killed maker leaves is
// written over by the next one. `erasures` is oyez_journal_erasures before the first record of the
// table was read; OYEZ_ERR_BUSY: something was erased since. Not synced: it can be made again. Takes some 40 bytes of memory a
// key. OYEZ_ERR_LOCKED: another makes it now. OYEZ_ERR_IO (so where the directory is read-only),
// OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY; OYEZ_ERR_TOO_LARGE: its lists have 2 GiB or more.
oyez_err oyez_index_file_write(const struct oyez_disk *disk, const char *directory,
                               const struct oyez_journal_segment *segment,
                               const oyez_index_table *table, uint64_t erasures);

// oyez_index_file_sweep removes what a killed maker left of a file that another has made since. It
// may fail without harm.
void oyez_index_file_sweep(const struct oyez_disk *disk, const char *directory,
                           const struct oyez_journal_segment *segment);

// oyez_index_file_open opens it. OYEZ_ERR_NOT_FOUND: there is none. OYEZ_ERR_CORRUPT: it is damaged,
// or of another segment or of another state of it; the detail says which. OYEZ_ERR_VERSION,
// OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. `filter_max`: bytes of its filter that are kept in memory at
// most; a larger one is read block by block. The file belongs to one thread.
oyez_err oyez_index_file_open(oyez_index_file **out, const struct oyez_disk *disk,
                              const char *directory, const struct oyez_journal_segment *segment,
                              size_t filter_max);
void oyez_index_file_close(oyez_index_file **file);

// oyez_index_file_memory is the bytes it holds.
size_t oyez_index_file_memory(const oyez_index_file *file);

// oyez_index_file_has: false = no record has the key, by the filter alone; true = perhaps.
// OYEZ_ERR_CORRUPT, OYEZ_ERR_IO.
oyez_err oyez_index_file_has(oyez_index_file *file, uint64_t key, bool *has);

// oyez_index_file_count is the number of records with a key, and oyez_index_file_find adds them to
// the list. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY.
oyez_err oyez_index_file_count(oyez_index_file *file, uint64_t key, uint32_t *count);
oyez_err oyez_index_file_find(oyez_index_file *file, uint64_t key, struct oyez_record_list *list);

// oyez_index_file_tell as oyez_index_table_tell. OYEZ_ERR_TOO_LARGE: they were not counted.
// OYEZ_ERR_CORRUPT, OYEZ_ERR_IO.
oyez_err oyez_index_file_tell(oyez_index_file *file, enum oyez_index_count_by by,
                              oyez_index_tell *tell, void *arg);

// oyez_index_file_check reads all of it and judges every page. OYEZ_ERR_CORRUPT names the offset.
oyez_err oyez_index_file_check(oyez_index_file *file);

#endif

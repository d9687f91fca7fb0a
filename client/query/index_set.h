// SPDX-License-Identifier: MIT
// The indexes of all segments of a directory, as one engine uses them: files of the sealed ones, a
// table of the open one. A missing or bad file is made again; until then its segment is scanned.
#ifndef OYEZ_INDEX_SET_H
#define OYEZ_INDEX_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_file.h"
#include "index_table.h"
#include "oyez/journal.h"

// Memory of all filters and tables of one engine; beyond it the least used files are closed.
#define OYEZ_INDEX_MEMORY_MAX (128u * 1024u * 1024u)
// Of the table of one segment: about a million events of eight keys. What lies behind is scanned.
#define OYEZ_INDEX_TABLE_MEMORY_MAX (64u * 1024u * 1024u)
// While the index of a sealed segment is made.
#define OYEZ_INDEX_BUILD_MEMORY_MAX (512u * 1024u * 1024u)

// Tells what was found wrong with an index, or could not be written: one line for people.
typedef void oyez_index_notice(void *arg, const char *text);

typedef struct oyez_index_set oyez_index_set;

// oyez_index_set_open: `reader` is borrowed. `notice` may be NULL.
oyez_err oyez_index_set_open(oyez_index_set **out, oyez_journal_reader *reader,
                             const char *directory, oyez_index_notice *notice, void *arg);
void oyez_index_set_close(oyez_index_set **set);

// oyez_index_set_refresh begins a question: looks for new segments, and allows one index to be made
// again. The errors of reading a journal.
oyez_err oyez_index_set_refresh(oyez_index_set *set, size_t *segments);

// The index of one segment, valid until the next call on the set.
struct oyez_index_source {
    struct oyez_journal_segment segment;
    oyez_index_file *file;   // of a sealed one
    oyez_index_table *table; // of the open one, or of one whose file cannot be written
    uint32_t known;          // records that the index knows; those behind are scanned
    bool made;               // its file was made by this call
    bool moved;              // the reader no longer stands where it stood
};

// oyez_index_set_use gives the index of segment `i`. It makes what is missing, reads what the open
// segment got since, and says through `notice` what was wrong. Reads at most one segment. Damage of
// a segment is no error here: `known` ends before it. OYEZ_ERR_FULL: its index would be the second
// to be made in one question. OYEZ_ERR_NOT_FOUND, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY; OYEZ_ERR_CORRUPT:
// not even how many records the segment has can be told.
oyez_err oyez_index_set_use(oyez_index_set *set, size_t i, struct oyez_index_source *out);

// oyez_index_set_drop gives up a file that was found bad while in use: the next use makes it anew.
void oyez_index_set_drop(oyez_index_set *set, size_t i, const char *why);

// Of whichever of the two an index has: as oyez_index_file_has (a table counts), _count, _find and
// _tell. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY; of _tell OYEZ_ERR_TOO_LARGE: there are
// more groups than an index counts, and nothing was told.
oyez_err oyez_index_source_has(const struct oyez_index_source *source, uint64_t key, bool *has);
oyez_err oyez_index_source_count(const struct oyez_index_source *source, uint64_t key,
                                 uint32_t *count);
oyez_err oyez_index_source_find(const struct oyez_index_source *source, uint64_t key,
                                struct oyez_record_list *list);
oyez_err oyez_index_source_tell(const struct oyez_index_source *source, enum oyez_index_count_by by,
                                oyez_index_tell *tell, void *arg);

#endif

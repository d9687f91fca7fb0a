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

// oyez_index_set_refresh looks for new segments. The errors of reading a journal.
oyez_err oyez_index_set_refresh(oyez_index_set *set, size_t *segments);

// The index of one segment, valid until the next call on the set.
struct oyez_index_source {
    struct oyez_journal_segment segment;
    oyez_index_file *file;   // of a sealed one
    oyez_index_table *table; // of the open one, or of one whose file cannot be written
    uint32_t known;          // records that the index knows; those behind are scanned
};

// oyez_index_set_use gives the index of segment `i`. It makes what is missing, reads what the open
// segment got since, and says through `notice` what was wrong. Reads at most one segment. Damage of
// a segment is no error here: `known` ends before it. OYEZ_ERR_NOT_FOUND, OYEZ_ERR_IO,
// OYEZ_ERR_NO_MEMORY. Moves the reader.
oyez_err oyez_index_set_use(oyez_index_set *set, size_t i, struct oyez_index_source *out);

// oyez_index_set_drop gives up a file that was found bad while in use: the next use makes it anew.
void oyez_index_set_drop(oyez_index_set *set, size_t i, const char *why);

#endif

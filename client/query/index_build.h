// SPDX-License-Identifier: MIT
// Reads the records of a segment into its table.
#ifndef OYEZ_INDEX_BUILD_H
#define OYEZ_INDEX_BUILD_H

#include <stdbool.h>

#include "event_view.h"
#include "index_table.h"
#include "oyez/journal.h"

// oyez_index_build adds what the segment holds and the table does not have yet; `view` is scratch.
// OYEZ_OK too where damage ends the reading: the table then has the records before it, and
// oyez_error_detail names the damage. OYEZ_ERR_FULL: the table takes no more. OYEZ_ERR_NO_MEMORY,
// OYEZ_ERR_IO. *moved becomes true where the reader no longer stands where it stood; may be NULL.
oyez_err oyez_index_build(oyez_index_table *table, oyez_journal_reader *reader,
                          const struct oyez_journal_segment *segment, struct oyez_event_view *view,
                          bool *moved);

// oyez_index_build_has_all: whether the table has all records of the segment.
bool oyez_index_build_has_all(const oyez_index_table *table,
                              const struct oyez_journal_segment *segment);

#endif

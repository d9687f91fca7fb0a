// SPDX-License-Identifier: MIT
// How whoever keeps things of the journal in memory learns that something was erased: it compares a
// number that is another after each erasure (oyez_journal_erasures).
#ifndef OYEZ_ERASURES_H
#define OYEZ_ERASURES_H

#include "oyez/disk.h"

#define OYEZ_ERASURES_FILE "erased.state"

// oyez_erasures_note says that the act with this index has been carried out. Not synced: nobody's
// memory outlives what would lose it.
oyez_err oyez_erasures_note(const struct oyez_disk *disk, const char *directory, uint64_t act);

#endif

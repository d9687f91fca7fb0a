// SPDX-License-Identifier: MIT
// How whoever keeps things of the journal in memory learns that something was erased: it compares a
// number that is another after each erasure.
#ifndef OYEZ_ERASURES_H
#define OYEZ_ERASURES_H

#include "oyez/disk.h"

#define OYEZ_ERASURES_FILE "erased.state"
#define OYEZ_ERASURES_PENDING                                                                      \
    UINT64_MAX // one is under way, or was cut short: nothing is to be kept

// oyez_erasures_note says that the act with this index has been carried out. Not synced: nobody's
// memory outlives what would lose it.
oyez_err oyez_erasures_note(const struct oyez_disk *disk, const char *directory, uint64_t act);

// oyez_erasures_read is the number of the state that a directory is in now.
uint64_t oyez_erasures_read(const struct oyez_disk *disk, const char *directory);

#endif

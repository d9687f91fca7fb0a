// SPDX-License-Identifier: MIT
// Whether an event that arrived is new, a repeat of a recorded one, or contradicts one.
#ifndef OYEZ_RECORDER_DECIDING_H
#define OYEZ_RECORDER_DECIDING_H

#include <stdbool.h>

#include "oyez/journal.h"
#include "recorded_emitters.h"

// recorder_decide turns a new event's record into a repeat (kind, first_index) or flags it as a
// conflict, where it is one. `emitter` may be NULL. `batch_flags` are the batch's. Errors of
// reading the journal. Blocks where the event has to be looked up.
oyez_err recorder_decide(oyez_journal *journal, oyez_leaf_hasher *hasher,
                         const struct recorder_emitter *emitter, uint32_t batch_flags,
                         struct oyez_journal_record *record);

#endif

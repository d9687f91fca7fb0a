// SPDX-License-Identifier: MIT
// What the recorder knows, made again from the journal at opening.
#ifndef OYEZ_RECORDER_REBUILD_H
#define OYEZ_RECORDER_REBUILD_H

#include "recorder_state.h"

// recorder_rebuild fills recorder->emitters, ->place, ->over and ->heard from emitters.state and what the journal
// has beyond it; without the file from the whole journal. `records` is the journal's number of
// records. Blocks. Errors of reading the journal.
oyez_err recorder_rebuild(struct oyez_recorder *recorder, uint64_t records);

// recorder_place_take is what a record of the journal says of where the stream has come, and of its
// emitter's numbers. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_place_take(struct recorder_place *place, struct recorder_emitters *emitters,
                             const struct oyez_journal_record *record);

// recorder_state_write writes emitters.state for a journal of so many records, all of them safe.
// Blocks; what goes wrong is logged: the file is a convenience.
void recorder_state_write(struct oyez_recorder *recorder, uint64_t records);

#endif

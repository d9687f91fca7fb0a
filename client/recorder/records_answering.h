// SPDX-License-Identifier: MIT
// Records as they lie, for mirrors: RecordsRequest of proto/query.proto.
#ifndef OYEZ_RECORDS_ANSWERING_H
#define OYEZ_RECORDS_ANSWERING_H

#include "answering.h"
#include "oyez/expire.h"
#include "record_message.h"
#include "recorder_state.h"

// What the answering thread keeps between two pages. All zero is none.
struct recorder_records_desk {
    oyez_journal_reader *reader;
    oyez_leaf_hasher *hasher;
    struct recorder_bytes page;
    struct oyez_journal_begin begin; // of the journal
};

// recorder_records_answer makes the answer to a question for records; nothing that is not safe on
// the disk is given. False: it is another question. *made is false where there is no memory. Blocks
// on the disk.
bool recorder_records_answer(struct oyez_recorder *recorder, struct recorder_records_desk *desk,
                             const struct recorder_ask *ask, struct recorder_answer *answer,
                             bool *made);

void recorder_records_desk_close(struct recorder_records_desk *desk);

#endif

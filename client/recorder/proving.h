// SPDX-License-Identifier: MIT
// Answers a ProofRequest: the newest checkpoint, made anew where something is not covered yet, and
// the proof of an event against it.
#ifndef OYEZ_RECORDER_PROVING_H
#define OYEZ_RECORDER_PROVING_H

#include "answering.h"

// recorder_prove answers a question, if it is one for a proof: else false. *made: false where there
// was no memory for the answer. Blocks on the disk. The answering thread.
bool recorder_prove(struct oyez_recorder *recorder, const struct recorder_ask *ask,
                    struct recorder_answer *answer, bool *made);

#endif

// SPDX-License-Identifier: MIT
// Answers on their way out: made by the answering thread and by that of the consumers.
#ifndef OYEZ_RECORDER_ANSWERING_H
#define OYEZ_RECORDER_ANSWERING_H

#include <stdbool.h>

#include "query.pb.h"
#include "recorder_state.h"

// recorder_answer_begin addresses an answer to who asked.
void recorder_answer_begin(struct recorder_answer *answer, const struct recorder_ask *ask);

// recorder_answer_add_message adds a QueryAnswer as the next frame. False: no memory.
bool recorder_answer_add_message(struct recorder_answer *answer,
                                 const oyez_v1_QueryAnswer *message);

// recorder_answer_hand_over gives a whole answer to intake, once the one before it has gone out;
// `made` false: there was no memory for it, and nobody is answered. Empties *answer. Blocks.
void recorder_answer_hand_over(struct oyez_recorder *recorder, struct recorder_answer *answer,
                               bool made);

#endif

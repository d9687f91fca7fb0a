// SPDX-License-Identifier: MIT
// The thread that answers questions of consumers, so that no other waits for their file. All that
// wait are done together, made durable by one write, and answered then.
#ifndef OYEZ_RECORDER_CONSUMERS_ANSWERING_H
#define OYEZ_RECORDER_CONSUMERS_ANSWERING_H

#include <stdbool.h>

#include "oyez/query_engine.h"
#include "recorder_state.h"

// Questions that wait, in bytes; what is beyond is dropped and asked again.
#define RECORDER_CONSUMER_ASKS_BYTES_MAX (4u * 1024u * 1024u)

struct recorder_consumer_desk;

// recorder_consumers_start reads the file and starts the thread. NULL (logged): there is no memory
// or no thread. What is wrong with the file is logged, and answered where it stays so.
struct recorder_consumer_desk *recorder_consumers_start(struct oyez_recorder *recorder);
// recorder_consumers_stop drops what waits, joins and frees. NULL-safe.
void recorder_consumers_stop(struct recorder_consumer_desk *desk);

// recorder_consumers_take: true if the question is one for the thread, which then owns it.
bool recorder_consumers_take(struct recorder_consumer_desk *desk, struct recorder_ask *ask);

// recorder_consumers_list: true if the question is for a list of consumers, or for anything of them
// while there is no desk; then *answer is its answer, and *made tells whether there was memory for
// it. The answering thread's; reads the journal.
bool recorder_consumers_list(struct recorder_consumer_desk *desk, oyez_query_engine *engine,
                             const struct recorder_ask *ask, struct recorder_answer *answer,
                             bool *made);

#endif

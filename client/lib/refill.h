// SPDX-License-Identifier: MIT
// What subscriptions ask the record for: what they miss, and what was before them. One question at
// a time for all of them, in turn; between two, the application's own questions have theirs. No
// thread waits for an answer. The session thread's own.
#ifndef OYEZ_REFILL_H
#define OYEZ_REFILL_H

#include <stdint.h>

#include "oyez/error.h"

struct refill;
struct receiver;

oyez_err refill_open(struct refill **out);
void refill_close(struct refill **refill);

// refill_stop gives up the question under way. Before the subscriptions are freed.
void refill_stop(struct receiver *receiver);

// refill_tick takes the answer that has come, and asks for whose turn it is. Takes the locks.
void refill_tick(struct receiver *receiver, uint64_t now_ms);

// refill_due_ms is when the next tick has something to ask; UINT64_MAX: when something comes.
uint64_t refill_due_ms(const struct receiver *receiver);

#endif

// SPDX-License-Identifier: MIT
// Threads that wait for their events to reach a level. All of it under lock.
#ifndef OYEZ_WAITERS_H
#define OYEZ_WAITERS_H

#include "client_state.h"

// Whatever this bus calls safe: receipted, or accepted where there is no recorder.
#define LEVEL_SAFE ((enum oyez_level)0)

// waiters_add links a waiter, which is done at once if its level is reached already.
void waiters_add(struct oyez_client *client, struct waiter *waiter);
void waiters_remove(struct oyez_client *client, const struct waiter *waiter);

// waiters_accepted: the broker has decided on durable numbers up to this one.
void waiters_accepted(struct oyez_client *client, uint64_t through);

// waiters_released: the window has let go of everything below its floor.
void waiters_released(struct oyez_client *client);

// waiters_checkpointed: a checkpoint covers more than before.
void waiters_checkpointed(struct oyez_client *client);

// waiters_refuse ends the waits for these numbers with OYEZ_ERR_REFUSED.
void waiters_refuse(struct oyez_client *client, uint64_t first, uint64_t count);

// waiters_end_recorded: this bus has no recorder (any more).
void waiters_end_recorded(struct oyez_client *client);

// waiters_move: what had number `from` is on its way again as number `to`.
void waiters_move(struct oyez_client *client, uint64_t from, uint64_t to);

// A run of numbers of one batch, and where it stands.
struct placed_run {
    uint64_t first;
    uint32_t count;
    uint64_t epoch;
    uint64_t position; // of the first
    uint64_t broker_time;
    uint64_t index; // of the first, plus 1; 0 = not recorded yet
    bool duplicate;
};

// waiters_place tells whoever waits for one of these where it stands.
void waiters_place(struct oyez_client *client, const struct placed_run *run);

#endif

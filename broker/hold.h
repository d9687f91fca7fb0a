// SPDX-License-Identifier: MIT
// Intake waits while the ring would have to give up frames that the recorder has not confirmed, but
// only so long: a bus that stands still for ever is for who asked for it.
#ifndef OYEZ_BROKER_HOLD_H
#define OYEZ_BROKER_HOLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ring.h"

struct oyez_broker;

enum oyez_hold_state {
    OYEZ_HOLD_OFF,
    OYEZ_HOLD_ON,
    OYEZ_HOLD_OVERRUN, // it took too long: intake goes on, and the ring gives up frames
};

struct oyez_hold {
    enum oyez_hold_state state;
    atomic_uint max_ms;   // 0 = for ever; any thread sets it
    uint64_t progress_ms; // when the recorder last had nothing to do, or did something
    uint64_t began_ms;    // the present episode
    uint64_t counted_ms;  // held time is counted up to here
    struct oyez_ring_cursor unconfirmed;
};

// oyez_hold_check decides whether the next frame may be taken; called before each. True: it waits.
bool oyez_hold_check(struct oyez_broker *broker);

// oyez_hold_confirm: the recorded mark has moved.
void oyez_hold_confirm(struct oyez_broker *broker);

// oyez_hold_tick keeps its times; called once a round.
void oyez_hold_tick(struct oyez_broker *broker);

#endif

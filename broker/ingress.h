// SPDX-License-Identifier: MIT
// The order of an epoch: which frames are taken, which are not, and what the taken ones are
// stamped with. No sockets: a frame goes in, a verdict comes out.
#ifndef OYEZ_BROKER_INGRESS_H
#define OYEZ_BROKER_INGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters.h"
#include "debts.h"
#include "decisions.h"
#include "emitters.h"
#include "oyez/error.h"
#include "ring.h"
#include "types.h"

struct oyez_ingress {
    uint64_t epoch;    // microseconds
    uint64_t instance; // random, new with each epoch
    uint64_t position; // of the latest event
    uint64_t broker_time;
    struct oyez_types types;
    struct oyez_emitters emitters;
    struct oyez_debts debts;
    struct oyez_decisions decisions;
    struct oyez_ring ring;
    struct oyez_counters *counters;
};

// oyez_ingress_open starts the first epoch, by the clock. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_ingress_open(struct oyez_ingress *ingress, struct oyez_counters *counters,
                           size_t ring_bytes, uint32_t types_limit, uint32_t emitters_limit);
void oyez_ingress_close(struct oyez_ingress *ingress);

// oyez_ingress_roll_over starts a new epoch in place: by the clock, or one above `highest_told`
// when that is later. Types, emitters, debts and ring begin anew.
void oyez_ingress_roll_over(struct oyez_ingress *ingress, uint64_t highest_told);

// oyez_ingress_take judges a frame. True: it is stamped in place and kept in the ring, or it is a
// replay, which is neither; it must be published. False: dropped and counted. What its emitter is owed stands in the debts.
bool oyez_ingress_take(struct oyez_ingress *ingress, void *frame, size_t size, uint64_t now_ms);

// oyez_ingress_greet raises what an emitter is expected to send to its floors, and owes it once more
// what it may not have heard: a hello. 0 = none.
void oyez_ingress_greet(struct oyez_ingress *ingress, uint32_t emitter, uint64_t durable_floor,
                        uint64_t fast_floor);

#endif

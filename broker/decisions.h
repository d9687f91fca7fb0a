// SPDX-License-Identifier: MIT
// From what the recorder decides to what each emitter is told: which of its durable numbers are
// recorded, and which were lost on the way to the recorder. Cumulative: what was said before does
// no harm.
#ifndef OYEZ_BROKER_DECISIONS_H
#define OYEZ_BROKER_DECISIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "debts.h"
#include "emitters.h"
#include "wire/control.h"

struct oyez_decisions {
    struct oyez_emitters *emitters;
    struct oyez_debts *debts;
    struct oyez_counters *counters;
    bool is_on;     // false: nobody waits for receipts, nothing is kept
    uint32_t first; // of the emitters with events not yet settled, by the position of their latest
    uint32_t last;
};

void oyez_decisions_init(struct oyez_decisions *decisions, struct oyez_emitters *emitters,
                         struct oyez_debts *debts, struct oyez_counters *counters);

// oyez_decisions_clear forgets the list: a new epoch. The emitters must be cleared with it.
void oyez_decisions_clear(struct oyez_decisions *decisions);

// oyez_decisions_accept notes that an emitter's durable numbers were taken, up to `position`.
// Positions only grow.
void oyez_decisions_accept(struct oyez_decisions *decisions, uint32_t emitter, uint64_t position);

// oyez_decisions_greet: a hello. Everything below the floor has reached its emitter; what lies at
// or above it may not have, and is told once more.
void oyez_decisions_greet(struct oyez_decisions *decisions, uint32_t emitter,
                          uint64_t durable_floor);

// oyez_decisions_forget: the entry is about to be taken over.
void oyez_decisions_forget(struct oyez_decisions *decisions, uint32_t emitter);

// oyez_decisions_decide takes one entry of a Confirm. An emitter not known in this epoch is passed
// over. False when the entry cannot be true.
bool oyez_decisions_decide(struct oyez_decisions *decisions, const oyez_v1_Decided *decided);

// oyez_decisions_told passes on where a batch was recorded. False as of oyez_decisions_decide.
bool oyez_decisions_told(struct oyez_decisions *decisions, const oyez_v1_Told *told);

// oyez_decisions_settle: all positions up to this one are decided, and the recorder has named all
// emitters that it has heard of up to there. What it did not name was lost.
void oyez_decisions_settle(struct oyez_decisions *decisions, uint64_t position);

#endif

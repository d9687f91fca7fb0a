// SPDX-License-Identifier: MIT
// From what the recorder decides to what each emitter is told: which of its durable numbers are
// recorded, and which were lost on the way to the recorder. Cumulative: what was said before does
// no harm.
#ifndef OYEZ_BROKER_RECEIPTS_H
#define OYEZ_BROKER_RECEIPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "debts.h"
#include "emitters.h"
#include "wire/control.h"

struct oyez_receipts {
    struct oyez_emitters *emitters;
    struct oyez_debts *debts;
    struct oyez_counters *counters;
    bool is_on;     // false: nobody waits for receipts, nothing is kept
    uint32_t first; // of the emitters with events not yet settled, by the position of their latest
    uint32_t last;
};

void oyez_receipts_init(struct oyez_receipts *receipts, struct oyez_emitters *emitters,
                        struct oyez_debts *debts, struct oyez_counters *counters);

// oyez_receipts_clear forgets the list: a new epoch. The emitters must be cleared with it.
void oyez_receipts_clear(struct oyez_receipts *receipts);

// oyez_receipts_accept notes that an emitter's durable numbers were taken, up to `position`.
// Positions only grow.
void oyez_receipts_accept(struct oyez_receipts *receipts, uint32_t emitter, uint64_t position);

// oyez_receipts_greet: a hello. Everything below the floor has reached its emitter; what lies at
// or above it may not have, and is told once more.
void oyez_receipts_greet(struct oyez_receipts *receipts, uint32_t emitter, uint64_t durable_floor);

// oyez_receipts_forget: the entry is about to be taken over.
void oyez_receipts_forget(struct oyez_receipts *receipts, uint32_t emitter);

// oyez_receipts_decide takes one entry of a Confirm. An emitter not known in this epoch is passed
// over. False when the entry cannot be true.
bool oyez_receipts_decide(struct oyez_receipts *receipts, const oyez_v1_Decided *decided);

// oyez_receipts_told passes on where a batch was recorded. False as of oyez_receipts_decide.
bool oyez_receipts_told(struct oyez_receipts *receipts, const oyez_v1_Told *told);

// oyez_receipts_settle: all positions up to this one are decided, and the recorder has named all
// emitters that it has heard of up to there. What it did not name was lost.
void oyez_receipts_settle(struct oyez_receipts *receipts, uint64_t position);

#endif

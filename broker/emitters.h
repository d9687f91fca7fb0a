// SPDX-License-Identifier: MIT
// What the broker knows of each emitter in this epoch: the numbers it takes next and what it owes
// the emitter. Entries with a session are live; the others are idle, and go, longest idle first,
// when the table is full.
#ifndef OYEZ_BROKER_EMITTERS_H
#define OYEZ_BROKER_EMITTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/uuid.h"
#include "slots.h"
#include "wire/siphash.h"

// A chain of tells, see debts.h.
struct oyez_tells {
    uint32_t first; // OYEZ_NONE = none
    uint32_t last;
    uint32_t count;
};

// Durable numbers that were accepted and then lost before the recorder.
struct oyez_lost {
    uint64_t first;
    uint64_t last;
};

// Ranges kept for one emitter: as many as one receipt holds.
#define OYEZ_LOST_MAX 16u

struct oyez_emitter {
    uint8_t id[OYEZ_UUID_SIZE];
    uint32_t session;      // OYEZ_NONE = idle
    uint32_t older, newer; // neighbours in the list of idle ones
    uint64_t durable_expected;
    uint64_t fast_expected;
    uint64_t fast_lost; // fast numbers lost before the broker, this epoch
    uint64_t refused;   // events refused for a full table, this epoch

    // What the recorder has said of the durable lane, see decisions.h.
    uint64_t decided_through;             // as it said last
    uint64_t receipted_through;           // settled: recorded, or named as lost
    uint64_t accepted_position;           // of the latest durable event accepted
    bool awaits_receipt;                  // is in the list of those with events not yet settled
    uint32_t awaits_before, awaits_after; // neighbours there
    struct oyez_lost *lost;               // OYEZ_LOST_MAX; NULL until the first is lost
    uint32_t lost_count;
    uint32_t lost_told; // to the present session

    // Debts, see debts.h.
    bool is_queued;
    bool owes_mark;
    bool owes_nack;
    bool owes_receipt;
    bool awaits_checkpoint;    // was told of numbers that no checkpoint covered
    uint64_t receipt_sent;     // durable_through of the receipt sent last
    uint64_t nack_number;      // expected number of the NACK owed or sent last
    uint64_t nack_sent_ms;     // when; 0 = never for this number
    struct oyez_tells stamps;  // for marks, in order
    struct oyez_tells records; // for receipts, in order
};

struct oyez_emitters {
    struct oyez_emitter *entries;
    uint32_t count; // entries in use: none is ever given back, only taken over
    uint32_t capacity;
    uint32_t limit;
    uint32_t latest; // found last: most frames come from the same emitter again
    uint32_t oldest; // of the idle ones
    uint32_t newest;
    struct oyez_slots slots;
    struct oyez_siphash_key key;
};

void oyez_emitters_init(struct oyez_emitters *emitters, uint32_t limit);

// oyez_emitters_find: OYEZ_NONE when the broker does not know this emitter in this epoch.
uint32_t oyez_emitters_find(struct oyez_emitters *emitters, const uint8_t id[OYEZ_UUID_SIZE]);

// oyez_emitters_idlest is the idle entry used longest ago: the next oyez_emitters_add takes it
// when the table is full. OYEZ_NONE while there is room, or when all are live.
uint32_t oyez_emitters_idlest(const struct oyez_emitters *emitters);

// oyez_emitters_add makes a live entry for a new id; its numbers start at 1. OYEZ_NONE when the
// table is full of live ones or there is no memory.
uint32_t oyez_emitters_add(struct oyez_emitters *emitters, const uint8_t id[OYEZ_UUID_SIZE],
                           uint32_t session);

// oyez_emitters_attach gives an entry its session; oyez_emitters_detach makes it idle.
void oyez_emitters_attach(struct oyez_emitters *emitters, uint32_t emitter, uint32_t session);
void oyez_emitters_detach(struct oyez_emitters *emitters, uint32_t emitter);

// oyez_emitters_clear forgets all and gives their memory back: a new epoch.
void oyez_emitters_clear(struct oyez_emitters *emitters);

#endif

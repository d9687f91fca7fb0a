// SPDX-License-Identifier: MIT
// What emitters are still owed over control: accept marks with the stamps they asked for, NACKs,
// receipts, refusals of types. Everything is bounded and kept until it can be sent; marks and
// receipts are cumulative, so one of each per emitter does.
#ifndef OYEZ_BROKER_DEBTS_H
#define OYEZ_BROKER_DEBTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters.h"
#include "emitters.h"
#include "oyez/limits.h"
#include "wire/batch.h"
#include "wire/control.h"

// Stamps waiting for their marks and records waiting for their receipts, of all emitters (3 MB),
// and of each kind for one. An emitter whose tell is dropped still learns that the event was
// accepted or recorded, only not where.
#define OYEZ_TELLS_MAX 65536u
#define OYEZ_EMITTER_TELLS_MAX 4096u

// Refusals that found no room at once, of all emitters (250 kB); more are only counted.
#define OYEZ_REFUSALS_MAX 1024u

struct oyez_tell {
    uint32_t next;
    uint32_t count;
    bool fast;
    uint64_t emitter_seq;
    uint64_t position;
    uint64_t broker_time;
    uint64_t index; // of a record
    bool duplicate;
};

struct oyez_type_refusal {
    uint32_t emitter;
    uint32_t count;
    bool fast;
    uint64_t emitter_seq;
    char event_type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
};

// How far the recorder is, for receipts: the recorded mark of this epoch, and the cursor up to
// which a signed checkpoint covers the record.
struct oyez_recorded {
    uint64_t position;
    uint64_t checkpointed_epoch;
    uint64_t checkpointed_position;
};

struct oyez_debts {
    struct oyez_emitters *emitters;
    struct oyez_counters *counters;
    uint32_t *queue; // emitters that are owed something
    size_t queue_count;
    size_t queue_capacity;
    struct oyez_tell *tells;
    uint32_t tells_used;
    uint32_t tells_capacity;
    uint32_t tells_free; // first free one
    struct oyez_type_refusal *refusals;
    uint32_t refusals_count;
    struct oyez_recorded recorded;
    oyez_v1_FromBroker message; // too large for the stack of every caller
};

enum oyez_payment {
    OYEZ_PAID,
    OYEZ_PAY_LATER, // no room at the moment
    OYEZ_PAY_GONE,  // the connection is gone: the debt waits for the next hello
};

// Sends a message to a session.
typedef enum oyez_payment oyez_debts_send(void *arg, uint32_t session,
                                          const oyez_v1_FromBroker *message);

oyez_err oyez_debts_open(struct oyez_debts *debts, struct oyez_emitters *emitters,
                         struct oyez_counters *counters);
void oyez_debts_close(struct oyez_debts *debts);

// oyez_debts_clear forgets all: a new epoch. The emitters must be cleared with it.
void oyez_debts_clear(struct oyez_debts *debts);

// What is owed from now on. oyez_debts_tell implies a mark.
void oyez_debts_mark(struct oyez_debts *debts, uint32_t emitter);
void oyez_debts_tell(struct oyez_debts *debts, uint32_t emitter, const struct oyez_tell *tell);
void oyez_debts_refuse(struct oyez_debts *debts, uint32_t emitter, const struct oyez_batch *batch);

// oyez_debts_receipt owes a receipt; oyez_debts_record one that tells where a batch was recorded.
void oyez_debts_receipt(struct oyez_debts *debts, uint32_t emitter);
void oyez_debts_record(struct oyez_debts *debts, uint32_t emitter, const struct oyez_tell *tell);

// oyez_debts_checkpoint: a checkpoint covers the record up to this cursor. Owes a receipt to all
// who were told of numbers that none covered yet. One that is no news is passed over.
void oyez_debts_checkpoint(struct oyez_debts *debts, uint64_t epoch, uint64_t position);

// oyez_debts_greet: an emitter is back, and may wait for a checkpoint over what it was told of
// before.
void oyez_debts_greet(struct oyez_debts *debts, uint32_t emitter);

// oyez_debts_nack owes a NACK for the durable number expected now, unless one for the same number
// was sent less than OYEZ_NACK_REPEAT_MS ago.
void oyez_debts_nack(struct oyez_debts *debts, uint32_t emitter, uint64_t now_ms);

// oyez_debts_requeue takes up again what an emitter was owed before it lost its connection.
void oyez_debts_requeue(struct oyez_debts *debts, uint32_t emitter);

// oyez_debts_forget drops what is owed to an entry that is about to be taken over.
void oyez_debts_forget(struct oyez_debts *debts, uint32_t emitter);

// oyez_debts_pay tries to send everything owed once. What must wait stays.
void oyez_debts_pay(struct oyez_debts *debts, uint64_t epoch, uint64_t instance, uint64_t now_ms,
                    oyez_debts_send *send, void *arg);

#endif

// SPDX-License-Identifier: MIT
// What the broker knows of its recorder: who it is, and how far it has confirmed. Whether durable
// events are released at the accept mark is decided here and nowhere else.
#ifndef OYEZ_BROKER_RECORDING_H
#define OYEZ_BROKER_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "ingress.h"
#include "oyez/broker.h"
#include "wire/control.h"

struct oyez_recording {
    enum oyez_broker_recorder policy;
    uint32_t session; // of the primary; OYEZ_NONE = none is attached
    bool was_attached;
    bool is_left;               // the primary said goodbye: nothing is held for it
    uint64_t recorded_position; // the recorded mark of this epoch; 0 = none
    uint64_t settled_position;  // of it, up to where every emitter has been named
    uint64_t invalid_events;    // recorded though they break a rule, as the primary counts them
    uint64_t welcome_from_ms;   // until then a starting broker waits for its primary
};

// oyez_recording_init: `wait_ms` is how long others wait for the primary at the start.
// OYEZ_ERR_INVALID: there is no such policy.
oyez_err oyez_recording_init(struct oyez_recording *recording, enum oyez_broker_recorder policy,
                             uint64_t now_ms, uint32_t wait_ms);

// oyez_recording_is_expected: true when emitters keep durable events until a receipt; false when
// the accept mark releases them.
bool oyez_recording_is_expected(const struct oyez_recording *recording);

// oyez_recording_is_attached: a primary has a session.
bool oyez_recording_is_attached(const struct oyez_recording *recording);

// oyez_recording_is_awaited: nobody but a primary is welcome yet.
bool oyez_recording_is_awaited(const struct oyez_recording *recording, uint64_t now_ms);

// oyez_recording_attach: the primary's session. oyez_recording_leave: a session ends; `is_clean`
// when it said so. One that is not the primary's is passed over.
void oyez_recording_attach(struct oyez_recording *recording, uint32_t session);
void oyez_recording_leave(struct oyez_recording *recording, uint32_t session, bool is_clean);

// oyez_recording_roll_over: a new epoch, without sessions and of which nothing is recorded.
void oyez_recording_roll_over(struct oyez_recording *recording);

// oyez_recording_confirm takes what the primary has decided, and owes the receipts. Counts what
// cannot be true. True when the recorded mark has moved.
bool oyez_recording_confirm(struct oyez_recording *recording, struct oyez_ingress *ingress,
                            const oyez_v1_Confirm *confirm);

// oyez_recording_settle settles what was accepted since without a position of its own: refused
// events, after which no confirm may ever come.
void oyez_recording_settle(struct oyez_recording *recording, struct oyez_ingress *ingress);

// oyez_recording_describe fills the recorder's component of a status.
void oyez_recording_describe(const struct oyez_recording *recording, oyez_v1_Component *component);

#endif

// SPDX-License-Identifier: MIT
// What the broker knows of its recorder, and what follows from it. Whether durable events are
// released at the accept mark is decided here and nowhere else.
#ifndef OYEZ_BROKER_RECORDER_H
#define OYEZ_BROKER_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/broker.h"
#include "wire/control.h"

struct oyez_recorder {
    enum oyez_broker_recorder policy;
    bool is_attached;
    uint64_t recorded_position; // the recorded mark of this epoch; 0 = none
};

// oyez_recorder_check refuses a policy that this version cannot keep. OYEZ_ERR_INVALID.
oyez_err oyez_recorder_check(enum oyez_broker_recorder policy);

// oyez_recorder_is_expected: true when emitters keep durable events until a receipt; false when the
// accept mark releases them.
bool oyez_recorder_is_expected(const struct oyez_recorder *recorder);

// oyez_recorder_describe fills the recorder's component of a status.
void oyez_recorder_describe(const struct oyez_recorder *recorder, oyez_v1_Component *component);

#endif

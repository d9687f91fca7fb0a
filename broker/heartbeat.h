// SPDX-License-Identifier: MIT
// The broker's own events: oyez.heartbeat, and beacons that answer a subscription.
#ifndef OYEZ_BROKER_HEARTBEAT_H
#define OYEZ_BROKER_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "egress.h"
#include "ingress.h"
#include "oyez/error.h"
#include "wire/control.h"

struct oyez_heartbeat {
    struct oyez_ingress *ingress;
    struct oyez_egress *egress;
    uint64_t number;       // of the latest heartbeat of this epoch
    uint64_t marked_epoch; // the mark published last
    uint64_t marked_position;
    uint64_t marks_answered; // subscriptions that it was published to
    uint64_t mark_due_ms;    // not another one before
    struct oyez_head *heads; // room for those of one message
    uint8_t *details;
};

oyez_err oyez_heartbeat_open(struct oyez_heartbeat *heartbeat, struct oyez_ingress *ingress,
                             struct oyez_egress *egress);
void oyez_heartbeat_close(struct oyez_heartbeat *heartbeat);

// oyez_heartbeat_publish tells the head, the recorded mark and the types that moved. `ending`: the
// epoch ends with it, at this head.
void oyez_heartbeat_publish(struct oyez_heartbeat *heartbeat, uint64_t recorded_position,
                            bool ending);

// oyez_heartbeat_answer publishes the beacons that subscribers asked for.
void oyez_heartbeat_answer(struct oyez_heartbeat *heartbeat);

// oyez_heartbeat_mark publishes the recorded mark, if it has moved, or somebody is new who
// subscribed to it; at most one every OYEZ_MARK_MS. True when one waits for that time.
bool oyez_heartbeat_mark(struct oyez_heartbeat *heartbeat, uint64_t recorded_position,
                         uint64_t now_ms);

#endif

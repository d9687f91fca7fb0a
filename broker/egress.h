// SPDX-License-Identifier: MIT
// The publishing side: frames out, subscription notices in.
#ifndef OYEZ_BROKER_EGRESS_H
#define OYEZ_BROKER_EGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include "counters.h"
#include "oyez/error.h"
#include "wire/topic.h"

// Beacons owed at once; a subscriber whose request is dropped asks again with another nonce.
#define OYEZ_BEACONS_MAX 256u

struct oyez_egress {
    void *socket; // borrowed
    struct oyez_counters *counters;
    struct large_account *account; // outlives us: ZeroMQ frees messages when it pleases
    size_t large_bytes_max;
    char nonces[OYEZ_BEACONS_MAX][OYEZ_BEACON_NONCE_SIZE]; // asked for
    size_t nonces_count;
    bool marks_wanted;    // somebody subscribed to the recorded mark by name
    uint64_t marks_asked; // times that somebody did
};

oyez_err oyez_egress_open(struct oyez_egress *egress, void *socket, struct oyez_counters *counters,
                          size_t large_bytes_max);
void oyez_egress_close(struct oyez_egress *egress);

// oyez_egress_publish sends a frame to its subscribers; never waits. The message is empty then,
// whatever became of it: what could not be sent is counted.
void oyez_egress_publish(struct oyez_egress *egress, zmq_msg_t *message);

// oyez_egress_read_notices reads up to `limit` notices and collects the nonces of beacons, and
// whether the recorded mark is wanted.
// True when there may be more.
bool oyez_egress_read_notices(struct oyez_egress *egress, unsigned limit);

// oyez_egress_large_bytes: bytes of large frames not yet gone to all their subscribers.
size_t oyez_egress_large_bytes(const struct oyez_egress *egress);

#endif

// SPDX-License-Identifier: MIT
// The egress side of a client: frames from the broker to the subscriptions that want them, and the
// proof that none is missing (docs/wire.md, "Sequences", "Beacons").
//
// All of it runs on the session thread.
#ifndef OYEZ_RECEIVER_H
#define OYEZ_RECEIVER_H

#include "client_state.h"

struct receiver;

oyez_err receiver_open(struct receiver **out, struct oyez_client *client);
void receiver_close(struct receiver **receiver);

// receiver_apply makes the socket's topics those of the open subscriptions, and forgets closed
// ones. Cheap when nothing has changed.
void receiver_apply(struct receiver *receiver);

// receiver_read takes a bounded run of frames. True when there may be more.
bool receiver_read(struct receiver *receiver);

// receiver_tick does what is due: asks for a beacon again, tells dropped ranges.
void receiver_tick(struct receiver *receiver, uint64_t now_ms);

// receiver_due_ms is when receiver_tick has something to read from the record; UINT64_MAX = not by
// time.
uint64_t receiver_due_ms(const struct receiver *receiver);

// receiver_set_epoch: the broker's epoch as control told it, and whether it has a recorder.
void receiver_set_epoch(struct receiver *receiver, uint64_t epoch);

// receiver_stop ends what is under way, before the thread ends.
void receiver_stop(struct receiver *receiver);

// receiver_connected: the egress socket is new, no topic is set on it yet.
void receiver_connected(struct receiver *receiver);

#endif

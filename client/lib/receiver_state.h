// SPDX-License-Identifier: MIT
// What the two halves of the receiver share: receiver.c reads frames, sequences.c judges them.
#ifndef OYEZ_RECEIVER_STATE_H
#define OYEZ_RECEIVER_STATE_H

#include "receiver.h"
#include "routes.h"
#include "wire/batch.h"
#include "wire/topic.h"

struct receiver {
    struct oyez_client *client;
    struct routes routes;
    uint64_t applied_generation; // of subscriptions whose topics are set
    uint64_t epoch;
    uint64_t heartbeat;         // number of the last one seen in this epoch; 0 = none
    bool heads_known;           // a complete beacon came: a type not heard of is at 0
    bool beacon_pending;        // the nonce below is subscribed to
    uint64_t beacon_generation; // what its answer proves active
    uint64_t beacon_due_ms;     // ask again with a new nonce
    bool beacon_wanted;
    bool drops_pending; // some route has a dropped range to tell
    uint64_t tick_ms;
    char nonce_topic[sizeof OYEZ_TOPIC_BEACON_PREFIX + OYEZ_BEACON_NONCE_SIZE];
};

// receiver_route finds the route of a type with its targets up to date. NULL: table full.
struct route *receiver_route(struct receiver *receiver, const char *event_type, size_t size);

// receiver_ask_beacon subscribes to a new nonce.
void receiver_ask_beacon(struct receiver *receiver, uint64_t now_ms);

// sequences_check judges the type sequence of a frame of an ordinary event type: tells the gap
// before it. False for a frame that was already seen (it is not delivered again).
bool sequences_check(struct receiver *receiver, struct route *route,
                     const struct oyez_batch *batch);

// sequences_epoch moves to a greater epoch and tells it; false for a lower one.
bool sequences_epoch(struct receiver *receiver, uint64_t epoch);

// The details of a heartbeat or a beacon are judged here.
void sequences_heartbeat(struct receiver *receiver, const struct oyez_batch *batch);
void sequences_beacon(struct receiver *receiver, const struct oyez_batch *batch);

#endif

// SPDX-License-Identifier: MIT
// What the parts of the receiver share: receiver.c reads frames, sequences.c judges heads,
// catch_up.c and seam.c bring each subscription what it lacks, refill.c asks the record for it.
#ifndef OYEZ_RECEIVER_STATE_H
#define OYEZ_RECEIVER_STATE_H

#include "cursor.h"
#include "receiver.h"
#include "routes.h"
#include "wire/batch.h"
#include "wire/topic.h"

struct refill;

struct receiver {
    struct oyez_client *client;
    struct routes routes;
    uint64_t applied_generation; // of subscriptions whose topics are set
    uint64_t epoch;
    bool ended;                 // the broker has told the end of this epoch
    uint64_t heartbeat;         // number of the last one seen in this epoch; 0 = none
    bool beacon_pending;        // the nonce below is subscribed to
    uint64_t beacon_generation; // what its answer proves active
    uint64_t beacon_due_ms;     // ask again with a new nonce
    bool beacon_wanted;
    bool drops_pending; // some route has a dropped range to tell
    bool marks_topic;   // the recorded mark is subscribed to
    uint64_t tick_ms;
    uint64_t now_ms;
    uint64_t heard_ms; // the last frame on this connection, or its beginning
    char nonce_topic[sizeof OYEZ_TOPIC_BEACON_PREFIX + OYEZ_BEACON_NONCE_SIZE];

    struct refill *refill;
    struct cursor mark;       // the recorded mark, as last told
    struct cursor record_end; // the record is at least so far
    uint64_t read_due_ms;   // when to look for a subscription that has to read; UINT64_MAX = never
    uint64_t read_again_ms; // not before, for who needs what is behind record_end
};

// receiver_route finds the route of a type with its targets up to date. NULL: table full. Under
// inbox_lock.
struct route *receiver_route(struct receiver *receiver, const char *event_type, size_t size);

// receiver_find_target finds what a subscription is to a batch's type; NULL: it does not want it.
// Under inbox_lock.
struct route *receiver_find_target(struct receiver *receiver,
                                   const struct oyez_subscription *subscription,
                                   const struct oyez_batch *batch, struct route_target **target);

// receiver_ask_beacon subscribes to a new nonce.
void receiver_ask_beacon(struct receiver *receiver, uint64_t now_ms);

// sequences_epoch moves to a greater epoch and tells it; false for a lower one. Under inbox_lock.
bool sequences_epoch(struct receiver *receiver, uint64_t epoch);

// The details of the broker's own events are judged here. Under inbox_lock.
void sequences_heartbeat(struct receiver *receiver, const struct oyez_batch *batch);
void sequences_beacon(struct receiver *receiver, const struct oyez_batch *batch);
void sequences_recorded(struct receiver *receiver, const struct oyez_batch *batch);

#endif

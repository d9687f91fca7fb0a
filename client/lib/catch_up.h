// SPDX-License-Identifier: MIT
// Where one subscription stands between the record and what comes live (docs/wire.md, "Without a
// seam"). Live: frames go to the consumer as they come, each type's numbers checked. Reading: they
// are held, and the record is read up to a goal. A subscription of only_recorded always reads.
// On a bus without a recorder there is nothing to read: losses are told at once.
//
// All of it runs on the session thread, under inbox_lock where not said otherwise.
#ifndef OYEZ_CATCH_UP_H
#define OYEZ_CATCH_UP_H

#include <stdatomic.h>

#include "cursor.h"
#include "delivered.h"
#include "held.h"
#include "oyez/client.h"
#include "routes.h"
#include "wire/batch.h"

struct receiver;

struct catch_up {
    // From the options.
    enum oyez_from from;
    uint64_t from_count;
    struct cursor from_cursor;
    uint64_t since; // broker time: nothing older is wanted; 0 = no matter
    bool only_recorded;

    bool has_record; // the bus has a recorder, as its broker told
    bool started;    // a beacon has proved the subscription
    bool all_types;  // its heads were complete: a type that it does not list begins at 1
    uint64_t start_epoch;
    bool finding;           // looks for the place of its last events
    bool reading;           // the record, up to the goal
    bool joined;            // the question under way is asked for it too
    bool phantoms;          // something handed out was not recorded in its epoch
    bool gaps;              // something was lost before the recorder: it may come late
    uint64_t next_index;    // continuation of the page before; 0 = begin at `complete`
    uint64_t find_left;     // events not yet found
    struct cursor complete; // all that is recorded up to here has been put into the inbox
    struct cursor goal;     // reading ends when this is complete
    struct cursor unheld;   // newest live event that found no room while reading; 0, 0 = none
    struct cursor seen;     // newest event handed out
    struct held held;       // live frames while it reads
    struct delivered delivered;
    atomic_bool starved; // it could read on if its consumer made room
};

// What a gap's entry in the inbox holds.
struct inbox_gap {
    enum oyez_gap_kind kind;
    uint64_t epoch;
    uint64_t first;
    uint64_t last;
    char event_type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
};

void catch_up_free(struct catch_up *up);

// catch_up_frame takes a live frame.
void catch_up_frame(struct receiver *receiver, struct route *route, struct route_target *target,
                    const struct oyez_batch *batch, const void *frame, size_t size);

// catch_up_head: the newest number of a type, told behind everything up to `at`.
void catch_up_head(struct receiver *receiver, struct route *route, struct route_target *target,
                   uint64_t head, struct cursor at);

// catch_up_verified: all heads up to `at` were told, so what is not known to be missing is there.
void catch_up_verified(struct receiver *receiver, struct oyez_subscription *subscription,
                       struct cursor at);

// catch_up_doubt: the heads up to `at` are too many to be told, so the record has to be read.
void catch_up_doubt(struct receiver *receiver, struct oyez_subscription *subscription,
                    struct cursor at);

// catch_up_start: the beacon at `at` proves the subscription active.
void catch_up_start(struct receiver *receiver, struct oyez_subscription *subscription,
                    struct cursor at, bool all_types);

// catch_up_begin_epoch: the broker started again.
void catch_up_begin_epoch(struct receiver *receiver, struct oyez_subscription *subscription,
                          uint64_t previous, uint64_t epoch);

// catch_up_set_record: a broker has come back with a recorder where there was none, or without one.
// Without, who wants only what is recorded waits for the next that has one; others go on live, and
// are told what that means.
void catch_up_set_record(struct receiver *receiver, struct oyez_subscription *subscription,
                         bool has_record);

// catch_up_settle hands out what is held, if the goal is complete.
void catch_up_settle(struct receiver *receiver, struct oyez_subscription *subscription);

// catch_up_tell_dropped tells what a full inbox without a recorder has dropped.
void catch_up_tell_dropped(struct receiver *receiver, struct route *route,
                           struct route_target *target);

// For who reads the record. catch_up_recorded takes an event of it, which the subscription wants:
// false when the inbox is full.
bool catch_up_recorded(struct receiver *receiver, const struct route *route,
                       struct route_target *target, const struct oyez_batch *batch,
                       const void *frame, size_t size, uint64_t index);
// catch_up_gap: positions that are not in the record, of the epoch that is being read.
void catch_up_gap(struct receiver *receiver, struct oyez_subscription *subscription,
                  enum oyez_gap_kind kind, uint64_t first, uint64_t last);
// catch_up_end_epoch: the record of the epoch that is being read ends, and goes on with `epoch`.
void catch_up_end_epoch(struct receiver *receiver, struct oyez_subscription *subscription,
                        uint64_t recorded_end, bool clean, uint64_t epoch);
// catch_up_complete: the record has nothing more up to this cursor.
void catch_up_complete(struct receiver *receiver, struct oyez_subscription *subscription,
                       struct cursor complete);

#endif

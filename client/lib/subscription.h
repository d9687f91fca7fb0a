// SPDX-License-Identifier: MIT
// A subscription as the client's two threads see it.
#ifndef OYEZ_SUBSCRIPTION_H
#define OYEZ_SUBSCRIPTION_H

#include <stdbool.h>

#include "catch_up.h"
#include "client_state.h"
#include "inbox.h"
#include "meter.h"
#include "upcast.h"
#include "wire/batch.h"
#include "wire/envelope.h"

struct oyez_subscription {
    struct oyez_subscription *next; // under inbox_lock
    struct oyez_client *client;
    char **patterns;
    size_t pattern_count;
    oyez_event_handler *handler; // NULL = pulled
    void *handler_arg;
    oyez_gap_handler *on_gap;
    oyez_epoch_handler *on_epoch_changed;

    struct meter meter;
    atomic_bool closed; // set under inbox_lock; read between any two handler calls

    // Under inbox_lock.
    unsigned references; // the handle, the session thread's list, the dispatcher at work
    bool active;         // proved by a beacon
    bool ending;         // counted in client->ending
    bool refused;        // there is no recorder, and it needs one
    uint64_t generation;
    struct inbox inbox;
    struct catch_up up; // where it stands between the record and what comes live

    // The session thread's own.
    bool topics_set;

    // The consumer's own: where it stands in a batch, and the event it shows.
    struct oyez_batch batch;
    struct inbox_entry entry; // of the batch
    const uint8_t *cursor;    // NULL = no batch open
    uint32_t cursor_index;
    uint64_t cursor_epoch; // of oyez_subscription_get_cursor
    uint64_t cursor_position;
    struct oyez_event event;
    const uint8_t *event_bytes; // as it came
    size_t event_size;
    struct upcast upcast; // what the event points to, where it is of an older version
    char scratch[OYEZ_DECODE_SCRATCH_SIZE];
};

// subscription_release gives up one reference; the last one frees. Under inbox_lock.
void subscription_release(struct oyez_subscription *subscription);

// subscription_take hands all that waits to the consumer, who has read all it took before. False:
// there is nothing. Under inbox_lock.
bool subscription_take(struct oyez_subscription *subscription);

// subscription_next decodes the consumer's next event out of what it has taken; gaps and changes of
// the epoch before it are told on the way. False when all is read, or it is closed. Events that cannot be read are counted, told and passed over.
bool subscription_next(struct oyez_subscription *subscription);

// subscription_set_watch has somebody told of whatever comes for a pulled subscription; NULL ends it.
void subscription_set_watch(struct oyez_subscription *subscription, struct inbox_watch *watch);

// subscription_announce_end has oyez_client_close wait until this subscription is closed: by a thread
// of the library that is at work for it.
void subscription_announce_end(struct oyez_subscription *subscription);

// subscription_stop closes it for its consumer, who keeps his reference.
void subscription_stop(struct oyez_subscription *subscription);

// subscription_wants: one of its patterns matches.
bool subscription_wants(const struct oyez_subscription *subscription, const char *event_type);

// subscription_count_dropped: so many events found no room. The session thread's.
void subscription_count_dropped(struct oyez_subscription *subscription, uint64_t count);

#endif

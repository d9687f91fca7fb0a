// SPDX-License-Identifier: MIT
// What the parts of one client share. Two threads: the session thread owns every socket, the
// dispatcher calls handlers. Two locks, never held together with a callback running:
//   lock        emitting: windows, session state, waiters, status request
//   inbox_lock  receiving: subscriptions, their inboxes, notices
// Where both are needed, lock is taken first. Fields without a lock named are the session thread's.
#ifndef OYEZ_CLIENT_STATE_H
#define OYEZ_CLIENT_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "inbox.h"
#include "oyez/client.h"
#include "oyez/settings.h"
#include "routes.h"
#include "window.h"
#include "wire/control.h"
#include "wire/endpoint.h"
#include "wire/metric_set.h"

// A thread that waits for its event, or for everything up to it, to reach a level (waiters.h).
struct waiter {
    struct waiter *next;
    uint64_t seq;
    enum oyez_level level;
    bool everything;
    bool done;
    oyez_err err; // with done: why it will not come to that level
    struct oyez_receipt receipt;
    bool recorded; // and covered by a checkpoint once that comes up to here
    uint64_t recorded_epoch, recorded_position;
};

struct counters {
    atomic_uint_fast64_t emitted, accepted, recorded, resent, reemitted, fast_lost, refused,
        window_full;
    atomic_uint_fast64_t received, gaps, overflowed, refilled, repeated, malformed, sessions;
};

// Where the session stands. Written by the session thread under lock.
struct session {
    bool open; // the broker welcomed us in this epoch, and answers
    bool refused;
    oyez_err refused_err;
    char refused_text[201];
    bool recorder_expected;
    uint64_t epoch;
    uint64_t instance;
    uint64_t highest_epoch;
    uint64_t durable_accepted; // this broker has decided on everything up to here
    uint64_t durable_sent;     // some broker has: epochs do not take it back
    uint64_t fast_through;
    uint64_t epoch_fast_lost; // as the broker counts it, this epoch
    uint64_t epoch_refused;   // the same, as far as refusals were told one by one
    uint64_t receipt_epoch;   // what is receipted stands no further on
    uint64_t receipt_position;
    uint64_t checkpointed_epoch; // a checkpoint covers everything up to here
    uint64_t checkpointed_position;
};

// The one call that asks for metrics: under lock.
struct metrics_asking {
    struct metrics_page *page; // NULL = nobody asks
    uint64_t request;
    uint64_t after;
    uint64_t due_ms;
    bool done;
};

// What the broker was told last: the session thread's.
struct metrics_reporting {
    struct oyez_metric_sets told;
    bool wanted; // this broker takes reports
    uint64_t due_ms;
};

struct unknown_types;
struct handlers;
struct inline_table;

struct oyez_client {
    struct oyez_uuid id;
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    char name[65];
    struct oyez_event *defaults; // NULL = none
    oyez_notice_handler *on_notice;
    void *on_notice_arg;
    uint32_t close_timeout_ms;
    unsigned fork_generation;
    void *zmq_context;
    bool owns_context;
    struct counters counters;
    oyez_settings *settings;      // what the client goes by; read alone after opening
    size_t queue_bytes;           // of each subscription
    uint64_t started_ns;          // since 1970
    pthread_mutex_t metrics_lock; // one call asks at a time; taken before the others

    pthread_t session_thread;
    pthread_t dispatcher_thread;
    int wake_fd;

    pthread_mutex_t lock;
    pthread_cond_t changed; // session, acceptance, status answers
    struct session session;
    struct window windows[2]; // by enum oyez_lane
    uint64_t order;           // of the newest batch of both lanes
    struct waiter *waiters;
    struct oyez_consumer *consumers;
    struct inline_table *inlines; // NULL = there is no inline handler
    atomic_uint waiting_inline;   // emits that wait for their level and have run inline handlers
    bool session_sleeps;          // the session thread waits in poll: wake it
    bool flushing_fast;           // somebody waits for fast events: ask about them too
    bool stopping;
    struct oyez_status *status_out; // of the one call under way
    uint64_t status_request;        // its id; 0 = none
    bool status_asked;
    uint64_t status_due_ms;
    bool status_done;
    struct metrics_asking metrics_asking;
    struct ask *ask;                     // the question under way, and those behind it (ask.h)
    struct unknown_types *unknown_types; // that the recorder has no catalog of; NULL = none yet

    struct handlers *handlers; // with a lock of its own (handler_state.h)

    pthread_mutex_t inbox_lock;
    pthread_cond_t inbox_changed;
    struct oyez_subscription *subscriptions;
    uint64_t subscription_generation; // grows with every open and close
    struct oyez_subscription *dispatching;
    struct notice_queue *notices;
    atomic_bool dispatcher_stopping; // set under inbox_lock
    size_t ending; // subscriptions that their own thread will close; the client waits for them
    atomic_bool room_made; // a consumer has emptied an inbox that was too full to read on

    // The session thread's own.
    void *control;
    void *ingress; // NULL until the first emit
    void *egress;  // NULL until the first subscription
    // Written under lock, because other threads copy it.
    struct oyez_endpoints reach;
    bool ingress_ready; // the broker's subscription is there: sending means sending
    uint64_t hello_due_ms;
    uint64_t ping_due_ms;
    uint64_t heard_ms; // last word of the broker
    uint64_t sync_due_ms;
    uint64_t sync_interval_ms;
    uint64_t retry_send_ms; // ingress was full: not before
    struct metrics_reporting reporting;
    struct receiver *receiver;
    struct ask_page *answer; // that is being read
};

// Wakes the session thread where it sleeps. Call with lock held.
void client_wake(struct oyez_client *client);

// OYEZ_ERR_FORKED in a child of the process that opened the client, else OYEZ_OK.
oyez_err client_check_fork(const struct oyez_client *client);

// What a wait that has run out means: refused, unreachable, or a timeout. Under lock.
oyez_err client_end_of_wait(const struct oyez_client *client, const char *what,
                            uint32_t timeout_ms);

// Copy where events are published, and where they are taken, into OYEZ_ENDPOINT_SIZE_MAX bytes; "" =
// not known yet. Take lock.
void client_egress_endpoint(struct oyez_client *client, char *out);
void client_ingress_endpoint(struct oyez_client *client, char *out);

// Waits until everything emitted is as safe as this bus can make it.
void client_settle(struct oyez_client *client, uint32_t timeout_ms);

#endif

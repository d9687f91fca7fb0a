// SPDX-License-Identifier: MIT
// liboyez: emit and subscribe. One client is one session with a broker, with two threads of its
// own: one owns the sockets, one (the dispatcher) calls your handlers. The library never prints,
// never exits, and touches no signal.
//
// Errors: every call that can fail returns an oyez_err; oyez_error_detail() says which field,
// endpoint or limit. So it is with every public function and every argument: NULL where something is
// needed, or a number that an enumeration does not have, is OYEZ_ERR_INVALID and is named; functions
// that return no error do nothing, and return nothing. After fork() every call on a parent's client
// returns OYEZ_ERR_FORKED.
#ifndef OYEZ_CLIENT_H
#define OYEZ_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_client oyez_client;
typedef struct oyez_subscription oyez_subscription;

// Something the application should know and no call of its own returns.
enum oyez_notice_kind {
    OYEZ_NOTICE_CONNECTED = 1, // a session with a broker: epoch
    OYEZ_NOTICE_DISCONNECTED,  // the broker does not answer; the client goes on trying
    OYEZ_NOTICE_EPOCH_CHANGED, // the broker restarted: epoch, previous_epoch; without a recorder
                               // events after the last one seen may be lost
    OYEZ_NOTICE_GAP,           // events lost on the way: event_type, first, last (type sequence);
                               // event_type NULL: lost to the record, first, last (position)
    OYEZ_NOTICE_OVERFLOW,      // a handler is slower than the events: event_type, first, last
    OYEZ_NOTICE_FAST_LOST,     // count of own fast events lost before the broker
    OYEZ_NOTICE_REFUSED,       // count of own events that the broker refused, text says why
    OYEZ_NOTICE_MALFORMED,     // a frame or event that could not be read: text
    OYEZ_NOTICE_UNSENT,        // at close: count of events that did not reach their level
    OYEZ_NOTICE_REEMITTED,     // count of own events that were lost between broker and recorder
                               // and are emitted again, with the same ids
    OYEZ_NOTICE_WAITING,       // events are missing or wanted, and no recorder answers; it is asked
                               // again until it does
    OYEZ_NOTICE_DEPRECATED,    // an event type that its catalog calls deprecated, or a field of it,
                               // was emitted: event_type, text; once for each in a process
    OYEZ_NOTICE_NOT_EMITTED,   // an operation (oyez/operation.h) ended in a return of its function,
                               // and its event could not be emitted: event_type, text
    OYEZ_NOTICE_CLOSED, // the client was closed inside a handler, and is gone now: the last one
};

struct oyez_notice {
    enum oyez_notice_kind kind;
    const char *text;       // one line for people
    const char *event_type; // NULL where it does not apply
    uint64_t epoch;
    uint64_t previous_epoch;
    uint64_t first;
    uint64_t last;
    uint64_t count;
};

// Called on the dispatcher thread (UNSENT, CLOSED: on the thread that closes). Pointers end with the call.
typedef void oyez_notice_handler(void *arg, const struct oyez_notice *notice);

struct oyez_client_options {
    const char *endpoint; // NULL = the environment's OYEZ_ENDPOINT, else OYEZ_ENDPOINT_DEFAULT
    const char *name;     // of the program, for people; NULL = none
    // Header fields for every emit of this client where the event itself has none. Copied.
    // event_id, event_type, occurred_at, details and stamp of it are ignored. Tags are added.
    const struct oyez_event *defaults;
    oyez_notice_handler *on_notice; // NULL = none
    void *on_notice_arg;
    uint32_t close_timeout_ms; // how long close waits for the window to empty; 0 = 5,000
    void *zmq_context;         // borrowed, for inproc:// brokers of this process; NULL = own
    // Files of descriptor sets that oyez_client_open adds to the process's catalogs, after those of
    // the environment's OYEZ_CATALOGS.
    const char *const *catalogs;
    size_t catalog_count;
    // A configuration file (docs/configuration.md), of which [client] and [health] are taken where
    // neither these options nor the environment speak; all of it is judged. NULL = none.
    const char *config;
};

// oyez_client_open starts a client and waits up to `timeout_ms` for the broker's answer.
// Returns OYEZ_OK with a session. OYEZ_ERR_UNREACHABLE when no broker answered in time,
// OYEZ_ERR_VERSION (both numbers in the detail), OYEZ_ERR_REFUSED, OYEZ_ERR_INVALID (endpoint),
// OYEZ_ERR_NO_MEMORY or OYEZ_ERR_SYSTEM, or what oyez_catalog_load says of a catalog: then there is
// no client. With timeout_ms 0 it does not wait: the client connects when the broker is there.
// Options may be NULL. The caller owns *out.
OYEZ_EXPORT oyez_err oyez_client_open(oyez_client **out, const struct oyez_client_options *options,
                                      uint32_t timeout_ms);

// oyez_client_close waits up to close_timeout_ms for events not yet safe (durable ones: recorded,
// where the bus has a recorder, else sent), tells what is left by OYEZ_NOTICE_UNSENT, closes its
// subscriptions and handlers, stops the threads and frees. Called inside one of its handlers it
// returns at once, and all of that is done on another thread when the handler has returned;
// OYEZ_NOTICE_CLOSED tells the end of it. NULL-safe, sets NULL. No other call on the client may run
// or follow.
OYEZ_EXPORT void oyez_client_close(oyez_client **client);

// What an emitter gets back.
struct oyez_receipt {
    enum oyez_level level;
    uint64_t epoch;
    uint64_t position;    // 0 = stamped, but the broker no longer knows where
    uint64_t broker_time; // nanoseconds since 1970-01-01T00:00:00Z; 0 as position
    uint64_t index;       // journal index + 1; 0 below OYEZ_LEVEL_RECORDED, or as position
    bool duplicate;       // it was there before: nothing was recorded twice
    struct oyez_uuid event_id;
};

// oyez_client_emit checks an event, copies it into the resend window and returns. It never waits.
// Returns OYEZ_OK when the client has it (not yet: the broker); OYEZ_ERR_UNKNOWN_TYPE,
// OYEZ_ERR_INVALID or OYEZ_ERR_TOO_LARGE when it breaks a rule; OYEZ_ERR_FULL when the window
// holds its limit: nothing was taken, try again (back-pressure). The event is the caller's.
// event_id, when not NULL, receives the id it was given. Any thread, also inside handlers.
OYEZ_EXPORT oyez_err oyez_client_emit(oyez_client *client, const struct oyez_event *event,
                                      struct oyez_uuid *event_id);

// oyez_client_emit_wait emits and waits up to `timeout_ms` for the level.
// Besides the errors of oyez_client_emit: a full window is waited for; OYEZ_ERR_TIMEOUT ends the
// wait, not the event: it may still arrive; OYEZ_ERR_UNREACHABLE the same without a session;
// OYEZ_ERR_REFUSED; OYEZ_ERR_NO_RECORDER for the levels recorded and checkpointed on a bus without
// a recorder (nothing is emitted, unless the bus lost its recorder during the wait). A checkpoint
// comes within a second or so. `receipt` may be NULL, and tells the level reached. Blocks. Any
// thread; the dispatcher's own only if it can spare the time: handlers wait meanwhile.
OYEZ_EXPORT oyez_err oyez_client_emit_wait(oyez_client *client, const struct oyez_event *event,
                                           enum oyez_level level, uint32_t timeout_ms,
                                           struct oyez_receipt *receipt);

// oyez_client_flush waits until everything emitted before the call has reached the level.
// OYEZ_OK, OYEZ_ERR_TIMEOUT, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_NO_RECORDER, OYEZ_ERR_REFUSED
// (something emitted before was refused: see the notices), OYEZ_ERR_INVALID (a level that this
// version does not have). Blocks. Any thread.
OYEZ_EXPORT oyez_err oyez_client_flush(oyez_client *client, enum oyez_level level,
                                       uint32_t timeout_ms);

// Called on the dispatcher thread, one event at a time, in order. The event and everything it
// points to ends with the call.
typedef void oyez_event_handler(void *arg, const struct oyez_event *event);

// Where a subscription begins. All but OYEZ_FROM_LIVE need a recorder.
enum oyez_from {
    OYEZ_FROM_LIVE = 0, // with what is stamped once it is active
    OYEZ_FROM_FIRST,    // with the first recorded event
    OYEZ_FROM_LAST,     // with the last `from_count` recorded ones that match
    OYEZ_FROM_CURSOR,   // with the first one behind from_epoch:from_position
    OYEZ_FROM_TIME,     // with the first one stamped at from_time or later
};

// Events that will not come.
enum oyez_gap_kind {
    OYEZ_GAP_LOST = 1,   // on the way to this subscriber, and there is no recorder to ask
    OYEZ_GAP_OVERFLOW,   // the consumer was too slow, and there is no recorder to ask
    OYEZ_GAP_UNRECORDED, // on the way to the recorder
    OYEZ_GAP_EXPIRED,    // removed from the record by its retention rules
};

struct oyez_gap {
    enum oyez_gap_kind kind;
    const char *event_type; // NULL = not known: then some or none of them may have matched
    uint64_t epoch;
    uint64_t first; // with an event_type: type sequences; else positions
    uint64_t last;  // OYEZ_GAP_EXPIRED: UINT64_MAX = to the end of the epoch, wherever that was
};

// The numbering began anew, because the broker did. With a record it is told when the record goes on
// with the new epoch, which is with its first recorded event: until then more of the old one may come.
struct oyez_epoch_change {
    uint64_t previous_epoch;
    uint64_t epoch;        // what comes next is of this epoch
    bool recorded;         // there is a record, and all that it has of previous_epoch has come;
                           // false: what came after last_seen may be lost
    bool clean;            // the broker said where it ends, and nothing is missing
    uint64_t recorded_end; // last recorded position of previous_epoch; 0 = none
    uint64_t last_seen;    // last position of previous_epoch that was handed out; 0 = none
    uint64_t phantoms;     // positions handed out beyond recorded_end, at most: not recorded. Those
                           // whose emitter still has them are recorded in a later epoch, and do
                           // not come again, unless a gap was told before: then they may
};

// Called where the events come: on the dispatcher thread, or within oyez_subscription_receive; in
// order with them. Pointers end with the call.
typedef void oyez_gap_handler(void *arg, const struct oyez_gap *gap);
typedef void oyez_epoch_handler(void *arg, const struct oyez_epoch_change *change);

// What a subscription promises. In any case events come once and, of each type, in order. (An event
// that its caller emits a second time under the same event_id is stamped a second time: live
// subscriptions see it twice, the record and only_recorded have it once. So it is with one that was
// lost before the recorder and is emitted again, where it was seen live before.)
//   no recorder         what is lost on the way is told, up to the last heartbeat
//   a recorder          every recorded event that matches comes, from the beginning asked for: what
//                       is lost on the way, or finds no room, is read from the record, and what is
//                       behind it waits. Gaps of the record are told. An event found missing only by
//                       a heartbeat comes behind younger ones of other types. What is handed out
//                       live may be lost with a crash before it is recorded: on_epoch_changed tells
//   only_recorded       exactly the recorded events, in the order of the record, each once it is
//                       recorded
// A broker that comes back without a recorder (--recorder none) makes the second of the first, and
// on_epoch_changed says so; only_recorded waits for one, and OYEZ_NOTICE_WAITING says so.
// Without on_gap and on_epoch_changed the client's notices tell the same (OYEZ_NOTICE_GAP,
// _OVERFLOW, _EPOCH_CHANGED).
// Memory of a subscription: OYEZ_SUBSCRIPTION_BYTES_MAX (16 MiB) of events that wait for their
// consumer, OYEZ_HELD_BYTES_MAX (4 MiB, in a buffer of twice that at most) of live ones that wait
// for the record, and 5 MiB for OYEZ_DELIVERED_MAX pairs of emitter and type that it remembers
// across epochs; of all subscriptions of a client together a page of the record, 2 MiB.
struct oyez_subscription_options {
    const char *const *patterns; // globs (oyez/pattern.h); NULL with count 0 = everything, "*"
    size_t pattern_count;
    oyez_event_handler *handler; // NULL = pull with oyez_subscription_receive
    void *handler_arg;           // of all handlers here
    enum oyez_from from;
    uint64_t from_count; // OYEZ_FROM_LAST: at least 1
    uint64_t from_epoch; // OYEZ_FROM_CURSOR
    uint64_t from_position;
    int64_t from_time; // OYEZ_FROM_TIME: broker time, nanoseconds since 1970
    bool only_recorded;
    oyez_gap_handler *on_gap;             // NULL = none
    oyez_epoch_handler *on_epoch_changed; // NULL = none
};

// oyez_subscription_open subscribes, and waits up to `timeout_ms` until the broker has proved the
// subscription active: every matching event stamped after the return comes.
// OYEZ_ERR_TIMEOUT or OYEZ_ERR_UNREACHABLE: it is there all the same and becomes active with the
// connection; close it if it is not wanted. OYEZ_ERR_INVALID (a pattern, a count, a time),
// OYEZ_ERR_NO_RECORDER (`from` or only_recorded on a bus without one): there is none.
// With timeout_ms 0 it does not wait and returns OYEZ_OK. The caller owns *out. Any thread, also
// inside handlers.
OYEZ_EXPORT oyez_err oyez_subscription_open(oyez_subscription **out, oyez_client *client,
                                            const struct oyez_subscription_options *options,
                                            uint32_t timeout_ms);

// oyez_subscription_close unsubscribes. When it returns the handler is not running and will not
// run again; from inside the handler itself it returns at once. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_subscription_close(oyez_subscription **subscription);

// oyez_subscription_receive takes the next event of a subscription without a handler, waiting up
// to `timeout_ms` (0 = not at all). OYEZ_OK with *event valid until the next receive or close;
// OYEZ_ERR_TIMEOUT; OYEZ_ERR_CLOSED when the client closes. One thread at a time.
OYEZ_EXPORT oyez_err oyez_subscription_receive(oyez_subscription *subscription,
                                               const struct oyez_event **event,
                                               uint32_t timeout_ms);

// oyez_subscription_get_cursor tells how far the record has been read for what was handed out: every
// recorded event up to this cursor came, and none from before it will. Of an idle subscription with
// only_recorded it moves with the record, about once a second. 0, 0 = nothing yet, or no recorder.
// Inside the handler, or on the thread that receives; an event that is being handled counts.
OYEZ_EXPORT void oyez_subscription_get_cursor(const oyez_subscription *subscription,
                                              uint64_t *epoch, uint64_t *position);

// What the client has done, in numbers. All since it was opened.
struct oyez_client_counters {
    uint64_t emitted;     // taken by oyez_client_emit
    uint64_t accepted;    // durable events stamped by the broker
    uint64_t recorded;    // durable events that a recorder has confirmed
    uint64_t resent;      // batches sent again
    uint64_t reemitted;   // events lost between broker and recorder and emitted again
    uint64_t fast_lost;   // fast events known to be lost before the broker
    uint64_t refused;     // events the broker refused
    uint64_t window_full; // emits turned away
    uint64_t received;    // events handed to handlers and receivers
    uint64_t gaps;        // events lost on the way to this client
    uint64_t overflowed;  // events dropped because a handler was slow (with a recorder: read later)
    uint64_t refilled;    // events read from the record instead of live
    uint64_t repeated;    // events dropped because an epoch before had brought them
    uint64_t malformed;   // frames or events that could not be read
    uint64_t sessions;    // sessions opened: 1 + reconnects and epochs
};

// oyez_client_get_counters copies the counters. Any thread.
OYEZ_EXPORT void oyez_client_get_counters(oyez_client *client, struct oyez_client_counters *out);

struct oyez_setting_value;

// oyez_client_config copies up to `capacity` of the settings that the client goes by, and returns how
// many there are: value, unit and range of each, and where it came from. Texts are those of the
// client. Any thread. oyez/settings.h has the struct.
OYEZ_EXPORT size_t oyez_client_config(oyez_client *client, struct oyez_setting_value *out,
                                      size_t capacity);

// The state of a broker, as it tells it.
enum oyez_health { OYEZ_HEALTHY = 0, OYEZ_DEGRADED = 1, OYEZ_UNHEALTHY = 2 };

struct oyez_component {
    char name[33];
    enum oyez_health status;
    char message[201];
    uint64_t last_check; // nanoseconds since 1970-01-01T00:00:00Z
};

struct oyez_counter {
    char name[49];
    uint64_t value;
};

#define OYEZ_COMPONENTS_MAX 16
#define OYEZ_COUNTERS_MAX 96

struct oyez_status {
    enum oyez_health health; // the worst of the components
    uint64_t epoch;
    uint64_t position;
    uint64_t started_at; // nanoseconds since 1970-01-01T00:00:00Z
    char version[33];
    struct oyez_component components[OYEZ_COMPONENTS_MAX];
    size_t component_count;
    struct oyez_counter counters[OYEZ_COUNTERS_MAX];
    size_t counter_count;
};

// oyez_client_status asks the broker. OYEZ_ERR_UNREACHABLE or OYEZ_ERR_TIMEOUT without an answer
// in `timeout_ms`. Blocks. Any thread but not two at a time (OYEZ_ERR_BUSY).
OYEZ_EXPORT oyez_err oyez_client_status(oyez_client *client, struct oyez_status *out,
                                        uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif

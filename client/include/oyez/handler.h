// SPDX-License-Identifier: MIT
// Handlers that may fail: tried again, given a limit of time, and in the end told as a dead letter.
// A handler harms nobody: not the emitter, not the client, no other handler.
//
// The simple case is one call:
//     oyez_client_handle(client, "plan.*", take_plan, NULL);
#ifndef OYEZ_HANDLER_H
#define OYEZ_HANDLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_handler oyez_handler;

// OYEZ_OK: the event is handled. Anything else: this try has failed; what oyez_fail says besides is
// kept for the dead letter. The event and everything it points to ends with the call. It may emit,
// open and close handlers, itself among them, and close the client.
typedef oyez_err oyez_handler_function(void *arg, const struct oyez_event *event);

// Where it runs.
enum oyez_handler_mode {
    // On a thread of its own, one event at a time, in order.
    OYEZ_HANDLER_DISPATCHED = 0,
    // Within oyez_client_emit, on the thread that emits, in the order in which inline handlers were
    // opened. It sees what this client emits, and nothing else, before it is stamped: stamp is zero.
    // Several threads that emit run it at the same time. It is tried once.
    OYEZ_HANDLER_INLINE,
    // On `threads` threads of its own; what has the same key stays in order, and is never handled at
    // the same time.
    OYEZ_HANDLER_POOL,
};

// What stays in order in a pool. An event that lacks it goes by its type.
enum oyez_handler_key {
    OYEZ_KEY_TYPE = 0,
    OYEZ_KEY_CORRELATION, // correlation_id
    OYEZ_KEY_AGGREGATE,   // aggregate_id
};

// Tries after the first. Before the first of them it waits first_ms, then twice as long each time,
// up to max_ms; of each pause a random part, up to half, is left out, so that many that failed
// together do not come back together. What comes behind in order waits.
struct oyez_retry {
    uint32_t count;         // at most 100
    uint32_t first_ms;      // 0 = 100
    uint32_t max_ms;        // 0 = 30,000
    const oyez_err *errors; // after which it is tried again; NULL with count 0 = after any
    size_t error_count;     // at most 16
};

#define OYEZ_HANDLER_NAME_SIZE_MAX 64u
#define OYEZ_HANDLER_THREADS_MAX 64u
// Bytes of events that wait for one thread of a pool, besides what waits for the subscription; an
// event that is larger waits alone.
#define OYEZ_HANDLER_QUEUE_BYTES_MAX (256u * 1024u)
// How deep emitting may nest: an inline handler that emits, whose event is handled inline, ...
#define OYEZ_INLINE_DEPTH_MAX 16u

struct oyez_handler_options {
    // Dead letters and metrics name it, and dead letters come back to it by its name, in whatever
    // process: 1 to 64 bytes of [A-Za-z0-9._-]. NULL = "handler". Copied.
    const char *name;
    const char *const *patterns; // globs (oyez/pattern.h); NULL with count 0 = everything, "*"
    size_t pattern_count;
    oyez_handler_function *run;
    void *arg; // of all functions here
    enum oyez_handler_mode mode;
    uint32_t threads;          // of a pool; 0 = the client's setting concurrent-handlers: 4
    enum oyez_handler_key key; // of a pool
    struct oyez_retry retry;   // not of an inline handler
    // A try that takes longer has failed, and is the last one: C cannot stop a function, and a second
    // call beside it would break the order. It is told at once; what the function returns in the end
    // does not count. An inline handler's time is judged when it returns. 0 = the client's setting
    // handler-timeout, which is no limit unless it is set.
    uint32_t timeout_ms;
    bool no_dead_letters; // failures are counted, and nothing more
    // As of a subscription (oyez/client.h), with its promises; not of an inline handler. Memory: that
    // of one subscription, and of a pool OYEZ_HANDLER_QUEUE_BYTES_MAX in a buffer of four times that
    // at most for each thread.
    enum oyez_from from;
    uint64_t from_count;
    uint64_t from_epoch;
    uint64_t from_position;
    int64_t from_time;
    bool only_recorded;
    oyez_gap_handler *on_gap;             // on a thread of the handler; NULL = the client's notices
    oyez_epoch_handler *on_epoch_changed; // the same
};

// oyez_handler_open subscribes a handler, and waits up to `timeout_ms` until the broker has proved
// the subscription active, as oyez_subscription_open does, with its errors; of an inline handler it
// does not wait. OYEZ_ERR_INVALID names the option; OYEZ_ERR_SYSTEM (no thread),
// OYEZ_ERR_NO_MEMORY: there is none. OYEZ_ERR_TIMEOUT or OYEZ_ERR_UNREACHABLE: it is there all the
// same. The caller owns *out. Any thread, also inside handlers.
OYEZ_EXPORT oyez_err oyez_handler_open(oyez_handler **out, oyez_client *client,
                                       const struct oyez_handler_options *options,
                                       uint32_t timeout_ms);

// oyez_client_handle opens a dispatched handler of one pattern, named by it ("plan.-" for "plan.*"),
// that ends with its client. Waits up to 5 s as oyez_handler_open does, with its errors; after any but OYEZ_ERR_TIMEOUT
// and OYEZ_ERR_UNREACHABLE there is none. Any thread, also inside handlers.
OYEZ_EXPORT oyez_err oyez_client_handle(oyez_client *client, const char *pattern,
                                        oyez_handler_function *run, void *arg);

// oyez_handler_close ends a handler. When it returns the function is not running and will not run
// again; called from inside the function, except that very call of it (and of an inline handler the
// calls below it on this thread). What waited is not handled. Waits for calls under way. Any
// thread, also inside any handler; not of handlers that wait for one another. NULL-safe, sets NULL.
// Not after its client was closed, which closes it.
OYEZ_EXPORT void oyez_handler_close(oyez_handler **handler);

// oyez_handler_time_left tells the function that runs on this thread how many milliseconds it has
// left; 0 = none. UINT32_MAX: no limit, or no handler runs here. A long job asks, and gives up in
// time. Inside a handler.
OYEZ_EXPORT uint32_t oyez_handler_time_left(void);

// What a handler has done, in numbers, since it was opened.
// Once it rests, delivered = handled + failed, and what is left of failed without dead_lettered was not
// to be told, or could not be.
struct oyez_handler_counters {
    uint64_t delivered;     // events given to the function; tries again are not counted here
    uint64_t handled;       // that it has handled, at whichever try
    uint64_t failed;        // that it has failed for good
    uint64_t in_progress;   // that it is at, waiting for the next try among them
    uint64_t retried;       // tries after the first
    uint64_t timed_out;     // of the failed ones: those that took longer than they may
    uint64_t dead_lettered; // of the failed ones: those told by oyez.dead_letter
    uint64_t dropped;       // given up because it was closed, or for want of memory
    uint64_t redone;        // of delivered: dead letters tried again
};

// oyez_handler_get_counters copies the counters. Any thread.
OYEZ_EXPORT void oyez_handler_get_counters(oyez_handler *handler,
                                           struct oyez_handler_counters *out);

#ifdef __cplusplus
}
#endif

#endif

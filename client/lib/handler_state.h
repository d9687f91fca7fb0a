// SPDX-License-Identifier: MIT
// One handler, and all of a client's. A handler of its own thread or threads reads a subscription;
// an inline one stands in the client's table (inline_handlers.h). Whoever closes a handler only ends
// it: the keeper frees it, once nobody is in it any more and its dead letters are told.
//
// Locks: handlers->lock is taken alone, or behind the client's two.
#ifndef OYEZ_HANDLER_STATE_H
#define OYEZ_HANDLER_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "dead_letter_event.h"
#include "handler_counters.h"
#include "handler_queue.h"
#include "oyez/handler.h"
#include "subscription.h"
#include "upcast.h"

#define HANDLER_ERRORS_MAX 16u
#define LETTERS_MAX 4096u       // dead letters that wait to be emitted; memory is touched as used
#define REDO_REQUESTS_MAX 1024u // that wait for their event

// A dead letter's event, to be handled again.
struct redo {
    struct redo *next;
    struct oyez_uuid letter_id;
    struct oyez_event *event;
};

// A dead letter that somebody wants handled again, and has not been looked up yet.
struct redo_request {
    struct redo_request *next;
    struct oyez_uuid letter_id;
    struct oyez_uuid event_id;
    char handler[OYEZ_HANDLER_NAME_SIZE_MAX + 1];
};

// One event in one handler.
struct handling {
    const struct oyez_event *event;
    struct oyez_uuid redo; // the letter that it comes from; zero = none
    uint32_t attempts;     // the one under way counts
};

// A try with a limit of time, as the keeper sees it. Under handlers->lock.
struct handler_attempt {
    struct handling handling; // event NULL = none under way
    uint64_t deadline_ms;
    bool overdue; // and told
};

struct handler_thread {
    struct oyez_handler *handler;
    pthread_t thread;
    struct handler_attempt attempt;
    unsigned random; // of its pauses
    // Of a pool's worker: what waits for it, and the event that it shows.
    struct handler_queue queue;
    struct oyez_event event;
    struct upcast upcast;
    char scratch[OYEZ_DECODE_SCRATCH_SIZE];
};

struct oyez_handler {
    struct oyez_handler *next; // under handlers->lock
    uint64_t number;           // of its client's, from 1; under handlers->lock
    struct oyez_client *client;
    char name[OYEZ_HANDLER_NAME_SIZE_MAX + 1];
    oyez_handler_function *run;
    void *arg;
    enum oyez_handler_mode mode;
    enum oyez_handler_key key;
    struct oyez_retry retry; // errors lead to the next
    oyez_err errors[HANDLER_ERRORS_MAX];
    uint32_t timeout_ms;
    bool no_dead_letters;

    atomic_bool closing;
    atomic_uint running; // threads of its own that are in the function, or about to be
    struct handler_counters counters;
    struct handler_timing timing;

    oyez_subscription *subscription; // NULL = inline
    struct handler_thread *threads;  // of a pool the first one feeds the others
    size_t thread_count;
    atomic_bool has_redo;
    struct redo *redo; // under inbox_lock

    // Of an inline one.
    char **patterns;
    size_t pattern_count;
    struct inline_table *spare; // the table without it, so that taking it out cannot fail

    // Under handlers->lock.
    unsigned alive;   // threads
    unsigned closers; // threads that are in its close
    unsigned letters; // that wait, or are being emitted
    bool ended;       // it may be freed
};

// All of a client.
struct handlers {
    pthread_mutex_t lock;
    pthread_cond_t changed;     // CLOCK_MONOTONIC
    struct oyez_handler *first; // the one opened last: numbers fall along the list
    uint64_t last_number;
    bool has_keeper;
    bool listening; // to wishes
    bool stopping;
    uint64_t stop_by_ms;
    pthread_t keeper;
    oyez_subscription *wishes; // to have dead letters handled again; NULL = none yet
    struct redo_request *requests;
    size_t request_count;
    struct letter letters[LETTERS_MAX]; // a ring
    size_t letter_first;
    size_t letter_count;
};

// handlers_open and handlers_close: with the client.
oyez_err handlers_open(struct handlers **out);
void handlers_close(struct handlers **handlers);

// handlers_end closes all handlers of a client that is being closed, and tells what they leave.
void handlers_end(struct oyez_client *client);

// handler_handle gives one event to the function, as often as it is to be tried, and settles what
// came of it. Of the thread that reads, or a worker. Blocks.
void handler_handle(struct handler_thread *thread, const struct handling *handling);

// handler_leave ends what `running` counts on this thread, and tells who waits for it to close.
void handler_leave(struct oyez_handler *handler);

// handlers_emit_letter emits the oldest letter that waits; of a full window it is still there
// afterwards. Under handlers->lock, which it gives up meanwhile; the keeper's alone. Blocks.
void handlers_emit_letter(struct oyez_client *client);

// handler_tell_failure makes a dead letter of a failure, and settles the letter it came from. `wait`:
// until there is room; else false when there is none, and nothing is told.
bool handler_tell_failure(struct oyez_handler *handler, const struct handling *handling,
                          const struct letter_failure *failure, bool wait);

// handler_tell_failure_locked does so without waiting, under handlers->lock.
bool handler_tell_failure_locked(struct oyez_handler *handler, const struct handling *handling,
                                 const struct letter_failure *failure);

// handler_tell_success settles the letter that the event came from.
void handler_tell_success(struct oyez_handler *handler, const struct handling *handling);

// The threads' functions.
void *handler_dispatch(void *arg); // a handler_thread: reads the subscription and handles
void *handler_feed(void *arg);     // one that reads the subscription and feeds the pool
void *handler_work(void *arg);     // one of a pool
void *handlers_keep(void *arg);    // the client's

// handler_redo has an event handled again. It takes the redo.
void handler_redo(struct oyez_handler *handler, struct redo *redo);
void redo_free(struct redo *redo);

// handlers_start makes the keeper run. OYEZ_ERR_CLOSED, OYEZ_ERR_SYSTEM.
oyez_err handlers_start(struct oyez_client *client);

// handler_free frees a handler that nobody is in, and nobody knows.
void handler_free(struct oyez_handler *handler);

// handler_options_check names the option that is wrong. OYEZ_ERR_INVALID, OYEZ_ERR_TOO_LARGE.
oyez_err handler_options_check(const struct oyez_handler_options *options);

// handler_options_take copies them. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_INVALID (a pattern).
oyez_err handler_options_take(struct oyez_handler *handler,
                              const struct oyez_handler_options *options);

#endif

// SPDX-License-Identifier: MIT
// One consumer and its threads. The reader hands events out: the consumer's own thread, which calls
// the handler, or the application's. The keeper renews the lease and commits what is due.
#ifndef OYEZ_CONSUMER_STATE_H
#define OYEZ_CONSUMER_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "ask.h"
#include "client_state.h"
#include "consumer_lease.h"
#include "consumer_pages.h"
#include "consumer_wake.h"
#include "cursor.h"
#include "oyez/consumer.h"

// What a consumer waits for one answer, at work and while it closes.
#define CONSUMER_ASK_MS 10000u
#define CONSUMER_CLOSE_ASK_MS 2000u

struct oyez_consumer {
    struct oyez_consumer *next; // of its client, under the client's lock
    struct oyez_client *client; // NULL once that is closed; then all is stopped
    oyez_consumer_handler *handler;
    void *handler_arg;
    oyez_gap_handler *on_gap;
    void *on_gap_arg;
    uint32_t commit_events;
    uint32_t commit_ms;
    unsigned fork_generation;
    pthread_t keeper_thread;
    pthread_t reader_thread;
    bool has_keeper;
    bool has_reader;

    // The reader's.
    struct asker reading; // the memory of pages' answers
    struct consumer_pages pages;
    struct consumer_wake wake;
    uint32_t pause_ms;   // between two questions that find nothing
    uint32_t retry_ms;   // between two that are not answered; 0 = the last one was
    uint64_t asked_ms;   // the record was read to its end
    bool is_outstanding; // an event was handed out and is not handled yet

    pthread_mutex_t asking_lock; // taken before `lock`: the lease's questions, one at a time
    struct asker committing;
    struct consumer_lease lease;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct cursor handled;   // what may be committed
    struct cursor committed; // on the recorder's disk
    uint64_t until_ms;       // the lease's, as far as known
    uint32_t uncommitted;    // events handled and not committed
    uint64_t commit_due_ms;  // UINT64_MAX = not by time
    bool closing;
    bool stopped;
    oyez_err why;
    char why_text[256];
};

// consumer_stop ends it, once, and says why. Any thread.
void consumer_stop(struct oyez_consumer *consumer, oyez_err err, const char *text);

// consumer_commit stores what is handled, which renews the lease. Stops the consumer where asking
// again would not help. The errors of oyez_consumer_commit. Any thread. Blocks.
oyez_err consumer_commit(struct oyez_consumer *consumer, uint32_t timeout_ms);

// consumer_pause waits so long, or until the consumer stops or closes: then false.
bool consumer_pause(struct oyez_consumer *consumer, uint32_t ms);

bool consumer_is_ending(struct oyez_consumer *consumer);

// consumer_handled: the event handed out last is handled, and nothing is outstanding.
void consumer_handled(struct oyez_consumer *consumer);

// consumer_read is oyez_consumer_next without its checks.
oyez_err consumer_read(struct oyez_consumer *consumer, const struct oyez_event **event,
                       uint32_t timeout_ms);

// The threads' functions.
void *consumer_keep(void *arg);
void *consumer_handle(void *arg);

// consumers_end stops all consumers of a client that is being closed.
void consumers_end(struct oyez_client *client);

#endif

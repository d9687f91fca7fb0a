// SPDX-License-Identifier: MIT
// What waits for one thread of a pool: events as bytes, with their stamps. One puts, one takes.
#ifndef OYEZ_HANDLER_QUEUE_H
#define OYEZ_HANDLER_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "inbox.h"
#include "oyez/event.h"

struct handler_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct inbox inbox;
    uint64_t count; // entries put and not taken yet
    bool closed;
};

// An event in the queue. Its texts and bytes lead into the queue, until the next handler_queue_take.
struct queued_event {
    struct oyez_stamp stamp;
    struct oyez_uuid redo;
    const char *event_type;
    const uint8_t *bytes;
    size_t size;
};

void handler_queue_init(struct handler_queue *queue);
void handler_queue_free(struct handler_queue *queue);

// handler_queue_put copies an event, waiting for room. False: it was closed, or memory is short.
bool handler_queue_put(struct handler_queue *queue, const struct queued_event *event);

// handler_queue_take waits for the next event. False: it was closed.
bool handler_queue_take(struct handler_queue *queue, struct queued_event *event);

// handler_queue_close ends both sides' waiting.
void handler_queue_close(struct handler_queue *queue);

// handler_queue_left tells how many events a closed queue still holds.
uint64_t handler_queue_left(struct handler_queue *queue);

#endif

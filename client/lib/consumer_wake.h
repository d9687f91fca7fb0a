// SPDX-License-Identifier: MIT
// What wakes a consumer that has read everything: the broker's word that the record has grown, on a
// socket of its own, because the client's belongs to another thread. No event travels on it. One
// thread at a time, but for consumer_wake_up.
#ifndef OYEZ_CONSUMER_WAKE_H
#define OYEZ_CONSUMER_WAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client_state.h"

struct consumer_wake {
    void *zmq_context; // borrowed
    void *socket;      // NULL = not connected
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    int wake_fd;
    uint64_t epoch; // recorded up to here, as far as heard
    uint64_t position;
};

oyez_err consumer_wake_open(struct consumer_wake *wake, void *zmq_context);
void consumer_wake_close(struct consumer_wake *wake);

// consumer_wake_reach connects to the broker's egress, if it is not the one that it is connected to.
// OYEZ_ERR_SYSTEM: not connected; a consumer without word asks from time to time.
oyez_err consumer_wake_reach(struct consumer_wake *wake, const char *endpoint);

// consumer_wake_hear reads what has come.
void consumer_wake_hear(struct consumer_wake *wake);

// consumer_wake_take notes one frame.
void consumer_wake_take(struct consumer_wake *wake, const void *frame, size_t size);

// consumer_wake_is_beyond: the record is heard to go beyond this cursor.
bool consumer_wake_is_beyond(const struct consumer_wake *wake, uint64_t epoch, uint64_t position);

// consumer_wake_sleep waits for consumer_wake_up, the time or, if it is to `listen`, a frame. Blocks.
void consumer_wake_sleep(struct consumer_wake *wake, uint32_t timeout_ms, bool listen);

// consumer_wake_up ends the present or next sleep. Any thread.
void consumer_wake_up(struct consumer_wake *wake);

#endif

// SPDX-License-Identifier: MIT
// Which handlers run on this thread, innermost first: so that what they call knows where it is called
// from.
#ifndef OYEZ_HANDLER_CALL_H
#define OYEZ_HANDLER_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct oyez_client;
struct oyez_handler;

struct handler_call {
    const struct handler_call *outer;
    const struct oyez_client *client;
    const struct oyez_handler *handler; // NULL = a handler of a subscription, or of notices
    uint64_t deadline_ms;               // UINT64_MAX = none
};

// handler_call_enter tells that a handler is called, handler_call_leave that it has returned.
void handler_call_enter(struct handler_call *call, const struct oyez_client *client,
                        const struct oyez_handler *handler, uint64_t deadline_ms);
void handler_call_leave(const struct handler_call *call);

// Whether a handler of this client runs on this thread, or this very handler.
bool handler_call_is_of_client(const struct oyez_client *client);
bool handler_call_is_of(const struct oyez_handler *handler);

// How many calls of this handler are under way on this thread.
unsigned handler_call_count(const struct oyez_handler *handler);

#endif

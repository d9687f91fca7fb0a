// SPDX-License-Identifier: MIT
// Inline handlers: which of them an event concerns, and calling them on the thread that emits. The
// emitter looks them up and announces its visit under the client's lock, which it has anyway; from
// there on it takes no lock and allocates nothing.
//
// A visit has announced itself to every handler of its route (delivered grew). It must come to each of
// them, or pass it over: a handler is quiet, and may be freed, when as many calls are settled as
// were announced.
#ifndef OYEZ_INLINE_HANDLERS_H
#define OYEZ_INLINE_HANDLERS_H

#include "client_state.h"
#include "oyez/handler.h"

// Of a client: a visit remembers by a bit each whom it has passed over.
#define INLINE_HANDLERS_MAX 64u
// Event types whose route is remembered; beyond it all are forgotten and found anew.
#define INLINE_ROUTES_MAX 1024u

struct inline_table;
struct inline_route;

// Of one emit, on its stack.
struct inline_visit {
    struct inline_visit *outer;
    struct oyez_client *client;
    const struct inline_route *route; // NULL = it concerns none
    size_t next; // the handlers before it are settled, but for the one that runs
    uint64_t passed_over;
    bool timed;
};

// inline_find prepares a visit for an event type. OYEZ_ERR_NO_MEMORY. Under the client's lock.
oyez_err inline_find(struct oyez_client *client, const char *event_type,
                     struct inline_visit *visit);

// inline_announce: the event is taken, and its handlers will be called. Under the client's lock.
void inline_announce(struct inline_visit *visit);

// inline_run calls them. The client may be gone when it returns.
void inline_run(struct inline_visit *visit, const struct oyez_event *event);

// inline_check_depth: handlers that emit have not nested too deep. OYEZ_ERR_TOO_LARGE.
oyez_err inline_check_depth(void);

// inline_add and inline_remove change the client's table. OYEZ_ERR_NO_MEMORY; OYEZ_ERR_TOO_LARGE
// (INLINE_HANDLERS_MAX).
oyez_err inline_add(struct oyez_client *client, struct oyez_handler *handler);
void inline_remove(struct oyez_client *client, struct oyez_handler *handler);

// inline_await waits until no call of a removed handler is under way but those of this thread.
void inline_await(struct oyez_handler *handler);

// inline_is_quiet: no call of a removed handler is due or under way.
bool inline_is_quiet(const struct oyez_handler *handler);

// inline_forget frees the table of a client that nobody uses any more.
void inline_forget(struct oyez_client *client);

#endif

// SPDX-License-Identifier: MIT
// Event type -> what the client knows of it: who wants it, and which type sequence comes next.
// One hash look-up a frame, no pattern matching on the way. The session thread's own.
#ifndef OYEZ_ROUTES_H
#define OYEZ_ROUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/limits.h"

struct oyez_subscription;

// One subscription that wants a type: how far it is, in type sequences of one epoch.
struct route_target {
    struct oyez_subscription *subscription;
    uint64_t generation; // of the subscription: another one may get its address
    uint64_t epoch;      // that the numbers are of
    uint64_t next;       // comes next if none is missing; 0 = not known
    uint64_t begun;      // those below have been handed out, or are not wanted
    unsigned doubt; // losses were told: what is sent again in the next epoch may be one of them
    uint64_t dropped_first; // range that its full inbox has dropped and not told yet; 0 = none
    uint64_t dropped_last;
};

struct route {
    char event_type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    uint32_t hash;
    uint64_t told_epoch; // losses up to told_through of this epoch are counted
    uint64_t told_through;
    uint64_t generation; // of the subscriptions that targets were made from
    struct route_target *targets;
    size_t target_count;
};

struct routes {
    struct route **slots; // open addressing, power of two
    size_t capacity;
    size_t count;
};

// routes_get finds the route of a type, or adds one. NULL when memory is short or the table holds
// OYEZ_TYPES_MAX types.
struct route *routes_get(struct routes *routes, const char *event_type, size_t size);

void routes_free(struct routes *routes);

#endif

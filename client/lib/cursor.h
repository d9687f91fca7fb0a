// SPDX-License-Identifier: MIT
// A place in the order of all events: two numbers, compared as two numbers.
#ifndef OYEZ_CURSOR_H
#define OYEZ_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

// Beyond all positions of an epoch: the record reaches it with the epoch's end.
#define CURSOR_EPOCH_END UINT64_MAX

struct cursor {
    uint64_t epoch;
    uint64_t position;
};

static inline bool cursor_is_before(struct cursor a, struct cursor b)
{
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.position < b.position;
}

static inline struct cursor cursor_later(struct cursor a, struct cursor b)
{
    return cursor_is_before(a, b) ? b : a;
}

static inline struct cursor cursor_earlier(struct cursor a, struct cursor b)
{
    return cursor_is_before(a, b) ? a : b;
}

#endif

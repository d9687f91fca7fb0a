// SPDX-License-Identifier: MIT
// What one subscription has handed out, by emitter and type: after a broker's restart an emitter
// sends again what it does not know to be safe, and that must not come twice. Durable numbers of
// one emitter and type come in order, so the highest does. By type, because a subscriber of two
// types may know the one before it knows that it misses an earlier one of the other.
// At most OYEZ_DELIVERED_MAX pairs; those not seen for longest go first. The session thread's own.
#ifndef OYEZ_DELIVERED_H
#define OYEZ_DELIVERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/uuid.h"

struct delivered_pair {
    const void *type; // NULL = a free place
    uint8_t emitter_id[OYEZ_UUID_SIZE];
    uint64_t through; // highest number handed out
    uint64_t before;  // the same, when this epoch began: what is up to it comes again
};

struct delivered_table {
    struct delivered_pair *pairs; // open addressing, power of two
    size_t capacity;
    size_t count;
};

struct delivered {
    struct delivered_table recent;
    struct delivered_table old; // as recent was when it was full
};

// delivered_find gives the pair, a new one if need be, valid until the next call. `type` is any
// pointer that stands for it. NULL: no memory.
struct delivered_pair *delivered_find(struct delivered *delivered, const void *type,
                                      const uint8_t emitter_id[OYEZ_UUID_SIZE]);

// delivered_begin_epoch: from here on, what was handed out until now comes again.
void delivered_begin_epoch(struct delivered *delivered);

void delivered_free(struct delivered *delivered);

#endif

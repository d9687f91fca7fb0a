// SPDX-License-Identifier: MIT
// The event types of an epoch: each has a dense sequence. Memory grows with use, up to the limit.
#ifndef OYEZ_BROKER_TYPES_H
#define OYEZ_BROKER_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slots.h"
#include "wire/siphash.h"

struct oyez_type_head {
    const char *name; // no NUL; stays where it is until oyez_types_clear
    uint32_t name_size;
    bool moved;        // since it was last told
    uint64_t sequence; // of its latest event
};

struct oyez_types {
    struct oyez_type_head *heads;
    uint32_t count;
    uint32_t capacity;
    uint32_t limit;
    uint32_t latest; // the type found last: most frames ask for it again
    uint32_t *moved; // those that moved since they were last told, oldest first
    uint32_t moved_count;
    struct oyez_slots slots;
    struct oyez_siphash_key key;
    struct name_block *names;
};

// A zeroed struct with `limit` set is an empty table after this.
void oyez_types_init(struct oyez_types *types, uint32_t limit);

// oyez_types_find gives the number of a type, and makes it when it is new. OYEZ_NONE when the
// table is full or there is no memory.
uint32_t oyez_types_find(struct oyez_types *types, const char *name, size_t name_size);

// oyez_types_advance gives `count` events of a type their numbers; returns that of the first.
uint64_t oyez_types_advance(struct oyez_types *types, uint32_t type, uint32_t count);

// oyez_types_told takes the first `count` types off the list of those that moved.
void oyez_types_told(struct oyez_types *types, uint32_t count);

// oyez_types_clear forgets all types and gives their memory back: a new epoch.
void oyez_types_clear(struct oyez_types *types);

#endif

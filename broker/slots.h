// SPDX-License-Identifier: MIT
// An open-addressing index from a hash to the number of an entry that somebody else keeps.
// Types, emitters and sessions are found through it. Linear probing; at most half full.
#ifndef OYEZ_BROKER_SLOTS_H
#define OYEZ_BROKER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OYEZ_NONE UINT32_MAX // no entry

struct oyez_slot {
    uint32_t hash;
    uint32_t entry; // OYEZ_NONE = empty
};

struct oyez_slots {
    struct oyez_slot *slots;
    size_t mask; // number of slots - 1; 0 = none yet
    size_t used;
};

// oyez_slots_insert adds an entry; false when there is no memory, and then nothing changed.
bool oyez_slots_insert(struct oyez_slots *slots, uint32_t hash, uint32_t entry);

// oyez_slots_remove takes an entry that is there out again.
void oyez_slots_remove(struct oyez_slots *slots, uint32_t hash, uint32_t entry);

void oyez_slots_clear(struct oyez_slots *slots);
void oyez_slots_free(struct oyez_slots *slots);

// Walks the entries that may have this hash: start with *cursor = hash. OYEZ_NONE at the end.
// The caller compares the keys.
static inline uint32_t oyez_slots_next(const struct oyez_slots *slots, uint32_t hash,
                                       size_t *cursor)
{
    if (slots->mask == 0)
        return OYEZ_NONE;
    for (;;) {
        const struct oyez_slot *slot = &slots->slots[*cursor & slots->mask];
        if (slot->entry == OYEZ_NONE)
            return OYEZ_NONE;
        ++*cursor;
        if (slot->hash == hash)
            return slot->entry;
    }
}

#endif

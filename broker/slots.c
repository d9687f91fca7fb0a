// SPDX-License-Identifier: MIT
#include "slots.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS_AT_FIRST = 64 };

static void put(struct oyez_slots *slots, struct oyez_slot slot)
{
    size_t at = slot.hash & slots->mask;
    while (slots->slots[at].entry != OYEZ_NONE)
        at = (at + 1) & slots->mask;
    slots->slots[at] = slot;
}

static bool grow(struct oyez_slots *slots)
{
    size_t count = slots->mask == 0 ? SLOTS_AT_FIRST : 2 * (slots->mask + 1);
    struct oyez_slots bigger = {malloc(count * sizeof(struct oyez_slot)), count - 1, slots->used};
    if (bigger.slots == NULL)
        return false;
    oyez_slots_clear(&bigger);
    bigger.used = slots->used;
    for (size_t i = 0; slots->mask != 0 && i <= slots->mask; i++)
        if (slots->slots[i].entry != OYEZ_NONE)
            put(&bigger, slots->slots[i]);
    free(slots->slots);
    *slots = bigger;
    return true;
}

bool oyez_slots_insert(struct oyez_slots *slots, uint32_t hash, uint32_t entry)
{
    assert(entry != OYEZ_NONE);
    if ((slots->mask == 0 || 2 * (slots->used + 1) > slots->mask + 1) && !grow(slots))
        return false;
    put(slots, (struct oyez_slot){hash, entry});
    slots->used++;
    return true;
}

void oyez_slots_remove(struct oyez_slots *slots, uint32_t hash, uint32_t entry)
{
    assert(slots->mask != 0);
    size_t hole = hash & slots->mask;
    while (slots->slots[hole].entry != entry) {
        assert(slots->slots[hole].entry != OYEZ_NONE);
        hole = (hole + 1) & slots->mask;
    }
    // What stands behind the hole moves up unless it would then stand before its own place;
    // so no tombstones pile up under a flood of short-lived peers.
    for (size_t at = (hole + 1) & slots->mask; slots->slots[at].entry != OYEZ_NONE;
         at = (at + 1) & slots->mask) {
        size_t home = slots->slots[at].hash & slots->mask;
        if (((at - home) & slots->mask) >= ((at - hole) & slots->mask)) {
            slots->slots[hole] = slots->slots[at];
            hole = at;
        }
    }
    slots->slots[hole].entry = OYEZ_NONE;
    slots->used--;
}

void oyez_slots_clear(struct oyez_slots *slots)
{
    for (size_t i = 0; slots->slots != NULL && i <= slots->mask; i++)
        slots->slots[i] = (struct oyez_slot){0, OYEZ_NONE};
    slots->used = 0;
}

void oyez_slots_free(struct oyez_slots *slots)
{
    free(slots->slots);
    *slots = (struct oyez_slots){0};
}

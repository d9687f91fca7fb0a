// SPDX-License-Identifier: MIT
#include "index_counts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define ROOM_FIRST 16u
#define NAMES_ROOM_FIRST 1024u

// NULL: there is no room for more, and what was there stays.
static void *enlarge(void *old, size_t room, size_t wanted, size_t unit,
                     struct oyez_index_memory *memory, enum oyez_postings_room *result)
{
    size_t more = (wanted - room) * unit;
    if (!oyez_index_memory_take(memory, more)) {
        *result = OYEZ_POSTINGS_FULL;
        return NULL;
    }
    void *grown = realloc(old, wanted * unit);
    if (grown == NULL) {
        oyez_index_memory_give(memory, more);
        *result = OYEZ_POSTINGS_NO_MEMORY;
    }
    return grown;
}

static uint32_t *find_slot(const struct oyez_index_counts *counts, uint64_t hash, const char *name,
                           size_t size)
{
    size_t mask = counts->room * 2 - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &counts->slots[i];
        if (*slot == 0)
            return slot;
        const struct oyez_index_group *group = &counts->groups[*slot - 1];
        if (group->hash == hash && group->size == size &&
            memcmp(counts->names + group->name, name, size) == 0)
            return slot;
    }
}

static void fill_slots(struct oyez_index_counts *counts)
{
    size_t mask = counts->room * 2 - 1;
    memset(counts->slots, 0, counts->room * 2 * sizeof *counts->slots);
    for (size_t g = 0; g < counts->count; g++) {
        size_t i = counts->groups[g].hash & mask;
        while (counts->slots[i] != 0)
            i = (i + 1) & mask;
        counts->slots[i] = (uint32_t)g + 1;
    }
}

static enum oyez_postings_room enlarge_groups(struct oyez_index_counts *counts,
                                              struct oyez_index_memory *memory)
{
    enum oyez_postings_room result = OYEZ_POSTINGS_ROOM;
    size_t room = counts->room, wanted = room > 0 ? room * 2 : ROOM_FIRST;
    uint32_t *slots = enlarge(counts->slots, room, wanted, 2 * sizeof *slots, memory, &result);
    if (slots == NULL)
        return result;
    counts->slots = slots;
    struct oyez_index_group *groups =
        enlarge(counts->groups, room, wanted, sizeof *groups, memory, &result);
    if (groups == NULL) { // the slots are larger than need be; the next attempt takes them anew
        oyez_index_memory_give(memory, (wanted - room) * 2 * sizeof *slots);
        return result;
    }
    counts->groups = groups;
    counts->room = wanted;
    fill_slots(counts);
    return result;
}

static enum oyez_postings_room enlarge_names(struct oyez_index_counts *counts,
                                             struct oyez_index_memory *memory)
{
    enum oyez_postings_room result = OYEZ_POSTINGS_ROOM;
    size_t room = counts->names_room, wanted = room > 0 ? room * 2 : NAMES_ROOM_FIRST;
    char *names = enlarge(counts->names, room, wanted, 1, memory, &result);
    if (names == NULL)
        return result;
    counts->names = names;
    counts->names_room = wanted;
    return result;
}

enum oyez_postings_room oyez_index_counts_reserve(struct oyez_index_counts *counts,
                                                  struct oyez_index_memory *memory)
{
    enum oyez_postings_room result = OYEZ_POSTINGS_ROOM;
    if (counts->over || counts->count == OYEZ_INDEX_GROUPS_MAX)
        return result;
    if (counts->count == counts->room)
        result = enlarge_groups(counts, memory);
    if (result == OYEZ_POSTINGS_ROOM &&
        counts->names_room - counts->names_size < OYEZ_GROUP_NAME_MAX)
        result = enlarge_names(counts, memory);
    return result;
}

static void give_up(struct oyez_index_counts *counts, struct oyez_index_memory *memory)
{
    oyez_index_memory_give(memory, counts->names_room + counts->room * (sizeof *counts->groups +
                                                                        2 * sizeof *counts->slots));
    oyez_index_counts_free(counts);
    counts->over = true;
}

void oyez_index_counts_add(struct oyez_index_counts *counts, struct oyez_index_memory *memory,
                           const char *name, size_t size)
{
    assert(size <= OYEZ_GROUP_NAME_MAX);
    if (counts->over)
        return;
    uint64_t hash = XXH3_64bits_withSeed(name, size, counts->secret);
    uint32_t *slot = find_slot(counts, hash, name, size);
    if (*slot == 0 && counts->count == OYEZ_INDEX_GROUPS_MAX) {
        give_up(counts, memory);
        return;
    }
    if (*slot == 0) {
        assert(counts->count < counts->room && counts->names_room - counts->names_size >= size);
        counts->groups[counts->count] =
            (struct oyez_index_group){hash, 0, (uint32_t)counts->names_size, (uint32_t)size};
        memcpy(counts->names + counts->names_size, name, size);
        counts->names_size += size;
        *slot = (uint32_t)++counts->count;
    }
    counts->recent = *slot - 1;
    counts->groups[counts->recent].count++;
}

void oyez_index_counts_free(struct oyez_index_counts *counts)
{
    free(counts->groups);
    free(counts->slots);
    free(counts->names);
    *counts = (struct oyez_index_counts){.secret = counts->secret};
}

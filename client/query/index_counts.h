// SPDX-License-Identifier: MIT
// Exact counts of events by a name: their types, their actors, or their hours.
#ifndef OYEZ_INDEX_COUNTS_H
#define OYEZ_INDEX_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "group_names.h"
#include "index_postings.h"
#include "oyez/limits.h"

// Groups of one kind. Beyond them the kind is not counted in this segment: actors may be as many
// as events are.
#define OYEZ_INDEX_GROUPS_MAX OYEZ_TYPES_MAX

struct oyez_index_group {
    uint64_t hash;
    uint64_t count;
    uint32_t name; // offset among the names
    uint32_t size;
};

// Zero it; `secret` is any number that peers do not know.
struct oyez_index_counts {
    struct oyez_index_group *groups;
    uint32_t *slots; // number of a group + 1
    char *names;
    size_t count;
    size_t room; // groups; slots are twice as many
    size_t names_size;
    size_t names_room;
    size_t recent; // group that was counted last
    bool over;     // there were more groups than are counted
    uint64_t secret;
};

// oyez_index_counts_reserve makes room for one more name.
enum oyez_postings_room oyez_index_counts_reserve(struct oyez_index_counts *counts,
                                                  struct oyez_index_memory *memory);

// oyez_index_counts_add counts one event; room was reserved. `size` is OYEZ_GROUP_NAME_MAX at most.
void oyez_index_counts_add(struct oyez_index_counts *counts, struct oyez_index_memory *memory,
                           const char *name, size_t size);
void oyez_index_counts_free(struct oyez_index_counts *counts);

#endif

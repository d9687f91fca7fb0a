// SPDX-License-Identifier: MIT
#include "types.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HEADS_AT_FIRST = 64, NAME_BLOCK_SIZE = 16384 };

// Names stand in blocks that never move, so that heads can lead into them.
struct name_block {
    struct name_block *next;
    size_t used;
    char bytes[NAME_BLOCK_SIZE];
};

static bool is_named(const struct oyez_types *types, uint32_t type, const char *name, size_t size)
{
    const struct oyez_type_head *head = &types->heads[type];
    return head->name_size == size && memcmp(head->name, name, size) == 0;
}

static bool grow(struct oyez_types *types)
{
    uint32_t capacity = types->capacity == 0 ? HEADS_AT_FIRST : 2 * types->capacity;
    struct oyez_type_head *heads = realloc(types->heads, capacity * sizeof *heads);
    if (heads == NULL)
        return false;
    types->heads = heads;
    uint32_t *moved = realloc(types->moved, capacity * sizeof *moved);
    if (moved == NULL)
        return false;
    types->moved = moved;
    types->capacity = capacity;
    return true;
}

static const char *keep_name(struct oyez_types *types, const char *name, size_t size)
{
    assert(size <= NAME_BLOCK_SIZE);
    if (types->names == NULL || NAME_BLOCK_SIZE - types->names->used < size) {
        struct name_block *block = malloc(sizeof *block);
        if (block == NULL)
            return NULL;
        block->next = types->names;
        block->used = 0;
        types->names = block;
    }
    char *kept = types->names->bytes + types->names->used;
    memcpy(kept, name, size);
    types->names->used += size;
    return kept;
}

static uint32_t add(struct oyez_types *types, uint32_t hash, const char *name, size_t size)
{
    if (types->count == types->limit || (types->count == types->capacity && !grow(types)))
        return OYEZ_NONE;
    const char *kept = keep_name(types, name, size);
    if (kept == NULL)
        return OYEZ_NONE;
    if (!oyez_slots_insert(&types->slots, hash, types->count)) {
        types->names->used -= size;
        return OYEZ_NONE;
    }
    types->heads[types->count] = (struct oyez_type_head){.name = kept, .name_size = (uint32_t)size};
    return types->count++;
}

void oyez_types_init(struct oyez_types *types, uint32_t limit)
{
    *types =
        (struct oyez_types){.limit = limit, .latest = OYEZ_NONE, .key = oyez_siphash_key_make()};
}

uint32_t oyez_types_find(struct oyez_types *types, const char *name, size_t name_size)
{
    if (types->latest != OYEZ_NONE && is_named(types, types->latest, name, name_size))
        return types->latest;
    uint32_t hash = (uint32_t)oyez_siphash(&types->key, name, name_size);
    size_t cursor = hash;
    uint32_t type;
    while ((type = oyez_slots_next(&types->slots, hash, &cursor)) != OYEZ_NONE)
        if (is_named(types, type, name, name_size))
            break;
    if (type == OYEZ_NONE)
        type = add(types, hash, name, name_size);
    if (type != OYEZ_NONE)
        types->latest = type;
    return type;
}

uint64_t oyez_types_advance(struct oyez_types *types, uint32_t type, uint32_t count)
{
    assert(type < types->count && count > 0);
    struct oyez_type_head *head = &types->heads[type];
    uint64_t first = head->sequence + 1;
    head->sequence += count;
    if (!head->moved) {
        head->moved = true;
        types->moved[types->moved_count++] = type;
    }
    return first;
}

void oyez_types_told(struct oyez_types *types, uint32_t count)
{
    assert(count <= types->moved_count);
    for (uint32_t i = 0; i < count; i++)
        types->heads[types->moved[i]].moved = false;
    types->moved_count -= count;
    if (types->moved_count > 0)
        memmove(types->moved, types->moved + count, types->moved_count * sizeof *types->moved);
}

void oyez_types_clear(struct oyez_types *types)
{
    while (types->names != NULL) {
        struct name_block *block = types->names;
        types->names = block->next;
        free(block);
    }
    free(types->heads);
    free(types->moved);
    oyez_slots_free(&types->slots);
    oyez_types_init(types, types->limit);
}

// SPDX-License-Identifier: MIT
// Two tables instead of a list by age: the older one is thrown away when the other is full, and
// what was needed of it in the meantime has moved over.
#include "delivered.h"

#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"

#define TABLE_PAIRS_MAX (OYEZ_DELIVERED_MAX / 2)

static size_t hash_of(const void *type, const uint8_t *emitter_id)
{
    uint64_t parts[2];
    memcpy(parts, emitter_id, sizeof parts);
    uint64_t hash = (parts[0] ^ (uint64_t)(uintptr_t)type) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (hash >> 32) ^ parts[1]) * UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(hash ^ (hash >> 32));
}

// The place of a pair, or the free one where it would stand.
static struct delivered_pair *place_of(const struct delivered_table *table, const void *type,
                                       const uint8_t *emitter_id)
{
    size_t mask = table->capacity - 1;
    for (size_t i = hash_of(type, emitter_id) & mask;; i = (i + 1) & mask) {
        struct delivered_pair *pair = &table->pairs[i];
        if (pair->type == NULL ||
            (pair->type == type && memcmp(pair->emitter_id, emitter_id, OYEZ_UUID_SIZE) == 0))
            return pair;
    }
}

static bool grow(struct delivered_table *table)
{
    if (table->count * 2 < table->capacity)
        return true;
    struct delivered_table grown = {.capacity = table->capacity == 0 ? 64 : table->capacity * 2,
                                    .count = table->count};
    grown.pairs = calloc(grown.capacity, sizeof *grown.pairs);
    if (grown.pairs == NULL)
        return false;
    for (size_t i = 0; i < table->capacity; i++) {
        const struct delivered_pair *pair = &table->pairs[i];
        if (pair->type != NULL)
            *place_of(&grown, pair->type, pair->emitter_id) = *pair;
    }
    free(table->pairs);
    *table = grown;
    return true;
}

struct delivered_pair *delivered_find(struct delivered *delivered, const void *type,
                                      const uint8_t emitter_id[OYEZ_UUID_SIZE])
{
    struct delivered_table *recent = &delivered->recent;
    if (recent->capacity != 0) {
        struct delivered_pair *pair = place_of(recent, type, emitter_id);
        if (pair->type != NULL)
            return pair;
    }
    if (recent->count >= TABLE_PAIRS_MAX) {
        free(delivered->old.pairs);
        delivered->old = *recent;
        *recent = (struct delivered_table){0};
    }
    if (!grow(recent))
        return NULL;
    struct delivered_pair *pair = place_of(recent, type, emitter_id);
    const struct delivered_pair *old =
        delivered->old.capacity != 0 ? place_of(&delivered->old, type, emitter_id) : NULL;
    if (old != NULL && old->type != NULL) {
        *pair = *old;
    } else {
        *pair = (struct delivered_pair){.type = type};
        memcpy(pair->emitter_id, emitter_id, OYEZ_UUID_SIZE);
    }
    recent->count++;
    return pair;
}

static void begin_epoch(struct delivered_table *table)
{
    for (size_t i = 0; i < table->capacity; i++)
        table->pairs[i].before = table->pairs[i].through;
}

void delivered_begin_epoch(struct delivered *delivered)
{
    begin_epoch(&delivered->recent);
    begin_epoch(&delivered->old);
}

void delivered_free(struct delivered *delivered)
{
    free(delivered->recent.pairs);
    free(delivered->old.pairs);
    *delivered = (struct delivered){0};
}

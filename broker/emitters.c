// SPDX-License-Identifier: MIT
#include "emitters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_AT_FIRST = 64 };

static uint32_t hash_id(const struct oyez_emitters *emitters, const uint8_t id[OYEZ_UUID_SIZE])
{
    return (uint32_t)oyez_siphash(&emitters->key, id, OYEZ_UUID_SIZE);
}

static bool has_id(const struct oyez_emitters *emitters, uint32_t emitter, const uint8_t *id)
{
    return memcmp(emitters->entries[emitter].id, id, OYEZ_UUID_SIZE) == 0;
}

static void unlink_idle(struct oyez_emitters *emitters, uint32_t emitter)
{
    struct oyez_emitter *entry = &emitters->entries[emitter];
    if (entry->older == OYEZ_NONE)
        emitters->oldest = entry->newer;
    else
        emitters->entries[entry->older].newer = entry->newer;
    if (entry->newer == OYEZ_NONE)
        emitters->newest = entry->older;
    else
        emitters->entries[entry->newer].older = entry->older;
    entry->older = entry->newer = OYEZ_NONE;
}

static void link_idle(struct oyez_emitters *emitters, uint32_t emitter)
{
    struct oyez_emitter *entry = &emitters->entries[emitter];
    entry->older = emitters->newest;
    entry->newer = OYEZ_NONE;
    if (emitters->newest == OYEZ_NONE)
        emitters->oldest = emitter;
    else
        emitters->entries[emitters->newest].newer = emitter;
    emitters->newest = emitter;
}

static bool grow(struct oyez_emitters *emitters)
{
    uint32_t capacity = emitters->capacity == 0 ? ENTRIES_AT_FIRST : 2 * emitters->capacity;
    struct oyez_emitter *entries = realloc(emitters->entries, capacity * sizeof *entries);
    if (entries == NULL)
        return false;
    emitters->entries = entries;
    emitters->capacity = capacity;
    return true;
}

// An unused entry, or the idlest one taken out of the index.
static uint32_t take_entry(struct oyez_emitters *emitters)
{
    if (emitters->count < emitters->limit) {
        if (emitters->count == emitters->capacity && !grow(emitters))
            return OYEZ_NONE;
        return emitters->count++;
    }
    uint32_t emitter = emitters->oldest;
    if (emitter == OYEZ_NONE)
        return OYEZ_NONE;
    assert(!emitters->entries[emitter].is_queued && !emitters->entries[emitter].awaits_receipt);
    free(emitters->entries[emitter].lost);
    unlink_idle(emitters, emitter);
    oyez_slots_remove(&emitters->slots, hash_id(emitters, emitters->entries[emitter].id), emitter);
    return emitter;
}

void oyez_emitters_init(struct oyez_emitters *emitters, uint32_t limit)
{
    *emitters = (struct oyez_emitters){.limit = limit,
                                       .latest = OYEZ_NONE,
                                       .oldest = OYEZ_NONE,
                                       .newest = OYEZ_NONE,
                                       .key = oyez_siphash_key_make()};
}

uint32_t oyez_emitters_find(struct oyez_emitters *emitters, const uint8_t id[OYEZ_UUID_SIZE])
{
    if (emitters->latest != OYEZ_NONE && has_id(emitters, emitters->latest, id))
        return emitters->latest;
    uint32_t hash = hash_id(emitters, id);
    size_t cursor = hash;
    uint32_t emitter;
    while ((emitter = oyez_slots_next(&emitters->slots, hash, &cursor)) != OYEZ_NONE)
        if (has_id(emitters, emitter, id)) {
            emitters->latest = emitter;
            return emitter;
        }
    return OYEZ_NONE;
}

uint32_t oyez_emitters_idlest(const struct oyez_emitters *emitters)
{
    return emitters->count < emitters->limit ? OYEZ_NONE : emitters->oldest;
}

uint32_t oyez_emitters_add(struct oyez_emitters *emitters, const uint8_t id[OYEZ_UUID_SIZE],
                           uint32_t session)
{
    uint32_t emitter = take_entry(emitters);
    if (emitter == OYEZ_NONE)
        return OYEZ_NONE;
    struct oyez_emitter *entry = &emitters->entries[emitter];
    *entry = (struct oyez_emitter){.session = session,
                                   .older = OYEZ_NONE,
                                   .newer = OYEZ_NONE,
                                   .durable_expected = 1,
                                   .fast_expected = 1,
                                   .awaits_before = OYEZ_NONE,
                                   .awaits_after = OYEZ_NONE,
                                   .stamps = {OYEZ_NONE, OYEZ_NONE, 0},
                                   .records = {OYEZ_NONE, OYEZ_NONE, 0}};
    memcpy(entry->id, id, OYEZ_UUID_SIZE);
    if (!oyez_slots_insert(&emitters->slots, hash_id(emitters, id), emitter)) {
        // Only a table that still grows allocates, so the entry is the last one.
        assert(emitter == emitters->count - 1);
        emitters->count--;
        return OYEZ_NONE;
    }
    return emitter;
}

void oyez_emitters_attach(struct oyez_emitters *emitters, uint32_t emitter, uint32_t session)
{
    struct oyez_emitter *entry = &emitters->entries[emitter];
    assert(emitter < emitters->count && session != OYEZ_NONE);
    if (entry->session == OYEZ_NONE)
        unlink_idle(emitters, emitter);
    entry->session = session;
}

void oyez_emitters_detach(struct oyez_emitters *emitters, uint32_t emitter)
{
    struct oyez_emitter *entry = &emitters->entries[emitter];
    assert(emitter < emitters->count && entry->session != OYEZ_NONE);
    entry->session = OYEZ_NONE;
    link_idle(emitters, emitter);
}

void oyez_emitters_clear(struct oyez_emitters *emitters)
{
    for (uint32_t i = 0; i < emitters->count; i++)
        free(emitters->entries[i].lost);
    free(emitters->entries);
    oyez_slots_free(&emitters->slots);
    oyez_emitters_init(emitters, emitters->limit);
}

// SPDX-License-Identifier: MIT
#include "witness.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Of a leaf, as docs/journal.md has it.
#define LEAF_KIND 1u
#define LEAF_FLAGS 42u

oyez_err recorder_witness_open(struct recorder_witness *witness, size_t capacity)
{
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0);
    witness->capacity = capacity;
    witness->entries = calloc(capacity, sizeof *witness->entries);
    if (witness->entries == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu positions", capacity);
    return OYEZ_OK;
}

void recorder_witness_close(struct recorder_witness *witness)
{
    free(witness->entries);
    *witness = (struct recorder_witness){0};
}

static bool is_later(const struct recorder_witness_entry *entry, uint64_t epoch, uint64_t position)
{
    return entry->epoch > epoch || (entry->epoch == epoch && entry->position > position);
}

enum recorder_witness_verdict recorder_witness_take(struct recorder_witness *witness,
                                                    enum recorder_witness_source source,
                                                    uint64_t epoch, uint64_t position,
                                                    const uint8_t hash[OYEZ_LEAF_HASH_SIZE])
{
    struct recorder_witness_entry *entry = &witness->entries[position & (witness->capacity - 1)];
    if (is_later(entry, epoch, position))
        return RECORDER_WITNESS_FIRST;
    if (entry->epoch != epoch || entry->position != position) {
        *entry = (struct recorder_witness_entry){
            .epoch = epoch, .position = position, .sources = (uint8_t)source};
        memcpy(entry->hash, hash, OYEZ_LEAF_HASH_SIZE);
        return RECORDER_WITNESS_FIRST;
    }
    bool compared = (entry->sources & (unsigned)source) == 0;
    entry->sources |= (uint8_t)source;
    if (memcmp(entry->hash, hash, OYEZ_LEAF_HASH_SIZE) != 0)
        return RECORDER_WITNESS_DIFFERS;
    return compared ? RECORDER_WITNESS_SAME : RECORDER_WITNESS_FIRST;
}

uint64_t recorder_witness_count(const struct recorder_witness *witness, uint64_t epoch,
                                uint64_t first, uint64_t last, uint64_t *lowest)
{
    uint64_t count = 0;
    for (size_t i = 0; i < witness->capacity; i++) {
        const struct recorder_witness_entry *entry = &witness->entries[i];
        if (entry->epoch != epoch || entry->position < first || entry->position > last ||
            (entry->sources & RECORDER_SEEN) == 0)
            continue;
        if (count == 0 || entry->position < *lowest)
            *lowest = entry->position;
        count++;
    }
    return count;
}

oyez_err recorder_witness_hash(oyez_leaf_hasher *hasher, const uint8_t *leaf, size_t size,
                               uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    static _Thread_local uint8_t bare[OYEZ_LEAF_SIZE_MAX];
    assert(size > LEAF_FLAGS && size <= sizeof bare);
    memcpy(bare, leaf, size);
    if (bare[LEAF_KIND] == OYEZ_RECORD_REPEAT)
        bare[LEAF_KIND] = OYEZ_RECORD_EVENT;
    else if (bare[LEAF_KIND] == OYEZ_RECORD_PERSONAL_REPEAT)
        bare[LEAF_KIND] = OYEZ_RECORD_PERSONAL_EVENT;
    bare[LEAF_FLAGS] &= (uint8_t)~OYEZ_RECORD_CONFLICT;
    return oyez_leaf_hash(hasher, bare, size, out);
}

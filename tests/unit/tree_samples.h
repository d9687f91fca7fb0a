// SPDX-License-Identifier: MIT
// Stored hashes in memory, and the tree by its definition.
#ifndef OYEZ_TREE_SAMPLES_H
#define OYEZ_TREE_SAMPLES_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/tree.h"

struct tree_sample {
    oyez_leaf_hasher *hasher;
    struct oyez_tree tree;
    struct oyez_hash *stored[OYEZ_TREE_TILE_LEVELS];
    size_t count[OYEZ_TREE_TILE_LEVELS];
    size_t room;
    size_t reads;
};

static inline void sample_open(struct tree_sample *sample, size_t room)
{
    *sample = (struct tree_sample){.room = room};
    oyez_err err = oyez_leaf_hasher_open(&sample->hasher);
    assert(err == OYEZ_OK);
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++) {
        sample->stored[level] = calloc(room, sizeof(struct oyez_hash));
        assert(sample->stored[level] != NULL);
    }
}

static inline void sample_close(struct tree_sample *sample)
{
    oyez_leaf_hasher_close(&sample->hasher);
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        free(sample->stored[level]);
}

static inline void sample_add(struct tree_sample *sample, const void *leaf, size_t size)
{
    struct oyez_hash hash = {0}, stored[OYEZ_TREE_TILE_LEVELS];
    unsigned count;
    oyez_err err = oyez_leaf_hash(sample->hasher, leaf, size, hash.bytes);

    assert(err == OYEZ_OK);
    err = oyez_tree_append(sample->hasher, &sample->tree, &hash, stored, &count);
    assert(err == OYEZ_OK);
    for (unsigned level = 0; level < count; level++)
        sample->stored[level][sample->count[level]++] = stored[level];
}

// Leaves with the numbers below `size`.
static inline void sample_grow(struct tree_sample *sample, size_t size)
{
    while (sample->tree.size < size) {
        uint32_t number = (uint32_t)sample->tree.size;
        sample_add(sample, &number, sizeof(number));
    }
}

static inline oyez_err sample_read(void *arg, unsigned level, uint64_t first, size_t count,
                                   struct oyez_hash *out)
{
    struct tree_sample *sample = arg;

    sample->reads++;
    assert(first + count <= sample->count[level]);
    memcpy(out, &sample->stored[level][first], count * sizeof(*out));
    return OYEZ_OK;
}

static inline struct oyez_tree_source sample_source(struct tree_sample *sample)
{
    return (struct oyez_tree_source){sample_read, sample, sample->hasher};
}

// MTH of RFC 6962, section 2.1, as it is written there; a tree of 2^20 leaves is 20 calls deep.
static inline struct oyez_hash naive_root(struct tree_sample *sample, size_t low, size_t high)
{
    struct oyez_hash left, right, root;
    size_t k = 1;

    if (high - low == 1)
        return sample->stored[0][low];
    while (k * 2 < high - low)
        k *= 2;
    left = naive_root(sample, low, low + k);
    right = naive_root(sample, low + k, high);
    oyez_err err = oyez_tree_hash_node(sample->hasher, &left, &right, &root);
    assert(err == OYEZ_OK);
    return root;
}

#endif

// SPDX-License-Identifier: MIT
#include "oyez/tree.h"

#include <string.h>

#include "leaf.h"
#include "tree_source.h"

oyez_err oyez_tree_hash_node(oyez_leaf_hasher *hasher, const struct oyez_hash *left,
                             const struct oyez_hash *right, struct oyez_hash *out)
{
    uint8_t bytes[1 + 2 * sizeof(*left)];

    bytes[0] = 1; // where a leaf has 0
    memcpy(bytes + 1, left, sizeof(*left));
    memcpy(bytes + 1 + sizeof(*left), right, sizeof(*right));
    return oyez_leaf_digest(hasher, bytes, sizeof(bytes), out->bytes);
}

oyez_err oyez_tree_append(oyez_leaf_hasher *hasher, struct oyez_tree *tree,
                          const struct oyez_hash *leaf_hash,
                          struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS], unsigned *count)
{
    struct oyez_hash hash = *leaf_hash;
    unsigned height = 0;

    stored[0] = hash;
    *count = 1;
    for (; (tree->size >> height & 1) != 0; height++) {
        oyez_err err = oyez_tree_hash_node(hasher, &tree->edge[height], &hash, &hash);
        if (err != OYEZ_OK)
            return err;
        if ((height + 1) % OYEZ_TREE_TILE_HEIGHT == 0)
            stored[(*count)++] = hash;
    }
    tree->edge[height] = hash;
    tree->size++;
    return OYEZ_OK;
}

oyez_err oyez_tree_root(oyez_leaf_hasher *hasher, const struct oyez_tree *tree,
                        struct oyez_hash *root)
{
    bool begun = false;
    oyez_err err = OYEZ_OK;

    if (tree->size == 0)
        return oyez_leaf_digest(hasher, "", 0, root->bytes);
    for (unsigned h = 0; h < OYEZ_TREE_HEIGHT_MAX && err == OYEZ_OK; h++) {
        if ((tree->size >> h & 1) == 0)
            continue;
        if (begun)
            err = oyez_tree_hash_node(hasher, &tree->edge[h], root, root);
        else
            *root = tree->edge[h];
        begun = true;
    }
    return err;
}

uint64_t oyez_tree_stored(uint64_t size, unsigned level)
{
    return size >> (level * OYEZ_TREE_TILE_HEIGHT);
}

oyez_err oyez_tree_perfect(const struct oyez_tree_source *source, unsigned height, uint64_t number,
                           struct oyez_hash *out)
{
    struct oyez_hash hashes[OYEZ_TREE_TILE_WIDTH / 2];
    unsigned above = height % OYEZ_TREE_TILE_HEIGHT; // the stored level
    size_t count = (size_t)1 << above;
    oyez_err err =
        source->read(source->arg, height / OYEZ_TREE_TILE_HEIGHT, number << above, count, hashes);

    for (; count > 1 && err == OYEZ_OK; count /= 2)
        for (size_t i = 0; i < count / 2 && err == OYEZ_OK; i++)
            err =
                oyez_tree_hash_node(source->hasher, &hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
    *out = hashes[0];
    return err;
}

oyez_err oyez_tree_load(const struct oyez_tree_source *source, uint64_t size,
                        struct oyez_tree *tree)
{
    oyez_err err = OYEZ_OK;

    *tree = (struct oyez_tree){.size = size};
    for (unsigned h = 0; h < OYEZ_TREE_HEIGHT_MAX && err == OYEZ_OK; h++)
        if ((size >> h & 1) != 0)
            err = oyez_tree_perfect(source, h, (size >> h) - 1, &tree->edge[h]);
    return err;
}

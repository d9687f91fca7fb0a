// SPDX-License-Identifier: MIT
// Proofs from stored hashes, and their checks.
#include <inttypes.h>
#include <string.h>

#include "tree_source.h"

#define SIZE_MAX_PROVEN (UINT64_C(1) << 62) // so that no proof has more than OYEZ_TREE_PROOF_MAX

static bool is_power_of_two(uint64_t n)
{
    return (n & (n - 1)) == 0;
}

// The largest power of two below n; n > 1.
static uint64_t split(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

// The root of the leaves from `low` to below `high`, as they stand together in a tree: `low` is a
// multiple of a power of two that is no less than their number.
static oyez_err range_root(const struct oyez_tree_source *source, uint64_t low, uint64_t high,
                           struct oyez_hash *out)
{
    uint64_t count = high - low;
    struct oyez_hash hash;
    bool begun = false;
    oyez_err err = OYEZ_OK;

    for (unsigned h = 0; h < OYEZ_TREE_HEIGHT_MAX && err == OYEZ_OK; h++) {
        if ((count >> h & 1) == 0)
            continue;
        err = oyez_tree_perfect(source, h, (low >> h) + (count >> h) - 1, &hash);
        if (err == OYEZ_OK && begun)
            err = oyez_tree_hash_node(source->hasher, &hash, out, out);
        else
            *out = hash;
        begun = true;
    }
    return err;
}

static oyez_err add_range(const struct oyez_tree_source *source, uint64_t low, uint64_t high,
                          struct oyez_tree_proof *proof)
{
    return range_root(source, low, high, &proof->hashes[proof->count++]);
}

// The way down gathers them from the root; a proof has them from the leaf up.
static void turn_around(struct oyez_tree_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct oyez_hash hash = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = hash;
    }
}

oyez_err oyez_tree_prove_inclusion(const struct oyez_tree_source *source, uint64_t index,
                                   uint64_t size, struct oyez_tree_proof *proof)
{
    uint64_t low = 0, high = size;
    oyez_err err = OYEZ_OK;

    proof->count = 0;
    if (index >= size || size > SIZE_MAX_PROVEN)
        return oyez_fail(OYEZ_ERR_INVALID, "no leaf %" PRIu64 " in a tree of %" PRIu64, index,
                         size);
    while (high - low > 1 && err == OYEZ_OK) {
        uint64_t middle = low + split(high - low);
        if (index < middle) {
            err = add_range(source, middle, high, proof);
            high = middle;
        } else {
            err = add_range(source, low, middle, proof);
            low = middle;
        }
    }
    turn_around(proof);
    return err;
}

oyez_err oyez_tree_prove_consistency(const struct oyez_tree_source *source, uint64_t old_size,
                                     uint64_t size, struct oyez_tree_proof *proof)
{
    uint64_t low = 0, high = size;
    bool known = true; // the part that is left is the old tree, whose root the checker has
    oyez_err err = OYEZ_OK;

    proof->count = 0;
    if (old_size > size || size > SIZE_MAX_PROVEN)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "a tree of %" PRIu64 " is no beginning of one of %" PRIu64, old_size,
                         size);
    if (old_size == 0)
        return OYEZ_OK;
    while (high > old_size && err == OYEZ_OK) {
        uint64_t middle = low + split(high - low);
        if (old_size <= middle) {
            err = add_range(source, middle, high, proof);
            high = middle;
        } else {
            err = add_range(source, low, middle, proof);
            low = middle;
            known = false;
        }
    }
    if (err == OYEZ_OK && !known)
        err = add_range(source, low, high, proof);
    turn_around(proof);
    return err;
}

static oyez_err not_proven(const char *what)
{
    return oyez_fail(OYEZ_ERR_CORRUPT, "%s", what);
}

static bool hash_equal(const struct oyez_hash *a, const struct oyez_hash *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

// One level up, over those on which the tree's ragged right edge has no node.
static void climb(uint64_t *node, uint64_t *last)
{
    while ((*node & 1) == 0 && *node != 0) {
        *node >>= 1;
        *last >>= 1;
    }
}

oyez_err oyez_tree_check_inclusion(oyez_leaf_hasher *hasher, const struct oyez_hash *leaf_hash,
                                   uint64_t index, uint64_t size, const struct oyez_hash *root,
                                   const struct oyez_tree_proof *proof)
{
    struct oyez_hash hash = *leaf_hash;
    uint64_t node = index, last = size - 1;
    oyez_err err = OYEZ_OK;

    if (index >= size)
        return not_proven("the index lies behind the checkpoint's size");
    for (size_t i = 0; i < proof->count && err == OYEZ_OK; i++) {
        if (last == 0)
            return not_proven("the inclusion proof is too long");
        if ((node & 1) != 0 || node == last) {
            err = oyez_tree_hash_node(hasher, &proof->hashes[i], &hash, &hash);
            climb(&node, &last);
        } else {
            err = oyez_tree_hash_node(hasher, &hash, &proof->hashes[i], &hash);
        }
        node >>= 1;
        last >>= 1;
    }
    if (err != OYEZ_OK)
        return err;
    if (last != 0)
        return not_proven("the inclusion proof is too short");
    return hash_equal(&hash, root) ? OYEZ_OK
                                   : not_proven("the inclusion proof leads to another root");
}

static oyez_err check_simple(uint64_t old_size, const struct oyez_hash *old_root, uint64_t size,
                             const struct oyez_hash *root, const struct oyez_tree_proof *proof)
{
    if (proof->count != 0)
        return not_proven("the consistency proof is too long");
    if (old_size == size && !hash_equal(old_root, root))
        return not_proven("two roots for one size");
    return OYEZ_OK;
}

oyez_err oyez_tree_check_consistency(oyez_leaf_hasher *hasher, uint64_t old_size,
                                     const struct oyez_hash *old_root, uint64_t size,
                                     const struct oyez_hash *root,
                                     const struct oyez_tree_proof *proof)
{
    struct oyez_hash old_hash, hash;
    uint64_t node = old_size - 1, last = size - 1;
    size_t next = 0;
    oyez_err err = OYEZ_OK;

    if (old_size > size)
        return not_proven("the later tree is the smaller one");
    if (old_size == 0 || old_size == size)
        return check_simple(old_size, old_root, size, root, proof);
    if (proof->count == 0)
        return not_proven("the consistency proof is too short");
    old_hash = is_power_of_two(old_size) ? *old_root : proof->hashes[next++];
    hash = old_hash;
    while ((node & 1) != 0) {
        node >>= 1;
        last >>= 1;
    }
    for (; next < proof->count && err == OYEZ_OK; next++) {
        const struct oyez_hash *step = &proof->hashes[next];
        if (last == 0)
            return not_proven("the consistency proof is too long");
        if ((node & 1) != 0 || node == last) {
            err = oyez_tree_hash_node(hasher, step, &old_hash, &old_hash);
            if (err == OYEZ_OK)
                err = oyez_tree_hash_node(hasher, step, &hash, &hash);
            climb(&node, &last);
        } else {
            err = oyez_tree_hash_node(hasher, &hash, step, &hash);
        }
        node >>= 1;
        last >>= 1;
    }
    if (err != OYEZ_OK)
        return err;
    if (last != 0)
        return not_proven("the consistency proof is too short");
    if (!hash_equal(&old_hash, old_root))
        return not_proven("the consistency proof leads to another old root");
    return hash_equal(&hash, root) ? OYEZ_OK
                                   : not_proven("the consistency proof leads to another root");
}

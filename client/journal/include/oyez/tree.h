// SPDX-License-Identifier: MIT
// The Merkle tree over leaves: RFC 6962, SHA-256. Hashes in memory only; nothing here blocks.
#ifndef OYEZ_TREE_H
#define OYEZ_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_TREE_HEIGHT_MAX 64u // of a tree: indexes have 64 bits
#define OYEZ_TREE_PROOF_MAX 64u  // hashes in a proof

struct oyez_hash {
    uint8_t bytes[OYEZ_LEAF_HASH_SIZE];
};

// oyez_tree_hash_node is SHA-256 (0x01, left, right). OYEZ_ERR_SYSTEM. `out` may be one of them.
oyez_err oyez_tree_hash_node(oyez_leaf_hasher *hasher, const struct oyez_hash *left,
                             const struct oyez_hash *right, struct oyez_hash *out);

// A tree that only grows: the roots of the perfect trees that it is made of, which is all that
// appending and the root need. All zero is the empty tree.
struct oyez_tree {
    uint64_t size;                               // leaves
    struct oyez_hash edge[OYEZ_TREE_HEIGHT_MAX]; // [h]: of 2^h leaves, where bit h of size is set
};

// Stored hashes: every eighth level of the tree, which are the levels of tiles. Level 0 holds the
// leaf hashes; number n of level L is the root of the 256^L leaves that begin at n * 256^L.
#define OYEZ_TREE_TILE_HEIGHT 8u
#define OYEZ_TREE_TILE_WIDTH 256u
#define OYEZ_TREE_TILE_LEVELS 8u

// oyez_tree_append adds a leaf's hash. stored[0] is that hash; where it completes a tree of
// 256^L leaves, stored[L] is the next hash of level L. Returns the number of them in *count.
// OYEZ_ERR_SYSTEM: nothing is added.
oyez_err oyez_tree_append(oyez_leaf_hasher *hasher, struct oyez_tree *tree,
                          const struct oyez_hash *leaf_hash,
                          struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS], unsigned *count);

// oyez_tree_root is the root; of the empty tree SHA-256 of nothing. OYEZ_ERR_SYSTEM.
oyez_err oyez_tree_root(oyez_leaf_hasher *hasher, const struct oyez_tree *tree,
                        struct oyez_hash *root);

// oyez_tree_stored is how many hashes of a level a tree of this size stores: size / 256^level.
uint64_t oyez_tree_stored(uint64_t size, unsigned level);

// Reads `count` stored hashes of a level, from number `first` on; they exist.
typedef oyez_err oyez_tree_read(void *arg, unsigned level, uint64_t first, size_t count,
                                struct oyez_hash *out);

// Where a tree's stored hashes come from, and what hashes the rest.
struct oyez_tree_source {
    oyez_tree_read *read;
    void *arg;
    oyez_leaf_hasher *hasher;
};

// oyez_tree_load makes the edge of the tree's first `size` leaves. Errors of reading.
oyez_err oyez_tree_load(const struct oyez_tree_source *source, uint64_t size,
                        struct oyez_tree *tree);

// From the leaf up, as RFC 6962 orders them.
struct oyez_tree_proof {
    size_t count;
    struct oyez_hash hashes[OYEZ_TREE_PROOF_MAX];
};

// oyez_tree_prove_inclusion proves that a leaf is in the tree of the first `size` leaves.
// OYEZ_ERR_INVALID: index not below size; errors of reading.
oyez_err oyez_tree_prove_inclusion(const struct oyez_tree_source *source, uint64_t index,
                                   uint64_t size, struct oyez_tree_proof *proof);

// oyez_tree_prove_consistency proves that the tree of the first `size` leaves begins with the one
// of the first `old_size`. Empty for old_size 0 or size. OYEZ_ERR_INVALID: old_size above size.
oyez_err oyez_tree_prove_consistency(const struct oyez_tree_source *source, uint64_t old_size,
                                     uint64_t size, struct oyez_tree_proof *proof);

// The checks: OYEZ_OK it is proven, OYEZ_ERR_CORRUPT it is not, OYEZ_ERR_SYSTEM.
oyez_err oyez_tree_check_inclusion(oyez_leaf_hasher *hasher, const struct oyez_hash *leaf_hash,
                                   uint64_t index, uint64_t size, const struct oyez_hash *root,
                                   const struct oyez_tree_proof *proof);
oyez_err oyez_tree_check_consistency(oyez_leaf_hasher *hasher, uint64_t old_size,
                                     const struct oyez_hash *old_root, uint64_t size,
                                     const struct oyez_hash *root,
                                     const struct oyez_tree_proof *proof);

#ifdef __cplusplus
}
#endif

#endif

// SPDX-License-Identifier: MIT
// A split-block Bloom filter: says of a fingerprint "not here" with certainty, or "perhaps". Blocks
// of 32 bytes, so that one look at memory or disk answers; docs/journal.md has the bits.
#ifndef OYEZ_BLOOM_H
#define OYEZ_BLOOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OYEZ_BLOOM_BLOCK_SIZE 32u
#define OYEZ_BLOOM_BITS_PER_KEY 10u // about one "perhaps" in a hundred is wrong

// oyez_bloom_size is the bytes of a filter for so many keys: whole blocks, one at least.
size_t oyez_bloom_size(size_t keys);

// oyez_bloom_add puts a fingerprint into a filter of `size` bytes, which begins as zeros. The
// fingerprint's bits must be spread evenly.
void oyez_bloom_add(uint8_t *filter, size_t size, uint64_t fingerprint);

// oyez_bloom_block is the offset of the only block that tells of a fingerprint, and
// oyez_bloom_block_has what it tells.
size_t oyez_bloom_block(size_t size, uint64_t fingerprint);
bool oyez_bloom_block_has(const uint8_t block[OYEZ_BLOOM_BLOCK_SIZE], uint64_t fingerprint);

#endif

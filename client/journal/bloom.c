// SPDX-License-Identifier: MIT
// The upper half of a fingerprint picks the block, its lower half one bit in each of eight words.
#include "oyez/bloom.h"

#include <assert.h>

#include "oyez/little_endian.h"

#define WORDS 8u
#define BLOCK_BITS (8u * OYEZ_BLOOM_BLOCK_SIZE)

// Odd, so that no two lower halves lose their difference: the ones that Apache Parquet has.
static const uint32_t multipliers[WORDS] = {0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D,
                                            0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31};

static uint32_t bit_of(unsigned word, uint64_t fingerprint)
{
    return UINT32_C(1) << ((uint32_t)fingerprint * multipliers[word] >> 27);
}

size_t oyez_bloom_size(size_t keys)
{
    size_t blocks = (keys * OYEZ_BLOOM_BITS_PER_KEY + BLOCK_BITS - 1) / BLOCK_BITS;

    return (blocks > 0 ? blocks : 1) * OYEZ_BLOOM_BLOCK_SIZE;
}

size_t oyez_bloom_block(size_t size, uint64_t fingerprint)
{
    uint64_t blocks = size / OYEZ_BLOOM_BLOCK_SIZE;

    assert(blocks > 0 && blocks <= UINT32_MAX && size % OYEZ_BLOOM_BLOCK_SIZE == 0);
    return (size_t)((fingerprint >> 32) * blocks >> 32) * OYEZ_BLOOM_BLOCK_SIZE;
}

void oyez_bloom_add(uint8_t *filter, size_t size, uint64_t fingerprint)
{
    uint8_t *block = filter + oyez_bloom_block(size, fingerprint);

    for (unsigned i = 0; i < WORDS; i++)
        put_u32(block + 4 * i, get_u32(block + 4 * i) | bit_of(i, fingerprint));
}

bool oyez_bloom_block_has(const uint8_t block[OYEZ_BLOOM_BLOCK_SIZE], uint64_t fingerprint)
{
    for (unsigned i = 0; i < WORDS; i++)
        if ((get_u32(block + 4 * i) & bit_of(i, fingerprint)) == 0)
            return false;
    return true;
}

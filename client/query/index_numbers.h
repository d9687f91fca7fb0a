// SPDX-License-Identifier: MIT
// Integers as the file of an index holds them, at any address.
#ifndef OYEZ_INDEX_NUMBERS_H
#define OYEZ_INDEX_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

static inline void index_put_u32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static inline void index_put_u64(uint8_t *out, uint64_t value)
{
    index_put_u32(out, (uint32_t)value);
    index_put_u32(out + 4, (uint32_t)(value >> 32));
}

static inline uint32_t index_get_u32(const uint8_t *in)
{
    return in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 24;
}

static inline uint64_t index_get_u64(const uint8_t *in)
{
    return index_get_u32(in) | (uint64_t)index_get_u32(in + 4) << 32;
}

// Returns the bytes written, 10 at most.
static inline size_t index_put_varint(uint8_t *out, uint64_t value)
{
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        out[size++] = (uint8_t)(value | 0x80);
    out[size++] = (uint8_t)value;
    return size;
}

#endif

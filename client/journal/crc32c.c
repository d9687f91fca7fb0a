// SPDX-License-Identifier: MIT
#include "crc32c.h"

#include <pthread.h>
#include <string.h>

#include "oyez/little_endian.h"

#define POLYNOMIAL_REFLECTED 0x82F63B78u
#define SLICES 8

typedef uint32_t advance(uint32_t state, const uint8_t *data, size_t size);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t table[SLICES][256];
static advance *fastest;

// Eight bytes at a time: table[k] carries a byte over k further zero bytes.
static uint32_t advance_portable(uint32_t state, const uint8_t *data, size_t size)
{
    for (; size >= SLICES; size -= SLICES, data += SLICES) {
        uint32_t low = state ^ get_u32(data);
        uint32_t high = get_u32(data + 4);

        state = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
                table[4][low >> 24] ^ table[3][high & 0xFF] ^ table[2][high >> 8 & 0xFF] ^
                table[1][high >> 16 & 0xFF] ^ table[0][high >> 24];
    }
    for (; size > 0; size--)
        state = state >> 8 ^ table[0][(state ^ *data++) & 0xFF];
    return state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t advance_sse42(uint32_t state, const uint8_t *data,
                                                                size_t size)
{
    uint64_t wide = state;

    for (; size >= 8; size -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    state = (uint32_t)wide;
    for (; size > 0; size--)
        state = __builtin_ia32_crc32qi(state, *data++);
    return state;
}
#endif

static void prepare(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? value >> 1 ^ POLYNOMIAL_REFLECTED : value >> 1;
        table[0][i] = value;
    }
    for (unsigned k = 1; k < SLICES; k++)
        for (unsigned i = 0; i < 256; i++)
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xFF];
    fastest = advance_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        fastest = advance_sse42;
#endif
}

uint32_t oyez_journal_crc32c(uint32_t crc, const void *data, size_t size)
{
    pthread_once(&once, prepare);
    return ~fastest(~crc, data, size);
}

uint32_t oyez_journal_crc32c_portable(uint32_t crc, const void *data, size_t size)
{
    pthread_once(&once, prepare);
    return ~advance_portable(~crc, data, size);
}

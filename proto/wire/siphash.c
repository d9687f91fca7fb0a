// SPDX-License-Identifier: MIT
#include "wire/siphash.h"

#include <string.h>
#include <sys/random.h>

#include "wire/clock.h"

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v);
    v[0] ^= word;
}

struct oyez_siphash_key oyez_siphash_key_make(void)
{
    struct oyez_siphash_key key;
    // A kernel without randomness yet costs us only the protection, not the hash.
    if (getrandom(&key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) {
        key.words[0] = oyez_clock_realtime_ns();
        key.words[1] = (uintptr_t)&key;
    }
    return key;
}

uint64_t oyez_siphash(const struct oyez_siphash_key *key, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t v[4] = {key->words[0] ^ 0x736f6d6570736575u, key->words[1] ^ 0x646f72616e646f6du,
                     key->words[0] ^ 0x6c7967656e657261u, key->words[1] ^ 0x7465646279746573u};
    uint64_t word;
    size_t left = size;
    for (; left >= 8; left -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        absorb(v, word);
    }
    word = 0;
    memcpy(&word, bytes, left);
    absorb(v, word | (uint64_t)size << 56);
    v[2] ^= 0xff;
    mix(v);
    mix(v);
    mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

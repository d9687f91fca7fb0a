// SPDX-License-Identifier: MIT
// SipHash-1-3: a keyed hash. Topics, ids and routing ids come from peers; with a key they do not
// know, they cannot choose names that all fall into one place of a table.
#ifndef OYEZ_WIRE_SIPHASH_H
#define OYEZ_WIRE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct oyez_siphash_key {
    uint64_t words[2];
};

// oyez_siphash_key_make draws a key from the system's randomness.
struct oyez_siphash_key oyez_siphash_key_make(void);

uint64_t oyez_siphash(const struct oyez_siphash_key *key, const void *data, size_t size);

#endif

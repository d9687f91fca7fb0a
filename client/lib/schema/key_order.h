// SPDX-License-Identifier: MIT
// Finds keys that stand twice, without memory of its own and whatever the keys are.
#ifndef OYEZ_SCHEMA_KEY_ORDER_H
#define OYEZ_SCHEMA_KEY_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Keys of one object or map; each costs four bytes on the stack.
#define OYEZ_DETAILS_KEYS_MAX 16384u

// Orders two keys that stand so many bytes behind `base`.
typedef int key_compare(const void *base, uint32_t a, uint32_t b);

// keys_repeat sorts `keys`. True: *which is a key that is there before.
bool keys_repeat(uint32_t *keys, size_t count, const void *base, key_compare *compare,
                 uint32_t *which);

#endif

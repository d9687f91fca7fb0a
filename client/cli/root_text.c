// SPDX-License-Identifier: MIT
#include "root_text.h"

#include <stdio.h>

void root_text(char out[ROOT_TEXT_SIZE], const uint8_t root[OYEZ_LEAF_HASH_SIZE])
{
    for (size_t i = 0; i < OYEZ_LEAF_HASH_SIZE; i++) {
        snprintf(out + 2 * i, 3, "%02x", root[i]);
    }
}

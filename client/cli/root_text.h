// SPDX-License-Identifier: MIT
// A root as people compare it: in hexadecimal digits.
#ifndef OYEZ_ROOT_TEXT_H
#define OYEZ_ROOT_TEXT_H

#include "oyez/journal.h"

#define ROOT_TEXT_SIZE (2u * OYEZ_LEAF_HASH_SIZE + 1u)

void root_text(char out[ROOT_TEXT_SIZE], const uint8_t root[OYEZ_LEAF_HASH_SIZE]);

#endif

// SPDX-License-Identifier: MIT
// Base64 as notes have it: the standard alphabet, with padding, one form for each value.
#ifndef OYEZ_BASE64_H
#define OYEZ_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// oyez_base64_size is the characters that `size` bytes make, without NUL.
static inline size_t oyez_base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

// oyez_base64_encode writes them and no NUL. Returns their number.
size_t oyez_base64_encode(char *out, const uint8_t *bytes, size_t size);

// oyez_base64_decode reads `length` characters into at most `room` bytes. False: they are no
// base64, have bits behind the last byte, or do not fit.
bool oyez_base64_decode(uint8_t *out, size_t room, size_t *size, const char *text, size_t length);

#endif

// SPDX-License-Identifier: MIT
// Base64 (RFC 4648) as protobuf's JSON has it: both alphabets are read, padded or not; the first
// one is written, padded.
#ifndef OYEZ_SCHEMA_JSON_BASE64_H
#define OYEZ_SCHEMA_JSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/json_value.h"

// Characters that so many bytes take; bytes that so many characters have at most.
#define BASE64_TEXT_SIZE(bytes) (((bytes) + 2) / 3 * 4)
#define BASE64_BYTES_MAX(text) ((text) / 4 * 3 + 3)

// base64_encode writes exactly BASE64_TEXT_SIZE characters, without a NUL.
void base64_encode(char *out, const uint8_t *bytes, size_t size);

// base64_decode reads a JSON string. `out` has room for BASE64_BYTES_MAX of its size, or is NULL:
// then it only judges. False: a character of neither alphabet, a wrong length, wrong padding, or
// bits behind the last byte, which would be lost.
bool base64_decode(uint8_t *out, size_t *out_size, const struct json_string *text);

#endif

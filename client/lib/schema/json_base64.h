// SPDX-License-Identifier: MIT
// Base64 as protobuf's JSON has it: both alphabets are read, padded or not.
#ifndef OYEZ_SCHEMA_JSON_BASE64_H
#define OYEZ_SCHEMA_JSON_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/json_value.h"

// Bytes that so many characters have at most.
#define JSON_BASE64_BYTES_MAX(text) ((text) / 4 * 3 + 3)

// json_base64_decode reads a JSON string. `out` has room for JSON_BASE64_BYTES_MAX of its size, or
// is NULL: then it only judges. False: it is no base64, as oyez_base64_take and _end say.
bool json_base64_decode(uint8_t *out, size_t *out_size, const struct json_string *text);

#endif

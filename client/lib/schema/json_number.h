// SPDX-License-Identifier: MIT
// Numbers of JSON, read without losing a digit, whatever the locale.
#ifndef OYEZ_SCHEMA_JSON_NUMBER_H
#define OYEZ_SCHEMA_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_integer {
    bool negative; // never of zero
    uint64_t magnitude;
};

enum json_integer_result {
    JSON_INTEGER_OK,
    JSON_INTEGER_NO_NUMBER, // not a number of JSON's grammar
    JSON_INTEGER_NOT_WHOLE,
    JSON_INTEGER_TOO_LARGE, // above 2^64 - 1 either way
};

// json_number_is_valid: whether the text is one number of JSON's grammar.
bool json_number_is_valid(const char *text, size_t size);

// json_integer_read reads any way to write a whole number: 12, 12.0, 1.2e1.
enum json_integer_result json_integer_read(const char *text, size_t size, struct json_integer *out);

// json_double_read reads the nearest double. False: not a number of JSON's grammar, or too large.
bool json_double_read(const char *text, size_t size, double *out);

#endif

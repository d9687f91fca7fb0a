// SPDX-License-Identifier: MIT
// Single values of JSON text that oyez_json_scan has accepted. Nothing is allocated.
#ifndef OYEZ_SCHEMA_JSON_VALUE_H
#define OYEZ_SCHEMA_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_walk.h"
#include "schema/plan.h"

// What stands between the quotes of a string, escapes and all.
struct json_string {
    const char *text;
    size_t size;
    bool escaped; // holds a backslash
};

// json_string_of takes the quotes off a slice that is a string.
struct json_string json_string_of(const struct oyez_json_slice *slice);

// json_next_character decodes the character at *at, which has not reached the string's end, and
// moves behind it. Returns its bytes in UTF-8.
size_t json_next_character(const char **at, char out[4]);

// json_string_decode writes the string as UTF-8, whole characters, as many as have room. Returns
// bytes written; *whole = all of it was. A decoded string is never longer than the written one.
size_t json_string_decode(char *out, size_t room, const struct json_string *string, bool *whole);

// json_string_count counts characters: an escaped pair of surrogates is one.
size_t json_string_count(const struct json_string *string);

// json_string_compare orders strings by what they mean: "a" and "\u0061" are equal.
int json_string_compare(const struct json_string *a, const struct json_string *b);

// json_keys_repeat finds a key that stands twice in the object at `at`. 1 = *key is such a key,
// 0 = none, -1 = more keys than OYEZ_DETAILS_KEYS_MAX, so that nobody knows.
int json_keys_repeat(const char *at, struct oyez_json_slice *key);

// json_keys_repeat_within looks into every object of the value at `at`.
int json_keys_repeat_within(const char *at, struct oyez_json_slice *key);

// json_compact_count counts the characters of JSON text without the white space between its tokens.
size_t json_compact_count(const char *text, size_t size);

// json_field_find: the field that a member's key names. NULL = none.
const struct plan_field *json_field_find(const struct plan *plan,
                                         const struct oyez_json_slice *key);

#endif

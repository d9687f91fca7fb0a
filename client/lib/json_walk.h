// SPDX-License-Identifier: MIT
// Finds its way in JSON text that oyez_json_scan has accepted. Knows no errors: there are none.
#ifndef OYEZ_JSON_WALK_H
#define OYEZ_JSON_WALK_H

#include <stdbool.h>
#include <stddef.h>

// A value as it is written: strings with their quotes and escapes.
struct oyez_json_slice {
    const char *text;
    size_t size;
};

// oyez_json_next_member walks the members of an object, in their order. Start with *cursor at the
// object's text (white space before it is well); false at the end.
bool oyez_json_next_member(const char **cursor, struct oyez_json_slice *key,
                           struct oyez_json_slice *value);

// oyez_json_more walks the members of an object or the elements of an array, without looking at
// them. *at stands at the opening bracket, or behind a value. True: *at is at the next key or
// element. False: there is none; *at is behind the closing bracket.
bool oyez_json_more(const char **at);

// oyez_json_read_key reads the key at `at`, quotes and escapes included, and returns its value.
const char *oyez_json_read_key(const char *at, struct oyez_json_slice *key);

// oyez_json_skip returns what stands behind the value at `at`.
const char *oyez_json_skip(const char *at);

// oyez_json_compact copies accepted text without the white space between its tokens. `out` has
// room for `size` bytes. Returns bytes written.
size_t oyez_json_compact(char *out, const char *text, size_t size);

#endif

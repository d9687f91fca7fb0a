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

// oyez_json_compact copies accepted text without the white space between its tokens. `out` has
// room for `size` bytes. Returns bytes written.
size_t oyez_json_compact(char *out, const char *text, size_t size);

#endif

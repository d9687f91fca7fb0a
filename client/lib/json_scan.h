// SPDX-License-Identifier: MIT
// Judges JSON text in one pass, without memory of its own: the details of every emit go through.
#ifndef OYEZ_JSON_SCAN_H
#define OYEZ_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

// Objects and arrays inside one another, in details. Readers of JSON recurse; their stacks end.
#define OYEZ_JSON_DEPTH_MAX 64u
// A whole event is an object around its details.
#define OYEZ_JSON_EVENT_DEPTH_MAX (OYEZ_JSON_DEPTH_MAX + 1u)

struct oyez_json_fault {
    const char *rule; // static text: "not a JSON object", "not UTF-8", ...
    size_t byte;      // where, the first is 1
};

// oyez_json_scan: whether the text is exactly one JSON object (RFC 8259), white space around it
// allowed, of at most `depth_max` levels (up to OYEZ_JSON_EVENT_DEPTH_MAX). Refused besides what
// the grammar refuses: invalid UTF-8, half surrogate pairs, a NUL in a key, numbers too large for
// a double (1e400; any number of digits is well). Duplicate keys pass. Fills *fault when false.
bool oyez_json_scan(const char *text, size_t size, size_t depth_max, struct oyez_json_fault *fault);

// oyez_json_scan_nested: the same of one JSON object or array.
bool oyez_json_scan_nested(const char *text, size_t size, size_t depth_max,
                           struct oyez_json_fault *fault);

#endif

// SPDX-License-Identifier: MIT
// The one way into jansson.
#ifndef OYEZ_JSON_LOAD_H
#define OYEZ_JSON_LOAD_H

#include <jansson.h>
#include <stddef.h>

// oyez_json_load reads any JSON value. Seeds jansson's hash tables once, whatever thread comes
// first. Numbers lose digits here: whoever needs them as they are written takes the text.
// Duplicate keys are refused, NULs in strings are not. Only for text without more levels than
// oyez_json_scan allows: jansson recurses. NULL with *error filled.
json_t *oyez_json_load(const char *text, size_t size, json_error_t *error);

#endif

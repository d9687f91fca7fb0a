// SPDX-License-Identifier: MIT
// Text in characters. Unlike header texts, details may hold U+0000.
#ifndef OYEZ_SCHEMA_CHARACTERS_H
#define OYEZ_SCHEMA_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// characters_count: false when the text is not UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool characters_count(const char *text, size_t size, size_t *count);

// characters_next reads the character at `at`: its bytes, and *code. 0 = not UTF-8, or the end.
size_t characters_next(const char *at, size_t left, uint32_t *code);

// characters_print copies as much of a text as `count_max` characters and `room` bytes, NUL
// included, allow, and "…" where it was longer. What a terminal must not get (controls, direction
// marks, bytes that are not UTF-8) becomes "?". Returns the bytes written without the NUL.
size_t characters_print(char *out, size_t room, size_t count_max, const char *text, size_t size);

#endif

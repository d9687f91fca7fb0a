// SPDX-License-Identifier: MIT
// Text of strangers made harmless for a terminal: control characters, escape sequences, bidi and
// other invisible controls, and bytes that are no UTF-8 are shown as escapes.
#ifndef OYEZ_INERT_H
#define OYEZ_INERT_H

#include <stddef.h>
#include <stdio.h>

// What is to be written for one code point.
struct glyph {
    char bytes[12];
    size_t size;
    unsigned columns;
    size_t consumed; // bytes of the text
};

// inert_next reads one code point of `size` > 0 bytes. Never fails; consumes at least one byte.
// Escapes of valid code points are also valid in JSON. Widths are those of the C.UTF-8 locale:
// terminal_open sets it; without it everything beyond ASCII becomes an escape.
void inert_next(struct glyph *out, const char *text, size_t size);

// inert_write writes all of a text.
void inert_write(FILE *out, const char *text, size_t size);

#endif

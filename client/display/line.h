// SPDX-License-Identifier: MIT
// One line of a terminal, built up to a width: texts go in inert, and what is too long is cut.
#ifndef OYEZ_LINE_H
#define OYEZ_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_SIZE_MAX 8192u    // bytes
#define LINE_COLUMNS_MAX 1000u // wider terminals are used up to here

struct line {
    char bytes[LINE_SIZE_MAX];
    size_t size;
    unsigned columns;
    unsigned columns_max;
    unsigned marks;  // zero-width code points since the last visible one
    size_t cut_size; // where the line still has room for the sign that it is cut
    unsigned cut_columns;
    bool cut;
    bool colour; // styles are written
    bool styled; // a style is on
};

void line_open(struct line *line, unsigned columns_max, bool colour);

// line_put adds a text; once the width is reached the line ends in an ellipsis and takes no more.
void line_put(struct line *line, const char *text, size_t size);
void line_text(struct line *line, const char *text); // NUL-terminated; NULL = nothing

// line_field adds a text cut to `width` columns and fills up with spaces to that width.
void line_field(struct line *line, const char *text, size_t size, unsigned width);
void line_pad(struct line *line, unsigned column); // spaces up to a column

// line_style switches a style on ("36", as in ECMA-48 SGR) or, with NULL, off. No-op without
// colour.
void line_style(struct line *line, const char *style);

// line_close switches styles off. line->bytes holds line->size bytes, without newline.
void line_close(struct line *line);

#endif

// SPDX-License-Identifier: MIT
// A screen's worth of characters with styles, before it reaches a terminal: views draw into it, and
// tests read it as text. Every text goes in inert, so nothing that a stranger wrote can command the
// terminal. One thread.
#ifndef OYEZ_CANVAS_H
#define OYEZ_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style {
    STYLE_PLAIN,
    STYLE_FAINT,
    STYLE_STRONG,
    STYLE_BAR, // header and footer
    STYLE_BAR_STRONG,
    STYLE_BAR_WARN,
    STYLE_BAR_BAD,
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_KEY,    // the name of a field, a key that may be pressed
    STYLE_TEXT,   // a value that is text
    STYLE_NUMBER, // one that is a number, true, false or null
    STYLE_MARK,   // a line that is no event
    STYLE_FOUND,  // what was searched for
    STYLE_DOMAIN, // and the seven after it: event types, by domain
    STYLE_DOMAIN_LAST = STYLE_DOMAIN + 7,
    STYLE_COUNT
};
#define STYLE_DOMAINS 8u

#define CANVAS_COLUMNS_MAX 500u
#define CANVAS_ROWS_MAX 200u
#define CELL_SIZE 24u // bytes of a character with its marks

struct cell {
    char bytes[CELL_SIZE];
    uint8_t size; // 0 = the right half of the one before
    uint8_t columns;
    uint8_t style;
    bool selected; // shown reversed
};

struct canvas {
    struct cell *cells;
    unsigned rows;
    unsigned columns;
};

// canvas_resize makes it so large, within the limits, and empty. False: no memory.
bool canvas_resize(struct canvas *canvas, unsigned rows, unsigned columns);
void canvas_free(struct canvas *canvas);
void canvas_clear(struct canvas *canvas);

// canvas_put writes a text from (row, column) on, `width` columns at most and not beyond the edge;
// what is cut ends in an ellipsis. Returns the columns used.
unsigned canvas_put(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
                    enum style style, const char *text, size_t size);
unsigned canvas_text(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
                     enum style style, const char *text);

// canvas_format is canvas_text with a format of printf.
unsigned canvas_format(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
                       enum style style, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

// canvas_fill gives a row a style, with spaces where there is nothing.
void canvas_fill(struct canvas *canvas, unsigned row, enum style style);

// canvas_select shows a row reversed, canvas_select_cell one place.
void canvas_select(struct canvas *canvas, unsigned row);
void canvas_select_cell(struct canvas *canvas, unsigned row, unsigned column);

// canvas_find marks each place of a row where a text stands, in any case of ASCII letters.
void canvas_find(struct canvas *canvas, unsigned row, const char *text);

// canvas_row_text copies a row without the spaces at its end.
void canvas_row_text(const struct canvas *canvas, unsigned row, char *out, size_t size);

#endif

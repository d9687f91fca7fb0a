// SPDX-License-Identifier: MIT
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "inert.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define FORMAT_SIZE 1024u

bool canvas_resize(struct canvas *canvas, unsigned rows, unsigned columns)
{
    rows = rows < 1 ? 1 : rows > CANVAS_ROWS_MAX ? CANVAS_ROWS_MAX : rows;
    columns = columns < 1 ? 1 : columns > CANVAS_COLUMNS_MAX ? CANVAS_COLUMNS_MAX : columns;
    struct cell *cells = realloc(canvas->cells, (size_t)rows * columns * sizeof *cells);
    if (cells == NULL) {
        return false;
    }
    canvas->cells = cells;
    canvas->rows = rows;
    canvas->columns = columns;
    canvas_clear(canvas);
    return true;
}

void canvas_free(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

void canvas_clear(struct canvas *canvas)
{
    const struct cell empty = {.bytes = " ", .size = 1, .columns = 1, .style = STYLE_PLAIN};
    for (size_t i = 0; i < (size_t)canvas->rows * canvas->columns; i++) {
        canvas->cells[i] = empty;
    }
}

static struct cell *cell_at(const struct canvas *canvas, unsigned row, unsigned column)
{
    return &canvas->cells[(size_t)row * canvas->columns + column];
}

static void set_cell(struct canvas *canvas, unsigned row, unsigned column, enum style style,
                     const char *bytes, size_t size, unsigned columns)
{
    struct cell *cell = cell_at(canvas, row, column);
    memcpy(cell->bytes, bytes, size);
    cell->size = (uint8_t)size;
    cell->columns = (uint8_t)columns;
    cell->style = (uint8_t)style;
    for (unsigned i = 1; i < columns; i++) {
        *cell_at(canvas, row, column + i) = (struct cell){.style = (uint8_t)style};
    }
}

// A mark joins the character before it, if there is room for it; a heap of marks would hide others.
static void add_mark(struct canvas *canvas, unsigned row, unsigned column,
                     const struct glyph *glyph)
{
    struct cell *cell = cell_at(canvas, row, column);
    if (cell->size > 0 && cell->size + glyph->size <= CELL_SIZE / 2) {
        memcpy(cell->bytes + cell->size, glyph->bytes, glyph->size);
        cell->size = (uint8_t)(cell->size + glyph->size);
    }
}

// An escape is several columns of ASCII; anything else is one character of one or two.
static void put_glyph(struct canvas *canvas, unsigned row, unsigned column, enum style style,
                      const struct glyph *glyph)
{
    if (glyph->size == glyph->columns) {
        for (unsigned i = 0; i < glyph->columns; i++) {
            set_cell(canvas, row, column + i, style, &glyph->bytes[i], 1, 1);
        }
        return;
    }
    set_cell(canvas, row, column, style, glyph->bytes, glyph->size, glyph->columns);
}

unsigned canvas_put(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
                    enum style style, const char *text, size_t size)
{
    struct glyph glyph;
    unsigned used = 0;
    unsigned last = 0; // where the last character stands
    if (row >= canvas->rows || column >= canvas->columns) {
        return 0;
    }
    if (width > canvas->columns - column) {
        width = canvas->columns - column;
    }
    for (size_t at = 0; at < size; at += glyph.consumed) {
        inert_next(&glyph, text + at, size - at);
        if (glyph.columns == 0) {
            if (used > 0) {
                add_mark(canvas, row, column + last, &glyph);
            }
            continue;
        }
        if (used + glyph.columns > width) {
            if (width > 0) {
                unsigned end = used < width ? used : width - 1;
                // Half of a wide character must not stay behind.
                if (end > 0 && cell_at(canvas, row, column + end)->size == 0) {
                    end--;
                }
                set_cell(canvas, row, column + end, style, ELLIPSIS, strlen(ELLIPSIS), 1);
                used = end + 1;
            }
            break;
        }
        put_glyph(canvas, row, column + used, style, &glyph);
        last = used + (glyph.size == glyph.columns ? glyph.columns - 1 : 0);
        used += glyph.columns;
    }
    return used;
}

unsigned canvas_text(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
                     enum style style, const char *text)
{
    return canvas_put(canvas, row, column, width, style, text, strlen(text));
}

unsigned canvas_format(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
                       enum style style, const char *format, ...)
{
    char text[FORMAT_SIZE];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return canvas_text(canvas, row, column, width, style, text);
}

void canvas_fill(struct canvas *canvas, unsigned row, enum style style)
{
    for (unsigned i = 0; row < canvas->rows && i < canvas->columns; i++) {
        cell_at(canvas, row, i)->style = (uint8_t)style;
    }
}

void canvas_select(struct canvas *canvas, unsigned row)
{
    for (unsigned i = 0; row < canvas->rows && i < canvas->columns; i++) {
        cell_at(canvas, row, i)->selected = true;
    }
}

void canvas_select_cell(struct canvas *canvas, unsigned row, unsigned column)
{
    if (row < canvas->rows && column < canvas->columns) {
        cell_at(canvas, row, column)->selected = true;
    }
}

void canvas_row_text(const struct canvas *canvas, unsigned row, char *out, size_t size)
{
    size_t at = 0;
    size_t end = 0;
    for (unsigned i = 0; row < canvas->rows && i < canvas->columns; i++) {
        const struct cell *cell = cell_at(canvas, row, i);
        if (at + cell->size + 1 > size) {
            break;
        }
        memcpy(out + at, cell->bytes, cell->size);
        at += cell->size;
        end = cell->size > 0 && cell->bytes[0] != ' ' ? at : end;
    }
    out[end] = '\0';
}

void canvas_find(struct canvas *canvas, unsigned row, const char *text)
{
    size_t size = strlen(text);
    for (unsigned i = 0; row < canvas->rows && size > 0 && i < canvas->columns; i++) {
        size_t at = 0;
        unsigned column = i;
        while (at < size && column < canvas->columns) {
            const struct cell *cell = cell_at(canvas, row, column);
            if (cell->size > size - at || strncasecmp(cell->bytes, text + at, cell->size) != 0) {
                break;
            }
            at += cell->size;
            column++;
        }
        for (unsigned c = i; at == size && c < column; c++) {
            cell_at(canvas, row, c)->style = STYLE_FOUND;
        }
    }
}

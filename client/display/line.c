// SPDX-License-Identifier: MIT
#include "line.h"

#include <stdio.h>
#include <string.h>

#include "inert.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define STYLE_SIZE_MAX 16u
// Kept free for the ellipsis and the end of a style.
#define RESERVE_SIZE 64u
// A letter may carry so many combining marks; more of them would hide what stands around it.
#define MARKS_MAX 4u

void line_open(struct line *line, unsigned columns_max, bool colour)
{
    line->size = 0;
    line->columns = 0;
    line->columns_max = columns_max < LINE_COLUMNS_MAX ? columns_max : LINE_COLUMNS_MAX;
    line->marks = 0;
    line->cut_size = 0;
    line->cut_columns = 0;
    line->cut = false;
    line->colour = colour;
    line->styled = false;
}

static void remember_cut(struct line *line)
{
    if (line->columns < line->columns_max) {
        line->cut_size = line->size;
        line->cut_columns = line->columns;
    }
}

static void append(struct line *line, const char *bytes, size_t size)
{
    memcpy(line->bytes + line->size, bytes, size);
    line->size += size;
}

static void cut(struct line *line)
{
    line->size = line->cut_size;
    line->columns = line->cut_columns;
    append(line, ELLIPSIS, strlen(ELLIPSIS));
    line->columns++;
    line->cut = true;
}

void line_put(struct line *line, const char *text, size_t size)
{
    struct glyph glyph;
    for (size_t at = 0; at < size && !line->cut; at += glyph.consumed) {
        inert_next(&glyph, text + at, size - at);
        line->marks = glyph.columns == 0 ? line->marks + 1 : 0;
        if (line->marks > MARKS_MAX) {
            continue;
        }
        if (line->columns + glyph.columns > line->columns_max ||
            line->size + glyph.size > LINE_SIZE_MAX - RESERVE_SIZE) {
            cut(line);
            return;
        }
        append(line, glyph.bytes, glyph.size);
        line->columns += glyph.columns;
        remember_cut(line);
    }
}

void line_text(struct line *line, const char *text)
{
    if (text != NULL) {
        line_put(line, text, strlen(text));
    }
}

void line_pad(struct line *line, unsigned column)
{
    while (!line->cut && line->columns < column && line->columns < line->columns_max &&
           line->size < LINE_SIZE_MAX - RESERVE_SIZE) {
        append(line, " ", 1);
        line->columns++;
        remember_cut(line);
    }
}

void line_field(struct line *line, const char *text, size_t size, unsigned width)
{
    unsigned outer = line->columns_max;
    unsigned end = line->columns + width;
    if (end >= outer) {
        line_put(line, text, size);
        return;
    }
    line->columns_max = end;
    remember_cut(line);
    line_put(line, text, size);
    line->columns_max = outer;
    line->cut = false;
    remember_cut(line);
    line_pad(line, end);
}

void line_style(struct line *line, const char *style)
{
    char sequence[STYLE_SIZE_MAX];
    if (!line->colour || line->cut || line->size > LINE_SIZE_MAX - 2 * RESERVE_SIZE) {
        return;
    }
    int size = snprintf(sequence, sizeof sequence, "\033[%sm", style != NULL ? style : "0");
    append(line, sequence, (size_t)size);
    line->styled = style != NULL;
    remember_cut(line);
}

void line_close(struct line *line)
{
    // A cut may have taken the end of a style away, so every coloured line ends plain.
    if (line->colour && line->size > 0 && (line->styled || line->cut)) {
        append(line, "\033[0m", 4);
    }
    line->styled = false;
}

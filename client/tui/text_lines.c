// SPDX-License-Identifier: MIT
#include "text_lines.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_SIZE 1024u

void text_lines_clear(struct text_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->lines[i].text);
    }
    lines->count = 0;
    lines->cut = false;
}

void text_lines_free(struct text_lines *lines)
{
    text_lines_clear(lines);
    free(lines->lines);
    *lines = (struct text_lines){0};
}

static bool has_room(struct text_lines *lines)
{
    if (lines->count < lines->room) {
        return true;
    }
    size_t room = lines->room > 0 ? lines->room * 2 : 64;
    struct text_line *grown =
        lines->count < TEXT_LINES_MAX ? realloc(lines->lines, room * sizeof *grown) : NULL;
    if (grown == NULL) {
        return false;
    }
    lines->lines = grown;
    lines->room = room;
    return true;
}

void text_lines_add(struct text_lines *lines, enum style label_style, const char *label,
                    enum style style, const char *text, size_t size, size_t subject)
{
    size_t label_size = strlen(label);
    char *copy = has_room(lines) ? malloc(label_size + size + 1) : NULL;
    if (copy == NULL) {
        lines->cut = true;
        return;
    }
    memcpy(copy, label, label_size);
    memcpy(copy + label_size, text, size);
    copy[label_size + size] = '\0';
    lines->lines[lines->count++] = (struct text_line){.text = copy,
                                                      .size = label_size + size,
                                                      .label_size = label_size,
                                                      .label = label_style,
                                                      .rest = style,
                                                      .subject = subject};
}

void text_lines_format(struct text_lines *lines, enum style label_style, const char *label,
                       enum style style, const char *format, ...)
{
    char text[FORMAT_SIZE];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    text_lines_add(lines, label_style, label, style, text, strlen(text), SIZE_MAX);
}

void text_lines_draw(const struct text_lines *lines, size_t at, struct canvas *canvas, unsigned row,
                     unsigned column)
{
    const struct text_line *line = &lines->lines[at];
    unsigned used = canvas_put(canvas, row, column, CANVAS_COLUMNS_MAX, line->label, line->text,
                               line->label_size);
    canvas_put(canvas, row, column + used, CANVAS_COLUMNS_MAX, line->rest,
               line->text + line->label_size, line->size - line->label_size);
}

size_t text_lines_find(const struct text_lines *lines, size_t from, int step, const char *text)
{
    for (size_t at = from; at<lines->count; at = step> 0 ? at + 1 : at - 1) {
        if (strcasestr(lines->lines[at].text, text) != NULL) {
            return at;
        }
    }
    return SIZE_MAX;
}

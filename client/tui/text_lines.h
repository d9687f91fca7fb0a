// SPDX-License-Identifier: MIT
// Lines of text that a page scrolls over: a label in one style, the rest in another. One thread.
#ifndef OYEZ_TEXT_LINES_H
#define OYEZ_TEXT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"

#define TEXT_LINES_MAX 20000u

struct text_line {
    char *text;
    size_t size;
    size_t label_size; // bytes at the beginning that are the label
    enum style label;
    enum style rest;
    size_t subject; // what the line is about: a row of the page's own; SIZE_MAX = nothing
};

struct text_lines {
    struct text_line *lines;
    size_t count;
    size_t room;
    bool cut; // there was more than is kept, or no memory for it
};

void text_lines_clear(struct text_lines *lines);
void text_lines_free(struct text_lines *lines);

// text_lines_add copies a label and a text into a new line. Texts may be hostile: they are made inert
// when they are drawn.
void text_lines_add(struct text_lines *lines, enum style label_style, const char *label,
                    enum style style, const char *text, size_t size, size_t subject);

// text_lines_format adds a line without a subject.
void text_lines_format(struct text_lines *lines, enum style label_style, const char *label,
                       enum style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// text_lines_draw draws one line.
void text_lines_draw(const struct text_lines *lines, size_t at, struct canvas *canvas, unsigned row,
                     unsigned column);

// text_lines_find looks from a line on, in the direction of `step`, for one that contains a text in
// any case of ASCII letters. SIZE_MAX: none.
size_t text_lines_find(const struct text_lines *lines, size_t from, int step, const char *text);

#endif

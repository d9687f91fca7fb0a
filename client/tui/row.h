// SPDX-License-Identifier: MIT
// An event as one row of the list: time, type, actor, what it belongs to, its details in a few words
// chosen by its type.
#ifndef OYEZ_ROW_H
#define OYEZ_ROW_H

#include <stddef.h>

#include "canvas.h"
#include "oyez/event.h"

struct row_columns {
    unsigned time;
    unsigned type;
    unsigned actor;
    unsigned belonging;
    unsigned summary; // where each begins
    unsigned end;
};

// row_columns_fit spreads the columns over a width.
void row_columns_fit(struct row_columns *out, unsigned width);
void row_draw_titles(const struct row_columns *columns, struct canvas *canvas, unsigned row);
void row_draw(const struct row_columns *columns, struct canvas *canvas, unsigned row,
              const struct oyez_event *event);

// row_summary writes an event's details in a few words. `width` columns at most.
void row_summary(const struct oyez_event *event, unsigned width, char *out, size_t size);

// row_time writes a broker time in local time: with milliseconds, or with the date where `dated`.
#define ROW_TIME_SIZE 40u
void row_time(char text[ROW_TIME_SIZE], int64_t time, bool dated);

// row_style is an event type's: red where it failed, else its domain's.
enum style row_style(const char *event_type);

#endif

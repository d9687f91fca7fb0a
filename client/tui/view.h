// SPDX-License-Identifier: MIT
// Draws what the user sees into a canvas. Under the model's lock; knows no terminal.
#ifndef OYEZ_VIEW_H
#define OYEZ_VIEW_H

#include "app.h"
#include "canvas.h"

// view_draw draws everything. *cursor_column is where a cursor stands in the last row, -1 = nowhere.
void view_draw(struct app *app, struct canvas *canvas, int *cursor_column);

// The parts.
void view_draw_header(const struct app *app, struct canvas *canvas);
void view_draw_list(struct app *app, struct canvas *canvas);

#endif

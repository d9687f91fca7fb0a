// SPDX-License-Identifier: MIT
// The terminal. Nothing else reads from it, writes to it or changes its settings, and however the
// program ends it is given back. One in a process; one thread.
#ifndef OYEZ_SCREEN_H
#define OYEZ_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "canvas.h"
#include "oyez/error.h"

#define SCREEN_CLIPBOARD_MAX (512u * 1024u) // bytes that a terminal is asked to take

struct screen_key {
    int code;     // keys.h; KEY_CODE_NONE = nothing was pressed
    unsigned row; // of the mouse
    unsigned column;
};

// screen_open takes the terminal of stdin and stdout. OYEZ_ERR_SYSTEM says why it cannot: it is none,
// or one that cannot place a cursor. Colours: as many as it has, none where NO_COLOR is set.
oyez_err screen_open(void);

// screen_close gives it back. May come twice.
void screen_close(void);

// screen_stop gives it back, stops the process as Ctrl-Z does, and takes it again afterwards.
void screen_stop(void);

// screen_size asks the terminal how large it is now, and adapts to it.
void screen_size(unsigned *rows, unsigned *columns);

// screen_draw shows a canvas, and the cursor at a place; column < 0: no cursor. `anew`: all of it.
void screen_draw(const struct canvas *canvas, unsigned cursor_row, int cursor_column, bool anew);

// screen_read takes the next key that was pressed. Never waits. False: there is none.
bool screen_read(struct screen_key *key);

// screen_copy asks the terminal to put a text into the clipboard (OSC 52). False: too large.
bool screen_copy(const char *text, size_t size);

#endif

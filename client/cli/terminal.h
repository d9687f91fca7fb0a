// SPDX-License-Identifier: MIT
// What stands behind an output: a terminal or not, how wide, with colours or without.
#ifndef OYEZ_TERMINAL_H
#define OYEZ_TERMINAL_H

#include <stdbool.h>

#define TERMINAL_WIDTH_DEFAULT 100u // where nobody says how wide it is
#define TERMINAL_WIDTH_MIN 40u

struct terminal {
    bool is_tty;
    bool colour; // a terminal, not "dumb", and NO_COLOR is unset or empty
    unsigned width;
};

// terminal_open sets the locale that inert text needs. Once, before other threads.
void terminal_open(void);

// terminal_detect looks at a file descriptor. The width is the terminal's; of anything else
// COLUMNS, or TERMINAL_WIDTH_DEFAULT.
void terminal_detect(struct terminal *out, int fd);

#endif

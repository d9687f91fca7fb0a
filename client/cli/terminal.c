// SPDX-License-Identifier: MIT
#include "terminal.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_MAX 1000l

void terminal_open(void)
{
    // Events are UTF-8 whatever the user's locale is; numbers and messages stay plain.
    setlocale(LC_CTYPE, "C.UTF-8");
}

static unsigned read_columns(void)
{
    const char *text = getenv("COLUMNS");
    char *end;
    if (text == NULL || text[0] == '\0') {
        return TERMINAL_WIDTH_DEFAULT;
    }
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > COLUMNS_MAX) {
        return TERMINAL_WIDTH_DEFAULT;
    }
    return (unsigned)value;
}

void terminal_detect(struct terminal *out, int fd)
{
    struct winsize size;
    const char *no_colour = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    out->is_tty = isatty(fd) == 1;
    out->colour = out->is_tty && (no_colour == NULL || no_colour[0] == '\0') &&
                  (kind == NULL || strcmp(kind, "dumb") != 0);
    if (out->is_tty && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        out->width = size.ws_col;
    } else {
        out->width = read_columns();
    }
    if (out->width < TERMINAL_WIDTH_MIN) {
        out->width = TERMINAL_WIDTH_MIN;
    }
}

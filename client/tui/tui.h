// SPDX-License-Identifier: MIT
// oyez tui: the program behind the command.
#ifndef OYEZ_TUI_H
#define OYEZ_TUI_H

#include "oyez/error.h"

struct tui_options {
    const char *endpoint;
    const char *directory; // a journal to open without a server; NULL = the server
    const char *filter;    // to begin with; NULL = none
    const char *key;       // a verifier key, to check signatures with; NULL = none
};

// tui_run takes the terminal, and gives it back when the user quits or the process is told to end.
// OYEZ_ERR_SYSTEM: no terminal, or one that will not do. OYEZ_ERR_INVALID: the filter. The errors of
// opening a journal. Blocks. Once in a process, before other threads: it blocks signals.
oyez_err tui_run(const struct tui_options *options);

#endif

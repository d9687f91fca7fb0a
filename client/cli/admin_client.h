// SPDX-License-Identifier: MIT
// Asks the recorder that writes a directory, over the Unix socket DIR/admin.
#ifndef OYEZ_ADMIN_CLIENT_H
#define OYEZ_ADMIN_CLIENT_H

#include <stddef.h>

#include "oyez/error.h"

// admin_ask says a request and reads one line of answer, without its newline. A request is one line
// without newline, or a verb and lines, each with a newline behind it; the empty line that ends it is
// added here. OYEZ_ERR_NOT_FOUND: no recorder listens
// there. OYEZ_ERR_UNREACHABLE: it ended before it answered. OYEZ_ERR_TOO_LARGE. Blocks.
oyez_err admin_ask(const char *directory, const char *request, char *answer, size_t room);

#endif

// SPDX-License-Identifier: MIT
// Asks the recorder that writes a directory, over the Unix socket DIR/admin.
#ifndef OYEZ_ADMIN_CLIENT_H
#define OYEZ_ADMIN_CLIENT_H

#include <stddef.h>

#include "oyez/error.h"

// admin_ask says one line and reads one, without newlines. OYEZ_ERR_NOT_FOUND: no recorder listens
// there. OYEZ_ERR_UNREACHABLE: it ended before it answered. OYEZ_ERR_TOO_LARGE. Blocks.
oyez_err admin_ask(const char *directory, const char *line, char *answer, size_t room);

#endif

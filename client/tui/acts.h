// SPDX-License-Identifier: MIT
// What can be taken out of the view: an event as JSON, as a command line, many of them as a file.
#ifndef OYEZ_ACTS_H
#define OYEZ_ACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/error.h"
#include "oyez/event.h"

// acts_emit_command writes a command line that emits an event like this one again: the same type,
// header, tags and details, a new id, now. Quoted for a POSIX shell. *text is the caller's: free().
// OYEZ_ERR_NO_MEMORY, or why the details cannot be told as JSON.
oyez_err acts_emit_command(const struct oyez_event *event, char **text, size_t *size);

// acts_export writes JSON lines to a new file. `next` gives one line after the other, to be freed, and
// false at the end. *count tells how many. OYEZ_ERR_IO; OYEZ_ERR_BUSY: the file is there already.
// Blocks on the disk.
oyez_err acts_export(const char *path, bool (*next)(void *arg, char **line), void *arg,
                     size_t *count);

#endif

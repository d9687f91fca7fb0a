// SPDX-License-Identifier: MIT
// Events in the JSON format of CloudEvents 1.0.2, and back. What stands where: docs/cloudevents.md.
#ifndef OYEZ_CLOUDEVENT_H
#define OYEZ_CLOUDEVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/event.h"

// cloudevent_write writes one line without newline: what was emitted, not where it stands in the
// record. *text ends in a NUL that *size does not count and is the caller's: free(). The errors of
// oyez_event_to_json. Any thread.
oyez_err cloudevent_write(const struct oyez_event *event, char **text, size_t *size);

// cloudevent_is: whether a line is an object with the member "specversion". Any thread.
bool cloudevent_is(const char *text, size_t size);

// cloudevent_read reads one object, of cloudevent_write or from elsewhere. OYEZ_ERR_INVALID names
// the attribute, OYEZ_ERR_TOO_LARGE for too many tags, OYEZ_ERR_NO_MEMORY; all else is for
// oyez_event_check to judge. *event is the caller's: oyez_event_free. Any thread.
oyez_err cloudevent_read(struct oyez_event **event, const char *text, size_t size);

#endif

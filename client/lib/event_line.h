// SPDX-License-Identifier: MIT
// A line of diagnostics of an event, into text that is used again and again.
#ifndef OYEZ_EVENT_LINE_H
#define OYEZ_EVENT_LINE_H

#include "json_text.h"
#include "oyez/event_lines.h"

// event_line_put writes the line over what `text` holds, and a NUL that its size does not count.
oyez_err event_line_put(struct json_text *text, const struct oyez_event *event,
                        enum oyez_line_format format);

#endif

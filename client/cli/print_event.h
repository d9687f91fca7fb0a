// SPDX-License-Identifier: MIT
// Events for people: one line each, aligned, never wider than the terminal.
#ifndef OYEZ_PRINT_EVENT_H
#define OYEZ_PRINT_EVENT_H

#include <stdbool.h>
#include <stdio.h>

#include "line.h"
#include "oyez/event.h"
#include "terminal.h"

// print_event_format: local time HH:MM:SS.mmm (the broker's, before the stamp the event's own),
// type, who and what it belongs to, the beginning of the details.
void print_event_format(struct line *line, const struct terminal *terminal,
                        const struct oyez_event *event);

// print_event writes it as one line. False when the output takes no more.
bool print_event(FILE *out, const struct terminal *terminal, const struct oyez_event *event);

// print_event_with_ids does the same behind the event's cursor and id, which are never cut.
bool print_event_with_ids(FILE *out, const struct terminal *terminal,
                          const struct oyez_event *event);

// print_event_json writes the whole event as one JSON line; on a terminal inert. An event that has
// no JSON form is told on stderr and left out. False when the output takes no more.
bool print_event_json(FILE *out, const struct terminal *terminal, const struct oyez_event *event);

#endif

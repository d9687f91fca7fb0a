// SPDX-License-Identifier: MIT
// Events that break a rule, with the rule.
#ifndef OYEZ_PRINT_INVALID_H
#define OYEZ_PRINT_INVALID_H

#include <stdbool.h>
#include <stdio.h>

#include "oyez/event.h"
#include "terminal.h"

// print_invalid writes what is wrong with the event on a line of its own, to stand behind that of
// the event. False when the output takes no more.
bool print_invalid(FILE *out, const struct terminal *terminal, const struct oyez_event *event);

// print_invalid_json writes the event as print_event_json does, with a member "invalid" at its end.
bool print_invalid_json(FILE *out, const struct terminal *terminal, const struct oyez_event *event);

#endif

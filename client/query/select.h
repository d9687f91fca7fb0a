// SPDX-License-Identifier: MIT
// What a query asks for, made ready to be held against one event after the other.
#ifndef OYEZ_SELECT_H
#define OYEZ_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"
#include "oyez/pattern.h"
#include "query.pb.h"

struct oyez_selection {
    const oyez_v1_Query *query;
    oyez_filter *filter; // NULL = no conditions
};

// oyez_selection_open checks and compiles a query, which outlives the selection.
// OYEZ_ERR_INVALID (a pattern or a condition), OYEZ_ERR_NO_MEMORY.
oyez_err oyez_selection_open(struct oyez_selection *out, const oyez_v1_Query *query);
void oyez_selection_close(struct oyez_selection *selection);

// oyez_selection_has: any of the patterns, all of the conditions, within the times and from the one
// cursor to the other.
bool oyez_selection_has(const struct oyez_selection *selection, const struct oyez_event *event);

#endif

// SPDX-License-Identifier: MIT
// An event as its JSON line, and where its details stand in it: for forms that are made from it.
#ifndef OYEZ_EVENT_JSON_H
#define OYEZ_EVENT_JSON_H

#include <stddef.h>

#include "json_walk.h"
#include "oyez/event.h"

struct event_json {
    char *text;
    size_t size;
    struct oyez_json_slice details; // an object; text NULL: bytes that no catalog here can tell
    struct oyez_json_slice base64;  // of those, with its quotes
};

// event_json_make: the errors of oyez_event_to_json. event_json_free either way.
oyez_err event_json_make(struct event_json *out, const struct oyez_event *event);
void event_json_free(struct event_json *json);

#endif

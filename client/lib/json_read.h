// SPDX-License-Identifier: MIT
#ifndef OYEZ_JSON_READ_H
#define OYEZ_JSON_READ_H

#include "oyez/json.h"

// event_fields_from_json is oyez_event_from_json for an object that need not name an event type.
oyez_err event_fields_from_json(struct oyez_event **event, const char *text, size_t size);

#endif

// SPDX-License-Identifier: MIT
#ifndef OYEZ_EVENT_COPY_H
#define OYEZ_EVENT_COPY_H

#include "oyez/event.h"
#include "oyez/json.h"

// event_copy_sized is oyez_event_copy, and tells the bytes that the copy takes.
oyez_err event_copy_sized(struct oyez_event **out, const struct oyez_event *event, size_t *size);

#endif

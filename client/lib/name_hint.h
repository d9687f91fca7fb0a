// SPDX-License-Identifier: MIT
// What a mistyped event type may have meant.
#ifndef OYEZ_NAME_HINT_H
#define OYEZ_NAME_HINT_H

#include <stddef.h>

// oyez_name_hint: the event type of the catalogs that is nearest to the name, upper and lower case
// alike; NULL when none is near: a third of its characters wrong, or four. Static text. `size` is
// at most OYEZ_EVENT_TYPE_SIZE_MAX. For failing paths: it looks at every type.
const char *oyez_name_hint(const char *name, size_t size);

#endif

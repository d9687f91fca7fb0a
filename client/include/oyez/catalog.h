// SPDX-License-Identifier: MIT
// Event types and their catalogs, made by the build from proto/catalogs/*.proto.
#ifndef OYEZ_CATALOG_H
#define OYEZ_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct oyez_catalog {
    const char *name;
    const char *version; // semantic
    const char *title;
};

struct oyez_type {
    const char *name; // the event type; of an open prefix it ends in ".*"
    const struct oyez_catalog *catalog;
    const char *domain;
    const char *version; // semantic
    enum oyez_lane delivery;
    bool personal;
    bool open;       // any event type with this prefix
    const char *doc; // from the .proto's comment
};

// oyez_type_at: types in catalog order, then as their .proto lists them. The build's enum
// oyez_type_id (oyez/types.h) numbers them. NULL when `i` is past the end. Any thread; static.
OYEZ_EXPORT const struct oyez_type *oyez_type_at(size_t i);
OYEZ_EXPORT size_t oyez_type_count(void);

// oyez_type_find: the type of that exact name, else the longest open prefix that covers it, else
// NULL. `size` bytes. Any thread.
OYEZ_EXPORT const struct oyez_type *oyez_type_find(const char *name, size_t size);

// oyez_event_check judges an event as emit does: known type, header limits, tags, UTF-8 without
// control of NUL, details a JSON object within its limits, times and ids in range. Does not
// change it. Returns OYEZ_OK, OYEZ_ERR_UNKNOWN_TYPE, OYEZ_ERR_INVALID or OYEZ_ERR_TOO_LARGE;
// the detail names catalog, type, field and rule. Any thread.
OYEZ_EXPORT oyez_err oyez_event_check(const struct oyez_event *event);

#ifdef __cplusplus
}
#endif

#endif

// SPDX-License-Identifier: MIT
// What emit adds to an event because its catalog says so: header defaults, tags of indexed fields,
// cut texts. An event that needs nothing costs nothing here.
#ifndef OYEZ_PREPARE_H
#define OYEZ_PREPARE_H

#include "catalog_set.h"
#include "oyez/catalog.h"
#include "oyez/event.h"

// The event's pointers may lead in here: it must live, and stay where it is, as long as the event
// is in use.
struct event_additions {
    uint8_t *details;                    // cut ones, or NULL
    const struct plan_field *deprecated; // a field in use that this process was not told of
    char tags[OYEZ_PLAN_INDEXED_MAX][OYEZ_PLAN_INDEXED_SIZE_MAX + 1];
};

// event_prepare completes an event as its catalog says and judges it: all that oyez_event_check
// promises. *type is its type. Release the additions in any case.
oyez_err event_prepare(struct oyez_event *event, const struct oyez_type **type,
                       struct event_additions *additions);

// event_prepare_own does the same for an event that Oyez itself emits: of a reserved type.
oyez_err event_prepare_own(struct oyez_event *event, const struct oyez_type **type,
                           struct event_additions *additions);
void event_additions_release(struct event_additions *additions);

// event_index gives the event the tags of its type's indexed fields; its details are judged. The
// field's value replaces a tag of its name. OYEZ_ERR_TOO_LARGE: no tag is free.
oyez_err event_index(struct oyez_event *event, const struct oyez_type *type,
                     const struct type_rules *rules, struct event_additions *additions);

// The parts of the judgement (check.c). Details come as they stand in the event: *bytes may be NULL.
oyez_err event_check_type(const struct oyez_event *event, const struct oyez_type **type);
oyez_err event_check_own_type(const struct oyez_event *event, const struct oyez_type **type);
oyez_err event_check_header(const struct oyez_event *event, const struct oyez_type *type);
oyez_err event_check_details(const struct oyez_event *event, const struct oyez_type *type,
                             const struct type_rules *rules, struct violation *violation);

// event_missing_fail tells of what event_check_details found missing, unless the header has something
// wrong: that comes first, because who reads "missing" looks in the wrong place for it.
oyez_err event_missing_fail(const struct oyez_event *event, const struct oyez_type *type,
                            const struct violation *violation);

// event_details_bytes finds the details and their size, whatever the event leaves to be guessed:
// nothing is {} as JSON. OYEZ_ERR_INVALID or OYEZ_ERR_TOO_LARGE: no format, no bytes, above the
// limit.
oyez_err event_details_bytes(const struct oyez_event *event, const struct oyez_type *type,
                             const void **bytes, size_t *size);

#endif

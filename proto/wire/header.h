// SPDX-License-Identifier: MIT
// The header fields, once: their JSON names and places. JSON, command-line flags, filters and
// validation all go through this table.
#ifndef OYEZ_WIRE_HEADER_H
#define OYEZ_WIRE_HEADER_H

#include <stddef.h>

#include "oyez/event.h"

enum oyez_header_kind {
    OYEZ_HEADER_TEXT, // const char *
    OYEZ_HEADER_UUID, // struct oyez_uuid
    OYEZ_HEADER_TIME, // int64_t nanoseconds, RFC 3339 in JSON
    OYEZ_HEADER_UINT, // uint64_t with has_aggregate_version
};

struct oyez_header_field {
    const char *name; // in JSON and after --where; with dashes it is the command-line flag
    enum oyez_header_kind kind;
    size_t offset;        // in struct oyez_event
    unsigned outer_field; // protobuf field in EventHeader
    unsigned inner_field; // in its submessage; 0 = none
    const char *help;     // one line for people
};

#define OYEZ_HEADER_FIELD_COUNT 26
// In the order of DESIGN's JSON: event_id, event_type, occurred_at, ... traceparent. Tags apart.
extern const struct oyez_header_field oyez_header_fields[OYEZ_HEADER_FIELD_COUNT];

// oyez_header_field_find: by JSON name; NULL if there is none.
const struct oyez_header_field *oyez_header_field_find(const char *name, size_t name_size);

// Text of a text field of an event; NULL = absent.
const char *oyez_header_text(const struct oyez_event *event, const struct oyez_header_field *field);
void oyez_header_set_text(struct oyez_event *event, const struct oyez_header_field *field,
                          const char *text);

#endif

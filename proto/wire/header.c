// SPDX-License-Identifier: MIT
#include "wire/header.h"

#include <assert.h>
#include <string.h>

#define FIELD(member, kind, outer, inner, help)                                                    \
    {                                                                                              \
#member, OYEZ_HEADER_##kind, offsetof(struct oyez_event, member), outer, inner, help       \
    }

// Rows stand in the order of the protobuf fields, and the inner fields of a submessage are dense
// from 1: the envelope's reader and writer depend on both.
const struct oyez_header_field oyez_header_fields[OYEZ_HEADER_FIELD_COUNT] = {
    FIELD(event_id, UUID, 1, 0, "UUID of the event; given, it is an idempotency key"),
    FIELD(event_type, TEXT, 2, 0, "what happened, such as plan.created"),
    FIELD(occurred_at, TIME, 3, 0, "when it happened, RFC 3339"),
    FIELD(schema_version, TEXT, 4, 0, "version of the event type"),
    FIELD(correlation_id, TEXT, 5, 0, "shared by all events of one request or workflow"),
    FIELD(causation_id, TEXT, 6, 0, "id of the event or command that caused this one"),
    FIELD(step_id, TEXT, 7, 0, "step of the plan or workflow"),
    FIELD(actor_type, TEXT, 8, 1, "kind of who acted, such as user or agent"),
    FIELD(actor_id, TEXT, 8, 2, "who acted"),
    FIELD(actor_name, TEXT, 8, 3, "name of who acted, for people"),
    FIELD(plan_id, TEXT, 9, 1, "the plan"),
    FIELD(root_plan_id, TEXT, 9, 2, "the plan at the top of its tree"),
    FIELD(phase, TEXT, 9, 3, "phase of the plan"),
    FIELD(state, TEXT, 9, 4, "state of the plan in its phase"),
    FIELD(session_id, TEXT, 10, 0, "session of the user or agent"),
    FIELD(project_name, TEXT, 11, 0, "the project"),
    FIELD(run_id, TEXT, 12, 1, "run of an agent or job"),
    FIELD(thread_id, TEXT, 12, 2, "thread of conversation or work"),
    FIELD(user_id, TEXT, 13, 0, "the user concerned"),
    FIELD(aggregate_id, TEXT, 14, 1, "the aggregate that changed"),
    FIELD(aggregate_type, TEXT, 14, 2, "kind of the aggregate"),
    FIELD(aggregate_version, UINT, 14, 3, "version of the aggregate after the change"),
    FIELD(source, TEXT, 15, 1, "program that emitted it"),
    FIELD(app_version, TEXT, 15, 2, "version of that program"),
    FIELD(environment, TEXT, 15, 3, "such as production or test"),
    FIELD(traceparent, TEXT, 16, 0, "W3C trace context"),
};

const struct oyez_header_field *oyez_header_field_find(const char *name, size_t name_size)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (strlen(field->name) == name_size && memcmp(field->name, name, name_size) == 0)
            return field;
    }
    return NULL;
}

const char *oyez_header_text(const struct oyez_event *event, const struct oyez_header_field *field)
{
    assert(field->kind == OYEZ_HEADER_TEXT);
    const char *text;
    memcpy(&text, (const char *)event + field->offset, sizeof text);
    return text;
}

void oyez_header_set_text(struct oyez_event *event, const struct oyez_header_field *field,
                          const char *text)
{
    assert(field->kind == OYEZ_HEADER_TEXT);
    memcpy((char *)event + field->offset, &text, sizeof text);
}

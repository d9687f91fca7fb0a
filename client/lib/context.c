// SPDX-License-Identifier: MIT
#include "context.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "oyez/json.h"
#include "wire/header.h"

static _Thread_local struct context_frame *innermost;

// A fact about the event, not about what belongs to it.
static bool is_inherited(const struct oyez_header_field *field)
{
    return field->kind == OYEZ_HEADER_TEXT &&
           field->offset != offsetof(struct oyez_event, event_type) &&
           field->offset != offsetof(struct oyez_event, schema_version);
}

// Of an event that is handled: what it belongs to, but not who did it and when in the plan's life.
static bool is_inherited_from_cause(const struct oyez_header_field *field)
{
    static const size_t offsets[] = {
        offsetof(struct oyez_event, plan_id),     offsetof(struct oyez_event, root_plan_id),
        offsetof(struct oyez_event, session_id),  offsetof(struct oyez_event, project_name),
        offsetof(struct oyez_event, run_id),      offsetof(struct oyez_event, thread_id),
        offsetof(struct oyez_event, traceparent),
    };
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        if (field->offset == offsets[i])
            return true;
    }
    return false;
}

static void fill_texts(struct oyez_event *event, const struct context_frame *frame)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        bool inherited = frame->cause ? is_inherited_from_cause(field) : is_inherited(field);
        if (inherited && oyez_header_text(event, field) == NULL)
            oyez_header_set_text(event, field, oyez_header_text(frame->fields, field));
    }
}

static void fill_tags(struct oyez_event *event, const struct oyez_event *from)
{
    size_t own = 0;
    while (own < OYEZ_TAGS_MAX && event->tags[own].key != NULL)
        own++;
    size_t count = own;
    for (size_t i = 0; i < OYEZ_TAGS_MAX && from->tags[i].key != NULL; i++) {
        bool there = false;
        for (size_t t = 0; t < own && !there; t++)
            there = strcmp(event->tags[t].key, from->tags[i].key) == 0;
        if (!there && count < OYEZ_TAGS_MAX)
            event->tags[count++] = from->tags[i];
    }
    if (count < OYEZ_TAGS_MAX)
        event->tags[count] = (struct oyez_tag){0};
}

static void fill_cause(struct oyez_event *event, const struct oyez_event *cause,
                       char ids[2 * OYEZ_UUID_TEXT_SIZE])
{
    char *causation = ids;
    char *correlation = ids + OYEZ_UUID_TEXT_SIZE;
    if (event->causation_id == NULL) {
        oyez_uuid_to_text(cause->event_id, causation);
        event->causation_id = causation;
    }
    if (event->correlation_id == NULL) {
        oyez_uuid_to_text(cause->event_id, correlation);
        event->correlation_id = cause->correlation_id != NULL ? cause->correlation_id : correlation;
    }
}

void oyez_context_apply(struct oyez_event *event, char causation[2 * OYEZ_UUID_TEXT_SIZE])
{
    if (event == NULL || causation == NULL)
        return;
    for (const struct context_frame *frame = innermost; frame != NULL; frame = frame->outer) {
        if (frame->cause)
            fill_cause(event, frame->fields, causation);
        else
            fill_tags(event, frame->fields);
        fill_texts(event, frame);
    }
}

void context_enter(struct context_frame *frame, const struct oyez_event *event)
{
    *frame = (struct context_frame){.outer = innermost, .fields = event, .cause = true};
    innermost = frame;
}

void context_trim(const struct context_frame *frame)
{
    while (innermost != frame) {
        assert(innermost != NULL && innermost->owned);
        oyez_context_pop();
    }
}

void context_leave(struct context_frame *frame)
{
    context_trim(frame);
    innermost = frame->outer;
}

void oyez_context_pop(void)
{
    struct context_frame *frame = innermost;
    assert(frame != NULL && frame->owned);
    innermost = frame->outer;
    struct oyez_event *fields = (struct oyez_event *)frame->fields;
    oyez_event_free(&fields);
    free(frame);
}

static size_t depth(void)
{
    size_t count = 0;
    for (const struct context_frame *frame = innermost; frame != NULL; frame = frame->outer)
        count++;
    return count;
}

static oyez_err push(const struct oyez_event *event, bool cause)
{
    if (depth() >= OYEZ_CONTEXT_DEPTH_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "context: %u of them are open on this thread",
                         OYEZ_CONTEXT_DEPTH_MAX);
    struct oyez_event header = *event;
    header.details = NULL;
    header.details_size = 0;
    header.salt = NULL;
    header.signature = NULL;
    header.signature_size = 0;
    struct context_frame *frame = malloc(sizeof *frame);
    struct oyez_event *fields = NULL;
    if (frame == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a context");
    oyez_err err = oyez_event_copy(&fields, &header);
    if (err != OYEZ_OK) {
        free(frame);
        return err;
    }
    *frame =
        (struct context_frame){.outer = innermost, .fields = fields, .cause = cause, .owned = true};
    innermost = frame;
    return OYEZ_OK;
}

oyez_err oyez_context_push(const struct oyez_event *fields)
{
    REQUIRE_ARGUMENT(fields);
    return push(fields, false);
}

oyez_err oyez_context_push_cause(const struct oyez_event *cause)
{
    REQUIRE_ARGUMENT(cause);
    return push(cause, true);
}

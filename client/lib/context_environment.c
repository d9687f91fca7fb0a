// SPDX-License-Identifier: MIT
// Context on its way from one process to another. OYEZ_CONTEXT is written and read by the same
// code as whole events, so the two cannot drift apart.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "argument.h"
#include "context.h"
#include "json_read.h"
#include "wire/header.h"

#define CONTEXT_VARIABLE "OYEZ_CONTEXT"
#define TRACE_VARIABLE "TRACEPARENT"
#define TRACE_SIZE 16u // bytes of a trace id
#define SPAN_SIZE 8u   // of a span id
#define SPAN_AT 36u    // characters of a traceparent before the span id

static bool has_anything(const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT &&
            oyez_header_text(event, &oyez_header_fields[i]) != NULL)
            return true;
    }
    return event->tags[0].key != NULL;
}

static oyez_err assign(char **out, const char *variable, const char *value)
{
    if (strlen(value) > OYEZ_CONTEXT_TEXT_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: longer than %u bytes", variable,
                         OYEZ_CONTEXT_TEXT_SIZE_MAX);
    if (asprintf(out, "%s=%s", variable, value) < 0) {
        *out = NULL;
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %s", variable);
    }
    return OYEZ_OK;
}

oyez_err oyez_context_to_environment(struct oyez_context_environment *out)
{
    REQUIRE_ARGUMENT(out);
    char ids[2 * OYEZ_UUID_TEXT_SIZE];
    struct oyez_event event = {0};
    char *text = NULL;
    size_t size;
    oyez_err err = OYEZ_OK;
    *out = (struct oyez_context_environment){0};
    oyez_context_apply(&event, ids);
    if (event.traceparent != NULL)
        err = assign(&out->traceparent, TRACE_VARIABLE, event.traceparent);
    event.traceparent = NULL;
    if (err == OYEZ_OK && has_anything(&event)) {
        err = oyez_event_to_json(&event, &text, &size);
        if (err == OYEZ_OK)
            err = assign(&out->context, CONTEXT_VARIABLE, text);
    }
    free(text);
    if (err != OYEZ_OK) {
        free(out->traceparent);
        *out = (struct oyez_context_environment){0};
    }
    return err;
}

// What an event has besides its context: named, so that whoever set it by hand learns of it.
static const char *foreign_field(const struct oyez_event *event)
{
    if (!oyez_uuid_is_zero(event->event_id))
        return "event_id";
    if (event->event_type != NULL)
        return "event_type";
    if (event->occurred_at != 0)
        return "occurred_at";
    if (event->schema_version != NULL)
        return "schema_version";
    return NULL;
}

static oyez_err read_context(struct oyez_event **out)
{
    const char *text = getenv(CONTEXT_VARIABLE);
    *out = NULL;
    if (text == NULL || text[0] == '\0')
        return OYEZ_OK;
    size_t size = strnlen(text, OYEZ_CONTEXT_TEXT_SIZE_MAX + 1);
    if (size > OYEZ_CONTEXT_TEXT_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, CONTEXT_VARIABLE ": longer than %u bytes",
                         OYEZ_CONTEXT_TEXT_SIZE_MAX);
    oyez_err err = event_fields_from_json(out, text, size);
    if (err != OYEZ_OK) {
        char detail[256];
        snprintf(detail, sizeof detail, "%s", oyez_error_detail());
        return oyez_fail(err, CONTEXT_VARIABLE ": %s", detail);
    }
    const char *foreign = foreign_field(*out);
    if (foreign == NULL)
        return OYEZ_OK;
    oyez_event_free(out);
    return oyez_fail(OYEZ_ERR_INVALID,
                     CONTEXT_VARIABLE ": %s belongs to one event, not to a context", foreign);
}

oyez_err oyez_context_from_environment(bool *pushed)
{
    REQUIRE_ARGUMENT(pushed);
    struct oyez_event *context = NULL;
    *pushed = false;
    oyez_err err = read_context(&context);
    if (err != OYEZ_OK)
        return err;
    struct oyez_event fields = {0};
    if (context != NULL)
        fields = *context;
    // OYEZ_CONTEXT is more specific than what other tools pass on.
    const char *traceparent = getenv(TRACE_VARIABLE);
    if (fields.traceparent == NULL && traceparent != NULL && traceparent[0] != '\0')
        fields.traceparent = traceparent;
    if (has_anything(&fields)) {
        err = oyez_context_push(&fields);
        *pushed = err == OYEZ_OK;
    }
    oyez_event_free(&context);
    return err;
}

void oyez_correlation_id_new(char text[OYEZ_UUID_TEXT_SIZE])
{
    if (text == NULL)
        return;
    oyez_uuid_to_text(oyez_uuid_new(), text);
}

static void put_hex(char *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

oyez_err oyez_traceparent_new(char text[OYEZ_TRACEPARENT_SIZE], const char *parent)
{
    REQUIRE_ARGUMENT(text);
    uint8_t random[TRACE_SIZE + SPAN_SIZE];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no random bytes for a trace");
    // An id of zeros means "none": one bit makes sure.
    random[0] |= 1;
    random[TRACE_SIZE] |= 1;
    if (parent != NULL && strlen(parent) == OYEZ_TRACEPARENT_SIZE - 1) {
        memcpy(text, parent, OYEZ_TRACEPARENT_SIZE);
    } else {
        static const char form[] = "00-................................-................-01";
        memcpy(text, form, OYEZ_TRACEPARENT_SIZE);
        put_hex(text + 3, random, TRACE_SIZE);
    }
    put_hex(text + SPAN_AT, random + TRACE_SIZE, SPAN_SIZE);
    return OYEZ_OK;
}

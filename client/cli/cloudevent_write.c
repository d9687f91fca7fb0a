// SPDX-License-Identifier: MIT
#include "cloudevent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloudevent_attributes.h"
#include "event_json.h"
#include "json_text.h"
#include "oyez/json.h"

static void put_name(struct json_text *out, const char *name)
{
    json_text_put_words(out, out->size > 1 ? ",\"" : "\"");
    json_text_put_words(out, name);
    json_text_put_words(out, "\":");
}

static void put_string(struct json_text *out, const char *name, const char *text)
{
    put_name(out, name);
    json_text_put_string(out, text, strlen(text));
}

// A string of JSON text that itself becomes an attribute: what no attribute may hold is escaped.
static void put_inner_string(struct json_text *inner, const char *text)
{
    char escape[16];
    json_text_put(inner, "\"", 1);
    while (*text != '\0') {
        uint32_t character;
        const char *behind = cloudevent_next_character(text, &character);
        if (character == '"' || character == '\\') {
            json_text_put(inner, "\\", 1);
        }
        if (cloudevent_may_hold(character)) {
            json_text_put(inner, text, (size_t)(behind - text));
        } else if (character > 0xFFFF) {
            uint32_t rest = character - 0x10000;
            snprintf(escape, sizeof escape, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xD800 + (rest >> 10),
                     0xDC00 + (rest & 0x3FF));
            json_text_put_words(inner, escape);
        } else {
            snprintf(escape, sizeof escape, "\\u%04" PRIx32, character);
            json_text_put_words(inner, escape);
        }
        text = behind;
    }
    json_text_put(inner, "\"", 1);
}

static void put_inner(struct json_text *inner, const char *name, const char *text)
{
    json_text_put(inner, inner->size == 0 ? "{" : ",", 1);
    put_inner_string(inner, name);
    json_text_put(inner, ":", 1);
    put_inner_string(inner, text);
}

// An object of put_inner as an attribute, if anything stands in it.
static void put_object(struct json_text *out, const char *name, struct json_text *inner)
{
    if (inner->size > 0) {
        json_text_put(inner, "}", 1);
        if (!inner->failed) {
            put_name(out, name);
            json_text_put_string(out, inner->bytes, inner->size);
        } else {
            out->failed = inner->failed;
        }
    }
    free(inner->bytes);
}

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           strchr("-._~", c) != NULL;
}

static void put_schema(struct json_text *out, const struct oyez_event *event)
{
    char escape[4];
    put_name(out, "dataschema");
    json_text_put_words(out, "\"" CLOUDEVENT_SCHEMA);
    json_text_put_words(out, event->event_type);
    json_text_put(out, "/", 1);
    for (const char *at = event->schema_version; *at != '\0'; at++) {
        snprintf(escape, sizeof escape, is_unreserved(*at) ? "%c" : "%%%02X", (unsigned char)*at);
        json_text_put_words(out, escape);
    }
    json_text_put(out, "\"", 1);
}

// A text that its attribute cannot hold goes into the rest.
static void put_text(struct json_text *out, struct json_text *rest,
                     const struct oyez_header_field *field, const char *name, const char *text)
{
    bool is_source = strcmp(name, "source") == 0;
    bool fits = is_source ? text != NULL && strcmp(text, CLOUDEVENT_NO_SOURCE) != 0 &&
                                cloudevent_is_uri_reference(text)
                          : text != NULL && cloudevent_is_string(text);
    if (fits || is_source) {
        put_string(out, name, fits ? text : CLOUDEVENT_NO_SOURCE);
    }
    if (!fits && text != NULL) {
        put_inner(rest, field->name, text);
    }
}

// A CloudEvent has an id always. That of an event without one, of a peer that skipped the rules, is
// its place in the record.
static void put_id(struct json_text *out, const char *name, const struct oyez_event *event)
{
    char text[48];
    if (oyez_uuid_is_zero(event->event_id)) {
        snprintf(text, sizeof text, "%" PRIu64 ":%" PRIu64, event->stamp.epoch,
                 event->stamp.position);
    } else {
        oyez_uuid_to_text(event->event_id, text);
    }
    put_string(out, name, text);
}

static void put_field(struct json_text *out, struct json_text *rest, const struct oyez_event *event,
                      const struct oyez_header_field *field)
{
    char name[CLOUDEVENT_NAME_SIZE];
    char text[OYEZ_TIME_TEXT_SIZE];
    cloudevent_field_name(name, field);
    switch (field->kind) {
    case OYEZ_HEADER_TEXT:
        if (strcmp(name, "dataschema") != 0) {
            put_text(out, rest, field, name, oyez_header_text(event, field));
        } else if (event->schema_version != NULL) {
            put_schema(out, event);
        }
        break;
    case OYEZ_HEADER_UUID:
        put_id(out, name, event);
        break;
    case OYEZ_HEADER_TIME:
        if (event->occurred_at != 0) {
            oyez_time_to_text(event->occurred_at, text);
            put_string(out, name, text);
        }
        break;
    case OYEZ_HEADER_UINT:
        // As text: the Integer of CloudEvents has 32 bits.
        if (event->has_aggregate_version) {
            snprintf(text, sizeof text, "%" PRIu64, event->aggregate_version);
            put_string(out, name, text);
        }
        break;
    }
}

static void put_tags(struct json_text *out, const struct oyez_event *event)
{
    struct json_text tags = {0};
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        const char *value = event->tags[i].value;
        put_inner(&tags, event->tags[i].key, value != NULL ? value : "");
    }
    put_object(out, CLOUDEVENT_TAGS, &tags);
}

static void put_data(struct json_text *out, const struct event_json *json)
{
    bool known = json->details.text != NULL;
    const struct oyez_json_slice *data = known ? &json->details : &json->base64;
    put_string(out, "datacontenttype", known ? "application/json" : "application/protobuf");
    put_name(out, known ? "data" : "data_base64");
    json_text_put(out, data->text, data->size);
}

oyez_err cloudevent_write(const struct oyez_event *event, char **text, size_t *size)
{
    struct json_text out = {0};
    struct json_text rest = {0};
    struct event_json json;
    oyez_err err = event_json_make(&json, event);
    if (err == OYEZ_OK && (event->event_type == NULL || !cloudevent_is_string(event->event_type))) {
        err = oyez_fail(OYEZ_ERR_MALFORMED, "event_type: missing, or no string of CloudEvents");
    }
    if (err != OYEZ_OK) {
        event_json_free(&json);
        return err;
    }
    json_text_reserve(&out, json.size + json.size / 2);
    json_text_put(&out, "{", 1);
    put_string(&out, "specversion", "1.0");
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        put_field(&out, &rest, event, &oyez_header_fields[i]);
    }
    put_object(&out, CLOUDEVENT_HEADER, &rest);
    put_tags(&out, event);
    put_data(&out, &json);
    json_text_put(&out, "}", 2);
    event_json_free(&json);
    if (out.failed) {
        free(out.bytes);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event as a CloudEvent");
    }
    *text = out.bytes;
    *size = out.size - 1;
    return OYEZ_OK;
}

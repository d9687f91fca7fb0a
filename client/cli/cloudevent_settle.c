// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cloudevent_reading.h"
#include "json_read.h"
#include "json_scan.h"
#include "oyez/base64.h"
#include "oyez/json.h"

#define REASON_SIZE 256u

oyez_err cloudevent_fail_within(const char *name, oyez_err err)
{
    char reason[REASON_SIZE];
    snprintf(reason, sizeof reason, "%s", oyez_error_detail());
    return oyez_fail(err, "%s: %s", name, reason);
}

oyez_err cloudevent_add_tag(struct cloudevent_reading *reading, const char *key, const char *value)
{
    for (size_t i = 0; i < reading->tag_count; i++) {
        if (strcmp(reading->event.tags[i].key, key) == 0) {
            return oyez_fail(OYEZ_ERR_INVALID, "%s: more than one tag of this name", key);
        }
    }
    if (reading->tag_count == OYEZ_TAGS_MAX) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: more than %u tags", key, OYEZ_TAGS_MAX);
    }
    reading->event.tags[reading->tag_count++] = (struct oyez_tag){key, value};
    return OYEZ_OK;
}

static oyez_err check_required(const struct cloudevent_reading *reading)
{
    const struct {
        const char *name;
        const char *text;
    } required[] = {
        {"specversion", reading->specversion},
        {"id", reading->id},
        {"source", reading->source},
        {"type", reading->event.event_type},
    };
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (required[i].text == NULL || required[i].text[0] == '\0') {
            return oyez_fail(OYEZ_ERR_INVALID, "%s: missing", required[i].name);
        }
    }
    if (strcmp(reading->specversion, "1.0") != 0) {
        return oyez_fail(OYEZ_ERR_INVALID, "specversion: %s is not 1.0", reading->specversion);
    }
    return OYEZ_OK;
}

static oyez_err settle_identity(struct cloudevent_reading *reading)
{
    struct oyez_event *event = &reading->event;
    if (strcmp(reading->source, CLOUDEVENT_NO_SOURCE) != 0) {
        event->source = reading->source;
    }
    if (oyez_uuid_from_text(&event->event_id, reading->id) == OYEZ_OK &&
        !oyez_uuid_is_zero(event->event_id)) {
        return OYEZ_OK;
    }
    if (!cloudevent_id_of(&event->event_id, reading->source, reading->id)) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event id");
    }
    return cloudevent_add_tag(reading, "id", reading->id);
}

static int value_of(char digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                          : -1;
}

// Our own names the version; that of others is kept as a tag.
static oyez_err settle_schema(struct cloudevent_reading *reading)
{
    const char *at = reading->schema;
    size_t prefix = strlen(CLOUDEVENT_SCHEMA);
    size_t type = strlen(reading->event.event_type);
    if (at == NULL) {
        return OYEZ_OK;
    }
    if (strncmp(at, CLOUDEVENT_SCHEMA, prefix) != 0 ||
        strncmp(at + prefix, reading->event.event_type, type) != 0 || at[prefix + type] != '/') {
        return cloudevent_add_tag(reading, "dataschema", at);
    }
    at += prefix + type + 1;
    reading->version = malloc(strlen(at) + 1);
    if (reading->version == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a schema version");
    }
    char *out = reading->version;
    while (*at != '\0') {
        int high = *at == '%' ? value_of(at[1]) : -1;
        int low = high >= 0 ? value_of(at[2]) : -1;
        if (*at == '%' && (low < 0 || high * 16 + low == 0)) {
            return oyez_fail(OYEZ_ERR_INVALID, "dataschema: %% is not followed by a character");
        }
        *out++ = low >= 0 ? (char)(high * 16 + low) : *at;
        at += low >= 0 ? 3 : 1;
    }
    *out = '\0';
    reading->event.schema_version = reading->version;
    return OYEZ_OK;
}

static bool holds_more(const struct oyez_event *fields)
{
    return !oyez_uuid_is_zero(fields->event_id) || fields->occurred_at != 0 ||
           fields->has_aggregate_version || fields->tags[0].key != NULL ||
           fields->details_size != strlen("{}");
}

static oyez_err settle_header(struct cloudevent_reading *reading)
{
    if (reading->header == NULL) {
        return OYEZ_OK;
    }
    oyez_err err =
        event_fields_from_json(&reading->header_fields, reading->header, strlen(reading->header));
    if (err != OYEZ_OK) {
        return cloudevent_fail_within(CLOUDEVENT_HEADER, err);
    }
    if (holds_more(reading->header_fields)) {
        return oyez_fail(OYEZ_ERR_INVALID,
                         CLOUDEVENT_HEADER ": holds more than texts of the header");
    }
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        const char *text = field->kind == OYEZ_HEADER_TEXT
                               ? oyez_header_text(reading->header_fields, field)
                               : NULL;
        if (text != NULL && oyez_header_text(&reading->event, field) != NULL) {
            return oyez_fail(OYEZ_ERR_INVALID, CLOUDEVENT_HEADER ": %s: given twice", field->name);
        }
        if (text != NULL) {
            oyez_header_set_text(&reading->event, field, text);
        }
    }
    return OYEZ_OK;
}

static oyez_err load_tags(struct cloudevent_reading *reading)
{
    struct oyez_json_fault fault;
    if (!oyez_json_scan(reading->tags, strlen(reading->tags), 1, &fault)) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s (byte %zu)", fault.rule, fault.byte);
    }
    size_t capacity = strlen(reading->tags) + sizeof "{\"tags\":}";
    char *text = malloc(capacity);
    if (text == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for tags");
    }
    int size = snprintf(text, capacity, "{\"tags\":%s}", reading->tags);
    oyez_err err = event_fields_from_json(&reading->tag_fields, text, (size_t)size);
    free(text);
    return err;
}

static oyez_err settle_tags(struct cloudevent_reading *reading)
{
    oyez_err err = reading->tags != NULL ? load_tags(reading) : OYEZ_OK;
    if (err != OYEZ_OK) {
        return cloudevent_fail_within(CLOUDEVENT_TAGS, err);
    }
    const struct oyez_tag *tags = reading->tags != NULL ? reading->tag_fields->tags : NULL;
    for (size_t i = 0; err == OYEZ_OK && tags != NULL && i < OYEZ_TAGS_MAX && tags[i].key; i++) {
        err = cloudevent_add_tag(reading, tags[i].key, tags[i].value);
    }
    return err;
}

// Whether a media type, without its parameters, is JSON's: */json or */*+json.
static bool is_json(const char *type)
{
    const char *slash = strchr(type, '/');
    size_t size = slash != NULL ? strcspn(slash, "; \t") : 0;
    return (size == strlen("/json") && strncasecmp(slash, "/json", size) == 0) ||
           (size > strlen("+json") &&
            strncasecmp(slash + size - strlen("+json"), "+json", strlen("+json")) == 0);
}

static bool is_protobuf(const char *type)
{
    size_t size = strcspn(type, "; \t");
    return (size == strlen("application/protobuf") &&
            strncasecmp(type, "application/protobuf", size) == 0) ||
           (size == strlen("application/x-protobuf") &&
            strncasecmp(type, "application/x-protobuf", size) == 0);
}

static oyez_err decode_data(struct cloudevent_reading *reading)
{
    size_t size;
    if (!json_is_string(reading->base64)) {
        return oyez_fail(OYEZ_ERR_INVALID, "data_base64: not a string");
    }
    size_t length = json_string_length(reading->base64);
    reading->decoded = malloc(length + 1);
    if (reading->decoded == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for details");
    }
    if (!oyez_base64_decode(reading->decoded, length + 1, &size, json_string_value(reading->base64),
                            length)) {
        return oyez_fail(OYEZ_ERR_INVALID, "data_base64: not base64");
    }
    // Details of no size would be those up to a NUL.
    if (size == 0 && reading->event.details_format == OYEZ_DETAILS_JSON) {
        return oyez_fail(OYEZ_ERR_INVALID, "data_base64: not a JSON object");
    }
    reading->event.details = reading->decoded;
    reading->event.details_size = size;
    return OYEZ_OK;
}

static oyez_err settle_data(struct cloudevent_reading *reading)
{
    struct oyez_event *event = &reading->event;
    bool json = reading->content_type == NULL || is_json(reading->content_type);
    event->details_format = json ? OYEZ_DETAILS_JSON : OYEZ_DETAILS_PROTOBUF;
    if (!json && !is_protobuf(reading->content_type)) {
        return oyez_fail(OYEZ_ERR_INVALID, "datacontenttype: %s: details are JSON, or protobuf",
                         reading->content_type);
    }
    if (reading->data != NULL && reading->base64 != NULL) {
        return oyez_fail(OYEZ_ERR_INVALID, "data_base64: there is data already");
    }
    if (reading->base64 != NULL) {
        return decode_data(reading);
    }
    if (reading->data == NULL) {
        event->details = json ? "{}" : "";
        event->details_size = json ? 2 : 0;
        return OYEZ_OK;
    }
    if (!json) {
        return oyez_fail(OYEZ_ERR_INVALID, "data: protobuf stands in data_base64");
    }
    if (!json_is_object(reading->data)) {
        return oyez_fail(OYEZ_ERR_INVALID, "data: not an object");
    }
    event->details = reading->data_text.text;
    event->details_size = reading->data_text.size;
    return OYEZ_OK;
}

oyez_err cloudevent_settle(struct cloudevent_reading *reading)
{
    static oyez_err (*const steps[])(struct cloudevent_reading *) = {
        settle_identity, settle_schema, settle_header, settle_tags, settle_data};
    oyez_err err = check_required(reading);
    for (size_t i = 0; err == OYEZ_OK && i < sizeof steps / sizeof steps[0]; i++) {
        err = steps[i](reading);
    }
    return err;
}

void cloudevent_reading_release(struct cloudevent_reading *reading)
{
    oyez_event_free(&reading->tag_fields);
    oyez_event_free(&reading->header_fields);
    free(reading->decoded);
    free(reading->version);
}

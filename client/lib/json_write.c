// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json_scan.h"
#include "json_text.h"
#include "json_walk.h"
#include "oyez/base64.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "wire/envelope.h"
#include "wire/header.h"

// Room for the header of an ordinary event, so that most texts are one allocation.
#define FIRST_CAPACITY 1024u

// Names are ours and need no escape.
static void put_name(struct json_text *text, const char *name)
{
    if (text->size > 1)
        json_text_put(text, ",", 1);
    json_text_put(text, "\"", 1);
    json_text_put_words(text, name);
    json_text_put(text, "\":", 2);
}

static void put_string(struct json_text *text, const char *string)
{
    json_text_put_string(text, string, strlen(string));
}

static void put_time(struct json_text *text, int64_t nanoseconds)
{
    char time[OYEZ_TIME_TEXT_SIZE];
    oyez_time_to_text(nanoseconds, time);
    put_string(text, time);
}

static void put_field(struct json_text *text, const struct oyez_event *event,
                      const struct oyez_header_field *field)
{
    switch (field->kind) {
    case OYEZ_HEADER_TEXT:
        if (oyez_header_text(event, field)) {
            put_name(text, field->name);
            put_string(text, oyez_header_text(event, field));
        }
        break;
    case OYEZ_HEADER_UUID:
        if (!oyez_uuid_is_zero(event->event_id)) {
            char uuid[OYEZ_UUID_TEXT_SIZE];
            oyez_uuid_to_text(event->event_id, uuid);
            put_name(text, field->name);
            put_string(text, uuid);
        }
        break;
    case OYEZ_HEADER_TIME:
        if (event->occurred_at != 0) {
            put_name(text, field->name);
            put_time(text, event->occurred_at);
        }
        break;
    case OYEZ_HEADER_UINT:
        if (event->has_aggregate_version) {
            put_name(text, field->name);
            json_text_put_unsigned(text, event->aggregate_version);
        }
        break;
    }
}

static void put_tags(struct json_text *text, const struct oyez_event *event)
{
    if (event->tags[0].key == NULL)
        return;
    put_name(text, "tags");
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++) {
        json_text_put(text, i == 0 ? "{" : ",", 1);
        put_string(text, event->tags[i].key);
        json_text_put(text, ":", 1);
        put_string(text, event->tags[i].value ? event->tags[i].value : "");
    }
    json_text_put(text, "}", 1);
}

static void put_stamp(struct json_text *text, const struct oyez_stamp *stamp)
{
    if (stamp->epoch == 0)
        return;
    put_name(text, "epoch");
    json_text_put_unsigned(text, stamp->epoch);
    put_name(text, "position");
    json_text_put_unsigned(text, stamp->position);
    put_name(text, "index");
    if (stamp->index > 0)
        json_text_put_unsigned(text, stamp->index - 1);
    else
        json_text_put_words(text, "null");
    char cursor[48];
    snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, stamp->epoch, stamp->position);
    put_name(text, "cursor");
    put_string(text, cursor);
    put_name(text, "broker_time");
    // A clock beyond 2262 is a broker's rubbish; it must not look like 1678.
    put_time(text, stamp->broker_time > INT64_MAX ? INT64_MAX : (int64_t)stamp->broker_time);
}

// Details that cannot be shown are not hidden either.
static void put_details_bytes(struct json_text *text, const struct oyez_event *event)
{
    size_t size = oyez_base64_size(event->details_size);
    put_name(text, "details");
    json_text_put_words(text, "null");
    put_name(text, "details_base64");
    json_text_put(text, "\"", 1);
    if (json_text_reserve(text, size)) {
        oyez_base64_encode(text->bytes + text->size, event->details, event->details_size);
        text->size += size;
    }
    json_text_put(text, "\"", 1);
}

static void put_details(struct json_text *text, const struct oyez_event *event,
                        struct oyez_json_slice details)
{
    if (details.text == NULL) {
        put_details_bytes(text, event);
        return;
    }
    put_name(text, "details");
    if (json_text_reserve(text, details.size))
        text->size += oyez_json_compact(text->bytes + text->size, details.text, details.size);
}

// Header strings come from the network or from a caller who did not check them.
static oyez_err check_texts(const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        const char *text = field->kind == OYEZ_HEADER_TEXT ? oyez_header_text(event, field) : NULL;
        if (text && !oyez_utf8_is_valid(text, strlen(text)))
            return oyez_fail(OYEZ_ERR_MALFORMED, "%s: not UTF-8", field->name);
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++) {
        const struct oyez_tag *tag = &event->tags[i];
        if (!oyez_utf8_is_valid(tag->key, strlen(tag->key)) ||
            (tag->value && !oyez_utf8_is_valid(tag->value, strlen(tag->value))))
            return oyez_fail(OYEZ_ERR_MALFORMED, "tags: not UTF-8");
    }
    return OYEZ_OK;
}

static oyez_err find_json(const struct oyez_event *event, struct oyez_json_slice *details)
{
    if (event->details_format != 0 && event->details_format != OYEZ_DETAILS_JSON)
        return oyez_fail(OYEZ_ERR_MALFORMED, "details: unknown format %d",
                         (int)event->details_format);
    *details = (struct oyez_json_slice){"{}", 2};
    if (event->details) {
        details->text = event->details;
        details->size = event->details_size ? event->details_size : strlen(details->text);
    }
    struct oyez_json_fault fault;
    if (!oyez_json_scan(details->text, details->size, OYEZ_JSON_DEPTH_MAX, &fault))
        return oyez_fail(OYEZ_ERR_MALFORMED, "details: %s (byte %zu)", fault.rule, fault.byte);
    return OYEZ_OK;
}

// *made is the caller's to free. Details that no known type can tell are no text.
static oyez_err find_details(const struct oyez_event *event, struct oyez_json_slice *details,
                             char **made)
{
    if (event->details_format != OYEZ_DETAILS_PROTOBUF)
        return find_json(event, details);
    oyez_err err = oyez_event_details_json(event, made, &details->size);
    if (err == OYEZ_ERR_NO_MEMORY)
        return err;
    details->text = err == OYEZ_OK ? *made : NULL;
    return OYEZ_OK;
}

static oyez_err write_event(const struct oyez_event *event, struct oyez_json_slice details,
                            char **text, size_t *size)
{
    struct json_text out = {0};
    json_text_reserve(&out, FIRST_CAPACITY + details.size);
    json_text_put(&out, "{", 1);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++)
        put_field(&out, event, &oyez_header_fields[i]);
    put_tags(&out, event);
    put_stamp(&out, &event->stamp);
    put_details(&out, event, details);
    json_text_put(&out, "}", 2);
    if (out.failed) {
        free(out.bytes);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event as JSON");
    }
    *text = out.bytes;
    *size = out.size - 1;
    return OYEZ_OK;
}

oyez_err oyez_event_to_json(const struct oyez_event *event, char **text, size_t *size)
{
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(text);
    REQUIRE_ARGUMENT(size);
    struct oyez_json_slice details = {0};
    char *made = NULL;
    oyez_err err = find_details(event, &details, &made);
    if (err == OYEZ_OK)
        err = check_texts(event);
    if (err == OYEZ_OK)
        err = write_event(event, details, text, size);
    free(made);
    return err;
}

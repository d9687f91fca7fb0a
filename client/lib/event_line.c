// SPDX-License-Identifier: MIT
#include "event_line.h"

#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json_walk.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "wire/header.h"

static bool is_plain(const char *value)
{
    if (value[0] == '\0')
        return false;
    for (const char *at = value; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte <= ' ' || byte == '"' || byte == '=' || byte == '\\' || byte >= 0x7f)
            return false;
    }
    return true;
}

static void put_field(struct json_text *text, const char *name, const char *value)
{
    if (text->size != 0)
        json_text_put(text, " ", 1);
    json_text_put_words(text, name);
    json_text_put(text, "=", 1);
    if (is_plain(value))
        json_text_put_words(text, value);
    else
        json_text_put_string(text, value, strlen(value));
}

static void put_times(struct json_text *text, const struct oyez_event *event)
{
    char time[OYEZ_TIME_TEXT_SIZE];
    int64_t at = event->occurred_at;
    if (event->stamp.broker_time != 0 && event->stamp.broker_time <= INT64_MAX)
        at = (int64_t)event->stamp.broker_time;
    oyez_time_to_text(at, time);
    put_field(text, "time", time);
}

// Type and id stand first; the rest comes in the order of the header.
static void put_header(struct json_text *text, const struct oyez_event *event)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(event->event_id, id);
    put_field(text, "event", event->event_type);
    put_field(text, "id", id);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        const char *value = field->kind == OYEZ_HEADER_TEXT ? oyez_header_text(event, field) : NULL;
        if (value != NULL && field->offset != offsetof(struct oyez_event, event_type) &&
            field->offset != offsetof(struct oyez_event, schema_version))
            put_field(text, field->name, value);
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        const char *key = event->tags[i].key;
        json_text_put_words(text, " tag.");
        // A peer's may be any text.
        if (is_plain(key))
            json_text_put_words(text, key);
        else
            json_text_put_string(text, key, strlen(key));
        json_text_put(text, "=", 1);
        const char *value = event->tags[i].value != NULL ? event->tags[i].value : "";
        json_text_put_string(text, value, strlen(value));
    }
}

// As they were emitted, but in one line.
static void put_details(struct json_text *text, const char *details, size_t size)
{
    json_text_put_words(text, " details=");
    if (json_text_reserve(text, size))
        text->size += oyez_json_compact(text->bytes + text->size, details, size);
}

// What a peer sent in place of details is not shown.
static oyez_err put_logfmt(struct json_text *text, const struct oyez_event *event)
{
    char *details = NULL;
    size_t size = 0;
    put_times(text, event);
    put_header(text, event);
    oyez_err err = oyez_event_details_json(event, &details, &size);
    if (err == OYEZ_OK) {
        put_details(text, details, size);
    } else {
        json_text_put_words(text, " details_bytes=");
        json_text_put_unsigned(text, event->details_size);
    }
    free(details);
    return err == OYEZ_ERR_NO_MEMORY ? err : OYEZ_OK;
}

static oyez_err put_json(struct json_text *text, const struct oyez_event *event)
{
    char *line = NULL;
    size_t size = 0;
    oyez_err err = oyez_event_to_json(event, &line, &size);
    if (err == OYEZ_OK)
        json_text_put(text, line, size);
    free(line);
    return err;
}

oyez_err event_line_put(struct json_text *text, const struct oyez_event *event,
                        enum oyez_line_format format)
{
    text->size = 0;
    text->failed = OYEZ_OK;
    oyez_err err = format == OYEZ_LINE_JSON ? put_json(text, event) : put_logfmt(text, event);
    if (err != OYEZ_OK)
        return err;
    json_text_put(text, "", 1);
    if (text->failed != OYEZ_OK)
        return oyez_fail(text->failed, "no memory for a line");
    text->size--;
    return OYEZ_OK;
}

oyez_err oyez_event_line(const struct oyez_event *event, enum oyez_line_format format, char **line,
                         size_t *size)
{
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(event->event_type);
    REQUIRE_ARGUMENT(line);
    REQUIRE_ARGUMENT(size);
    if (format != OYEZ_LINE_LOGFMT && format != OYEZ_LINE_JSON)
        return argument_out_of_range("format", format);
    struct json_text text = {0};
    oyez_err err = event_line_put(&text, event, format);
    if (err != OYEZ_OK) {
        free(text.bytes);
        return err;
    }
    *line = text.bytes;
    *size = text.size;
    return OYEZ_OK;
}

// SPDX-License-Identifier: MIT
#include "summary.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"

// Larger details are shown as they begin: reading them whole for one line is not worth it.
#define PARSE_SIZE_MAX (64u * 1024u)
#define STYLE_DIM "2"

static void put_value(struct line *line, const json_t *value)
{
    char text[64];
    switch (json_typeof(value)) {
    case JSON_STRING:
        line_put(line, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        snprintf(text, sizeof text, "%.6g", json_real_value(value));
        break;
    case JSON_TRUE:
        snprintf(text, sizeof text, "true");
        break;
    case JSON_FALSE:
        snprintf(text, sizeof text, "false");
        break;
    case JSON_NULL:
        snprintf(text, sizeof text, "null");
        break;
    case JSON_ARRAY:
        snprintf(text, sizeof text, "[%zu]", json_array_size(value));
        break;
    case JSON_OBJECT:
        snprintf(text, sizeof text, "{%zu}", json_object_size(value));
        break;
    }
    line_text(line, text);
}

static void put_members(struct line *line, json_t *object)
{
    const char *key;
    json_t *value;
    bool first = true;
    json_object_foreach(object, key, value)
    {
        if (line->cut) {
            return;
        }
        line_text(line, first ? "" : "  ");
        line_style(line, STYLE_DIM);
        line_text(line, key);
        line_text(line, "=");
        line_style(line, NULL);
        put_value(line, value);
        first = false;
    }
}

static void put_json(struct line *line, const char *details, size_t size)
{
    json_t *object =
        size <= PARSE_SIZE_MAX ? json_loadb(details, size, JSON_ALLOW_NUL, NULL) : NULL;
    if (json_is_object(object)) {
        put_members(line, object);
    } else {
        line_put(line, details, size);
    }
    json_decref(object);
}

static void put_protobuf(struct line *line, const struct oyez_event *event)
{
    char *details = NULL;
    size_t size;
    if (oyez_event_details_json(event, &details, &size) == OYEZ_OK) {
        put_json(line, details, size);
    } else {
        char text[64];
        snprintf(text, sizeof text, "(protobuf, %zu bytes)", event->details_size);
        line_text(line, text);
    }
    free(details);
}

void summary_put(struct line *line, const struct oyez_event *event)
{
    if (event->details_format == OYEZ_DETAILS_PROTOBUF) {
        put_protobuf(line, event);
    } else if (event->details != NULL) {
        put_json(line, event->details,
                 event->details_size > 0 ? event->details_size : strlen(event->details));
    }
}

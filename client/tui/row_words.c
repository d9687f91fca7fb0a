// SPDX-License-Identifier: MIT
#include "row_words.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "oyez/catalog.h"
#include "summary.h"

// Larger details are shown as they begin: reading them whole for one line is not worth it.
#define PARSE_SIZE_MAX (64u * 1024u)
#define WORDS_MAX 5u

// What a reader wants to know first of types whose name has this in it, in any case.
static const struct {
    const char *part;
    const char *words[WORDS_MAX];
} first_words[] = {
    {"error", {"error_message", "message", "error", "reason", "error_type"}},
    {"fail", {"error_message", "message", "error", "reason", "exit_code"}},
    {"reject", {"reason", "comment", "message", NULL}},
    {"denied", {"reason", "rationale", "resource", NULL}},
    {"violat", {"violated_law", "invariant", "rationale", "reason", NULL}},
    {"exceed", {"limit", "value", "reason", NULL}},
    {"escalat", {"reason", "message", NULL}},
    {"complet", {"summary", "result", "duration_ms", NULL}},
    {"created", {"title", "name", "goal", "task", NULL}},
    {"started", {"name", "goal", "task", "model", NULL}},
    {"message", {"text", "content", "message", NULL}},
    {"thinking", {"thought", NULL}},
    {"decision", {"choice", "decision", "rationale", NULL}},
    {"push", {"ref", "after", NULL}},
    {"pull_request", {"action", "number", NULL}},
    {"issue", {"action", "title", "number", NULL}},
};

static void put_value(struct line *line, const json_t *value)
{
    char text[64];
    if (json_is_string(value)) {
        line_put(line, json_string_value(value), json_string_length(value));
    } else if (json_is_integer(value)) {
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        line_text(line, text);
    } else if (json_is_real(value)) {
        snprintf(text, sizeof text, "%.6g", json_real_value(value));
        line_text(line, text);
    } else if (json_is_array(value)) {
        snprintf(text, sizeof text, "[%zu]", json_array_size(value));
        line_text(line, text);
    } else if (json_is_object(value)) {
        snprintf(text, sizeof text, "{%zu}", json_object_size(value));
        line_text(line, text);
    } else {
        line_text(line, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

static void put_pair(struct line *line, const char *key, const json_t *value)
{
    line_text(line, line->columns > 0 ? "  " : "");
    line_text(line, key);
    line_text(line, "=");
    put_value(line, value);
}

// from_stage and to_stage of a change read better as "inbound → screening".
static bool put_change(struct line *line, json_t *object)
{
    const char *key;
    json_t *value;
    char to[64];
    json_object_foreach(object, key, value)
    {
        if (strncmp(key, "from_", 5) != 0) {
            continue;
        }
        snprintf(to, sizeof to, "to_%s", key + 5);
        json_t *other = json_object_get(object, to);
        if (other != NULL) {
            put_value(line, value);
            line_text(line, " → ");
            put_value(line, other);
            json_object_del(object, to);
            json_object_del(object, key);
            return true;
        }
    }
    return false;
}

// The first word stands without its name: it is what the type is about.
static void put_first(struct line *line, json_t *object, const char *event_type)
{
    for (size_t i = 0; i < sizeof first_words / sizeof first_words[0]; i++) {
        if (strcasestr(event_type, first_words[i].part) == NULL) {
            continue;
        }
        for (size_t w = 0; w < WORDS_MAX && first_words[i].words[w] != NULL; w++) {
            json_t *value = json_object_get(object, first_words[i].words[w]);
            // Of a list or an object there would be nothing to read.
            if (value == NULL || json_is_null(value) || json_is_array(value) ||
                json_is_object(value)) {
                continue;
            }
            if (line->columns > 0 || json_is_number(value)) {
                put_pair(line, first_words[i].words[w], value);
            } else {
                put_value(line, value);
            }
            json_object_del(object, first_words[i].words[w]);
        }
        return;
    }
}

static void put_object(struct line *line, json_t *object, const char *event_type)
{
    const char *key;
    json_t *value;
    if (!put_change(line, object)) {
        put_first(line, object, event_type);
    }
    json_object_foreach(object, key, value)
    {
        if (line->cut) {
            return;
        }
        put_pair(line, key, value);
    }
}

void row_words_put(struct line *line, const struct oyez_event *event)
{
    char *text = NULL;
    size_t size = 0;
    json_t *object = NULL;
    if (event->details_size <= PARSE_SIZE_MAX &&
        oyez_event_details_json(event, &text, &size) == OYEZ_OK && size <= PARSE_SIZE_MAX) {
        object = json_loadb(text, size, JSON_ALLOW_NUL, NULL);
    }
    if (json_is_object(object)) {
        put_object(line, object, event->event_type != NULL ? event->event_type : "");
    } else {
        summary_put(line, event);
    }
    json_decref(object);
    free(text);
}

// SPDX-License-Identifier: MIT
#include "event_page.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/json.h"
#include "row.h"
#include "wire/header.h"

#define LABEL_SIZE 256u
#define DEPTH_MAX 64 // of the tree; what is deeper is shown as one line of JSON
#define JSON_WIDTH_MIN 20u

static void add_text(struct text_lines *out, const char *label, enum style style, const char *text)
{
    text_lines_add(out, STYLE_KEY, label, style, text, strlen(text), SIZE_MAX);
}

static void add_title(struct text_lines *out, const char *title)
{
    if (out->count > 0) {
        add_text(out, "", STYLE_PLAIN, "");
    }
    text_lines_add(out, STYLE_STRONG, title, STYLE_PLAIN, "", 0, SIZE_MAX);
}

static void add_field(struct text_lines *out, const char *name, enum style style, const char *text)
{
    char label[LABEL_SIZE + 4];
    snprintf(label, sizeof label, "  %-18s ", name);
    add_text(out, label, style, text);
}

static void add_catalog(struct text_lines *out, const struct oyez_event *event)
{
    char text[512];
    const struct oyez_type *type =
        oyez_type_find_version(event->event_type, strlen(event->event_type), event->schema_version);
    if (type == NULL) {
        add_field(out, "catalog", STYLE_WARN, "none here knows this type");
        return;
    }
    snprintf(text, sizeof text, "%s %s, domain %s%s", type->catalog->name, type->version,
             type->domain, type->personal ? ", personal" : "");
    add_field(out, "catalog", STYLE_PLAIN, text);
    if (type->doc != NULL && type->doc[0] != '\0') {
        snprintf(text, sizeof text, "%.400s", type->doc);
        text[strcspn(text, "\n")] = '\0';
        add_field(out, "", STYLE_FAINT, text);
    }
}

static void add_place(struct text_lines *out, const struct oyez_event *event)
{
    char text[128];
    const struct oyez_stamp *stamp = &event->stamp;
    snprintf(text, sizeof text, "%" PRIu64 ":%" PRIu64, stamp->epoch, stamp->position);
    add_field(out, "cursor", STYLE_NUMBER, text);
    snprintf(text, sizeof text, "%" PRIu64 " of its type in this epoch", stamp->type_seq);
    add_field(out, "number", STYLE_PLAIN, text);
    row_time(text, (int64_t)stamp->broker_time, true);
    add_field(out, "stamped", STYLE_PLAIN, text);
    char emitter[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(stamp->emitter_id, emitter);
    snprintf(text, sizeof text, "%s, number %" PRIu64 " of its lane %s", emitter,
             stamp->emitter_seq, stamp->lane == OYEZ_LANE_FAST ? "fast" : "durable");
    add_field(out, "emitter", STYLE_PLAIN, text);
}

static void add_safety(struct text_lines *out, const struct event_facts *facts)
{
    char text[640];
    if (!facts->asked) {
        add_field(out, "receipt", STYLE_FAINT, "asking the record …");
        return;
    }
    if (!facts->recorded) {
        snprintf(text, sizeof text, "sent; %s",
                 facts->failure[0] != '\0' ? facts->failure : "not recorded yet");
        add_field(out, "receipt", STYLE_WARN, text);
        return;
    }
    bool covered = facts->has_checkpoint && facts->index <= facts->checkpointed;
    snprintf(text, sizeof text, "%s, journal index %" PRIu64, covered ? "checkpointed" : "recorded",
             facts->index - 1);
    add_field(out, "receipt", STYLE_GOOD, text);
    if (covered) {
        snprintf(text, sizeof text, "under the checkpoint of %" PRIu64 " records, signed by %s",
                 facts->checkpointed, facts->key);
        add_field(out, "checkpoint", STYLE_PLAIN, text);
    } else {
        add_field(out, "checkpoint", STYLE_WARN, "none covers it yet");
    }
    if (facts->proof[0] != '\0') {
        add_field(out, "proof", facts->proof_holds ? STYLE_GOOD : STYLE_BAD, facts->proof);
    } else {
        add_field(out, "proof", STYLE_FAINT, "not asked for: press v");
    }
}

static void add_header(struct text_lines *out, const struct oyez_event *event)
{
    char text[64];
    add_title(out, "Header");
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        switch (field->kind) {
        case OYEZ_HEADER_TEXT:
            if (oyez_header_text(event, field) != NULL) {
                add_field(out, field->name, STYLE_TEXT, oyez_header_text(event, field));
            }
            break;
        case OYEZ_HEADER_UUID:
            oyez_uuid_to_text(event->event_id, text);
            add_field(out, field->name, STYLE_TEXT, text);
            break;
        case OYEZ_HEADER_TIME:
            oyez_time_to_text(event->occurred_at, text);
            add_field(out, field->name, STYLE_NUMBER, text);
            break;
        case OYEZ_HEADER_UINT:
            if (event->has_aggregate_version) {
                snprintf(text, sizeof text, "%" PRIu64, event->aggregate_version);
                add_field(out, field->name, STYLE_NUMBER, text);
            }
            break;
        }
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        char name[LABEL_SIZE];
        snprintf(name, sizeof name, "tag.%.200s", event->tags[i].key);
        add_field(out, name, STYLE_TEXT, event->tags[i].value != NULL ? event->tags[i].value : "");
    }
}

static void put_value(struct text_lines *out, const char *label, json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    char tail[64] = "";
    if (json_is_array(value)) {
        snprintf(tail, sizeof tail, "list of %zu", json_array_size(value));
    } else if (json_is_object(value)) {
        snprintf(tail, sizeof tail, "object of %zu", json_object_size(value));
    }
    if (tail[0] != '\0') {
        add_text(out, label, STYLE_FAINT, tail);
    } else if (json_is_string(value)) {
        text_lines_add(out, STYLE_KEY, label, STYLE_TEXT, json_string_value(value),
                       json_string_length(value), SIZE_MAX);
    } else {
        add_text(out, label, STYLE_NUMBER, text != NULL ? text : "?");
    }
    free(text);
}

// The way into a value: iterators of objects and numbers in lists, one a level, instead of recursion.
struct level {
    json_t *value;
    void *iterator; // of an object
    size_t i;       // in a list
};

static bool next_member(struct level *level, char *name, size_t size, json_t **value)
{
    if (json_is_array(level->value)) {
        *value = json_array_get(level->value, level->i);
        snprintf(name, size, "[%zu]", level->i);
        level->i++;
        return *value != NULL;
    }
    if (level->iterator == NULL) {
        return false;
    }
    *value = json_object_iter_value(level->iterator);
    snprintf(name, size, "%.120s", json_object_iter_key(level->iterator));
    level->iterator = json_object_iter_next(level->value, level->iterator);
    return true;
}

static struct level enter(json_t *value)
{
    return (struct level){.value = value,
                          .iterator = json_is_object(value) ? json_object_iter(value) : NULL};
}

static void add_tree(struct text_lines *out, json_t *root)
{
    struct level levels[DEPTH_MAX];
    size_t depth = 0;
    levels[0] = enter(root);
    while (true) {
        char name[128];
        char label[LABEL_SIZE + 2 * DEPTH_MAX];
        json_t *value;
        if (!next_member(&levels[depth], name, sizeof name, &value)) {
            if (depth == 0) {
                return;
            }
            depth--;
            continue;
        }
        snprintf(label, sizeof label, "%*s%-*s ", (int)(2 + 2 * depth), "",
                 depth < 8 ? (int)(18 - 2 * depth) : 1, name);
        put_value(out, label, value);
        if ((json_is_object(value) || json_is_array(value)) && depth + 1 < DEPTH_MAX) {
            levels[++depth] = enter(value);
        }
    }
}

static void add_details(struct text_lines *out, const struct oyez_event *event)
{
    char *text = NULL;
    size_t size = 0;
    add_title(out, event->details_format == OYEZ_DETAILS_PROTOBUF ? "Details (emitted as protobuf)"
                                                                  : "Details");
    oyez_err err = oyez_event_details_json(event, &text, &size);
    json_t *root = err == OYEZ_OK ? json_loadb(text, size, JSON_ALLOW_NUL, NULL) : NULL;
    if (json_is_object(root)) {
        add_tree(out, root);
    } else {
        text_lines_format(out, STYLE_PLAIN, "  ", STYLE_WARN, "%zu bytes that cannot be read: %s",
                          event->details_size, err != OYEZ_OK ? oyez_error_detail() : "no object");
    }
    json_decref(root);
    free(text);
}

// Pieces end between characters.
static void add_json(struct text_lines *out, const struct oyez_event *event, unsigned width)
{
    char *text = NULL;
    size_t size = 0;
    add_title(out, "JSON");
    if (oyez_event_to_json(event, &text, &size) != OYEZ_OK) {
        add_text(out, "  ", STYLE_WARN, oyez_error_detail());
        return;
    }
    size_t piece = width > JSON_WIDTH_MIN + 2 ? width - 2 : JSON_WIDTH_MIN;
    for (size_t at = 0; at < size;) {
        size_t end = size - at > piece ? at + piece : size;
        while (end < size && end > at + 1 && ((unsigned char)text[end] & 0xC0) == 0x80) {
            end--;
        }
        text_lines_add(out, STYLE_PLAIN, "  ", STYLE_PLAIN, text + at, end - at, SIZE_MAX);
        at = end;
    }
    free(text);
}

void event_page_build(struct text_lines *out, const struct oyez_event *event,
                      const struct event_facts *facts, unsigned width)
{
    text_lines_clear(out);
    text_lines_add(out, row_style(event->event_type), event->event_type, STYLE_PLAIN, "", 0,
                   SIZE_MAX);
    add_catalog(out, event);
    add_place(out, event);
    add_safety(out, facts);
    add_header(out, event);
    add_details(out, event);
    add_json(out, event, width);
}

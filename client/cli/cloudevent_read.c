// SPDX-License-Identifier: MIT
#include "cloudevent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cloudevent_attributes.h"
#include "cloudevent_reading.h"
#include "json_load.h"
#include "json_scan.h"
#include "json_walk.h"
#include "oyez/json.h"

#define INTEGER_MAX 2147483647.0

struct member {
    const char *name;
    const json_t *value;
    struct oyez_json_slice text;
};

static oyez_err take_text(const char **text, const struct member *member)
{
    if (!json_is_string(member->value)) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: not a string", member->name);
    }
    *text = json_string_value(member->value);
    if (strlen(*text) != json_string_length(member->value)) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: holds a NUL", member->name);
    }
    return OYEZ_OK;
}

// The digits as they are written: they are what the Integer would be as a String.
static oyez_err take_integer(struct cloudevent_reading *reading, const char **text,
                             const struct member *member)
{
    const struct oyez_json_slice *digits = &member->text;
    double value = json_number_value(member->value);
    bool whole = digits->size <= CLOUDEVENT_INTEGER_SIZE_MAX &&
                 memchr(digits->text, '.', digits->size) == NULL &&
                 memchr(digits->text, 'e', digits->size) == NULL &&
                 memchr(digits->text, 'E', digits->size) == NULL;
    if (!whole || value > INTEGER_MAX || value < -INTEGER_MAX - 1) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: not a whole number of 32 bits", member->name);
    }
    if (reading->number_count == sizeof reading->numbers / sizeof reading->numbers[0]) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: too many attributes", member->name);
    }
    char *kept = reading->numbers[reading->number_count++];
    memcpy(kept, digits->text, digits->size);
    kept[digits->size] = '\0';
    *text = kept;
    return OYEZ_OK;
}

// An extension's value as a String, which every type of CloudEvents has as another form.
static oyez_err take_extension(struct cloudevent_reading *reading, const char **text,
                               const struct member *member)
{
    if (json_is_boolean(member->value)) {
        *text = json_is_true(member->value) ? "true" : "false";
        return OYEZ_OK;
    }
    if (json_is_number(member->value)) {
        return take_integer(reading, text, member);
    }
    if (json_is_string(member->value)) {
        return take_text(text, member);
    }
    return oyez_fail(OYEZ_ERR_INVALID,
                     "%s: an attribute is a string, a whole number, true or false", member->name);
}

static oyez_err read_time(struct oyez_event *event, const struct member *member)
{
    const char *text = NULL;
    oyez_err err = take_text(&text, member);
    if (err == OYEZ_OK && oyez_time_from_text(&event->occurred_at, text) != OYEZ_OK) {
        err = cloudevent_fail_within(member->name, OYEZ_ERR_INVALID);
    }
    return err;
}

static oyez_err read_version(struct cloudevent_reading *reading, const struct member *member)
{
    const char *text = NULL;
    char *end;
    oyez_err err = take_extension(reading, &text, member);
    if (err != OYEZ_OK) {
        return err;
    }
    errno = 0;
    reading->event.aggregate_version = strtoull(text, &end, 10);
    reading->event.has_aggregate_version = true;
    if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9') {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: not a whole number from 0 to 2^64 - 1",
                         member->name);
    }
    return OYEZ_OK;
}

static oyez_err read_extension(struct cloudevent_reading *reading, const struct member *member)
{
    const struct oyez_header_field *field = cloudevent_field_find(member->name);
    const char *text = NULL;
    if (field != NULL && field->kind == OYEZ_HEADER_UINT) {
        return read_version(reading, member);
    }
    if (field != NULL && field->kind == OYEZ_HEADER_TIME) {
        return read_time(&reading->event, member);
    }
    oyez_err err = take_extension(reading, &text, member);
    if (err != OYEZ_OK) {
        return err;
    }
    if (field == NULL) {
        return cloudevent_add_tag(reading, member->name, text);
    }
    oyez_header_set_text(&reading->event, field, text);
    return OYEZ_OK;
}

// Where an attribute that is a string and no header field as it is goes to. NULL: it is none.
static const char **place_of(struct cloudevent_reading *reading, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } places[] = {
        {"specversion", &reading->specversion},
        {"id", &reading->id},
        {"source", &reading->source},
        {"type", &reading->event.event_type},
        {"subject", &reading->event.aggregate_id},
        {"dataschema", &reading->schema},
        {"datacontenttype", &reading->content_type},
        {CLOUDEVENT_HEADER, &reading->header},
        {CLOUDEVENT_TAGS, &reading->tags},
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(name, places[i].name) == 0) {
            return places[i].place;
        }
    }
    return NULL;
}

static oyez_err read_member(struct cloudevent_reading *reading, const struct member *member)
{
    if (strcmp(member->name, "data") == 0) {
        reading->data = member->value;
        reading->data_text = member->text;
        return OYEZ_OK;
    }
    if (strcmp(member->name, "data_base64") == 0) {
        reading->base64 = member->value;
        return OYEZ_OK;
    }
    if (!cloudevent_is_name(member->name)) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: names of attributes are of a-z and 0-9",
                         member->name);
    }
    if (json_is_null(member->value)) {
        return OYEZ_OK;
    }
    const char **place = place_of(reading, member->name);
    return place != NULL ? take_text(place, member) : read_extension(reading, member);
}

// jansson keeps members in the order of the text, so both walks see the same ones.
static oyez_err read_members(struct cloudevent_reading *reading, json_t *object, const char *text)
{
    struct oyez_json_slice key;
    struct member member;
    oyez_err err = OYEZ_OK;
    for (void *at = json_object_iter(object); err == OYEZ_OK && at != NULL;
         at = json_object_iter_next(object, at)) {
        oyez_json_next_member(&text, &key, &member.text);
        member.name = json_object_iter_key(at);
        member.value = json_object_iter_value(at);
        err = read_member(reading, &member);
    }
    return err;
}

static oyez_err fail_load(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to read JSON");
    case json_error_duplicate_key:
        return oyez_fail(OYEZ_ERR_INVALID, "a key stands twice in an object (byte %d)",
                         error->position);
    default:
        return oyez_fail(OYEZ_ERR_INVALID, "not JSON (byte %d)", error->position);
    }
}

oyez_err cloudevent_read(struct oyez_event **event, const char *text, size_t size)
{
    struct oyez_json_fault fault;
    json_error_t error;
    if (!oyez_json_scan(text, size, OYEZ_JSON_EVENT_DEPTH_MAX, &fault)) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s (byte %zu)", fault.rule, fault.byte);
    }
    json_t *object = oyez_json_load(text, size, &error);
    if (object == NULL) {
        return fail_load(&error);
    }
    struct cloudevent_reading reading = {0};
    oyez_err err = read_members(&reading, object, text);
    if (err == OYEZ_OK) {
        err = cloudevent_settle(&reading);
    }
    if (err == OYEZ_OK) {
        err = oyez_event_copy(event, &reading.event);
    }
    cloudevent_reading_release(&reading);
    json_decref(object);
    return err;
}

bool cloudevent_is(const char *text, size_t size)
{
    static const char name[] = "\"specversion\"";
    struct oyez_json_fault fault;
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    // Most lines are none, and are not looked at twice.
    if (memmem(text, size, name, strlen(name)) == NULL ||
        !oyez_json_scan(text, size, OYEZ_JSON_EVENT_DEPTH_MAX, &fault)) {
        return false;
    }
    while (oyez_json_next_member(&text, &key, &value)) {
        if (key.size == strlen(name) && memcmp(key.text, name, key.size) == 0) {
            return true;
        }
    }
    return false;
}

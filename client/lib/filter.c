// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json_load.h"
#include "json_scan.h"
#include "json_walk.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "oyez/pattern.h"
#include "wire/header.h"

enum condition_kind { CONDITION_FIELD, CONDITION_TAG, CONDITION_DETAILS };

struct condition {
    enum condition_kind kind;
    char *name;        // field name, tag key or path; ends where the value begins
    const char *value; // behind it
    const struct oyez_header_field *field;
    struct oyez_uuid uuid; // the value, as the field's kind has it
    int64_t time;
    uint64_t number;
    json_t *json; // the value, where it is JSON and a path was asked for
};

struct oyez_filter {
    size_t count;
    struct condition conditions[];
};

static oyez_err fail_value(const struct condition *condition, const char *expected)
{
    return oyez_fail(OYEZ_ERR_INVALID, "condition %.64s: %.64s is not %s", condition->name,
                     condition->value, expected);
}

static oyez_err compile_number(struct condition *condition)
{
    const char *value = condition->value;
    size_t digits = strspn(value, "0123456789");
    errno = 0;
    condition->number = strtoull(value, NULL, 10);
    if (digits == 0 || value[digits] != '\0' || errno != 0)
        return fail_value(condition, "a whole number");
    return OYEZ_OK;
}

static oyez_err compile_field(struct condition *condition)
{
    const char *name = strcmp(condition->name, "type") == 0 ? "event_type" : condition->name;
    condition->kind = CONDITION_FIELD;
    condition->field = oyez_header_field_find(name, strlen(name));
    if (condition->field == NULL)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "condition %.64s: unknown field; there are the header fields, tag.KEY and "
                         "details.PATH",
                         condition->name);
    switch (condition->field->kind) {
    case OYEZ_HEADER_TEXT:
        break;
    case OYEZ_HEADER_UUID:
        if (oyez_uuid_from_text(&condition->uuid, condition->value))
            return fail_value(condition, "a UUID");
        break;
    case OYEZ_HEADER_TIME:
        if (oyez_time_from_text(&condition->time, condition->value))
            return fail_value(condition, "an RFC 3339 time such as 2026-11-20T08:42:45Z");
        break;
    case OYEZ_HEADER_UINT:
        return compile_number(condition);
    }
    return OYEZ_OK;
}

static oyez_err compile_path(struct condition *condition)
{
    const char *path = condition->name;
    if (path[0] == '\0' || path[0] == '.' || path[strlen(path) - 1] == '.' || strstr(path, ".."))
        return oyez_fail(OYEZ_ERR_INVALID, "condition details.%.64s: a part of the path is empty",
                         path);
    // Plain text is mostly not JSON; then only strings can be equal to it.
    json_error_t error;
    condition->json = oyez_json_load(condition->value, strlen(condition->value), &error);
    return OYEZ_OK;
}

static bool take_prefix(struct condition *condition, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(condition->name, prefix, size) != 0)
        return false;
    memmove(condition->name, condition->name + size, strlen(condition->name + size) + 1);
    return true;
}

static oyez_err compile(struct condition *condition, const char *text)
{
    const char *equals = text ? strchr(text, '=') : NULL;
    if (equals == NULL || equals == text)
        return oyez_fail(OYEZ_ERR_INVALID, "condition %.64s: not of the form FIELD=VALUE",
                         text ? text : "");
    condition->name = strdup(text);
    if (condition->name == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a filter");
    size_t name_size = (size_t)(equals - text);
    condition->name[name_size] = '\0';
    condition->value = condition->name + name_size + 1;
    if (take_prefix(condition, "details.")) {
        condition->kind = CONDITION_DETAILS;
        return compile_path(condition);
    }
    if (!take_prefix(condition, "tag."))
        return compile_field(condition);
    condition->kind = CONDITION_TAG;
    if (condition->name[0] == '\0')
        return oyez_fail(OYEZ_ERR_INVALID, "condition tag.: the key is empty");
    return OYEZ_OK;
}

oyez_err oyez_filter_open(oyez_filter **out, const char *const *conditions, size_t count)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    oyez_err err = argument_check_texts("conditions", conditions, count);
    if (err != OYEZ_OK)
        return err;
    oyez_filter *filter = calloc(1, sizeof *filter + count * sizeof filter->conditions[0]);
    if (filter == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a filter");
    filter->count = count;
    for (size_t i = 0; err == OYEZ_OK && i < count; i++)
        err = compile(&filter->conditions[i], conditions[i]);
    if (err) {
        oyez_filter_close(&filter);
        return err;
    }
    *out = filter;
    return OYEZ_OK;
}

void oyez_filter_close(oyez_filter **filter)
{
    if (filter == NULL || *filter == NULL)
        return;
    for (size_t i = 0; i < (*filter)->count; i++) {
        free((*filter)->conditions[i].name);
        json_decref((*filter)->conditions[i].json);
    }
    free(*filter);
    *filter = NULL;
}

static bool field_matches(const struct condition *condition, const struct oyez_event *event)
{
    const char *text;
    switch (condition->field->kind) {
    case OYEZ_HEADER_TEXT:
        text = oyez_header_text(event, condition->field);
        return text && strcmp(text, condition->value) == 0;
    case OYEZ_HEADER_UUID:
        return oyez_uuid_equal(event->event_id, condition->uuid);
    case OYEZ_HEADER_TIME:
        return event->occurred_at == condition->time;
    case OYEZ_HEADER_UINT:
        return event->has_aggregate_version && event->aggregate_version == condition->number;
    }
    return false;
}

static bool tag_matches(const struct condition *condition, const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++) {
        const struct oyez_tag *tag = &event->tags[i];
        if (strcmp(tag->key, condition->name) == 0)
            return tag->value && strcmp(tag->value, condition->value) == 0;
    }
    return false;
}

// A JSON string as it is written against plain text.
static bool string_equals(const struct oyez_json_slice *string, const char *text, size_t size)
{
    const char *inside = string->text + 1;
    size_t inside_size = string->size - 2;
    if (memchr(inside, '\\', inside_size) == NULL)
        return inside_size == size && memcmp(inside, text, size) == 0;
    json_error_t error;
    json_t *decoded = oyez_json_load(string->text, string->size, &error);
    bool equal = decoded && json_string_length(decoded) == size &&
                 memcmp(json_string_value(decoded), text, size) == 0;
    json_decref(decoded);
    return equal;
}

// The value of a member; of one that stands twice the last, as most readers do.
static bool find_member(const struct oyez_json_slice *object, const char *name, size_t name_size,
                        struct oyez_json_slice *found)
{
    const char *cursor = object->text;
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    bool any = false;
    while (oyez_json_next_member(&cursor, &key, &value)) {
        if (string_equals(&key, name, name_size)) {
            *found = value;
            any = true;
        }
    }
    return any;
}

static bool find_path(const char *path, struct oyez_json_slice *value)
{
    for (;;) {
        size_t size = strcspn(path, ".");
        if (*value->text != '{' || !find_member(value, path, size, value))
            return false;
        if (path[size] == '\0')
            return true;
        path += size + 1;
    }
}

static bool is_integer(const char *text, size_t size)
{
    return memchr(text, '.', size) == NULL && memchr(text, 'e', size) == NULL &&
           memchr(text, 'E', size) == NULL;
}

// Numbers and whatever holds others: equal as values.
static bool value_equals(const struct condition *condition, const struct oyez_json_slice *value)
{
    json_error_t error;
    json_t *decoded = oyez_json_load(value->text, value->size, &error);
    bool equal = decoded && json_equal(decoded, condition->json);
    json_decref(decoded);
    return equal;
}

static bool value_matches(const struct condition *condition, const struct oyez_json_slice *value)
{
    size_t size = strlen(condition->value);
    if (*value->text == '"')
        return string_equals(value, condition->value, size);
    if (value->size == size && memcmp(value->text, condition->value, size) == 0)
        return true;
    if (condition->json == NULL)
        return false;
    // Two different integers can be the same double.
    bool integers = json_is_real(condition->json) && is_integer(condition->value, size) &&
                    is_integer(value->text, value->size);
    return !integers && value_equals(condition, value);
}

static bool details_match(const struct condition *condition, const struct oyez_json_slice *details)
{
    struct oyez_json_slice value = *details;
    return find_path(condition->name, &value) && value_matches(condition, &value);
}

// Details come from the network: only what the scanner accepts can be walked. *made is the caller's
// to free: protobuf details are converted once for all conditions.
static bool find_details(const struct oyez_event *event, struct oyez_json_slice *details,
                         char **made)
{
    struct oyez_json_fault fault;
    if (event->details_format == OYEZ_DETAILS_PROTOBUF) {
        if (oyez_event_details_json(event, made, &details->size))
            return false;
        details->text = *made;
        return true;
    }
    if (event->details_format != 0 && event->details_format != OYEZ_DETAILS_JSON)
        return false;
    const char *text = event->details ? event->details : "{}";
    size_t size = event->details_size;
    if (event->details == NULL || size == 0)
        size = strlen(text);
    if (!oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault))
        return false;
    const char *object = memchr(text, '{', size);
    if (!object)
        return false;
    *details = (struct oyez_json_slice){object, size - (size_t)(object - text)};
    return true;
}

static bool all_match(const oyez_filter *filter, const struct oyez_event *event, char **made)
{
    struct oyez_json_slice details = {0};
    for (size_t i = 0; i < filter->count; i++) {
        const struct condition *condition = &filter->conditions[i];
        bool matches = false;
        switch (condition->kind) {
        case CONDITION_FIELD:
            matches = field_matches(condition, event);
            break;
        case CONDITION_TAG:
            matches = tag_matches(condition, event);
            break;
        case CONDITION_DETAILS:
            matches = (details.text || find_details(event, &details, made)) &&
                      details_match(condition, &details);
            break;
        }
        if (!matches)
            return false;
    }
    return true;
}

bool oyez_filter_matches(oyez_filter *filter, const struct oyez_event *event)
{
    if (filter == NULL || event == NULL)
        return false;
    char *made = NULL;
    bool matches = all_match(filter, event, &made);
    free(made);
    return matches;
}

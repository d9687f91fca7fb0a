// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json_load.h"
#include "json_read.h"
#include "json_scan.h"
#include "json_walk.h"
#include "oyez/json.h"
#include "schema/json_base64.h"
#include "wire/header.h"

// One member of the object, twice: as jansson reads it, and as it is written.
struct member {
    const char *name;
    const json_t *value;
    struct oyez_json_slice text;
};

// A name from the input, for a message: it may hold anything, line ends and terminal codes too.
static const char *printable(const char *name, char out[64])
{
    size_t size = 0;
    for (; name[size] && size < 63; size++)
        out[size] = name[size] >= 0x20 && name[size] < 0x7F ? name[size] : '?';
    out[size] = '\0';
    return out;
}

static oyez_err read_text(const char *name, const json_t *value, const char **text)
{
    char shown[64];
    if (!json_is_string(value))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: not a string", printable(name, shown));
    *text = json_string_value(value);
    if (strlen(*text) != json_string_length(value))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: holds a NUL", printable(name, shown));
    return OYEZ_OK;
}

static oyez_err read_uuid(struct oyez_uuid *uuid, const struct member *member)
{
    const char *text;
    oyez_err err = read_text(member->name, member->value, &text);
    if (err)
        return err;
    if (oyez_uuid_from_text(uuid, text))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: not a UUID", member->name);
    return OYEZ_OK;
}

static oyez_err read_time(int64_t *nanoseconds, const struct member *member)
{
    const char *text;
    oyez_err err = read_text(member->name, member->value, &text);
    if (err)
        return err;
    if (oyez_time_from_text(nanoseconds, text)) {
        char why[96];
        strncpy(why, oyez_error_detail(), sizeof why - 1);
        why[sizeof why - 1] = '\0';
        return oyez_fail(OYEZ_ERR_INVALID, "%s: %s", member->name, why);
    }
    return OYEZ_OK;
}

// From the text, for jansson keeps 53 bits.
static oyez_err read_version(struct oyez_event *event, const struct member *member)
{
    char digits[24] = "";
    if (member->text.size < sizeof digits)
        memcpy(digits, member->text.text, member->text.size);
    size_t count = strspn(digits, "0123456789");
    errno = 0;
    unsigned long long version = strtoull(digits, NULL, 10);
    if (count == 0 || digits[count] != '\0' || errno != 0)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: not a whole number from 0 to 2^64 - 1",
                         member->name);
    event->aggregate_version = version;
    event->has_aggregate_version = true;
    return OYEZ_OK;
}

static oyez_err read_field(struct oyez_event *event, const struct oyez_header_field *field,
                           const struct member *member)
{
    const char *text = NULL;
    oyez_err err = OYEZ_OK;
    switch (field->kind) {
    case OYEZ_HEADER_TEXT:
        if (oyez_header_text(event, field))
            return oyez_fail(OYEZ_ERR_INVALID, "%s: given twice, it is also called type",
                             field->name);
        err = read_text(member->name, member->value, &text);
        oyez_header_set_text(event, field, text);
        break;
    case OYEZ_HEADER_UUID:
        err = read_uuid(&event->event_id, member);
        break;
    case OYEZ_HEADER_TIME:
        err = read_time(&event->occurred_at, member);
        break;
    case OYEZ_HEADER_UINT:
        err = read_version(event, member);
        break;
    }
    return err;
}

static oyez_err read_tags(struct oyez_event *event, const struct member *member)
{
    if (!json_is_object(member->value))
        return oyez_fail(OYEZ_ERR_INVALID, "tags: not an object");
    if (json_object_size(member->value) > OYEZ_TAGS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "tags: more than %u", OYEZ_TAGS_MAX);
    // jansson's iterators want to be able to write.
    json_t *tags = (json_t *)(uintptr_t)member->value;
    struct oyez_tag *tag = event->tags;
    for (void *at = json_object_iter(tags); at; at = json_object_iter_next(tags, at), tag++) {
        tag->key = json_object_iter_key(at);
        if (read_text(tag->key, json_object_iter_value(at), &tag->value)) {
            char shown[64];
            return oyez_fail(OYEZ_ERR_INVALID, "tags: %s: not a string without NULs",
                             printable(tag->key, shown));
        }
    }
    return OYEZ_OK;
}

// An event on its way in. `details: null` says that they stand as base64.
struct reading {
    struct oyez_event event;
    uint8_t *decoded;
    bool has_details;
};

static oyez_err read_details(struct reading *reading, const struct member *member)
{
    if (json_is_null(member->value))
        return OYEZ_OK;
    if (!json_is_object(member->value))
        return oyez_fail(OYEZ_ERR_INVALID, "details: not an object");
    reading->event.details = member->text.text;
    reading->event.details_size = member->text.size;
    reading->has_details = true;
    return OYEZ_OK;
}

static oyez_err read_details_bytes(struct reading *reading, const struct member *member)
{
    if (!json_is_string(member->value))
        return oyez_fail(OYEZ_ERR_INVALID, "details_base64: not a string");
    struct json_string string = json_string_of(&member->text);
    size_t size = 0;
    reading->decoded = malloc(JSON_BASE64_BYTES_MAX(string.size));
    if (reading->decoded == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to read details");
    if (!json_base64_decode(reading->decoded, &size, &string))
        return oyez_fail(OYEZ_ERR_INVALID, "details_base64: not base64");
    reading->event.details_format = OYEZ_DETAILS_PROTOBUF;
    reading->event.details_size = size;
    return OYEZ_OK;
}

// What oyez_event_to_json adds, and only the broker or the recorder can give.
static bool is_given_by_others(const char *name)
{
    static const char *const names[] = {"epoch", "position", "index", "cursor", "broker_time"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static oyez_err read_member(struct reading *reading, const struct member *member)
{
    struct oyez_event *event = &reading->event;
    const char *name = strcmp(member->name, "type") == 0 ? "event_type" : member->name;
    if (is_given_by_others(name))
        return OYEZ_OK;
    if (strcmp(name, "details") == 0)
        return read_details(reading, member);
    if (strcmp(name, "details_base64") == 0)
        return read_details_bytes(reading, member);
    const struct oyez_header_field *field = oyez_header_field_find(name, strlen(name));
    bool tags = strcmp(name, "tags") == 0;
    if (field == NULL && !tags) {
        char shown[64];
        return oyez_fail(OYEZ_ERR_INVALID, "%s: unknown field", printable(name, shown));
    }
    if (json_is_null(member->value))
        return OYEZ_OK;
    return tags ? read_tags(event, member) : read_field(event, field, member);
}

// jansson keeps members in the order of the text and has refused duplicates, so its iterator and
// a walk over the text see the same members.
static oyez_err read_members(struct reading *reading, json_t *object, const char *text)
{
    const char *cursor = text;
    struct oyez_json_slice key;
    struct member member;
    bool bare = false;
    oyez_err err = OYEZ_OK;
    for (void *at = json_object_iter(object); err == OYEZ_OK && at;
         at = json_object_iter_next(object, at)) {
        oyez_json_next_member(&cursor, &key, &member.text);
        member.name = json_object_iter_key(at);
        member.value = json_object_iter_value(at);
        err = read_member(reading, &member);
        bare |= strcmp(member.name, "details") == 0 && json_is_null(member.value);
    }
    if (err == OYEZ_OK && reading->decoded && reading->has_details)
        err = oyez_fail(OYEZ_ERR_INVALID, "details_base64: details are there already");
    if (err == OYEZ_OK && bare && reading->decoded == NULL)
        err = oyez_fail(OYEZ_ERR_INVALID, "details: not an object");
    return err;
}

static oyez_err fail_load(const json_error_t *error)
{
    if (json_error_code(error) == json_error_out_of_memory)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to read JSON");
    if (json_error_code(error) == json_error_duplicate_key)
        return oyez_fail(OYEZ_ERR_INVALID, "a key stands twice in an object (byte %d)",
                         error->position);
    return oyez_fail(OYEZ_ERR_INVALID, "not JSON (byte %d)", error->position);
}

oyez_err event_fields_from_json(struct oyez_event **event, const char *text, size_t size)
{
    struct oyez_json_fault fault;
    if (!oyez_json_scan(text, size, OYEZ_JSON_EVENT_DEPTH_MAX, &fault))
        return oyez_fail(OYEZ_ERR_INVALID, "%s (byte %zu)", fault.rule, fault.byte);
    json_error_t error;
    json_t *object = oyez_json_load(text, size, &error);
    if (object == NULL)
        return fail_load(&error);
    struct reading reading = {
        .event = {.details_format = OYEZ_DETAILS_JSON, .details = "{}", .details_size = 2}};
    oyez_err err = read_members(&reading, object, text);
    if (reading.decoded)
        reading.event.details = reading.decoded;
    if (err == OYEZ_OK)
        err = oyez_event_copy(event, &reading.event);
    free(reading.decoded);
    json_decref(object);
    return err;
}

oyez_err oyez_event_from_json(struct oyez_event **event, const char *text, size_t size)
{
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(text);
    struct oyez_event *read = NULL;
    oyez_err err = event_fields_from_json(&read, text, size);
    if (err == OYEZ_OK && read->event_type == NULL) {
        oyez_event_free(&read);
        err = oyez_fail(OYEZ_ERR_INVALID, "event_type: missing");
    }
    if (err == OYEZ_OK)
        *event = read;
    return err;
}

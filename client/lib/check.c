// SPDX-License-Identifier: MIT
// Every emit comes through here once: nothing is allocated, and words are made only on failure.
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_scan.h"
#include "name_hint.h"
#include "oyez/catalog.h"
#include "prepare.h"
#include "schema/characters.h"
#include "schema/details.h"
#include "wire/envelope.h"
#include "wire/header.h"
#include "wire/topic.h"

#define TEXT_SIZE_MAX 1024u
#define TAG_KEY_SIZE_MAX 64u
#define TAG_VALUE_SIZE_MAX 256u

// What emit itself fills in where the event has none, as protobuf fields: event_id, occurred_at.
#define EVENT_ID_FIELD_SIZE (2u + OYEZ_UUID_SIZE)
#define OCCURRED_AT_FIELD_SIZE (1u + 8u)

// What a complaint begins with: "zakops: deal.created: ".
#define PLACE "%s: %s: "
#define PLACE_OF(type, event) (type)->catalog->name, (event)->event_type

// What is wrong with a field of the header. `type` NULL: it is the type that is wrong.
static oyez_err tell_wrong(oyez_err err, const struct oyez_event *event,
                           const struct oyez_type *type, const char *field, const char *value,
                           const char *format, ...) __attribute__((format(printf, 6, 7)));

static oyez_err tell_wrong(oyez_err err, const struct oyez_event *event,
                           const struct oyez_type *type, const char *field, const char *value,
                           const char *format, ...)
{
    char rule[128];
    char shown[OYEZ_VIOLATION_VALUE_CHARACTERS * 4 + 8];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rule, sizeof rule, format, arguments);
    va_end(arguments);
    characters_print(shown, sizeof shown, OYEZ_VIOLATION_VALUE_CHARACTERS, value,
                     strnlen(value, TEXT_SIZE_MAX));
    const char *text = shown[0] != '\0' ? shown : "\"\"";
    if (type == NULL)
        return oyez_fail(err, "%s: %s %s", field, text, rule);
    return oyez_fail(err, PLACE "%s: %s %s", PLACE_OF(type, event), field, text, rule);
}

oyez_err event_check_type(const struct oyez_event *event, const struct oyez_type **type)
{
    const char *name = event->event_type;
    if (name == NULL || name[0] == '\0')
        return oyez_fail(OYEZ_ERR_INVALID, "event_type: missing");
    size_t size = strnlen(name, OYEZ_EVENT_TYPE_SIZE_MAX + 1);
    if (size > OYEZ_EVENT_TYPE_SIZE_MAX)
        return tell_wrong(OYEZ_ERR_INVALID, event, NULL, "event_type", name,
                          "is longer than %u bytes", OYEZ_EVENT_TYPE_SIZE_MAX);
    if (!oyez_topic_is_valid(name, size))
        return tell_wrong(OYEZ_ERR_INVALID, event, NULL, "event_type", name,
                          "has a character other than A-Z a-z 0-9 . _ -");
    if (oyez_topic_is_reserved(name, size))
        return oyez_fail(OYEZ_ERR_INVALID, "%s: types under %s and %s are emitted by Oyez alone",
                         name, OYEZ_RESERVED_PREFIX, OYEZ_REPLAY_PREFIX);
    *type = oyez_type_find(name, size);
    if (*type)
        return OYEZ_OK;
    const char *hint = oyez_name_hint(name, size);
    return oyez_fail(OYEZ_ERR_UNKNOWN_TYPE, "%s: no catalog has this event type%s%s%s", name,
                     hint ? " (did you mean " : "", hint ? hint : "", hint ? "?)" : "");
}

oyez_err event_check_own_type(const struct oyez_event *event, const struct oyez_type **type)
{
    const char *name = event->event_type;
    *type = oyez_type_find(name, strlen(name));
    if (*type == NULL || !oyez_topic_is_own(name, strlen(name)))
        return oyez_fail(OYEZ_ERR_UNKNOWN_TYPE, "%s: Oyez itself emits no such event", name);
    return OYEZ_OK;
}

static oyez_err check_texts(const struct oyez_event *event, const struct oyez_type *type)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind != OYEZ_HEADER_TEXT)
            continue;
        const char *text = oyez_header_text(event, field);
        if (text == NULL)
            continue;
        size_t size = strnlen(text, TEXT_SIZE_MAX + 1);
        if (size > TEXT_SIZE_MAX)
            return tell_wrong(OYEZ_ERR_TOO_LARGE, event, type, field->name, text,
                              "is longer than %u bytes", TEXT_SIZE_MAX);
        if (!oyez_utf8_is_valid(text, size))
            return tell_wrong(OYEZ_ERR_INVALID, event, type, field->name, text, "is not UTF-8");
    }
    return OYEZ_OK;
}

// Digits of the W3C's lower-case hexadecimal, not all of them zero.
static bool is_hex_id(const char *text, size_t size)
{
    return strspn(text, "0123456789abcdef") >= size && strspn(text, "0") < size;
}

static bool is_traceparent(const char *text)
{
    enum {
        SIZE = 55,
        TRACE_AT = 3,
        TRACE_SIZE = 32,
        PARENT_AT = 36,
        PARENT_SIZE = 16,
        FLAGS_AT = 53
    };
    return strnlen(text, SIZE + 1) == SIZE && strncmp(text, "00-", TRACE_AT) == 0 &&
           is_hex_id(text + TRACE_AT, TRACE_SIZE) && text[PARENT_AT - 1] == '-' &&
           is_hex_id(text + PARENT_AT, PARENT_SIZE) && text[FLAGS_AT - 1] == '-' &&
           strspn(text + FLAGS_AT, "0123456789abcdef") == SIZE - FLAGS_AT;
}

static bool is_tag_key(const char *key)
{
    size_t size = strnlen(key, TAG_KEY_SIZE_MAX + 1);
    return size <= TAG_KEY_SIZE_MAX && oyez_topic_is_valid(key, size);
}

static oyez_err check_tag(const struct oyez_event *event, const struct oyez_type *type, size_t i)
{
    const struct oyez_tag *tag = &event->tags[i];
    if (!is_tag_key(tag->key))
        return tell_wrong(OYEZ_ERR_INVALID, event, type, "tags", tag->key,
                          "is no key of 1 to %u characters of A-Z a-z 0-9 . _ -", TAG_KEY_SIZE_MAX);
    char name[sizeof "tags." + TAG_KEY_SIZE_MAX];
    snprintf(name, sizeof name, "tags.%s", tag->key);
    for (size_t before = 0; before < i; before++) {
        if (strcmp(event->tags[before].key, tag->key) == 0)
            return oyez_fail(OYEZ_ERR_INVALID, PLACE "%s: is given twice", PLACE_OF(type, event),
                             name);
    }
    if (tag->value == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, PLACE "%s: has no value", PLACE_OF(type, event), name);
    size_t size = strnlen(tag->value, TAG_VALUE_SIZE_MAX + 1);
    if (size > TAG_VALUE_SIZE_MAX)
        return tell_wrong(OYEZ_ERR_TOO_LARGE, event, type, name, tag->value,
                          "is longer than %u bytes", TAG_VALUE_SIZE_MAX);
    if (!oyez_utf8_is_valid(tag->value, size))
        return tell_wrong(OYEZ_ERR_INVALID, event, type, name, tag->value, "is not UTF-8");
    return OYEZ_OK;
}

// Beyond texts and tags: what has a form of its own, and the size of it all.
static oyez_err check_forms(const struct oyez_event *event, const struct oyez_type *type)
{
    if (event->occurred_at < 0)
        return oyez_fail(OYEZ_ERR_INVALID, PLACE "occurred_at: %" PRId64 " is before 1970",
                         PLACE_OF(type, event), event->occurred_at);
    if (event->traceparent && !is_traceparent(event->traceparent))
        return tell_wrong(OYEZ_ERR_INVALID, event, type, "traceparent", event->traceparent,
                          "is not of the form 00-32 digits-16 digits-2 digits, lower-case "
                          "hexadecimal");
    if (event->signature_size > OYEZ_SIGNATURE_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, PLACE "signature: longer than %u bytes",
                         PLACE_OF(type, event), OYEZ_SIGNATURE_SIZE_MAX);
    if (event->signature_size > 0 && event->signature == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, PLACE "signature: a size without bytes",
                         PLACE_OF(type, event));
    size_t size;
    oyez_event_measure(event, &size);
    if (oyez_uuid_is_zero(event->event_id))
        size += EVENT_ID_FIELD_SIZE;
    if (event->occurred_at == 0)
        size += OCCURRED_AT_FIELD_SIZE;
    if (event->schema_version == NULL)
        size += 2 + strlen(type->version);
    if (size > OYEZ_HEADER_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, PLACE "header: %zu bytes, at most %u",
                         PLACE_OF(type, event), size, OYEZ_HEADER_SIZE_MAX);
    return OYEZ_OK;
}

oyez_err event_check_header(const struct oyez_event *event, const struct oyez_type *type)
{
    oyez_err err = check_texts(event, type);
    for (size_t i = 0; err == OYEZ_OK && i < OYEZ_TAGS_MAX && event->tags[i].key; i++)
        err = check_tag(event, type, i);
    return err == OYEZ_OK ? check_forms(event, type) : err;
}

oyez_err event_details_bytes(const struct oyez_event *event, const struct oyez_type *type,
                             const void **bytes, size_t *size)
{
    bool json = event->details_format == 0 || event->details_format == OYEZ_DETAILS_JSON;
    if (!json && event->details_format != OYEZ_DETAILS_PROTOBUF)
        return oyez_fail(OYEZ_ERR_INVALID, PLACE "details: unknown format %d",
                         PLACE_OF(type, event), (int)event->details_format);
    *bytes = event->details;
    *size = event->details_size;
    if (event->details == NULL && *size > 0)
        return oyez_fail(OYEZ_ERR_INVALID, PLACE "details: a size without bytes",
                         PLACE_OF(type, event));
    if (event->details == NULL) {
        *bytes = json ? "{}" : "";
        *size = json ? 2 : 0;
    } else if (json && *size == 0) {
        *size = strnlen(event->details, OYEZ_DETAILS_SIZE_MAX + 1);
    }
    if (*size > OYEZ_DETAILS_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, PLACE "details: larger than %u bytes",
                         PLACE_OF(type, event), OYEZ_DETAILS_SIZE_MAX);
    return OYEZ_OK;
}

oyez_err event_missing_fail(const struct oyez_event *event, const struct oyez_type *type,
                            const struct violation *violation)
{
    oyez_err err = event_check_header(event, type);
    return err != OYEZ_OK ? err : violation_fail(violation, type);
}

// Details of an open type, or of one whose message has no fields: any object.
static oyez_err check_object(const struct oyez_event *event, const struct oyez_type *type,
                             const char *text, size_t size)
{
    struct oyez_json_fault fault;
    if (oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault))
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_INVALID, PLACE "details: %s (byte %zu)", PLACE_OF(type, event),
                     fault.rule, fault.byte);
}

oyez_err event_check_details(const struct oyez_event *event, const struct oyez_type *type,
                             const struct type_rules *rules, struct violation *violation)
{
    const void *bytes = NULL;
    size_t size = 0;
    oyez_err err = event_details_bytes(event, type, &bytes, &size);
    bool typed = rules->plan != NULL && rules->plan->field_count > 0;
    bool json = event->details_format != OYEZ_DETAILS_PROTOBUF;
    violation->wrong = violation->missing = false;
    violation->deprecated = NULL;
    if (err == OYEZ_OK && !json && rules->plan == NULL)
        err = oyez_fail(OYEZ_ERR_INVALID, PLACE "details: those of an open type are JSON",
                        PLACE_OF(type, event));
    else if (err == OYEZ_OK && json && !typed)
        err = check_object(event, type, bytes, size);
    if (err != OYEZ_OK)
        return err;
    if (!json)
        (void)details_check_protobuf(rules->plan, bytes, size, violation);
    else if (typed)
        (void)details_check_json(rules->plan, bytes, size, violation);
    // After the details, so that a wrong value of them comes before a missing field here.
    if (rules->header_count > 0)
        header_rules_check(rules->header, rules->header_count, event, violation);
    return violation_fail(violation, type);
}

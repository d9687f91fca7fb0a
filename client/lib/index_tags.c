// SPDX-License-Identifier: MIT
// Indexed fields of the details become tags, by which the record finds events as fast as by id.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json_walk.h"
#include "prepare.h"
#include "schema/json_scalar.h"
#include "schema/json_value.h"
#include "schema/message_field.h"

static size_t print_integer(char *out, enum plan_kind kind, int64_t integer)
{
    int size = plan_kind_is_unsigned(kind)
                   ? snprintf(out, OYEZ_PLAN_INDEXED_SIZE_MAX, "%" PRIu64, (uint64_t)integer)
                   : snprintf(out, OYEZ_PLAN_INDEXED_SIZE_MAX, "%" PRId64, integer);
    return (size_t)size;
}

static size_t read_json(char *out, const struct plan_field *field,
                        const struct oyez_json_slice *value)
{
    struct json_scalar scalar;
    bool whole;
    if (value->text[0] == 'n')
        return 0;
    if (field->kind == PLAN_STRING) {
        struct json_string string = json_string_of(value);
        return json_string_decode(out, OYEZ_PLAN_INDEXED_SIZE_MAX, &string, &whole);
    }
    if (json_scalar_read(field, value, &scalar) != NULL)
        return 0;
    return print_integer(out, field->kind, scalar.integer);
}

static size_t read_field(char *out, const struct plan_field *field, const struct wire_field *value)
{
    int64_t integer;
    if (field->kind != PLAN_STRING) {
        message_field_integer(field->kind, value, &integer);
        return print_integer(out, field->kind, integer);
    }
    size_t size =
        value->size < OYEZ_PLAN_INDEXED_SIZE_MAX ? value->size : OYEZ_PLAN_INDEXED_SIZE_MAX;
    memcpy(out, value->bytes, size);
    return size;
}

static oyez_err set_tag(struct oyez_event *event, const struct oyez_type *type,
                        const struct plan_field *field, const char *value)
{
    size_t i = 0;
    while (i < OYEZ_TAGS_MAX && event->tags[i].key != NULL &&
           strcmp(event->tags[i].key, field->name.text) != 0)
        i++;
    if (i == OYEZ_TAGS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE,
                         "%s: %s: tags: none of the %u is free for the indexed details.%s",
                         type->catalog->name, event->event_type, OYEZ_TAGS_MAX, field->name.text);
    event->tags[i] = (struct oyez_tag){field->name.text, value};
    return OYEZ_OK;
}

// Puts the value into the room of the field's number among the indexed ones.
static char *room_of(struct event_additions *additions, const struct type_rules *rules,
                     const struct plan_field *field)
{
    size_t i = 0;
    while (rules->indexed[i] != field)
        i++;
    return additions->tags[i];
}

static oyez_err index_json(struct oyez_event *event, const struct oyez_type *type,
                           const struct type_rules *rules, struct event_additions *additions,
                           const char *text)
{
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && oyez_json_next_member(&text, &key, &value)) {
        const struct plan_field *field = json_field_find(rules->plan, &key);
        if (field == NULL || !field->rules.indexed)
            continue;
        char *tag = room_of(additions, rules, field);
        size_t size = read_json(tag, field, &value);
        tag[size] = '\0';
        if (size > 0)
            err = set_tag(event, type, field, tag);
    }
    return err;
}

static oyez_err index_message(struct oyez_event *event, const struct oyez_type *type,
                              const struct type_rules *rules, struct event_additions *additions,
                              const uint8_t *at, const uint8_t *end)
{
    struct wire_field value;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && at < end && message_read_field(&at, end, &value)) {
        const struct plan_field *field = plan_field_by_number(rules->plan, value.number);
        if (field == NULL || !field->rules.indexed)
            continue;
        char *tag = room_of(additions, rules, field);
        size_t size = read_field(tag, field, &value);
        tag[size] = '\0';
        if (size > 0)
            err = set_tag(event, type, field, tag);
    }
    return err;
}

oyez_err event_index(struct oyez_event *event, const struct oyez_type *type,
                     const struct type_rules *rules, struct event_additions *additions)
{
    const void *bytes;
    size_t size;
    oyez_err err = event_details_bytes(event, type, &bytes, &size);
    if (err != OYEZ_OK)
        return err;
    if (event->details_format != OYEZ_DETAILS_PROTOBUF)
        return index_json(event, type, rules, additions, bytes);
    const uint8_t *at = bytes;
    return index_message(event, type, rules, additions, at, at + size);
}

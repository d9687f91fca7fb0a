// SPDX-License-Identifier: MIT
// Text that details_check_json has accepted becomes a message: nothing here can be wrong any more,
// but memory.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/details.h"
#include "schema/json_base64.h"
#include "schema/json_scalar.h"
#include "schema/json_value.h"
#include "schema/message_writer.h"
#include "wire/field.h"

static const char *put_message(struct message_writer *writer, const struct plan *plan,
                               const char *at);

static void put_tag(struct message_writer *writer, uint32_t number, uint32_t type)
{
    message_put_varint(writer, (uint64_t)number << 3 | type);
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static void put_real(struct message_writer *writer, enum plan_kind kind, double value)
{
    uint64_t bits;
    uint32_t few_bits;
    float small = (float)value;
    memcpy(&bits, &value, sizeof bits);
    memcpy(&few_bits, &small, sizeof few_bits);
    if (kind == PLAN_FLOAT)
        message_put_fixed32(writer, few_bits);
    else
        message_put_fixed64(writer, bits);
}

static void put_moment(struct message_writer *writer, const struct well_known *moment)
{
    size_t mark = message_writer_open(writer);
    if (moment->seconds != 0) {
        put_tag(writer, 1, WIRE_VARINT);
        message_put_varint(writer, (uint64_t)moment->seconds);
    }
    if (moment->nanoseconds != 0) {
        put_tag(writer, 2, WIRE_VARINT);
        message_put_varint(writer, (uint64_t)(int64_t)moment->nanoseconds);
    }
    message_writer_close(writer, mark);
}

static void put_scalar(struct message_writer *writer, enum plan_kind kind,
                       const struct json_scalar *scalar)
{
    switch (kind) {
    case PLAN_DOUBLE:
    case PLAN_FLOAT:
        put_real(writer, kind, scalar->number);
        break;
    case PLAN_SINT32:
    case PLAN_SINT64:
        message_put_varint(writer, zigzag(scalar->integer));
        break;
    case PLAN_FIXED32:
    case PLAN_SFIXED32:
        message_put_fixed32(writer, (uint32_t)scalar->integer);
        break;
    case PLAN_FIXED64:
    case PLAN_SFIXED64:
        message_put_fixed64(writer, (uint64_t)scalar->integer);
        break;
    case PLAN_MESSAGE:
        put_moment(writer, &scalar->moment);
        break;
    default:
        message_put_varint(writer, (uint64_t)scalar->integer);
        break;
    }
}

static void put_string(struct message_writer *writer, const struct json_string *string)
{
    if (!string->escaped) {
        message_put_varint(writer, string->size);
        message_put_raw(writer, string->text, string->size);
        return;
    }
    size_t mark = message_writer_open(writer);
    uint8_t *out = message_writer_reserve(writer, string->size);
    bool whole;
    if (out)
        writer->size += json_string_decode((char *)out, string->size, string, &whole);
    message_writer_close(writer, mark);
}

static void put_bytes(struct message_writer *writer, const struct json_string *string)
{
    size_t mark = message_writer_open(writer);
    uint8_t *out = message_writer_reserve(writer, JSON_BASE64_BYTES_MAX(string->size));
    size_t size;
    if (out && json_base64_decode(out, &size, string))
        writer->size += size;
    message_writer_close(writer, mark);
}

static void put_inline(struct message_writer *writer, const struct oyez_json_slice *value)
{
    size_t mark = message_writer_open(writer);
    uint8_t *out = message_writer_reserve(writer, value->size);
    if (out)
        writer->size += oyez_json_compact((char *)out, value->text, value->size);
    message_writer_close(writer, mark);
}

// A value without its tag. Returns what stands behind it.
static const char *put_value(struct message_writer *writer, const struct plan_rules *rules,
                             const struct plan_field *field, const char *at)
{
    if (field->kind == PLAN_MESSAGE && field->message->special == PLAN_ORDINARY) {
        size_t mark = message_writer_open(writer);
        at = put_message(writer, field->message, at);
        message_writer_close(writer, mark);
        return at;
    }
    struct oyez_json_slice value = {at, (size_t)(oyez_json_skip(at) - at)};
    if (field->kind == PLAN_STRING && rules->json) {
        put_inline(writer, &value);
    } else if (field->kind == PLAN_STRING || field->kind == PLAN_BYTES) {
        struct json_string string = json_string_of(&value);
        if (field->kind == PLAN_STRING)
            put_string(writer, &string);
        else
            put_bytes(writer, &string);
    } else {
        struct json_scalar scalar;
        const char *wrong = json_scalar_read(field, &value, &scalar);
        assert(wrong == NULL);
        put_scalar(writer, field->kind, &scalar);
    }
    return at + value.size;
}

static void put_list(struct message_writer *writer, const struct plan_field *field, const char *at)
{
    const char *first = at;
    // An empty list has no bytes, not even packed.
    if (!oyez_json_more(&first))
        return;
    size_t mark = 0;
    if (field->packed) {
        put_tag(writer, field->number, WIRE_BYTES);
        mark = message_writer_open(writer);
    }
    while (oyez_json_more(&at)) {
        if (!field->packed)
            put_tag(writer, field->number, field->wire_type);
        at = put_value(writer, &field->rules, field, at);
    }
    if (field->packed)
        message_writer_close(writer, mark);
}

static void put_key(struct message_writer *writer, const struct plan_field *field,
                    const struct oyez_json_slice *key)
{
    put_tag(writer, field->number, field->wire_type);
    if (field->kind == PLAN_STRING) {
        struct json_string string = json_string_of(key);
        put_string(writer, &string);
        return;
    }
    struct json_scalar scalar;
    const char *wrong = json_key_read(field, key, &scalar);
    assert(wrong == NULL);
    put_scalar(writer, field->kind, &scalar);
}

static void put_map(struct message_writer *writer, const struct plan_field *field, const char *at)
{
    const struct plan_field *entry = field->message->fields;
    while (oyez_json_more(&at)) {
        struct oyez_json_slice key;
        at = oyez_json_read_key(at, &key);
        put_tag(writer, field->number, WIRE_BYTES);
        size_t mark = message_writer_open(writer);
        put_key(writer, &entry[0], &key);
        put_tag(writer, entry[1].number, entry[1].wire_type);
        at = put_value(writer, &field->rules, &entry[1], at);
        message_writer_close(writer, mark);
    }
}

// Messages go as deep as details_check_json lets them.
static const char *put_message(struct message_writer *writer, const struct plan *plan,
                               const char *at)
{
    const char *values[OYEZ_PLAN_FIELDS_MAX];
    for (size_t i = 0; i < plan->field_count; i++)
        values[i] = NULL;
    while (oyez_json_more(&at)) {
        struct oyez_json_slice key;
        at = oyez_json_read_key(at, &key);
        if (*at != 'n')
            values[json_field_find(plan, &key)->place] = at;
        at = oyez_json_skip(at);
    }
    for (size_t i = 0; i < plan->field_count; i++) {
        const struct plan_field *field = &plan->fields[i];
        if (values[i] == NULL)
            continue;
        if (field->map) {
            put_map(writer, field, values[i]);
        } else if (field->repeated) {
            put_list(writer, field, values[i]);
        } else {
            put_tag(writer, field->number, field->wire_type);
            put_value(writer, &field->rules, field, values[i]);
        }
    }
    return at;
}

oyez_err details_from_json(const struct plan *plan, const char *text, size_t size, uint8_t **bytes,
                           size_t *out_size, struct violation *violation)
{
    oyez_err err = details_check_json(plan, text, size, violation);
    if (err)
        return err;
    struct message_writer writer = {.bytes = NULL};
    // Most messages are smaller than their text; and an empty one has bytes to free, too.
    message_writer_reserve(&writer, size);
    put_message(&writer, plan, text);
    if (writer.failed) {
        free(writer.bytes);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for details as protobuf");
    }
    *bytes = writer.bytes;
    *out_size = writer.size;
    return OYEZ_OK;
}

// SPDX-License-Identifier: MIT
// Messages become JSON. Their bytes may come from anyone: what JSON could not say without losing
// something (a field twice, half a number, a key twice) is malformed.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "json_text.h"
#include "json_walk.h"
#include "oyez/base64.h"
#include "schema/characters.h"
#include "schema/details.h"
#include "schema/message_field.h"
#include "schema/number_text.h"
#include "schema/well_known.h"

#define TEXT_SIZE_MAX (16u * OYEZ_DETAILS_SIZE_MAX)
#define WHOLE_MAX 1e15 // whole numbers below it need no look for the fewest digits

struct writing {
    struct json_text text;
    uint64_t unknown;
    unsigned depth;      // of messages
    unsigned json_depth; // of objects and arrays
};

static bool put_message(struct writing *writing, const struct plan *plan, const uint8_t *bytes,
                        size_t size);

static bool refuse(const char *what, const struct plan_field *field)
{
    oyez_fail(OYEZ_ERR_MALFORMED, "details: %.*s %s", (int)field->name.size, field->name.text,
              what);
    return false;
}

static void put(struct writing *writing, const char *words)
{
    json_text_put_words(&writing->text, words);
}

static void put_real(struct json_text *text, double value)
{
    char digits[NUMBER_TEXT_SIZE];
    if (isnan(value))
        json_text_put_words(text, "\"NaN\"");
    else if (isinf(value))
        json_text_put_words(text, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    else if (value == 0)
        // Read as an integer, -0 would lose its sign.
        json_text_put_words(text, signbit(value) ? "-0.0" : "0");
    else if (fabs(value) < WHOLE_MAX && value == trunc(value))
        json_text_put_signed(text, (int64_t)value);
    else
        json_text_put(text, digits, number_to_text(value, digits));
}

// The fewest digits that read as the same float.
static void put_float(struct json_text *text, float value)
{
    char digits[NUMBER_TEXT_SIZE];
    if (!isfinite(value) || value == 0) {
        put_real(text, (double)value);
        return;
    }
    json_text_put(text, digits, number_float_to_text(value, digits));
}

static bool put_text(struct writing *writing, const struct plan_field *field,
                     const struct wire_field *value)
{
    size_t count;
    if (!characters_count((const char *)value->bytes, value->size, &count))
        return refuse("is not UTF-8", field);
    json_text_put_string(&writing->text, (const char *)value->bytes, value->size);
    return true;
}

static bool put_inline(struct writing *writing, const struct plan_field *field,
                       const struct wire_field *value)
{
    struct json_text *text = &writing->text;
    const char *json = (const char *)value->bytes;
    struct oyez_json_fault fault;
    size_t depth_max = OYEZ_JSON_DEPTH_MAX - writing->json_depth;
    if (!oyez_json_scan_nested(json, value->size, depth_max, &fault))
        return refuse(fault.rule, field);
    if (json_text_reserve(text, value->size))
        text->size += oyez_json_compact(text->bytes + text->size, json, value->size);
    return true;
}

static void put_bytes(struct json_text *text, const struct wire_field *value)
{
    size_t size = oyez_base64_size(value->size);
    json_text_put(text, "\"", 1);
    if (json_text_reserve(text, size)) {
        oyez_base64_encode(text->bytes + text->size, value->bytes, value->size);
        text->size += size;
    }
    json_text_put(text, "\"", 1);
}

static bool put_integer(struct writing *writing, const struct plan_field *field, int64_t value)
{
    struct json_text *text = &writing->text;
    const struct plan_enum_value *named;
    switch (field->kind) {
    case PLAN_BOOL:
        put(writing, value ? "true" : "false");
        break;
    case PLAN_ENUM:
        named = plan_enum_by_number(field->enumeration, (int32_t)value);
        if (named)
            json_text_put_string(text, named->name.text, named->name.size);
        else
            json_text_put_signed(text, value);
        break;
    case PLAN_INT64:
    case PLAN_SINT64:
    case PLAN_SFIXED64:
        put(writing, "\"");
        json_text_put_signed(text, value);
        put(writing, "\"");
        break;
    case PLAN_UINT64:
    case PLAN_FIXED64:
        put(writing, "\"");
        json_text_put_unsigned(text, (uint64_t)value);
        put(writing, "\"");
        break;
    default:
        json_text_put_signed(text, value);
        break;
    }
    return true;
}

static bool put_special(struct writing *writing, const struct plan_field *field,
                        const struct wire_field *value)
{
    struct well_known moment;
    char text[WELL_KNOWN_TEXT_SIZE];
    size_t size = 0;
    if (message_read_well_known(value->bytes, value->size, &moment, &writing->unknown))
        size = field->message->special == PLAN_TIMESTAMP ? timestamp_to_text(&moment, text)
                                                         : duration_to_text(&moment, text);
    if (size == 0)
        return refuse("is out of the range of its kind", field);
    json_text_put_string(&writing->text, text, size);
    return true;
}

// The rules are the field's of which this is a value; within a map `field` is the entry's second.
static bool put_value(struct writing *writing, const struct plan_rules *rules,
                      const struct plan_field *field, const struct wire_field *value)
{
    int64_t integer;
    double number;
    switch (field->kind) {
    case PLAN_DOUBLE:
    case PLAN_FLOAT:
        number = message_field_real(field->kind, value);
        if (field->kind == PLAN_FLOAT)
            put_float(&writing->text, (float)number);
        else
            put_real(&writing->text, number);
        return true;
    case PLAN_STRING:
        return rules->json ? put_inline(writing, field, value) : put_text(writing, field, value);
    case PLAN_BYTES:
        put_bytes(&writing->text, value);
        return true;
    case PLAN_MESSAGE:
        return field->message->special == PLAN_ORDINARY
                   ? put_message(writing, field->message, value->bytes, value->size)
                   : put_special(writing, field, value);
    default:
        return message_field_integer(field->kind, value, &integer)
                   ? put_integer(writing, field, integer)
                   : refuse("is out of the range of its kind", field);
    }
}

static bool put_key(struct writing *writing, const struct plan_field *field,
                    const struct wire_field *value)
{
    bool is_text = field->kind == PLAN_STRING;
    bool is_quoted = is_text || field->kind == PLAN_INT64 || field->kind == PLAN_SINT64 ||
                     field->kind == PLAN_SFIXED64 || field->kind == PLAN_UINT64 ||
                     field->kind == PLAN_FIXED64;
    if (is_text && value->size > 0 && memchr(value->bytes, 0, value->size))
        return refuse("has a NUL in a key", field);
    put(writing, is_quoted ? "" : "\"");
    if (!put_value(writing, &field->rules, field, value))
        return false;
    put(writing, is_quoted ? ":" : "\":");
    return true;
}

static bool put_entry(struct writing *writing, const struct plan_field *field,
                      const struct wire_field *value)
{
    const struct plan_field *entry = field->message->fields;
    struct wire_field key = {.bytes = (const uint8_t *)""};
    struct wire_field element = {.bytes = (const uint8_t *)""};
    if (!message_read_entry(field->message, value, &key, &element, &writing->unknown))
        return refuse("has a malformed element", field);
    // What an entry leaves out is zero; of an enum that is the first value, of a message an empty
    // one.
    return put_key(writing, &entry[0], &key) &&
           put_value(writing, &field->rules, &entry[1], &element);
}

// All elements of a repeated field or a map: they may be apart from each other, packed or not.
static bool put_elements(struct writing *writing, const struct plan_field *field,
                         const uint8_t *from, const uint8_t *end)
{
    struct message_elements elements = {.field = field, .at = from, .end = end};
    struct wire_field value;
    writing->json_depth++;
    const char *before = field->map ? "{" : "[";
    while (message_next_element(&elements, &value)) {
        put(writing, before);
        before = ",";
        bool sound = field->map ? put_entry(writing, field, &value)
                                : put_value(writing, &field->rules, field, &value);
        if (!sound || writing->text.failed)
            return false;
    }
    if (elements.malformed)
        return refuse("has malformed elements", field);
    if (*before != ',')
        put(writing, before);
    put(writing, field->map ? "}" : "]");
    writing->json_depth--;
    return true;
}

static bool put_field(struct writing *writing, const struct plan_field *field,
                      const struct message_place *place)
{
    json_text_put_string(&writing->text, field->name.text, field->name.size);
    put(writing, ":");
    if (field->repeated) {
        if (field->map && !message_keys_differ(field, place))
            return refuse("has a key twice", field);
        return put_elements(writing, field, place->first, place->end);
    }
    struct wire_field value;
    const uint8_t *at = place->first;
    return message_read_field(&at, place->end, &value) &&
           put_value(writing, &field->rules, field, &value);
}

static bool put_message(struct writing *writing, const struct plan *plan, const uint8_t *bytes,
                        size_t size)
{
    struct message_place places[OYEZ_PLAN_FIELDS_MAX];
    if (writing->depth == OYEZ_PLAN_DEPTH_MAX || writing->json_depth >= OYEZ_JSON_DEPTH_MAX) {
        oyez_fail(OYEZ_ERR_MALFORMED, "details: messages nested too deeply");
        return false;
    }
    if (!message_find_places(plan, bytes, size, places, &writing->unknown))
        return false;
    writing->depth++;
    writing->json_depth++;
    put(writing, "{");
    bool first = true;
    for (size_t i = 0; i < plan->field_count && !writing->text.failed; i++) {
        if (places[i].first == NULL)
            continue;
        put(writing, first ? "" : ",");
        first = false;
        if (!put_field(writing, &plan->fields[i], &places[i]))
            return false;
    }
    put(writing, "}");
    writing->depth--;
    writing->json_depth--;
    return !writing->text.failed;
}

static oyez_err fail_text(const struct json_text *text)
{
    if (text->failed == OYEZ_ERR_TOO_LARGE)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "details: larger than %u bytes as JSON",
                         TEXT_SIZE_MAX);
    if (text->failed)
        return oyez_fail(text->failed, "no memory for details as JSON");
    return OYEZ_ERR_MALFORMED; // whoever found it has told
}

oyez_err details_to_json(const struct plan *plan, const uint8_t *bytes, size_t size, char **text,
                         size_t *out_size, uint64_t *unknown)
{
    struct writing writing = {.text.size_max = TEXT_SIZE_MAX};
    if (size > OYEZ_DETAILS_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "details: larger than %u bytes",
                         OYEZ_DETAILS_SIZE_MAX);
    json_text_reserve(&writing.text, 2 * size + 64);
    bool sound = put_message(&writing, plan, bytes, size);
    json_text_put(&writing.text, "", 1);
    if (!sound || writing.text.failed) {
        free(writing.text.bytes);
        return fail_text(&writing.text);
    }
    if (unknown)
        *unknown = writing.unknown;
    *text = writing.text.bytes;
    *out_size = writing.text.size - 1;
    return OYEZ_OK;
}

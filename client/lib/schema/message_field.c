// SPDX-License-Identifier: MIT
#include "schema/message_field.h"

#include <string.h>

#include "schema/key_order.h"

bool message_read_field(const uint8_t **at, const uint8_t *end, struct wire_field *field)
{
    struct wire_reader reader = {*at, end};
    if (!wire_read_field(&reader, field))
        return false;
    if (field->type == WIRE_FIXED32) {
        for (unsigned i = 0; i < 4; i++)
            field->integer |= (uint64_t)reader.at[(int)i - 4] << (8 * i);
    }
    *at = reader.at;
    return true;
}

static bool is_packed(const struct plan_field *field, const struct wire_field *value)
{
    return field->repeated && value->type == WIRE_BYTES && field->wire_type != WIRE_BYTES;
}

static bool refuse(const char *what, const struct plan_field *field)
{
    oyez_fail(OYEZ_ERR_MALFORMED, "details: %.*s %s", (int)field->name.size, field->name.text,
              what);
    return false;
}

static bool take_oneof(uint64_t *oneofs, const struct plan_field *field)
{
    if (field->oneof == 0)
        return true;
    size_t bit = field->oneof - 1u;
    uint64_t mask = UINT64_C(1) << (bit % 64);
    bool taken = (oneofs[bit / 64] & mask) != 0;
    oneofs[bit / 64] |= mask;
    return !taken;
}

bool message_find_places(const struct plan *plan, const uint8_t *bytes, size_t size,
                         struct message_place *places, uint64_t *unknown)
{
    uint64_t oneofs[OYEZ_PLAN_FIELDS_MAX / 64] = {0};
    const uint8_t *end = bytes + size;
    memset(places, 0, plan->field_count * sizeof *places);
    for (const uint8_t *at = bytes; at < end;) {
        const uint8_t *first = at;
        struct wire_field value;
        if (!message_read_field(&at, end, &value)) {
            oyez_fail(OYEZ_ERR_MALFORMED, "details: no protobuf message");
            return false;
        }
        const struct plan_field *field = plan_field_by_number(plan, value.number);
        if (field == NULL) {
            ++*unknown;
            continue;
        }
        if (value.type != field->wire_type && !is_packed(field, &value))
            return refuse("is of another kind", field);
        struct message_place *place = &places[field->place];
        if (place->first && !field->repeated)
            return refuse("stands twice", field);
        if (!place->first && !take_oneof(oneofs, field))
            return refuse("stands beside another field of the same choice", field);
        if (!place->first)
            place->first = first;
        place->end = at;
    }
    return true;
}

// Packed elements have no tags: each is read as a field whose tag was there.
static bool read_packed(struct message_elements *elements, struct wire_field *value)
{
    struct wire_reader reader = {elements->packed, elements->packed_end};
    bool read = false;
    *value = (struct wire_field){.type = elements->field->wire_type};
    if (value->type == WIRE_VARINT) {
        read = wire_read_varint(&reader, &value->integer);
    } else if (value->type == WIRE_FIXED64) {
        read = wire_read_fixed64(&reader, &value->integer);
    } else if (reader.end - reader.at >= 4) {
        for (unsigned i = 0; i < 4; i++)
            value->integer |= (uint64_t)*reader.at++ << (8 * i);
        read = true;
    }
    elements->packed = reader.at;
    elements->malformed = !read;
    return read;
}

bool message_next_element(struct message_elements *elements, struct wire_field *value)
{
    for (;;) {
        if (elements->packed < elements->packed_end)
            return read_packed(elements, value);
        if (elements->at == elements->end)
            return false;
        if (!message_read_field(&elements->at, elements->end, value)) {
            elements->malformed = true;
            return false;
        }
        if (value->number != elements->field->number)
            continue;
        if (!is_packed(elements->field, value))
            return true;
        elements->packed = value->bytes;
        elements->packed_end = value->bytes + value->size;
    }
}

bool message_read_entry(const struct plan *entry, const struct wire_field *element,
                        struct wire_field *key, struct wire_field *value, uint64_t *unknown)
{
    const uint8_t *end = element->bytes + element->size;
    bool seen[2] = {false, false};
    for (const uint8_t *at = element->bytes; at < end;) {
        struct wire_field field;
        if (!message_read_field(&at, end, &field))
            return false;
        if (field.number > 2) {
            ++*unknown;
            continue;
        }
        size_t place = field.number - 1;
        if (seen[place] || field.type != entry->fields[place].wire_type)
            return false;
        seen[place] = true;
        *(place == 0 ? key : value) = field;
    }
    return true;
}

static struct wire_field read_key(const uint8_t *at, const uint8_t *end)
{
    struct wire_field element = {0};
    struct wire_field key = {.bytes = (const uint8_t *)""};
    message_read_field(&at, end, &element);
    const uint8_t *element_end = element.bytes + element.size;
    struct wire_field field;
    for (at = element.bytes; at < element_end && message_read_field(&at, element_end, &field);) {
        if (field.number == 1)
            key = field;
    }
    return key;
}

struct key_base {
    const uint8_t *first;
    const uint8_t *end;
};

static int compare_keys(const void *base, uint32_t a, uint32_t b)
{
    const struct key_base *keys = base;
    struct wire_field a_key = read_key(keys->first + a, keys->end);
    struct wire_field b_key = read_key(keys->first + b, keys->end);
    if (a_key.integer != b_key.integer)
        return a_key.integer < b_key.integer ? -1 : 1;
    if (a_key.size != b_key.size)
        return a_key.size < b_key.size ? -1 : 1;
    return a_key.size > 0 ? memcmp(a_key.bytes, b_key.bytes, a_key.size) : 0;
}

bool message_keys_differ(const struct plan_field *field, const struct message_place *place)
{
    struct key_base base = {place->first, place->end};
    uint32_t keys[OYEZ_DETAILS_KEYS_MAX];
    size_t count = 0;
    for (const uint8_t *at = place->first; at < place->end;) {
        uint32_t offset = (uint32_t)(at - place->first);
        struct wire_field element;
        if (!message_read_field(&at, place->end, &element))
            return false;
        if (element.number != field->number)
            continue;
        if (count == OYEZ_DETAILS_KEYS_MAX)
            return false;
        keys[count++] = offset;
    }
    uint32_t which;
    return !keys_repeat(keys, count, &base, compare_keys, &which);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)((value >> 1) ^ (UINT64_C(0) - (value & 1)));
}

bool message_field_integer(enum plan_kind kind, const struct wire_field *value, int64_t *out)
{
    uint64_t bits = value->integer;
    *out = (int64_t)bits;
    switch (kind) {
    case PLAN_INT32:
    case PLAN_ENUM:
        return *out >= INT32_MIN && *out <= INT32_MAX;
    case PLAN_UINT32:
        return bits <= UINT32_MAX;
    case PLAN_BOOL:
        return bits <= 1;
    case PLAN_SINT32:
        *out = unzigzag(bits);
        return bits <= UINT32_MAX;
    case PLAN_SINT64:
        *out = unzigzag(bits);
        return true;
    case PLAN_SFIXED32:
        *out = (int32_t)(uint32_t)bits;
        return true;
    default:
        return true;
    }
}

double message_field_real(enum plan_kind kind, const struct wire_field *value)
{
    double wide;
    float narrow;
    uint32_t bits = (uint32_t)value->integer;
    memcpy(&wide, &value->integer, sizeof wide);
    memcpy(&narrow, &bits, sizeof narrow);
    return kind == PLAN_FLOAT ? (double)narrow : wide;
}

bool message_read_well_known(const uint8_t *bytes, size_t size, struct well_known *out,
                             uint64_t *unknown)
{
    const uint8_t *end = bytes + size;
    bool seen[2] = {false, false};
    *out = (struct well_known){.seconds = 0};
    for (const uint8_t *at = bytes; at < end;) {
        struct wire_field field;
        if (!message_read_field(&at, end, &field))
            return false;
        if (field.number > 2) {
            ++*unknown;
            continue;
        }
        int64_t integer;
        enum plan_kind kind = field.number == 1 ? PLAN_INT64 : PLAN_INT32;
        if (field.type != WIRE_VARINT || seen[field.number - 1] ||
            !message_field_integer(kind, &field, &integer))
            return false;
        seen[field.number - 1] = true;
        if (field.number == 1)
            out->seconds = integer;
        else
            out->nanoseconds = (int32_t)integer;
    }
    return true;
}

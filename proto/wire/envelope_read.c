// SPDX-License-Identifier: MIT
#include <assert.h>
#include <string.h>

#include "wire/envelope.h"
#include "wire/field.h"
#include "wire/header.h"

#define TAGS_FIELD 17u

// Row of each EventHeader field, of its first inner field where it is a submessage.
static const uint8_t first_rows[TAGS_FIELD] = {
    [1] = 0,  [2] = 1,   [3] = 2,   [4] = 3,   [5] = 4,   [6] = 5,   [7] = 6,   [8] = 7,
    [9] = 10, [10] = 14, [11] = 15, [12] = 16, [13] = 18, [14] = 19, [15] = 22, [16] = 25,
};

// An encoded header and its copy in the scratch room. A text's NUL goes over the tag of whatever
// field comes next in the copy: each is read from the original, so nobody misses it.
struct header_reader {
    struct oyez_event *event;
    const uint8_t *bytes;
    char *scratch;
    size_t tag_count;
};

static oyez_err refuse(const char *where, const char *name, const char *what)
{
    return oyez_fail(OYEZ_ERR_MALFORMED, "%s: %s%s%s", where, name, *name ? " " : "", what);
}

// Takes one occurrence of a field: refuses the second.
static bool take_once(uint32_t *seen, uint32_t number)
{
    uint32_t bit = UINT32_C(1) << number;
    bool first = (*seen & bit) == 0;
    *seen |= bit;
    return first;
}

static oyez_err check_part_sizes(const struct oyez_event_parts *parts)
{
    if (parts->header_size > OYEZ_HEADER_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "event: header of %zu bytes; the limit is %u",
                         parts->header_size, OYEZ_HEADER_SIZE_MAX);
    if (parts->details_size > OYEZ_DETAILS_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "event: details of %zu bytes; the limit is %u",
                         parts->details_size, OYEZ_DETAILS_SIZE_MAX);
    if (parts->signature_size > OYEZ_SIGNATURE_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "event: signature of %zu bytes; the limit is %u",
                         parts->signature_size, OYEZ_SIGNATURE_SIZE_MAX);
    if (parts->salt && parts->salt_size != OYEZ_SALT_SIZE)
        return oyez_fail(OYEZ_ERR_MALFORMED, "event: salt of %zu bytes, not %u", parts->salt_size,
                         OYEZ_SALT_SIZE);
    return OYEZ_OK;
}

static bool take_bytes(const struct wire_field *field, const uint8_t **bytes, size_t *size)
{
    if (field->type != WIRE_BYTES)
        return false;
    *bytes = field->bytes;
    *size = field->size;
    return true;
}

static bool take_format(const struct wire_field *field, enum oyez_details_format *format)
{
    if (field->type != WIRE_VARINT)
        return false;
    if (field->integer != OYEZ_DETAILS_JSON && field->integer != OYEZ_DETAILS_PROTOBUF)
        return false;
    *format = (enum oyez_details_format)field->integer;
    return true;
}

oyez_err oyez_event_split(struct oyez_event_parts *out, const uint8_t *event, size_t size)
{
    static const char *const names[] = {"",     "header",   "details", "details_format",
                                        "salt", "signature"};
    memset(out, 0, sizeof *out);
    struct wire_reader reader = {.at = event, .end = event + size};
    uint32_t seen = 0;
    while (reader.at < reader.end) {
        struct wire_field field;
        if (!wire_read_field(&reader, &field))
            return refuse("event", "", "cut off or no protobuf");
        if (field.number > 5)
            return oyez_fail(OYEZ_ERR_MALFORMED, "event: unknown field %u", field.number);
        if (!take_once(&seen, field.number))
            return refuse("event", names[field.number], "stands twice");
        bool taken = false;
        switch (field.number) {
        case 1:
            taken = take_bytes(&field, &out->header, &out->header_size);
            break;
        case 2:
            taken = take_bytes(&field, &out->details, &out->details_size);
            break;
        case 3:
            taken = take_format(&field, &out->details_format);
            break;
        case 4:
            taken = take_bytes(&field, &out->salt, &out->salt_size);
            break;
        case 5:
            taken = take_bytes(&field, &out->signature, &out->signature_size);
            break;
        }
        if (!taken)
            return refuse("event", names[field.number], "is not what it should be");
    }
    return OYEZ_OK;
}

// Gives a field's text its NUL in the scratch room.
static oyez_err take_text(const struct header_reader *header, const char *name,
                          const struct wire_field *field, const char **text)
{
    if (field->type != WIRE_BYTES)
        return refuse("event header", name, "is no text");
    if (!oyez_utf8_is_valid(field->bytes, field->size))
        return refuse("event header", name, "is not UTF-8, or has a NUL inside");
    char *copy = header->scratch + (field->bytes - header->bytes);
    copy[field->size] = '\0';
    *text = copy;
    return OYEZ_OK;
}

static oyez_err take_value(const struct header_reader *header, const struct oyez_header_field *row,
                           const struct wire_field *field)
{
    struct oyez_event *event = header->event;
    switch (row->kind) {
    case OYEZ_HEADER_TEXT: {
        const char *text = NULL;
        oyez_err err = take_text(header, row->name, field, &text);
        if (!err)
            memcpy((char *)event + row->offset, &text, sizeof text);
        return err;
    }
    case OYEZ_HEADER_UUID:
        if (field->type != WIRE_BYTES || field->size != OYEZ_UUID_SIZE)
            return refuse("event header", row->name, "is not 16 bytes");
        memcpy(event->event_id.bytes, field->bytes, OYEZ_UUID_SIZE);
        return OYEZ_OK;
    case OYEZ_HEADER_TIME:
        if (field->type != WIRE_FIXED64)
            return refuse("event header", row->name, "is no sfixed64");
        event->occurred_at = (int64_t)field->integer;
        return OYEZ_OK;
    case OYEZ_HEADER_UINT:
        if (field->type != WIRE_VARINT)
            return refuse("event header", row->name, "is no varint");
        event->aggregate_version = field->integer;
        event->has_aggregate_version = true;
        return OYEZ_OK;
    }
    return OYEZ_OK;
}

// Row of an inner field of the submessage that begins at `first`; NULL = unknown.
static const struct oyez_header_field *inner_row(const struct oyez_header_field *first,
                                                 uint32_t number)
{
    size_t left = (size_t)(oyez_header_fields + OYEZ_HEADER_FIELD_COUNT - first);
    if (number > left)
        return NULL;
    const struct oyez_header_field *row = first + number - 1;
    return row->outer_field == first->outer_field ? row : NULL;
}

static oyez_err read_submessage(const struct header_reader *header,
                                const struct oyez_header_field *first,
                                const struct wire_field *outer)
{
    if (outer->type != WIRE_BYTES)
        return refuse("event header", first->name, "stands in no submessage");
    struct wire_reader reader = {.at = outer->bytes, .end = outer->bytes + outer->size};
    uint32_t seen = 0;
    while (reader.at < reader.end) {
        struct wire_field field;
        if (!wire_read_field(&reader, &field))
            return refuse("event header", first->name, "is cut off or no protobuf");
        const struct oyez_header_field *row = inner_row(first, field.number);
        if (!row)
            continue;
        if (!take_once(&seen, field.number))
            return refuse("event header", row->name, "stands twice");
        oyez_err err = take_value(header, row, &field);
        if (err)
            return err;
    }
    return OYEZ_OK;
}

static oyez_err read_tag(struct header_reader *header, const struct wire_field *outer)
{
    if (header->tag_count == OYEZ_TAGS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "event header: more than %u tags", OYEZ_TAGS_MAX);
    if (outer->type != WIRE_BYTES)
        return refuse("event header", "tags", "stand in no submessage");
    struct oyez_tag *tag = &header->event->tags[header->tag_count++];
    struct wire_reader reader = {.at = outer->bytes, .end = outer->bytes + outer->size};
    uint32_t seen = 0;
    while (reader.at < reader.end) {
        struct wire_field field;
        if (!wire_read_field(&reader, &field))
            return refuse("event header", "tag", "is cut off or no protobuf");
        if (field.number > 2)
            continue;
        if (!take_once(&seen, field.number))
            return refuse("event header", "tag", "has two keys or values");
        oyez_err err = take_text(header, field.number == 1 ? "tag key" : "tag value", &field,
                                 field.number == 1 ? &tag->key : &tag->value);
        if (err)
            return err;
    }
    if (!tag->key || !tag->value)
        return refuse("event header", "tag", "has no key or no value");
    return OYEZ_OK;
}

static oyez_err read_header(struct header_reader *header, size_t size)
{
    struct wire_reader reader = {.at = header->bytes, .end = header->bytes + size};
    uint32_t seen = 0;
    while (reader.at < reader.end) {
        struct wire_field field;
        if (!wire_read_field(&reader, &field))
            return refuse("event header", "", "cut off or no protobuf");
        if (field.number > TAGS_FIELD)
            continue;
        oyez_err err;
        if (field.number == TAGS_FIELD) {
            err = read_tag(header, &field);
        } else {
            const struct oyez_header_field *row = &oyez_header_fields[first_rows[field.number]];
            assert(row->outer_field == field.number);
            if (!take_once(&seen, field.number))
                return refuse("event header", row->name, "stands twice");
            err = row->inner_field ? read_submessage(header, row, &field)
                                   : take_value(header, row, &field);
        }
        if (err)
            return err;
    }
    return OYEZ_OK;
}

oyez_err oyez_event_decode(struct oyez_event *out, const uint8_t *event, size_t size, char *scratch)
{
    struct oyez_event_parts parts;
    oyez_err err = oyez_event_split(&parts, event, size);
    if (!err)
        err = check_part_sizes(&parts);
    if (err)
        return err;
    memset(out, 0, offsetof(struct oyez_event, stamp));
    // Empty is absent: details of size 0 would be taken for text up to a NUL.
    out->details = parts.details_size > 0 ? parts.details : NULL;
    out->details_size = parts.details_size;
    out->details_format = parts.details_format;
    out->salt = parts.salt;
    out->signature = parts.signature_size > 0 ? parts.signature : NULL;
    out->signature_size = parts.signature_size;
    if (parts.header_size == 0)
        return OYEZ_OK;
    struct header_reader header = {.event = out, .bytes = parts.header, .scratch = scratch};
    memcpy(scratch, parts.header, parts.header_size);
    return read_header(&header, parts.header_size);
}

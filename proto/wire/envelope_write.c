// SPDX-License-Identifier: MIT
#include <assert.h>
#include <string.h>

#include "wire/envelope.h"
#include "wire/field.h"
#include "wire/header.h"

#define TAGS_FIELD 17u

static inline const char *text_of(const struct oyez_event *event,
                                  const struct oyez_header_field *row)
{
    const char *text;
    memcpy(&text, (const char *)event + row->offset, sizeof text);
    return text;
}

static inline bool is_present(const struct oyez_event *event, const struct oyez_header_field *row)
{
    uint64_t halves[2];
    switch (row->kind) {
    case OYEZ_HEADER_TEXT:
        return text_of(event, row) != NULL;
    case OYEZ_HEADER_UUID:
        memcpy(halves, event->event_id.bytes, sizeof halves);
        return (halves[0] | halves[1]) != 0;
    case OYEZ_HEADER_TIME:
        return event->occurred_at != 0;
    case OYEZ_HEADER_UINT:
        return event->has_aggregate_version;
    }
    return false;
}

// Bytes of one header field with its tag; 0 = absent.
static inline size_t measure_field(const struct oyez_event *event,
                                   const struct oyez_header_field *row, uint32_t number)
{
    if (!is_present(event, row))
        return 0;
    switch (row->kind) {
    case OYEZ_HEADER_TEXT:
        return wire_bytes_field_size(number, strlen(text_of(event, row)));
    case OYEZ_HEADER_UUID:
        return wire_bytes_field_size(number, OYEZ_UUID_SIZE);
    case OYEZ_HEADER_TIME:
        return 1 + sizeof(uint64_t);
    case OYEZ_HEADER_UINT:
        return 1 + wire_varint_size(event->aggregate_version);
    }
    return 0;
}

static inline uint8_t *write_field(uint8_t *out, const struct oyez_event *event,
                                   const struct oyez_header_field *row, uint32_t number)
{
    if (!is_present(event, row))
        return out;
    switch (row->kind) {
    case OYEZ_HEADER_TEXT: {
        const char *text = text_of(event, row);
        return wire_write_bytes_field(out, number, text, strlen(text));
    }
    case OYEZ_HEADER_UUID:
        return wire_write_bytes_field(out, number, event->event_id.bytes, OYEZ_UUID_SIZE);
    case OYEZ_HEADER_TIME:
        out = wire_write_tag(out, number, WIRE_FIXED64);
        return wire_write_fixed64(out, (uint64_t)event->occurred_at);
    case OYEZ_HEADER_UINT:
        out = wire_write_tag(out, number, WIRE_VARINT);
        return wire_write_varint(out, event->aggregate_version);
    }
    return out;
}

static const char *tag_value(const struct oyez_tag *tag)
{
    return tag->value ? tag->value : "";
}

static size_t measure_tag(const struct oyez_tag *tag)
{
    return wire_bytes_field_size(1, strlen(tag->key)) +
           wire_bytes_field_size(2, strlen(tag_value(tag)));
}

static size_t measure_tags(const struct oyez_event *event)
{
    size_t size = 0;
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++)
        size += wire_bytes_field_size(TAGS_FIELD, measure_tag(&event->tags[i]));
    return size;
}

static uint8_t *write_tags(uint8_t *out, const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key; i++) {
        const struct oyez_tag *tag = &event->tags[i];
        out = wire_write_tag(out, TAGS_FIELD, WIRE_BYTES);
        out = wire_write_varint(out, measure_tag(tag));
        out = wire_write_bytes_field(out, 1, tag->key, strlen(tag->key));
        out = wire_write_bytes_field(out, 2, tag_value(tag), strlen(tag_value(tag)));
    }
    return out;
}

static size_t measure_header(const struct oyez_event *event)
{
    const struct oyez_header_field *row = oyez_header_fields;
    const struct oyez_header_field *end = row + OYEZ_HEADER_FIELD_COUNT;
    size_t size = 0;
    while (row < end) {
        if (row->inner_field == 0) {
            size += measure_field(event, row, row->outer_field);
            row++;
            continue;
        }
        unsigned outer = row->outer_field;
        size_t inner_size = 0;
        for (; row < end && row->outer_field == outer; row++)
            inner_size += measure_field(event, row, row->inner_field);
        if (inner_size > 0)
            size += wire_bytes_field_size(outer, inner_size);
    }
    return size + measure_tags(event);
}

// Puts tag and length in front of a submessage written at out + 2, which moves when its length
// takes more than one byte. Measuring it first would take the length of every text once more.
static uint8_t *close_submessage(uint8_t *out, uint32_t number, const uint8_t *end)
{
    size_t size = (size_t)(end - out) - 2;
    uint8_t *length = wire_write_tag(out, number, WIRE_BYTES);
    assert(length == out + 1); // submessages have numbers below 16
    size_t length_size = wire_varint_size(size);
    if (length_size > 1)
        memmove(length + length_size, length + 1, size);
    return wire_write_varint(length, size) + size;
}

static uint8_t *write_header(uint8_t *out, const struct oyez_event *event)
{
    const struct oyez_header_field *row = oyez_header_fields;
    const struct oyez_header_field *end = row + OYEZ_HEADER_FIELD_COUNT;
    while (row < end) {
        if (row->inner_field == 0) {
            out = write_field(out, event, row, row->outer_field);
            row++;
            continue;
        }
        // The fields are written where they stand behind a tag and a length of one byte each; the
        // tag only when there are any, for `out` may end right here.
        uint8_t *body = out + 2;
        uint8_t *at = body;
        unsigned outer = row->outer_field;
        for (; row < end && row->outer_field == outer; row++)
            at = write_field(at, event, row, row->inner_field);
        if (at > body)
            out = close_submessage(out, outer, at);
    }
    return write_tags(out, event);
}

size_t oyez_event_measure(const struct oyez_event *event, size_t *header_size)
{
    *header_size = measure_header(event);
    size_t size = 0;
    if (*header_size > 0)
        size += wire_bytes_field_size(1, *header_size);
    if (event->details_size > 0)
        size += wire_bytes_field_size(2, event->details_size);
    if (event->details_format != 0)
        size += 1 + wire_varint_size((uint64_t)event->details_format);
    if (event->salt)
        size += wire_bytes_field_size(4, OYEZ_SALT_SIZE);
    if (event->signature_size > 0)
        size += wire_bytes_field_size(5, event->signature_size);
    return size;
}

size_t oyez_event_encode(const struct oyez_event *event, size_t header_size, uint8_t *out)
{
    uint8_t *at = out;
    if (header_size > 0) {
        at = wire_write_tag(at, 1, WIRE_BYTES);
        at = wire_write_varint(at, header_size);
        uint8_t *header = at;
        at = write_header(at, event);
        assert((size_t)(at - header) == header_size);
    }
    if (event->details_size > 0)
        at = wire_write_bytes_field(at, 2, event->details, event->details_size);
    if (event->details_format != 0) {
        at = wire_write_tag(at, 3, WIRE_VARINT);
        at = wire_write_varint(at, (uint64_t)event->details_format);
    }
    if (event->salt)
        at = wire_write_bytes_field(at, 4, event->salt, OYEZ_SALT_SIZE);
    if (event->signature_size > 0)
        at = wire_write_bytes_field(at, 5, event->signature, event->signature_size);
    return (size_t)(at - out);
}

// SPDX-License-Identifier: MIT
// Protobuf fields, one at a time: what the envelope's reader and writer are made of.
// Inline, because an event has some thirty of them.
#ifndef OYEZ_WIRE_FIELD_H
#define OYEZ_WIRE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_reader {
    const uint8_t *at;
    const uint8_t *end;
};

struct wire_field {
    uint32_t number;
    uint32_t type;        // enum wire_type
    uint64_t integer;     // of a varint or fixed64
    const uint8_t *bytes; // of WIRE_BYTES, in the reader's input
    size_t size;
};

// Reads up to ten bytes; false at the end of the input and beyond 64 bits.
static inline bool wire_read_varint(struct wire_reader *reader, uint64_t *value)
{
    if (reader->at < reader->end && *reader->at < 0x80) {
        *value = *reader->at++;
        return true;
    }
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 70 && reader->at < reader->end; shift += 7) {
        uint8_t byte = *reader->at++;
        if (shift == 63 && byte > 1)
            return false;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return true;
        }
    }
    return false;
}

static inline bool wire_read_fixed64(struct wire_reader *reader, uint64_t *value)
{
    if (reader->end - reader->at < 8)
        return false;
    uint64_t sum = 0;
    for (unsigned i = 0; i < 8; i++)
        sum |= (uint64_t)reader->at[i] << (8 * i);
    reader->at += 8;
    *value = sum;
    return true;
}

static inline bool wire_read_bytes(struct wire_reader *reader, struct wire_field *field)
{
    uint64_t size;
    if (!wire_read_varint(reader, &size) || size > (size_t)(reader->end - reader->at))
        return false;
    field->bytes = reader->at;
    field->size = (size_t)size;
    reader->at += size;
    return true;
}

// Reads the next field whole. False when it leads out of the input, has number 0 or above 2^29 - 1,
// or is a group, which no Oyez format ever had.
static inline bool wire_read_field(struct wire_reader *reader, struct wire_field *field)
{
    uint64_t tag;
    *field = (struct wire_field){0};
    if (!wire_read_varint(reader, &tag) || tag > UINT32_MAX || tag < 8)
        return false;
    field->number = (uint32_t)tag >> 3;
    field->type = (uint32_t)tag & 7;
    switch (field->type) {
    case WIRE_VARINT:
        return wire_read_varint(reader, &field->integer);
    case WIRE_FIXED64:
        return wire_read_fixed64(reader, &field->integer);
    case WIRE_BYTES:
        return wire_read_bytes(reader, field);
    case WIRE_FIXED32:
        if (reader->end - reader->at < 4)
            return false;
        reader->at += 4;
        return true;
    default:
        return false;
    }
}

static inline size_t wire_varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >= 0x80) {
        value >>= 7;
        size++;
    }
    return size;
}

static inline size_t wire_tag_size(uint32_t number)
{
    return number < 16 ? 1 : wire_varint_size((uint64_t)number << 3);
}

static inline size_t wire_bytes_field_size(uint32_t number, size_t size)
{
    return wire_tag_size(number) + wire_varint_size(size) + size;
}

// The writers return the first byte behind what they wrote.
static inline uint8_t *wire_write_varint(uint8_t *out, uint64_t value)
{
    while (value >= 0x80) {
        *out++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *out++ = (uint8_t)value;
    return out;
}

static inline uint8_t *wire_write_tag(uint8_t *out, uint32_t number, enum wire_type type)
{
    return wire_write_varint(out, (uint64_t)number << 3 | (uint64_t)type);
}

static inline uint8_t *wire_write_fixed64(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        *out++ = (uint8_t)(value >> (8 * i));
    return out;
}

static inline uint8_t *wire_write_bytes_field(uint8_t *out, uint32_t number, const void *bytes,
                                              size_t size)
{
    out = wire_write_tag(out, number, WIRE_BYTES);
    out = wire_write_varint(out, size);
    if (size > 0)
        memcpy(out, bytes, size);
    return out + size;
}

#endif

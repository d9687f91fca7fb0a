// SPDX-License-Identifier: MIT
#include "schema/message_writer.h"

#include <stdlib.h>
#include <string.h>

#include "wire/field.h"

#define CAPACITY_FIRST 256u

uint8_t *message_writer_reserve(struct message_writer *writer, size_t more)
{
    if (writer->failed)
        return NULL;
    size_t needed = writer->size + more;
    if (needed > writer->capacity) {
        size_t capacity = writer->capacity > 0 ? writer->capacity * 2 : CAPACITY_FIRST;
        if (capacity < needed)
            capacity = needed;
        uint8_t *bytes = realloc(writer->bytes, capacity);
        if (bytes == NULL) {
            writer->failed = true;
            return NULL;
        }
        writer->bytes = bytes;
        writer->capacity = capacity;
    }
    return writer->bytes + writer->size;
}

void message_put_varint(struct message_writer *writer, uint64_t value)
{
    uint8_t *out = message_writer_reserve(writer, 10);
    if (out)
        writer->size += (size_t)(wire_write_varint(out, value) - out);
}

void message_put_fixed32(struct message_writer *writer, uint32_t value)
{
    uint8_t *out = message_writer_reserve(writer, 4);
    if (out == NULL)
        return;
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (8 * i));
    writer->size += 4;
}

void message_put_fixed64(struct message_writer *writer, uint64_t value)
{
    uint8_t *out = message_writer_reserve(writer, 8);
    if (out)
        writer->size += (size_t)(wire_write_fixed64(out, value) - out);
}

void message_put_raw(struct message_writer *writer, const void *bytes, size_t size)
{
    uint8_t *out = size > 0 ? message_writer_reserve(writer, size) : NULL;
    if (out) {
        memcpy(out, bytes, size);
        writer->size += size;
    }
}

size_t message_writer_open(struct message_writer *writer)
{
    // Most lengths take one byte; message_writer_close makes room for more.
    if (message_writer_reserve(writer, 1))
        writer->size++;
    return writer->size;
}

void message_writer_close(struct message_writer *writer, size_t mark)
{
    size_t size = writer->size - mark;
    size_t more = wire_varint_size(size) - 1;
    if (writer->failed || (more > 0 && message_writer_reserve(writer, more) == NULL))
        return;
    if (more > 0)
        memmove(writer->bytes + mark + more, writer->bytes + mark, size);
    wire_write_varint(writer->bytes + mark - 1, size);
    writer->size += more;
}

// SPDX-License-Identifier: MIT
// Protobuf bytes that grow while they are written. A failed allocation is remembered.
#ifndef OYEZ_SCHEMA_MESSAGE_WRITER_H
#define OYEZ_SCHEMA_MESSAGE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Zeroed it is empty. `bytes` is the writer's to free.
struct message_writer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    bool failed;
};

// message_writer_reserve returns room for `more` bytes behind `size`, or NULL once memory was refused.
uint8_t *message_writer_reserve(struct message_writer *writer, size_t more);

void message_put_varint(struct message_writer *writer, uint64_t value);
void message_put_fixed32(struct message_writer *writer, uint32_t value);
void message_put_fixed64(struct message_writer *writer, uint64_t value);
void message_put_raw(struct message_writer *writer, const void *bytes, size_t size);

// message_writer_open begins a value whose length is not known yet: a message, packed elements, a
// string. The returned mark is for message_writer_close, which writes the length before it.
size_t message_writer_open(struct message_writer *writer);
void message_writer_close(struct message_writer *writer, size_t mark);

#endif

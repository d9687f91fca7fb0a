// SPDX-License-Identifier: MIT
#include "inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"

#define LENGTH_SIZE sizeof(uint64_t)

static bool grow(struct inbox_buffer *buffer, size_t size)
{
    if (buffer->capacity >= size)
        return true;
    size_t capacity = buffer->capacity == 0 ? 4096 : buffer->capacity;
    while (capacity < size)
        capacity *= 2;
    uint8_t *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL)
        return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

bool inbox_put(struct inbox *inbox, const void *frame, size_t size)
{
    struct inbox_buffer *waiting = &inbox->waiting;
    // Each half takes half of the bound; an empty half takes any frame.
    size_t need = waiting->size + LENGTH_SIZE + size;
    if (waiting->size != 0 && need > OYEZ_SUBSCRIPTION_BYTES_MAX / 2)
        return false;
    if (!grow(waiting, need))
        return false;
    uint64_t length = size;
    memcpy(waiting->bytes + waiting->size, &length, LENGTH_SIZE);
    memcpy(waiting->bytes + waiting->size + LENGTH_SIZE, frame, size);
    waiting->size = need;
    return true;
}

bool inbox_has_waiting(const struct inbox *inbox)
{
    return inbox->waiting.size != 0;
}

bool inbox_has_taken(const struct inbox *inbox)
{
    return inbox->read < inbox->taken.size;
}

void inbox_take(struct inbox *inbox)
{
    assert(!inbox_has_taken(inbox));
    struct inbox_buffer empty = inbox->taken;
    empty.size = 0;
    inbox->taken = inbox->waiting;
    inbox->waiting = empty;
    inbox->read = 0;
}

bool inbox_next(struct inbox *inbox, const uint8_t **frame, size_t *size)
{
    if (!inbox_has_taken(inbox))
        return false;
    uint64_t length;
    memcpy(&length, inbox->taken.bytes + inbox->read, LENGTH_SIZE);
    *frame = inbox->taken.bytes + inbox->read + LENGTH_SIZE;
    *size = length;
    inbox->read += LENGTH_SIZE + length;
    return true;
}

void inbox_free(struct inbox *inbox)
{
    free(inbox->waiting.bytes);
    free(inbox->taken.bytes);
    *inbox = (struct inbox){0};
}

// SPDX-License-Identifier: MIT
#include "held.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"

#define LENGTH_SIZE sizeof(uint64_t)

static bool make_room(struct held *held, size_t size)
{
    if (held->capacity - held->end >= size)
        return true;
    if (held->begin != 0)
        memmove(held->bytes, held->bytes + held->begin, held->end - held->begin);
    held->end -= held->begin;
    held->begin = 0;
    size_t capacity = held->capacity == 0 ? 4096 : held->capacity;
    while (capacity - held->end < size)
        capacity *= 2;
    if (capacity == held->capacity)
        return true;
    uint8_t *bytes = realloc(held->bytes, capacity);
    if (bytes == NULL)
        return false;
    held->bytes = bytes;
    held->capacity = capacity;
    return true;
}

bool held_put(struct held *held, const void *frame, size_t size)
{
    size_t used = held->end - held->begin;
    // A frame that is larger than the bound still gets through, alone.
    if (used != 0 && used + LENGTH_SIZE + size > OYEZ_HELD_BYTES_MAX)
        return false;
    if (!make_room(held, LENGTH_SIZE + size))
        return false;
    uint64_t length = size;
    memcpy(held->bytes + held->end, &length, LENGTH_SIZE);
    memcpy(held->bytes + held->end + LENGTH_SIZE, frame, size);
    held->end += LENGTH_SIZE + size;
    return true;
}

bool held_first(const struct held *held, const uint8_t **frame, size_t *size)
{
    if (held->begin == held->end)
        return false;
    uint64_t length;
    memcpy(&length, held->bytes + held->begin, LENGTH_SIZE);
    *frame = held->bytes + held->begin + LENGTH_SIZE;
    *size = length;
    return true;
}

void held_drop_first(struct held *held)
{
    const uint8_t *frame;
    size_t size;
    bool any = held_first(held, &frame, &size);
    assert(any);
    (void)any;
    held->begin += LENGTH_SIZE + size;
    if (held->begin == held->end)
        held->begin = held->end = 0;
}

void held_free(struct held *held)
{
    free(held->bytes);
    *held = (struct held){0};
}

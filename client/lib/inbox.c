// SPDX-License-Identifier: MIT
#include "inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meter.h"
#include "oyez/limits.h"

#define TOLD_BYTES_MAX (UINT64_C(1) << 20) // gaps and the like behind a full half

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

void inbox_watch_tell(struct inbox_watch *watch)
{
    uint64_t one = 1;
    if (!atomic_exchange(&watch->told, true))
        (void)!write(watch->fd, &one, sizeof one);
}

size_t inbox_bound(const struct inbox *inbox)
{
    // Each half takes half of it.
    return (inbox->limit != 0 ? inbox->limit : OYEZ_SUBSCRIPTION_BYTES_MAX) / 2;
}

bool inbox_put(struct inbox *inbox, const struct inbox_entry *entry, const void *bytes)
{
    return inbox_put_parts(inbox, entry, &(struct inbox_part){bytes, entry->size}, 1);
}

bool inbox_put_parts(struct inbox *inbox, const struct inbox_entry *entry,
                     const struct inbox_part *parts, size_t count)
{
    struct inbox_buffer *waiting = &inbox->waiting;
    // Each half takes half of the bound; an empty half takes any frame. What is told is small, and
    // not to be lost.
    size_t need = waiting->size + sizeof *entry + entry->size;
    if (entry->kind == INBOX_FRAME && waiting->size != 0 && need > inbox_bound(inbox))
        return false;
    if (!grow(waiting, need))
        return false;
    if (waiting->size == 0)
        inbox->since_ns = meter_now();
    memcpy(waiting->bytes + waiting->size, entry, sizeof *entry);
    uint8_t *at = waiting->bytes + waiting->size + sizeof *entry;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0)
            memcpy(at, parts[i].bytes, parts[i].size);
        at += parts[i].size;
    }
    waiting->size = need;
    if (inbox->watch != NULL)
        inbox_watch_tell(inbox->watch);
    return true;
}

bool inbox_has_room(const struct inbox *inbox, size_t size)
{
    return inbox->waiting.size + size <= inbox_bound(inbox);
}

bool inbox_is_flooded(const struct inbox *inbox)
{
    return inbox->waiting.size > inbox_bound(inbox) + TOLD_BYTES_MAX;
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

bool inbox_next(struct inbox *inbox, struct inbox_entry *entry, const uint8_t **bytes)
{
    if (!inbox_has_taken(inbox))
        return false;
    memcpy(entry, inbox->taken.bytes + inbox->read, sizeof *entry);
    *bytes = inbox->taken.bytes + inbox->read + sizeof *entry;
    inbox->read += sizeof *entry + entry->size;
    return true;
}

void inbox_free(struct inbox *inbox)
{
    free(inbox->waiting.bytes);
    free(inbox->taken.bytes);
    *inbox = (struct inbox){0};
}

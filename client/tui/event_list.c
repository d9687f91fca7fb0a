// SPDX-License-Identifier: MIT
#include "event_list.h"

#include <stdlib.h>
#include <string.h>

oyez_err event_list_open(struct event_list *list, size_t bytes_max, size_t entries_max)
{
    *list = (struct event_list){
        .bytes_max = bytes_max, .entries_max = entries_max, .first = EVENT_LIST_FIRST};
    list->bytes = malloc(bytes_max);
    list->entries = malloc(entries_max * sizeof *list->entries);
    if (list->bytes == NULL || list->entries == NULL) {
        event_list_close(list);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a list of %zu bytes", bytes_max);
    }
    return OYEZ_OK;
}

void event_list_close(struct event_list *list)
{
    free(list->bytes);
    free(list->entries);
    *list = (struct event_list){0};
}

void event_list_clear(struct event_list *list)
{
    list->start = 0;
    list->count = 0;
    list->used = 0;
    list->first = EVENT_LIST_FIRST;
}

static struct event_entry *entry_at(const struct event_list *list, size_t i)
{
    return &list->entries[(list->start + i) % list->entries_max];
}

static void drop_first(struct event_list *list)
{
    list->used -= entry_at(list, 0)->size;
    list->start = (list->start + 1) % list->entries_max;
    list->count--;
    list->first++;
    list->evicted++;
}

static void drop_last(struct event_list *list)
{
    list->count--;
    list->used -= entry_at(list, list->count)->size;
    list->evicted++;
}

// The bytes between the first entry and the last, in a ring:
//   head ≤ tail    | free | head … tail | free |
//   tail ≤ head    | … tail | free | head … |
static bool is_wrapped(const struct event_list *list)
{
    return list->count > 1 && entry_at(list, list->count - 1)->offset < entry_at(list, 0)->offset;
}

static bool find_room_behind(const struct event_list *list, size_t size, size_t *offset)
{
    if (list->count == 0) {
        *offset = 0;
        return true;
    }
    const struct event_entry *last = entry_at(list, list->count - 1);
    size_t head = entry_at(list, 0)->offset;
    size_t tail = last->offset + last->size;
    if (is_wrapped(list)) {
        *offset = tail;
        return head - tail >= size;
    }
    if (list->bytes_max - tail >= size) {
        *offset = tail;
        return true;
    }
    *offset = 0;
    return head >= size;
}

static bool find_room_before(const struct event_list *list, size_t size, size_t *offset)
{
    if (list->count == 0) {
        *offset = list->bytes_max - size;
        return true;
    }
    const struct event_entry *last = entry_at(list, list->count - 1);
    size_t head = entry_at(list, 0)->offset;
    size_t tail = last->offset + last->size;
    *offset = head - size;
    if (is_wrapped(list)) {
        return head - tail >= size;
    }
    if (head >= size) {
        return true;
    }
    *offset = list->bytes_max - size;
    return list->bytes_max - tail >= size;
}

// An entry takes a byte at least, so that no two have the same place.
static struct event_entry *add_behind(struct event_list *list, size_t size)
{
    size_t offset;
    size = size > 0 ? size : 1;
    if (size > list->bytes_max) {
        return NULL;
    }
    while (list->count == list->entries_max || !find_room_behind(list, size, &offset)) {
        drop_first(list);
    }
    struct event_entry *entry = entry_at(list, list->count++);
    *entry = (struct event_entry){.offset = offset, .size = size};
    list->used += size;
    return entry;
}

static struct event_entry *add_before(struct event_list *list, size_t size)
{
    size_t offset;
    size = size > 0 ? size : 1;
    if (size > list->bytes_max) {
        return NULL;
    }
    while (list->count == list->entries_max || !find_room_before(list, size, &offset)) {
        drop_last(list);
    }
    list->start = (list->start + list->entries_max - 1) % list->entries_max;
    list->count++;
    list->first--;
    struct event_entry *entry = entry_at(list, 0);
    *entry = (struct event_entry){.offset = offset, .size = size};
    list->used += size;
    return entry;
}

// What is measured and written must have its size: JSON may end at its NUL instead.
static const struct oyez_event *with_size(struct oyez_event *sized, const struct oyez_event *event)
{
    if (event->details == NULL || event->details_size > 0 ||
        event->details_format == OYEZ_DETAILS_PROTOBUF) {
        return event;
    }
    *sized = *event;
    sized->details_size = strlen(event->details);
    return sized;
}

static bool add_event(struct event_list *list, const struct oyez_event *event, uint64_t number,
                      struct event_entry *(*add)(struct event_list *, size_t))
{
    struct oyez_event sized;
    size_t header_size;
    const struct oyez_event *whole = with_size(&sized, event);
    size_t size = oyez_event_measure(whole, &header_size);
    struct event_entry *entry = add(list, size);
    if (entry == NULL) {
        return false;
    }
    oyez_event_encode(whole, header_size, list->bytes + entry->offset);
    entry->stamp = event->stamp;
    entry->number = number;
    return true;
}

bool event_list_append(struct event_list *list, const struct oyez_event *event, uint64_t number)
{
    return add_event(list, event, number, add_behind);
}

bool event_list_prepend(struct event_list *list, const struct oyez_event *event, uint64_t number)
{
    return add_event(list, event, number, add_before);
}

bool event_list_append_mark(struct event_list *list, const char *text, uint64_t number)
{
    size_t size = strlen(text);
    struct event_entry *entry = add_behind(list, size);
    if (entry == NULL) {
        return false;
    }
    memcpy(list->bytes + entry->offset, text, size > 0 ? size : 1);
    entry->is_mark = true;
    entry->number = number;
    return true;
}

static bool add_copy(struct event_list *list, const struct event_list *from, uint64_t at,
                     struct event_entry *(*add)(struct event_list *, size_t))
{
    const struct event_entry *source = event_list_entry(from, at);
    struct event_entry *entry = add(list, source->size);
    if (entry == NULL) {
        return false;
    }
    memcpy(list->bytes + entry->offset, from->bytes + source->offset, source->size);
    entry->stamp = source->stamp;
    entry->number = source->number;
    entry->is_mark = source->is_mark;
    return true;
}

bool event_list_append_copy(struct event_list *list, const struct event_list *from, uint64_t at)
{
    return add_copy(list, from, at, add_behind);
}

bool event_list_prepend_copy(struct event_list *list, const struct event_list *from, uint64_t at)
{
    return add_copy(list, from, at, add_before);
}

uint64_t event_list_end(const struct event_list *list)
{
    return list->first + list->count;
}

bool event_list_has(const struct event_list *list, uint64_t at)
{
    return at >= list->first && at - list->first < list->count;
}

const struct event_entry *event_list_entry(const struct event_list *list, uint64_t at)
{
    return entry_at(list, (size_t)(at - list->first));
}

bool event_list_read(const struct event_list *list, uint64_t at, struct event_reading *out)
{
    const struct event_entry *entry = event_list_entry(list, at);
    if (entry->is_mark || oyez_event_decode(&out->event, list->bytes + entry->offset, entry->size,
                                            out->texts) != OYEZ_OK) {
        return false;
    }
    out->event.stamp = entry->stamp;
    return true;
}

const char *event_list_mark_text(const struct event_list *list, uint64_t at, size_t *size)
{
    const struct event_entry *entry = event_list_entry(list, at);
    *size = entry->size;
    return (const char *)list->bytes + entry->offset;
}

static bool is_before(const struct event_entry *entry, uint64_t epoch, uint64_t position)
{
    return entry->is_mark || entry->stamp.epoch < epoch ||
           (entry->stamp.epoch == epoch && entry->stamp.position < position);
}

uint64_t event_list_find_cursor(const struct event_list *list, uint64_t epoch, uint64_t position)
{
    uint64_t at = event_list_end(list);
    // From behind: a mark has no cursor, so halving would not do, and what is looked for is near.
    while (at > list->first && !is_before(event_list_entry(list, at - 1), epoch, position)) {
        at--;
    }
    return at;
}

uint64_t event_list_find_time(const struct event_list *list, int64_t time)
{
    uint64_t at = list->first;
    while (at < event_list_end(list)) {
        const struct event_entry *entry = event_list_entry(list, at);
        if (!entry->is_mark && (int64_t)entry->stamp.broker_time >= time) {
            break;
        }
        at++;
    }
    return at;
}

// SPDX-License-Identifier: MIT
#include "window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/batch.h"

static struct window_batch *batch_at(const struct window *window, uint64_t number)
{
    return &window->batches[number & (window->events_max - 1)];
}

oyez_err window_open(struct window *window, size_t bytes, uint32_t events)
{
    assert(events != 0 && (events & (events - 1)) == 0);
    *window = (struct window){.capacity = bytes, .events_max = events, .next_seq = 1};
    // Large blocks of malloc are mapped pages: what is never used costs nothing.
    window->bytes = malloc(bytes);
    window->batches = malloc(events * sizeof *window->batches);
    if (window->bytes == NULL || window->batches == NULL) {
        window_close(window);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a window of %zu bytes", bytes);
    }
    return OYEZ_OK;
}

void window_close(struct window *window)
{
    free(window->bytes);
    free(window->batches);
    window->bytes = NULL;
    window->batches = NULL;
}

bool window_is_empty(const struct window *window)
{
    return window->first == window->end;
}

// Bytes free in one piece from the tail on.
static size_t room_at_tail(const struct window *window)
{
    if (window_is_empty(window) || window->tail > window->head)
        return window->capacity - window->tail;
    return window->head - window->tail;
}

static struct window_batch *open_batch(const struct window *window,
                                       const struct window_place *place, size_t field_size)
{
    if (window_is_empty(window) || !place->may_join)
        return NULL;
    struct window_batch *batch = batch_at(window, window->end - 1);
    if (batch->closed || batch->flags != place->flags || batch->count >= OYEZ_BATCH_EVENTS_MAX)
        return NULL;
    if (batch->size + field_size > WINDOW_JOIN_SIZE_MAX || room_at_tail(window) < field_size)
        return NULL;
    const uint8_t *frame = window->bytes + batch->offset;
    if (batch->body_offset != place->event_type_size + 1 ||
        memcmp(frame, place->event_type, place->event_type_size) != 0)
        return NULL;
    return batch;
}

// Moves the tail to where `size` bytes fit in one piece; false when nowhere.
static bool find_room(struct window *window, size_t size)
{
    if (window_is_empty(window))
        window->head = window->tail = 0;
    if (room_at_tail(window) >= size)
        return true;
    if (window->tail <= window->head || window->head < size)
        return false;
    window->tail = 0;
    return true;
}

static struct window_batch *new_batch(struct window *window, const struct window_place *place,
                                      size_t field_size)
{
    size_t begin_size = place->event_type_size + 1 + OYEZ_BATCH_PREFIX_SIZE;
    if (!find_room(window, begin_size + field_size))
        return NULL;
    struct window_batch *batch = batch_at(window, window->end);
    *batch = (struct window_batch){
        .offset = window->tail,
        .size = begin_size,
        .body_offset = place->event_type_size + 1,
        .first_seq = window->next_seq,
        .order = place->order,
        .flags = place->flags,
    };
    oyez_batch_begin(window->bytes + batch->offset, place->event_type, place->event_type_size,
                     place->emitter_id.bytes, batch->first_seq, batch->flags);
    window->end++;
    window->tail += begin_size;
    return batch;
}

uint8_t *window_append(struct window *window, const struct window_place *place, uint64_t *seq,
                       bool *joined)
{
    if (window->events >= window->events_max)
        return NULL;
    size_t field_size = oyez_batch_event_field_size(place->event_size);
    struct window_batch *batch = open_batch(window, place, field_size);
    *joined = batch != NULL;
    if (batch == NULL)
        batch = new_batch(window, place, field_size);
    if (batch == NULL)
        return NULL;
    uint8_t *at = window->bytes + window->tail;
    at += oyez_batch_begin_event(at, place->event_size);
    batch->size += field_size;
    batch->count++;
    window->tail += field_size;
    window->events++;
    *seq = window->next_seq++;
    return at;
}

bool window_peek(struct window *window, struct window_batch *batch)
{
    if (window->next == window->end)
        return false;
    struct window_batch *next = batch_at(window, window->next);
    next->closed = true;
    if (next->sent_before && (next->flags & OYEZ_FLAG_RESENT) == 0) {
        next->flags |= OYEZ_FLAG_RESENT;
        oyez_batch_set_flags(window->bytes + next->offset, next->body_offset, next->flags);
    }
    *batch = *next;
    return true;
}

void window_sent(struct window *window)
{
    assert(window->next < window->end);
    batch_at(window, window->next)->sent_before = true;
    window->next++;
}

uint32_t window_release(struct window *window, uint64_t through)
{
    uint32_t released = 0;
    while (window->first < window->end) {
        const struct window_batch *batch = batch_at(window, window->first);
        if (!batch->closed || (batch->first_seq + batch->count - 1 > through && !batch->refused))
            break;
        released += batch->count;
        window->first++;
        window->head =
            window->first < window->end ? batch_at(window, window->first)->offset : window->tail;
    }
    window->events -= released;
    if (window->next < window->first)
        window->next = window->first;
    return released;
}

// Number of the batch that holds `seq`, which is kept.
static uint64_t number_of(const struct window *window, uint64_t seq)
{
    uint64_t low = window->first;
    uint64_t high = window->end - 1;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (batch_at(window, middle)->first_seq <= seq)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static bool is_kept(const struct window *window, uint64_t seq)
{
    return !window_is_empty(window) && seq >= window_floor(window) && seq < window->next_seq;
}

bool window_rewind(struct window *window, uint64_t seq)
{
    if (seq == window->next_seq)
        return true;
    if (!is_kept(window, seq))
        return false;
    uint64_t number = number_of(window, seq);
    if (number < window->next)
        window->next = number;
    return true;
}

bool window_find(const struct window *window, uint64_t seq, struct window_batch *batch)
{
    if (!is_kept(window, seq))
        return false;
    *batch = *batch_at(window, number_of(window, seq));
    return true;
}

uint64_t window_whole(const struct window *window, uint64_t through)
{
    struct window_batch batch;
    if (!window_find(window, through, &batch))
        return through;
    bool ends_here = batch.closed && batch.first_seq + batch.count - 1 == through;
    return ends_here ? through : batch.first_seq - 1;
}

void window_mark_refused(struct window *window, uint64_t seq)
{
    if (is_kept(window, seq))
        batch_at(window, number_of(window, seq))->refused = true;
}

uint64_t window_floor(const struct window *window)
{
    return window_is_empty(window) ? window->next_seq : batch_at(window, window->first)->first_seq;
}

uint64_t window_next_to_send(const struct window *window)
{
    return window->next == window->end ? window->next_seq
                                       : batch_at(window, window->next)->first_seq;
}

size_t window_bytes(const struct window *window)
{
    if (window_is_empty(window))
        return 0;
    return window->tail > window->head ? window->tail - window->head
                                       : window->capacity - window->head + window->tail;
}

// SPDX-License-Identifier: MIT
#include "ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 65536, ALIGNMENT = 16 };

struct record {
    uint32_t size;  // of the frame
    uint32_t count; // 0: not a frame but the unused rest of the buffer
    uint64_t position;
};

static_assert(sizeof(struct record) == ALIGNMENT, "a pad always has room for its record");

static struct record *record_at(const struct oyez_ring *ring, uint64_t offset)
{
    return (struct record *)(void *)(ring->bytes + offset % ring->capacity);
}

static uint64_t extent(const struct record *record)
{
    return sizeof *record + (((uint64_t)record->size + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1));
}

// Writes a record's head and enters it for each page whose first byte it covers.
static struct record *put(struct oyez_ring *ring, uint32_t size, uint32_t count, uint64_t position)
{
    struct record *record = record_at(ring, ring->head);
    *record = (struct record){size, count, position};
    uint64_t end = ring->head + extent(record);
    for (uint64_t page = (ring->head + PAGE_SIZE - 1) / PAGE_SIZE; page * PAGE_SIZE < end; page++)
        ring->pages[page % (ring->capacity / PAGE_SIZE)] = ring->head;
    ring->head = end;
    return record;
}

static void make_room(struct oyez_ring *ring, uint64_t size)
{
    while (ring->head + size - ring->tail > ring->capacity)
        ring->tail += extent(record_at(ring, ring->tail));
}

oyez_err oyez_ring_open(struct oyez_ring *ring, size_t capacity)
{
    *ring = (struct oyez_ring){0};
    size_t pages = capacity / PAGE_SIZE + (capacity % PAGE_SIZE != 0);
    assert(pages > 0 && pages <= SIZE_MAX / PAGE_SIZE);
    ring->capacity = pages * PAGE_SIZE;
    ring->bytes = malloc(ring->capacity);
    ring->pages = calloc(pages, sizeof *ring->pages);
    if (ring->bytes == NULL || ring->pages == NULL) {
        oyez_ring_close(ring);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a ring of %zu bytes", capacity);
    }
    return OYEZ_OK;
}

void oyez_ring_close(struct oyez_ring *ring)
{
    free(ring->bytes);
    free(ring->pages);
    *ring = (struct oyez_ring){0};
}

void oyez_ring_clear(struct oyez_ring *ring)
{
    ring->tail = ring->head;
    ring->next_position = 0;
}

// The bytes that a frame takes at the head, with the rest of the buffer where it must be skipped.
static uint64_t room_needed(const struct oyez_ring *ring, size_t size)
{
    uint64_t needed = extent(&(struct record){.size = (uint32_t)size});
    uint64_t rest = ring->capacity - ring->head % ring->capacity;
    return rest < needed ? rest + needed : needed;
}

void oyez_ring_append(struct oyez_ring *ring, const void *frame, size_t size, uint64_t position,
                      uint32_t count)
{
    assert(size <= ring->capacity / 4 && count > 0);
    assert(position >= ring->next_position);
    uint64_t needed = extent(&(struct record){.size = (uint32_t)size});
    uint64_t rest = ring->capacity - ring->head % ring->capacity;
    if (rest < needed) {
        make_room(ring, rest);
        put(ring, (uint32_t)(rest - sizeof(struct record)), 0, position);
    }
    make_room(ring, needed);
    memcpy(put(ring, (uint32_t)size, count, position) + 1, frame, size);
    ring->next_position = position + count;
}

uint64_t oyez_ring_first_position(const struct oyez_ring *ring)
{
    return ring->tail == ring->head ? 0 : record_at(ring, ring->tail)->position;
}

// The last page that begins with a record at or before `position`; its offset, or the tail.
static uint64_t find_page(const struct oyez_ring *ring, uint64_t position)
{
    uint64_t low = ring->tail / PAGE_SIZE + 1; // pages whose first byte lies within the ring
    uint64_t high = (ring->head + PAGE_SIZE - 1) / PAGE_SIZE;
    uint64_t best = ring->tail;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t offset = ring->pages[middle % (ring->capacity / PAGE_SIZE)];
        if (record_at(ring, offset)->position <= position) {
            best = offset;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return best;
}

bool oyez_ring_find(const struct oyez_ring *ring, uint64_t position,
                    struct oyez_ring_cursor *cursor)
{
    uint64_t first = oyez_ring_first_position(ring);
    if (first == 0 || position < first || position >= ring->next_position)
        return false;
    struct oyez_ring_cursor next = {find_page(ring, position)};
    struct oyez_ring_frame frame;
    do {
        *cursor = next;
        if (!oyez_ring_next(ring, &next, &frame))
            return false;
    } while (frame.position + frame.count <= position);
    return true;
}

bool oyez_ring_next(const struct oyez_ring *ring, struct oyez_ring_cursor *cursor,
                    struct oyez_ring_frame *frame)
{
    while (cursor->offset >= ring->tail && cursor->offset < ring->head) {
        const struct record *record = record_at(ring, cursor->offset);
        cursor->offset += extent(record);
        if (record->count == 0)
            continue;
        *frame =
            (struct oyez_ring_frame){record + 1, record->size, record->position, record->count};
        return true;
    }
    return false;
}

void oyez_ring_pass(const struct oyez_ring *ring, struct oyez_ring_cursor *cursor,
                    uint64_t position)
{
    if (cursor->offset < ring->tail)
        cursor->offset = ring->tail;
    while (cursor->offset < ring->head) {
        const struct record *record = record_at(ring, cursor->offset);
        if (record->count > 0 && record->position + record->count - 1 > position)
            return;
        cursor->offset += extent(record);
    }
}

bool oyez_ring_has_room(const struct oyez_ring *ring, const struct oyez_ring_cursor *cursor,
                        size_t size)
{
    uint64_t kept = cursor->offset > ring->tail ? cursor->offset : ring->tail;
    return ring->head + room_needed(ring, size) - kept <= ring->capacity;
}

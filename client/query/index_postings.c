// SPDX-License-Identifier: MIT
#include "index_postings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define UNIT 32u // all blocks are of whole units: two to a cache line
#define CHUNK_SIZE 65536u
#define CHUNK_UNITS (CHUNK_SIZE / UNIT)
#define BLOCK_MAX 512u

// The first block of a list. Most lists never get another.
struct head {
    uint32_t last; // number
    uint32_t size; // bytes of the list, encoded
    uint32_t tail; // block that is being filled
    uint16_t tail_size;
    uint16_t tail_left; // bytes free in it
    uint32_t next;
    uint8_t data[12];
};

struct block {
    uint32_t next;
    uint8_t data[];
};

static_assert(sizeof(struct head) == UNIT, "a head is one unit");

bool oyez_index_memory_take(struct oyez_index_memory *memory, size_t size)
{
    if (size > memory->max - memory->used)
        return false;
    memory->used += size;
    return true;
}

void oyez_index_memory_give(struct oyez_index_memory *memory, size_t size)
{
    assert(size <= memory->used);
    memory->used -= size;
}

static void *at(const struct oyez_postings *postings, uint32_t unit)
{
    return postings->chunks[unit / CHUNK_UNITS] + (size_t)(unit % CHUNK_UNITS) * UNIT;
}

static enum oyez_postings_room make_chunk_room(struct oyez_postings *postings,
                                               struct oyez_index_memory *memory)
{
    uint32_t room = postings->chunk_room > 0 ? postings->chunk_room * 2 : 16;
    size_t more = (room - postings->chunk_room) * sizeof(uint8_t *);
    if (room > UINT32_MAX / CHUNK_UNITS || !oyez_index_memory_take(memory, more))
        return OYEZ_POSTINGS_FULL;
    uint8_t **chunks = realloc(postings->chunks, room * sizeof *chunks);
    if (chunks == NULL) {
        oyez_index_memory_give(memory, more);
        return OYEZ_POSTINGS_NO_MEMORY;
    }
    postings->chunks = chunks;
    postings->chunk_room = room;
    return OYEZ_POSTINGS_ROOM;
}

static enum oyez_postings_room add_chunk(struct oyez_postings *postings,
                                         struct oyez_index_memory *memory)
{
    if (postings->chunk_count == postings->chunk_room) {
        enum oyez_postings_room room = make_chunk_room(postings, memory);
        if (room != OYEZ_POSTINGS_ROOM)
            return room;
    }
    if (!oyez_index_memory_take(memory, CHUNK_SIZE))
        return OYEZ_POSTINGS_FULL;
    uint8_t *chunk = aligned_alloc(64, CHUNK_SIZE);
    if (chunk == NULL) {
        oyez_index_memory_give(memory, CHUNK_SIZE);
        return OYEZ_POSTINGS_NO_MEMORY;
    }
    postings->chunks[postings->chunk_count++] = chunk;
    return OYEZ_POSTINGS_ROOM;
}

// No block is split, so what is left of the chunk before does not count: whatever is asked for
// fits into one that is empty.
enum oyez_postings_room oyez_postings_reserve(struct oyez_postings *postings,
                                              struct oyez_index_memory *memory, size_t count)
{
    size_t needed = count * BLOCK_MAX;
    assert(needed <= CHUNK_SIZE);
    if (count == 0 || postings->chunk_used + 1 < postings->chunk_count ||
        (postings->chunk_count > 0 && CHUNK_SIZE - postings->filled * UNIT >= needed))
        return OYEZ_POSTINGS_ROOM;
    return add_chunk(postings, memory);
}

void oyez_postings_free(struct oyez_postings *postings)
{
    for (uint32_t i = 0; i < postings->chunk_count; i++)
        free(postings->chunks[i]);
    free(postings->chunks);
    *postings = (struct oyez_postings){0};
}

static uint32_t take_block(struct oyez_postings *postings, uint32_t size)
{
    if (postings->filled + size / UNIT > CHUNK_UNITS) {
        postings->chunk_used++;
        postings->filled = 0;
    }
    assert(postings->chunk_used < postings->chunk_count);
    uint32_t unit = postings->chunk_used * CHUNK_UNITS + postings->filled;
    postings->filled += size / UNIT;
    return unit;
}

static void grow(struct oyez_postings *postings, struct head *head)
{
    uint32_t size = head->tail_size < BLOCK_MAX ? head->tail_size * 2u : BLOCK_MAX;
    uint32_t unit = take_block(postings, size);
    struct block *block = at(postings, unit);
    block->next = 0;
    if (head->next == 0)
        head->next = unit;
    else
        ((struct block *)at(postings, head->tail))->next = unit;
    head->tail = unit;
    head->tail_size = (uint16_t)size;
    head->tail_left = (uint16_t)(size - sizeof(struct block));
}

static void put_byte(struct oyez_postings *postings, struct head *head, uint8_t byte)
{
    if (head->tail_left == 0)
        grow(postings, head);
    uint8_t *tail = at(postings, head->tail);
    tail[head->tail_size - head->tail_left] = byte;
    head->tail_left--;
    head->size++;
    postings->size++;
}

static void put_number(struct oyez_postings *postings, struct head *head, uint32_t number)
{
    for (; number >= 0x80; number >>= 7)
        put_byte(postings, head, (uint8_t)(number | 0x80));
    put_byte(postings, head, (uint8_t)number);
}

uint32_t oyez_postings_begin(struct oyez_postings *postings, uint32_t first, uint32_t second)
{
    uint32_t list = take_block(postings, UNIT);
    struct head *head = at(postings, list);
    *head = (struct head){
        .last = second, .tail = list, .tail_size = UNIT, .tail_left = sizeof head->data};
    put_number(postings, head, first);
    put_number(postings, head, second - first);
    postings->lists++;
    return list;
}

void oyez_postings_add(struct oyez_postings *postings, uint32_t list, uint32_t number)
{
    struct head *head = at(postings, list);
    put_number(postings, head, number - head->last);
    head->last = number;
}

// The parts of a list, one block after the other.
struct parts {
    const struct oyez_postings *postings;
    const uint8_t *data;
    size_t size;
    size_t left; // bytes of the list behind this part
    uint32_t next;
    uint32_t block_size;
};

static void begin_parts(struct parts *parts, const struct oyez_postings *postings, uint32_t list)
{
    const struct head *head = at(postings, list);
    size_t size = head->size < sizeof head->data ? head->size : sizeof head->data;
    *parts = (struct parts){postings, head->data, size, head->size - size, head->next, UNIT};
}

static void next_part(struct parts *parts)
{
    const struct block *block = at(parts->postings, parts->next);
    parts->block_size = parts->block_size < BLOCK_MAX ? parts->block_size * 2 : BLOCK_MAX;
    size_t room = parts->block_size - sizeof *block;
    parts->data = block->data;
    parts->size = parts->left < room ? parts->left : room;
    parts->left -= parts->size;
    parts->next = block->next;
}

size_t oyez_postings_copy(const struct oyez_postings *postings, uint32_t list, uint8_t *out)
{
    struct parts parts;
    size_t size = 0;
    for (begin_parts(&parts, postings, list);; next_part(&parts)) {
        memcpy(out + size, parts.data, parts.size);
        size += parts.size;
        if (parts.left == 0)
            return size;
    }
}

void oyez_postings_read(const struct oyez_postings *postings, uint32_t list, uint32_t *out,
                        size_t count)
{
    struct parts parts;
    uint32_t number = 0;
    begin_parts(&parts, postings, list);
    for (size_t i = 0; i < count; i++) {
        uint32_t difference = 0;
        uint8_t byte = 0x80;
        for (unsigned shift = 0; byte >= 0x80; shift += 7) {
            if (parts.size == 0)
                next_part(&parts);
            byte = *parts.data++;
            parts.size--;
            difference |= (uint32_t)(byte & 0x7F) << shift;
        }
        number += difference;
        out[i] = number;
    }
}

// SPDX-License-Identifier: MIT
#include "schema/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE (16u * 1024u)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct arena_chunk *add_chunk(struct arena *arena, size_t size)
{
    size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
    struct arena_chunk *chunk = calloc(1, sizeof *chunk + room);
    if (chunk == NULL)
        return NULL;
    chunk->next = arena->chunks;
    chunk->size = room;
    arena->chunks = chunk;
    arena->used = 0;
    arena->total += sizeof *chunk + room;
    return chunk;
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    size_t total;
    if (__builtin_mul_overflow(count, size, &total) || total > SIZE_MAX / 2)
        return NULL;
    total = (total + alignment - 1) / alignment * alignment;
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - arena->used < total)
        chunk = add_chunk(arena, total);
    if (chunk == NULL)
        return NULL;
    void *place = chunk->bytes + arena->used;
    arena->used += total;
    return place;
}

char *arena_text(struct arena *arena, const void *bytes, size_t size)
{
    char *text = arena_take(arena, size + 1, 1);
    if (text != NULL && size > 0)
        memcpy(text, bytes, size);
    return text;
}

void arena_free(struct arena *arena)
{
    while (arena->chunks != NULL) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk);
    }
    arena->used = 0;
    arena->total = 0;
}

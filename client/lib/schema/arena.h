// SPDX-License-Identifier: MIT
// Memory that is freed all at once: a descriptor set and the plans made from it.
#ifndef OYEZ_SCHEMA_ARENA_H
#define OYEZ_SCHEMA_ARENA_H

#include <stddef.h>

struct arena_chunk;

// Zeroed it is empty. One thread at a time.
struct arena {
    struct arena_chunk *chunks;
    size_t used;  // of the newest chunk
    size_t total; // bytes of all chunks
};

// arena_take gives zeroed memory for `count` things of `size` bytes; NULL when there is none. What
// has no bytes is a place all the same.
void *arena_take(struct arena *arena, size_t count, size_t size);

// arena_text copies bytes and puts a NUL behind them. NULL when there is no memory.
char *arena_text(struct arena *arena, const void *bytes, size_t size);

void arena_free(struct arena *arena);

#endif

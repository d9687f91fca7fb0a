// SPDX-License-Identifier: MIT
// Lists of record numbers that grow at their ends, many and mostly short, in one body of memory:
// the differences of their numbers as varints, as the file of an index has them.
#ifndef OYEZ_INDEX_POSTINGS_H
#define OYEZ_INDEX_POSTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OYEZ_VARINT32_SIZE_MAX 5u

// What a table may take, and has taken. Bytes.
struct oyez_index_memory {
    size_t used;
    size_t max;
};

// oyez_index_memory_take reserves bytes; false: there is no room. _give returns them.
bool oyez_index_memory_take(struct oyez_index_memory *memory, size_t size);
void oyez_index_memory_give(struct oyez_index_memory *memory, size_t size);

// Zero it. A list is known by the number that oyez_postings_begin gave it.
struct oyez_postings {
    uint8_t **chunks;
    uint32_t chunk_room;
    uint32_t chunk_count;
    uint32_t chunk_used; // chunks before the one that is being filled
    uint32_t filled;     // units of it
    size_t lists;
    size_t size; // bytes of all lists, encoded
};

enum oyez_postings_room { OYEZ_POSTINGS_ROOM, OYEZ_POSTINGS_FULL, OYEZ_POSTINGS_NO_MEMORY };

// oyez_postings_reserve makes room for so many further numbers, each in any list or in a new one of
// two. OYEZ_POSTINGS_FULL: beyond what may be taken.
enum oyez_postings_room oyez_postings_reserve(struct oyez_postings *postings,
                                              struct oyez_index_memory *memory, size_t count);
void oyez_postings_free(struct oyez_postings *postings);

// oyez_postings_begin makes a list of two numbers, and oyez_postings_add puts one more at its end.
// They ascend. Room was reserved.
uint32_t oyez_postings_begin(struct oyez_postings *postings, uint32_t first, uint32_t second);
void oyez_postings_add(struct oyez_postings *postings, uint32_t list, uint32_t number);

// oyez_postings_copy writes a list as it is encoded and returns its bytes; room is the caller's.
size_t oyez_postings_copy(const struct oyez_postings *postings, uint32_t list, uint8_t *out);

// oyez_postings_read writes the first `count` numbers of a list, which it has.
void oyez_postings_read(const struct oyez_postings *postings, uint32_t list, uint32_t *out,
                        size_t count);

#endif

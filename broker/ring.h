// SPDX-License-Identifier: MIT
// The stamped frames of the recent past, in a ring of bytes: whoever fell behind a little reads
// them from here. Append and read only; no sockets.
//
//   tail                                              head            end of the buffer
//    | record | record | record | ...          | record |   free         | pad |
//    record: { size, count, position } frame bytes, rounded up to 16
//
// Offsets only ever grow; a record stands at offset modulo capacity, never across the end.
#ifndef OYEZ_BROKER_RING_H
#define OYEZ_BROKER_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

struct oyez_ring {
    uint8_t *bytes;
    size_t capacity; // a multiple of the page size
    uint64_t tail;   // offset of the oldest record
    uint64_t head;   // offset where the next one goes
    uint64_t next_position;
    uint64_t *pages; // per page: offset of a record at or before its first byte
};

struct oyez_ring_frame {
    const void *data; // in the ring: valid until the next append
    size_t size;
    uint64_t position; // of its first event
    uint32_t count;    // events
};

// A place in the ring. It stays meaningful while others append.
struct oyez_ring_cursor {
    uint64_t offset;
};

// oyez_ring_open makes a ring of at least `capacity` bytes; memory is touched as it fills.
// OYEZ_ERR_NO_MEMORY.
oyez_err oyez_ring_open(struct oyez_ring *ring, size_t capacity);
void oyez_ring_close(struct oyez_ring *ring);

// oyez_ring_clear forgets all frames: a new epoch.
void oyez_ring_clear(struct oyez_ring *ring);

// oyez_ring_append copies a frame, pushing out the oldest as needed. Positions only grow.
// The frame must fit into a quarter of the ring.
void oyez_ring_append(struct oyez_ring *ring, const void *frame, size_t size, uint64_t position,
                      uint32_t count);

// oyez_ring_first_position: of the oldest event kept; 0 = empty.
uint64_t oyez_ring_first_position(const struct oyez_ring *ring);

// oyez_ring_find puts the cursor on the frame that holds a position. False when that one is no
// longer, or not yet, there.
bool oyez_ring_find(const struct oyez_ring *ring, uint64_t position,
                    struct oyez_ring_cursor *cursor);

// oyez_ring_next gives the frame at the cursor and steps on. False at the head, and when the
// frame has been pushed out (then oyez_ring_first_position is beyond what was read last).
bool oyez_ring_next(const struct oyez_ring *ring, struct oyez_ring_cursor *cursor,
                    struct oyez_ring_frame *frame);

// oyez_ring_pass moves the cursor behind the frames that end at or before `position`, and behind
// what has been pushed out.
void oyez_ring_pass(const struct oyez_ring *ring, struct oyez_ring_cursor *cursor,
                    uint64_t position);

// oyez_ring_has_room: a frame of `size` bytes can be appended without pushing out what stands at
// the cursor or behind it.
bool oyez_ring_has_room(const struct oyez_ring *ring, const struct oyez_ring_cursor *cursor,
                        size_t size);

#endif

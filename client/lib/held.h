// SPDX-License-Identifier: MIT
// Live frames of one subscription that wait, in order, until the record has told what is before
// them. Bounded by OYEZ_HELD_BYTES_MAX (and one frame): what does not fit is not taken, so the
// oldest stay. The session thread's own.
#ifndef OYEZ_HELD_H
#define OYEZ_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct held {
    uint8_t *bytes;
    size_t begin;
    size_t end;
    size_t capacity;
};

// held_put copies a frame. False: no room, or no memory.
bool held_put(struct held *held, const void *frame, size_t size);

// held_first gives the oldest frame, valid until the next call; false: there is none.
bool held_first(const struct held *held, const uint8_t **frame, size_t *size);

// held_drop_first forgets the oldest frame.
void held_drop_first(struct held *held);

void held_free(struct held *held);

#endif

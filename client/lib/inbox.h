// SPDX-License-Identifier: MIT
// Frames waiting for one subscription's consumer. The session thread puts, the consumer takes the
// whole lot at once and reads it without a lock. Both buffers together stay within
// OYEZ_SUBSCRIPTION_BYTES_MAX (and one frame).
#ifndef OYEZ_INBOX_H
#define OYEZ_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inbox_buffer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

struct inbox {
    struct inbox_buffer waiting; // under inbox_lock
    struct inbox_buffer taken;   // the consumer's
    size_t read;                 // offset in taken
};

// inbox_put copies a frame. False when it would exceed the bound, or memory is short: nothing is
// taken. Under inbox_lock.
bool inbox_put(struct inbox *inbox, const void *frame, size_t size);

// inbox_has_waiting: inbox_take would get something. Under inbox_lock.
bool inbox_has_waiting(const struct inbox *inbox);

// inbox_take hands all waiting frames to the consumer, who has read all of the last lot. Under
// inbox_lock.
void inbox_take(struct inbox *inbox);

// inbox_next gives the consumer its next frame, valid until the next inbox_take. False at the end.
bool inbox_next(struct inbox *inbox, const uint8_t **frame, size_t *size);

bool inbox_has_taken(const struct inbox *inbox);

void inbox_free(struct inbox *inbox);

#endif

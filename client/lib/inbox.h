// SPDX-License-Identifier: MIT
// What waits for one subscription's consumer, in order: frames, and what it is to be told between
// them. The session thread puts, the consumer takes the whole lot at once and reads it without a
// lock. Both buffers together stay within OYEZ_SUBSCRIPTION_BYTES_MAX (and one frame).
#ifndef OYEZ_INBOX_H
#define OYEZ_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Somebody who waits for several inboxes at once, or in an event loop. Who looks first takes the
// eventfd's count, then clears `told`, and then looks: so nothing that comes is passed over.
struct inbox_watch {
    int fd;           // an eventfd, non-blocking
    atomic_bool told; // it counts something already
};

// inbox_watch_tell makes the watch's descriptor readable. Any thread.
void inbox_watch_tell(struct inbox_watch *watch);

enum inbox_kind {
    INBOX_FRAME,  // of the bus
    INBOX_GAP,    // struct inbox_gap
    INBOX_EPOCH,  // struct oyez_epoch_change
    INBOX_CURSOR, // struct cursor: all that is recorded up to it has come
};

struct inbox_entry {
    uint64_t size;
    uint64_t index; // of a frame of one event that comes from the record: its index there + 1
    enum inbox_kind kind;
    uint32_t skip; // first events of a frame that have come before
};

struct inbox_buffer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
};

struct inbox {
    struct inbox_buffer waiting; // under inbox_lock
    struct inbox_watch *watch;   // under inbox_lock; told whenever something is put; NULL = nobody
    struct inbox_buffer taken;   // the consumer's
    size_t read;                 // offset in taken
    size_t limit;                // bytes of both; 0 = OYEZ_SUBSCRIPTION_BYTES_MAX
    uint64_t since_ns;           // when what waits began to, by meter_now. Under inbox_lock
};

// inbox_put copies a frame, or what is told; entry->size bytes. False when a frame would exceed the
// bound, or memory is short: nothing is taken. Under inbox_lock.
bool inbox_put(struct inbox *inbox, const struct inbox_entry *entry, const void *bytes);

// inbox_put_parts does the same with bytes that lie in several places; entry->size is their sum.
struct inbox_part {
    const void *bytes;
    size_t size;
};
bool inbox_put_parts(struct inbox *inbox, const struct inbox_entry *entry,
                     const struct inbox_part *parts, size_t count);

// inbox_bound: bytes that may wait.
size_t inbox_bound(const struct inbox *inbox);

// inbox_has_waiting: inbox_take would get something. Under inbox_lock.
bool inbox_has_waiting(const struct inbox *inbox);

// inbox_has_room: frames of `size` bytes in all would be taken. Under inbox_lock.
bool inbox_has_room(const struct inbox *inbox, size_t size);

// inbox_is_flooded: so much waits, beyond the bound on frames, that what can wait should. Under
// inbox_lock.
bool inbox_is_flooded(const struct inbox *inbox);

// inbox_take hands all that waits to the consumer, who has read all of the last lot. Under
// inbox_lock.
void inbox_take(struct inbox *inbox);

// inbox_next gives the consumer its next entry, valid until the next inbox_take. False at the end.
bool inbox_next(struct inbox *inbox, struct inbox_entry *entry, const uint8_t **bytes);

bool inbox_has_taken(const struct inbox *inbox);

void inbox_free(struct inbox *inbox);

#endif

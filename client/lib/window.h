// SPDX-License-Identifier: MIT
// The resend window of one lane: finished frames, kept byte for byte until released.
//
// Frames lie one after another in a ring of bytes; a frame never wraps. The newest one stays open
// while the sending thread has not looked at it, and takes further events of its type: so a busy
// emitter batches by itself, and an idle one never waits for company.
//
//   released | kept, sent           | to send           | open
//            ^ first                ^ next                     ^ end        (batch numbers)
//
// Not thread-safe: the client's lock covers it. Only the sending thread closes, rewinds and
// releases, so it may read a closed frame's bytes without the lock.
#ifndef OYEZ_WINDOW_H
#define OYEZ_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"

// Frames of joined events stay below this, so that one message never holds others up for long.
#define WINDOW_JOIN_SIZE_MAX (64u * 1024u)

struct window_batch {
    size_t offset; // of the frame in the ring
    size_t size;
    size_t body_offset;
    uint64_t first_seq;
    uint64_t order; // over both lanes: what was emitted first is sent first
    uint32_t count;
    uint32_t flags;
    bool closed;
    bool sent_before;
    bool refused; // by the broker
};

struct window {
    uint8_t *bytes;
    size_t capacity;
    size_t head; // offset of the first kept frame
    size_t tail; // offset where the next frame begins
    struct window_batch *batches;
    uint64_t first;
    uint64_t next;
    uint64_t end;
    uint64_t next_seq;
    uint32_t events;
    uint32_t events_max;
};

// window_open: room for `bytes` bytes and `events` events (a power of two). Memory is touched only
// as it is used. OYEZ_ERR_NO_MEMORY.
oyez_err window_open(struct window *window, size_t bytes, uint32_t events);
void window_close(struct window *window);

// What an event asks of its frame.
struct window_place {
    const char *event_type;
    size_t event_type_size;
    struct oyez_uuid emitter_id;
    uint32_t flags;
    size_t event_size;
    bool may_join;  // the newest batch of this lane is the newest of both
    uint64_t order; // for a new batch
};

// window_append makes room for one event and returns where its event_size bytes belong, NULL when
// the window is full. *seq is the event's number, *joined whether it went into the open batch.
uint8_t *window_append(struct window *window, const struct window_place *place, uint64_t *seq,
                       bool *joined);

// window_peek closes the batch to send next and describes it; false when there is none.
bool window_peek(struct window *window, struct window_batch *batch);

// window_sent: the batch just peeked is on its way.
void window_sent(struct window *window);

// window_release forgets batches that end at or before `through`, and refused ones behind them,
// which nobody will say anything about any more. Returns the events released.
uint32_t window_release(struct window *window, uint64_t through);

// window_rewind makes the batch that holds `seq` the next to send. False when it is not kept.
bool window_rewind(struct window *window, uint64_t seq);

// window_find copies what is known of the batch that holds `seq`. False when it is not kept.
bool window_find(const struct window *window, uint64_t seq, struct window_batch *batch);

// window_whole: the highest number up to `through` with which a batch that was sent ends.
uint64_t window_whole(const struct window *window, uint64_t through);

// window_mark_refused marks the batch that holds `seq`, if it is kept.
void window_mark_refused(struct window *window, uint64_t seq);

// window_floor: lowest number still kept, or the next number when nothing is.
uint64_t window_floor(const struct window *window);

// window_next_to_send: number of the first event not handed over yet.
uint64_t window_next_to_send(const struct window *window);

bool window_is_empty(const struct window *window);

// window_bytes: of the ring that are taken.
size_t window_bytes(const struct window *window);

#endif

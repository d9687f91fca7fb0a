// SPDX-License-Identifier: MIT
// What goes from intake to the writer, in order: two buffers that change places, so that neither
// waits while the other copies. Not locked: the recorder's lock is held around put and swap.
#ifndef OYEZ_RECORDER_QUEUE_H
#define OYEZ_RECORDER_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"

enum recorder_item_kind {
    RECORDER_ITEM_FRAME = 1,  // a whole frame of the bus
    RECORDER_ITEM_GAP,        // positions that nobody can give any more
    RECORDER_ITEM_EPOCH_OVER, // what was heard of an epoch that will not go on
    RECORDER_ITEM_RECORDS,    // a mirror's: a page of its primary's records, in `frame`
};

struct recorder_item {
    enum recorder_item_kind kind;
    uint64_t epoch;
    const uint8_t *frame;
    size_t frame_size;
    uint64_t from, to; // gap
    enum oyez_gap_reason reason;
    uint64_t time;    // gap: broker time of what follows
    uint64_t highest; // epoch over: highest position heard of
    bool clean;       // epoch over: the broker said where it ends
};

struct recorder_run {
    uint8_t *bytes;
    size_t size;
    size_t read;
};

struct recorder_queue {
    struct recorder_run filling;
    size_t capacity;
};

// recorder_run_open gives a run its bytes. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_run_open(struct recorder_run *run, size_t capacity);
void recorder_run_close(struct recorder_run *run);

// recorder_queue_open makes a queue of so many bytes. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_queue_open(struct recorder_queue *queue, size_t capacity);
void recorder_queue_close(struct recorder_queue *queue);

// recorder_queue_room is the bytes of a frame that can be put for sure.
size_t recorder_queue_room(const struct recorder_queue *queue);

// recorder_queue_put copies an item. False: no room, nothing is taken.
bool recorder_queue_put(struct recorder_queue *queue, const struct recorder_item *item);

bool recorder_queue_is_empty(const struct recorder_queue *queue);

// recorder_queue_swap gives what was put to a run that was read to its end, of the same capacity.
void recorder_queue_swap(struct recorder_queue *queue, struct recorder_run *run);

// recorder_run_next gives the next item; its frame leads into the run. False at the end.
bool recorder_run_next(struct recorder_run *run, struct recorder_item *item);

#endif

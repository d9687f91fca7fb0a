// SPDX-License-Identifier: MIT
// What the journal knows of each emitter: which of its numbers are recorded. A bounded cache, made
// again from the journal; whom it forgot is looked up by event id. The writer's thread alone.
#ifndef OYEZ_RECORDED_EMITTERS_H
#define OYEZ_RECORDED_EMITTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/uuid.h"

#define RECORDER_EMITTERS_MAX 65536u
// Runs of numbers that one emitter lost. Beyond it the oldest, long told, are forgotten.
#define RECORDER_HOLES_MAX 64u

struct recorder_range {
    uint64_t first, last;
};

struct recorder_emitter {
    struct oyez_uuid id;
    uint64_t time; // broker time of its last record
    // Durable numbers from lowest to through are recorded, save the holes. 0 = none is.
    uint64_t lowest, through;
    uint64_t fast_lowest, fast_through;
    // Of its last durable record: the epoch, and in that the numbers and the position.
    uint64_t epoch, first, epoch_through, position;
    struct recorder_range *holes; // ascending
    uint32_t hole_count;
    bool moved;            // since recorder_emitters_clear_moved
    uint32_t newer, older; // places + 1; 0 = none
};

struct recorder_emitters;

// recorder_emitters_open makes a table of so many emitters at most. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_emitters_open(struct recorder_emitters **out, uint32_t capacity);
void recorder_emitters_close(struct recorder_emitters **emitters);

// recorder_emitters_find gives a known emitter, or NULL. Valid until the next _note.
const struct recorder_emitter *recorder_emitters_find(const struct recorder_emitters *emitters,
                                                      struct oyez_uuid id);

// recorder_emitter_has: this number is recorded. NULL-safe.
bool recorder_emitter_has(const struct recorder_emitter *emitter, bool fast, uint64_t seq);

// recorder_emitters_note notes a record of an emitter, known or new. When the table is full, the
// emitter that was idle for longest goes. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_emitters_note(struct recorder_emitters *emitters, struct oyez_uuid id, bool fast,
                                uint64_t seq, uint64_t epoch, uint64_t position, uint64_t time);

// recorder_emitters_note_gap: numbers may have been lost up to this position.
void recorder_emitters_note_gap(struct recorder_emitters *emitters, uint64_t epoch,
                                uint64_t last_position);
// recorder_emitters_gap gives what was noted last; 0 = nothing was.
void recorder_emitters_gap(const struct recorder_emitters *emitters, uint64_t *epoch,
                           uint64_t *last_position);

// recorder_emitters_put puts an entry as it is, newest; its holes are copied. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_emitters_put(struct recorder_emitters *emitters,
                               const struct recorder_emitter *entry);

// recorder_emitters_move_all takes all durable emitters of an epoch as moved.
void recorder_emitters_move_all(struct recorder_emitters *emitters, uint64_t epoch);

// Emitters whose durable numbers moved.
size_t recorder_emitters_moved_count(const struct recorder_emitters *emitters);
const struct recorder_emitter *recorder_emitters_moved(const struct recorder_emitters *emitters,
                                                       size_t i);
void recorder_emitters_clear_moved(struct recorder_emitters *emitters);

size_t recorder_emitters_count(const struct recorder_emitters *emitters);
// recorder_emitters_oldest and _newer walk all of them, the one idle for longest first.
const struct recorder_emitter *recorder_emitters_oldest(const struct recorder_emitters *emitters);
const struct recorder_emitter *recorder_emitters_newer(const struct recorder_emitters *emitters,
                                                       const struct recorder_emitter *emitter);

#endif

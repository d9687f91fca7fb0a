// SPDX-License-Identifier: MIT
// A frame on the bus: event type, NUL, Batch (proto/event.proto). Both ends of the format.
//
//   +------------+---+----------------------------------------------+----------+-----------
//   | event type | 0 | 09 epoch  11 position  19 type_seq  21 time  | 3A 10    | 42 len Event
//   |  1-200     |   | 29 emitter_seq  35 flags        = 50 bytes   | id 16 B  | ... in order
//   +------------+---+----------------------------------------------+----------+-----------
//                    ^ body                                          ^ +50      ^ +68
//
// Integers of the stamp are little-endian (protobuf fixed64, fixed32).
#ifndef OYEZ_WIRE_BATCH_H
#define OYEZ_WIRE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"

#define OYEZ_BATCH_STAMP_SIZE 50u  // fields 1 to 6 with their tags
#define OYEZ_BATCH_PREFIX_SIZE 68u // and field 7

#define OYEZ_FLAG_FAST 1u
#define OYEZ_FLAG_PERSONAL 2u
#define OYEZ_FLAG_RESENT 4u
#define OYEZ_FLAG_LOOK_UP 8u
#define OYEZ_FLAG_TELL 16u
#define OYEZ_FLAG_CHECKED 32u // its emitter judged its events by their catalog
#define OYEZ_FLAGS_KNOWN 63u

// A walked frame. Pointers lead into the frame.
struct oyez_batch {
    const char *event_type; // followed by its NUL
    size_t event_type_size;
    size_t body_offset; // of the Batch in the frame
    uint64_t epoch;
    uint64_t position;
    uint64_t type_seq;
    uint64_t broker_time;
    uint64_t emitter_seq;
    uint32_t flags;
    const uint8_t *emitter_id;
    const uint8_t *events; // the events fields, to the end of the frame
    size_t events_size;
    uint32_t event_count; // 0: a sync batch
};

// What is wrong with a frame; names of the broker's counters follow these.
enum oyez_batch_fault {
    OYEZ_BATCH_OK = 0,
    OYEZ_BATCH_TOO_LARGE,   // frame above its limit
    OYEZ_BATCH_NO_NUL,      // no NUL within the first 201 bytes
    OYEZ_BATCH_BAD_TYPE,    // event type not [A-Za-z0-9._-]{1,200}
    OYEZ_BATCH_BAD_STAMP,   // fields 1 to 6 not at their offsets, or unknown flags
    OYEZ_BATCH_BAD_EMITTER, // field 7 not 16 bytes at its offset
    OYEZ_BATCH_REPEATED,    // a field 1 to 7 stands again
    OYEZ_BATCH_UNKNOWN_FIELD,
    OYEZ_BATCH_TRUNCATED, // an event's length leads out of the frame, or is no minimal varint
    OYEZ_BATCH_TOO_MANY,  // more than OYEZ_BATCH_EVENTS_MAX events
    OYEZ_BATCH_FAULTS,    // number of faults
};

// oyez_batch_walk checks the whole top level of a frame and fills *out. It reads no event.
// An event's own bytes may still be rubbish: see oyez_event_decode. After a fault *out is not to
// be read.
enum oyez_batch_fault oyez_batch_walk(struct oyez_batch *out, const void *frame, size_t size);

// oyez_batch_fault_name: "bad_stamp" and so on; static text.
const char *oyez_batch_fault_name(enum oyez_batch_fault fault);

// oyez_batch_stamp patches fields 1 to 4 of a walked frame in place.
void oyez_batch_stamp(void *frame, size_t body_offset, uint64_t epoch, uint64_t position,
                      uint64_t type_seq, uint64_t broker_time);

// oyez_batch_set_flags patches field 6 in place.
void oyez_batch_set_flags(void *frame, size_t body_offset, uint32_t flags);

// oyez_batch_begin writes event type, NUL, an unstamped stamp and the emitter id.
// `out` has room for event_type_size + 1 + OYEZ_BATCH_PREFIX_SIZE bytes. Returns bytes written.
size_t oyez_batch_begin(void *out, const char *event_type, size_t event_type_size,
                        const uint8_t emitter_id[OYEZ_UUID_SIZE], uint64_t emitter_seq,
                        uint32_t flags);

// oyez_batch_event_field_size: bytes of one events field around an Event of `event_size` bytes.
size_t oyez_batch_event_field_size(size_t event_size);

// oyez_batch_begin_event writes tag and length of an events field. Returns bytes written.
size_t oyez_batch_begin_event(void *out, size_t event_size);

// Walks the events of a batch. Start with *cursor = batch->events; false at the end.
// Only for a batch that oyez_batch_walk accepted.
bool oyez_batch_next_event(const struct oyez_batch *batch, const uint8_t **cursor,
                           const uint8_t **event, size_t *event_size);

// oyez_batch_event_stamp is the stamp of event number `i` of the batch.
struct oyez_stamp oyez_batch_event_stamp(const struct oyez_batch *batch, uint32_t i);

#endif

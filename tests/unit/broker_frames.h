// SPDX-License-Identifier: MIT
// Frames as an emitter would write them, for the tests of the broker.
#ifndef OYEZ_BROKER_FRAMES_H
#define OYEZ_BROKER_FRAMES_H

#include <stdint.h>
#include <string.h>

#include "wire/batch.h"

struct test_frame {
    size_t size;
    size_t body_offset;
    uint8_t bytes[20000];
};

// A batch of `count` events of `event_size` bytes each.
static inline struct test_frame *make_frame(struct test_frame *frame, const char *event_type,
                                            const uint8_t *emitter_id, uint64_t emitter_seq,
                                            uint32_t flags, uint32_t count, size_t event_size)
{
    frame->body_offset = strlen(event_type) + 1;
    frame->size = oyez_batch_begin(frame->bytes, event_type, strlen(event_type), emitter_id,
                                   emitter_seq, flags);
    for (uint32_t i = 0; i < count; i++) {
        frame->size += oyez_batch_begin_event(frame->bytes + frame->size, event_size);
        memset(frame->bytes + frame->size, (int)i, event_size);
        frame->size += event_size;
    }
    return frame;
}

#endif

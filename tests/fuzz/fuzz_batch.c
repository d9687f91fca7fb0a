// SPDX-License-Identifier: MIT
// The first thing that a stranger's bytes meet: the walk over a frame. tests/fuzz/run runs it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/batch.h"
#include "wire/topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_events(const struct oyez_batch *batch, const uint8_t *end)
{
    const uint8_t *cursor = batch->events;
    const uint8_t *event;
    size_t event_size;
    uint32_t count = 0;
    size_t total = 0;

    while (oyez_batch_next_event(batch, &cursor, &event, &event_size)) {
        require(event > batch->events && event <= end && event_size <= (size_t)(end - event));
        total += oyez_batch_event_field_size(event_size);
        (void)oyez_batch_event_stamp(batch, count++);
    }
    // Lengths are minimal, so the sizes of the fields add up to the whole.
    require(cursor == end && total == batch->events_size && count == batch->event_count);
}

// What was accepted is what our own writer writes, byte for byte.
static void check_prefix(const struct oyez_batch *batch, const uint8_t *data)
{
    uint8_t prefix[OYEZ_EVENT_TYPE_SIZE_MAX + 1 + OYEZ_BATCH_PREFIX_SIZE];
    size_t size = oyez_batch_begin(prefix, batch->event_type, batch->event_type_size,
                                   batch->emitter_id, batch->emitter_seq, 0);

    oyez_batch_set_flags(prefix, batch->body_offset, batch->flags);
    oyez_batch_stamp(prefix, batch->body_offset, batch->epoch, batch->position, batch->type_seq,
                     batch->broker_time);
    require(batch->events == data + size && memcmp(prefix, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, data, size);

    require(oyez_batch_fault_name(fault) != NULL);
    if (fault != OYEZ_BATCH_OK)
        return 0;
    require(oyez_topic_is_valid(batch.event_type, batch.event_type_size));
    require(batch.events + batch.events_size == data + size);
    check_prefix(&batch, data);
    check_events(&batch, data + size);
    return 0;
}

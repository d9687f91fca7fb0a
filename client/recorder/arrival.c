// SPDX-License-Identifier: MIT
#include "arrival.h"

#include <stdlib.h>
#include <string.h>

// docs/journal.md: the event type, one zero byte, and the Event's bytes as they came.
static oyez_err keep_unreadable(struct recorder_arrivals *arrivals, const struct oyez_batch *batch,
                                const uint8_t *event, size_t size, struct oyez_journal_record *out)
{
    size_t head = batch->event_type_size + 1;
    if (head + size > arrivals->unreadable_room) {
        uint8_t *grown = realloc(arrivals->unreadable, head + size);
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an event of %zu bytes", size);
        arrivals->unreadable = grown;
        arrivals->unreadable_room = head + size;
    }
    memcpy(arrivals->unreadable, batch->event_type, head);
    if (size > 0)
        memcpy(arrivals->unreadable + head, event, size);
    out->details = arrivals->unreadable;
    out->details_size = head + size;
    out->details_format = 0;
    out->flags |= OYEZ_RECORD_INVALID;
    return OYEZ_OK;
}

static bool breaks_a_rule(const struct oyez_batch *batch, const struct oyez_event *event)
{
    if ((batch->flags & OYEZ_FLAG_PERSONAL) != 0 && event->salt == NULL)
        return true;
    if (oyez_uuid_is_zero(event->event_id) || event->event_type == NULL)
        return true;
    return strcmp(event->event_type, batch->event_type) != 0;
}

oyez_err recorder_arrival_read(struct recorder_arrivals *arrivals, const struct oyez_batch *batch,
                               uint32_t i, const uint8_t *event, size_t size,
                               struct oyez_journal_record *out)
{
    struct oyez_event *decoded = &arrivals->event;
    struct oyez_event_parts parts;
    *out = (struct oyez_journal_record){
        .kind = (batch->flags & OYEZ_FLAG_PERSONAL) != 0 ? OYEZ_RECORD_PERSONAL_EVENT
                                                         : OYEZ_RECORD_EVENT,
        .flags = (batch->flags & OYEZ_FLAG_FAST) != 0 ? OYEZ_RECORD_FAST : 0,
        .epoch = batch->epoch,
        .position = batch->position + i,
        .broker_time = batch->broker_time,
        .emitter_seq = batch->emitter_seq + i,
        .type_seq = batch->type_seq + i,
        .event_type = batch->event_type,
        .event_type_size = batch->event_type_size,
    };
    memcpy(out->emitter_id.bytes, batch->emitter_id, OYEZ_UUID_SIZE);
    if (oyez_event_decode(decoded, event, size, arrivals->scratch) != OYEZ_OK ||
        oyez_event_split(&parts, event, size) != OYEZ_OK || parts.header_size == 0 ||
        parts.details_format == 0)
        return keep_unreadable(arrivals, batch, event, size, out);
    if (breaks_a_rule(batch, decoded))
        out->flags |= OYEZ_RECORD_INVALID;
    out->event_id = decoded->event_id;
    out->occurred_at = decoded->occurred_at;
    out->header = parts.header;
    out->header_size = parts.header_size;
    out->salt = parts.salt;
    out->salt_size = parts.salt_size;
    out->signature = parts.signature;
    out->signature_size = parts.signature_size;
    out->details = parts.details;
    out->details_size = parts.details_size;
    out->details_format = (uint8_t)parts.details_format;
    return OYEZ_OK;
}

void recorder_arrivals_free(struct recorder_arrivals *arrivals)
{
    free(arrivals->unreadable);
    arrivals->unreadable = NULL;
    arrivals->unreadable_room = 0;
}

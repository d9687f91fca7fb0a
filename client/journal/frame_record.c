// SPDX-License-Identifier: MIT
// A frame shown as a record. Its checksums and sizes are known to be good.
#include <string.h>

#include "frame.h"
#include "oyez/little_endian.h"
#include "record_kind.h"

// Takes the next part of a frame; NULL where it is empty, as the writer was given it.
static const uint8_t *take(const uint8_t **at, size_t size)
{
    const uint8_t *part = *at;

    *at += size;
    return size > 0 ? part : NULL;
}

static const uint8_t *show_identity(struct oyez_journal_record *out, const uint8_t *at,
                                    unsigned place)
{
    if (oyez_record_is_personal(out->kind)) {
        memcpy(out->event_id.bytes, at, OYEZ_UUID_SIZE);
        out->event_type = (const char *)at + OYEZ_UUID_SIZE;
        out->event_type_size = place;
        out->occurred_at = (int64_t)get_u64(at + OYEZ_UUID_SIZE + place);
        return at + OYEZ_UUID_SIZE + place + 8;
    }
    if (place != OYEZ_FRAME_NO_EVENT_ID)
        memcpy(out->event_id.bytes, at + place, OYEZ_UUID_SIZE);
    return at;
}

static void show_event(struct oyez_journal_record *out, const uint8_t *bytes)
{
    const uint8_t *at = bytes + OYEZ_FRAME_HEAD_SIZE;
    size_t header_size = get_u16(bytes + 84);
    bool personal = oyez_record_is_personal(out->kind);

    memcpy(out->emitter_id.bytes, bytes + 50, OYEZ_UUID_SIZE);
    out->flags = bytes[66];
    out->emitter_seq = get_u64(bytes + 67);
    out->type_seq = get_u64(bytes + 75);
    out->details_format = bytes[83];
    if (oyez_record_is_repeat(out->kind))
        out->first_index = get_u64(take(&at, 8));
    at = show_identity(out, at, get_u16(bytes + 86));
    if (!personal) {
        out->header_size = header_size;
        out->header = take(&at, header_size);
    }
    if (bytes[12] == OYEZ_FORM_COMMITMENT) {
        out->commitment = at;
        out->erased = !oyez_record_is_repeat(out->kind);
        return;
    }
    out->salt_size = get_u16(bytes + 88);
    out->salt = take(&at, out->salt_size);
    out->signature_size = get_u16(bytes + 90);
    out->signature = take(&at, out->signature_size);
    if (personal) {
        out->header_size = header_size;
        out->header = take(&at, header_size);
    }
    out->details_size = get_u32(bytes + 92);
    out->details = take(&at, out->details_size);
}

void oyez_frame_record(const struct oyez_frame *frame, struct oyez_journal_record *out)
{
    const uint8_t *bytes = frame->bytes;
    const uint8_t *kept = bytes + OYEZ_FRAME_HEAD_SIZE;

    *out = (struct oyez_journal_record){.kind = (enum oyez_record_kind)frame->kind,
                                        .index = frame->index,
                                        .epoch = get_u64(bytes + 26),
                                        .position = get_u64(bytes + 34),
                                        .broker_time = get_u64(bytes + 42)};
    if (oyez_record_is_event(frame->kind)) {
        show_event(out, bytes);
    } else if (frame->kind == OYEZ_RECORD_GAP) {
        out->last_position = get_u64(kept);
        out->reason = (enum oyez_gap_reason)kept[8];
    } else if (frame->kind == OYEZ_RECORD_EPOCH_END) {
        out->highest_position = get_u64(kept);
        out->next_epoch = get_u64(kept + 8);
        out->clean = kept[16] != 0;
    } else {
        out->details_size = get_u32(bytes + 92);
        out->details = take(&kept, out->details_size);
    }
}

// SPDX-License-Identifier: MIT
// An index answer is never trusted: the record at its place is read and compared.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "oyez/bloom.h"
#include "oyez/disk.h"
#include "record_kind.h"
#include "segments.h"
#include "unfinished.h"

static oyez_err reserve(uint8_t **memory, size_t *room, size_t size)
{
    if (*room >= size)
        return OYEZ_OK;
    uint8_t *grown = realloc(*memory, size);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "reading a record");
    *memory = grown;
    *room = size;
    return OYEZ_OK;
}

// An erasure may be at this frame now, or was cut short there; or it has just ended.
static enum oyez_frame_fault check_body(const struct oyez_disk *disk,
                                        const struct oyez_segment *segment, uint64_t offset,
                                        uint8_t *bytes, struct oyez_frame *frame)
{
    uint32_t seed = segment->header.sum;
    enum oyez_frame_fault fault = oyez_frame_check_body(frame, seed);
    size_t got;

    if (fault != OYEZ_FRAME_BODY_SUM || !oyez_record_is_event(frame->kind))
        return fault;
    if (!oyez_unfinished_mend(disk, segment, bytes, frame) &&
        (oyez_segment_read(segment, disk, bytes, frame->size, offset, &got) != OYEZ_OK ||
         oyez_frame_parse(frame, bytes, got, seed) != OYEZ_FRAME_OK))
        return fault;
    return oyez_frame_check_body(frame, seed);
}

oyez_err oyez_segments_read_frame(const struct oyez_disk *disk, const struct oyez_segment *segment,
                                  uint64_t offset, uint64_t index, uint8_t **memory, size_t *room,
                                  struct oyez_journal_record *record)
{
    uint32_t seed = segment->header.sum;
    struct oyez_frame frame;
    size_t wanted = 1024; // most frames; a larger one is read again
    size_t got;

    for (;;) {
        oyez_err err = reserve(memory, room, wanted);
        if (err == OYEZ_OK)
            err = oyez_segment_read(segment, disk, *memory, wanted, offset, &got);
        if (err != OYEZ_OK)
            return err;
        enum oyez_frame_fault fault = oyez_frame_parse(&frame, *memory, got, seed);
        if (fault == OYEZ_FRAME_SHORT && got == wanted && frame.size > wanted) {
            wanted = frame.size;
            continue;
        }
        if (fault == OYEZ_FRAME_OK)
            fault = check_body(disk, segment, offset, *memory, &frame);
        if (fault == OYEZ_FRAME_OK && (frame.index != index || oyez_mark_is_kind(frame.kind)))
            fault = OYEZ_FRAME_ORDER;
        if (fault != OYEZ_FRAME_OK)
            return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": record %" PRIu64 ": %s",
                             segment->name, offset, index, oyez_frame_fault_text(fault));
        oyez_frame_record(&frame, record);
        return OYEZ_OK;
    }
}

static oyez_err next_candidate(struct oyez_segments *segments, struct oyez_segments_item *item,
                               uint64_t fingerprint, size_t *cursor, uint32_t *record)
{
    if (item->has_ids)
        return oyez_event_ids_find(&item->ids, segments->disk, fingerprint, cursor, record);
    return oyez_segment_map_find(&item->map, fingerprint, cursor, record) ? OYEZ_OK
                                                                          : OYEZ_ERR_NOT_FOUND;
}

static oyez_err look_in(struct oyez_segments *segments, size_t i, uint64_t fingerprint,
                        struct oyez_uuid event_id, uint64_t *index)
{
    size_t cursor = 0;
    uint32_t record;
    oyez_err err = oyez_segments_prepare(segments, i);

    if (err != OYEZ_OK)
        return err;
    struct oyez_segments_item *item = segments->items[i];
    if (!oyez_segments_may_have(segments, item, fingerprint))
        return OYEZ_ERR_NOT_FOUND;
    bool by_table = item->has_ids;
    while ((err = next_candidate(segments, item, fingerprint, &cursor, &record)) == OYEZ_OK) {
        struct oyez_journal_record found;
        err = oyez_segments_read(segments, segments->first[i] + record, &found);
        if (err != OYEZ_OK)
            return err;
        if (oyez_uuid_equal(found.event_id, event_id)) {
            *index = found.index;
            return OYEZ_OK;
        }
        if (by_table != item->has_ids) // the map that took its place has another order
            cursor = 0;
        by_table = item->has_ids;
    }
    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    err = oyez_segments_check_end(segments, i);
    return err == OYEZ_OK ? OYEZ_ERR_NOT_FOUND : err;
}

static oyez_err find_in(struct oyez_segments *segments, size_t i, struct oyez_uuid event_id,
                        uint64_t *index)
{
    uint64_t fingerprint = oyez_journal_fingerprint(event_id);
    struct oyez_segments_item *item = segments->items[i];

    // Most segments are done with here: no file of theirs has to be open.
    if (item->ids.filter != NULL && !oyez_segments_may_have(segments, item, fingerprint))
        return OYEZ_ERR_NOT_FOUND;
    oyez_err err = look_in(segments, i, fingerprint, event_id, index);
    if (err == OYEZ_OK || !item->ids.bad || !item->has_ids)
        return err;
    oyez_segments_drop_table(segments, item);
    return look_in(segments, i, fingerprint, event_id, index);
}

// Each filter is looked at in a place that the processor does not have at hand: asked for at once,
// they come in the time of a few.
static void fetch_blocks(const struct oyez_segments *segments, uint64_t fingerprint)
{
    for (size_t i = segments->count; i > 0; i--) {
        const struct oyez_event_ids *ids = &segments->items[i - 1]->ids;
        if (ids->filter != NULL)
            __builtin_prefetch(ids->filter + oyez_bloom_block(ids->filter_size, fingerprint));
    }
}

oyez_err oyez_segments_find(struct oyez_segments *segments, uint64_t below,
                            struct oyez_uuid event_id, uint64_t *index)
{
    char damage[512];
    bool damaged = false;

    fetch_blocks(segments, oyez_journal_fingerprint(event_id));
    for (size_t i = segments->count; i > 0; i--) {
        if (segments->first[i - 1] >= below)
            continue;
        oyez_err err = find_in(segments, i - 1, event_id, index);
        if (err == OYEZ_ERR_CORRUPT) { // an older segment may still have it
            damaged = true;
            snprintf(damage, sizeof(damage), "%s", oyez_error_detail());
        } else if (err != OYEZ_ERR_NOT_FOUND) {
            return err;
        }
    }
    if (damaged)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s", damage);
    return oyez_fail(OYEZ_ERR_NOT_FOUND, "no event with this id");
}

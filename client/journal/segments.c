// SPDX-License-Identifier: MIT
#include "segments.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static oyez_err read_seal(struct oyez_segments *segments, size_t i, struct oyez_segments_item *item)
{
    uint64_t offset;
    oyez_err err = oyez_segment_read_seal(&item->segment, segments->disk, &item->seal, &offset);

    if (err == OYEZ_OK && i + 1 < segments->count && item->seal.index != segments->first[i + 1])
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: offset %" PRIu64 ": ends with record %" PRIu64 ", the next segment "
                         "begins with %" PRIu64,
                         item->segment.name, offset, item->seal.index, segments->first[i + 1]);
    if (err == OYEZ_ERR_NOT_FOUND && i + 1 < segments->count)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: no good seal at its end, and a segment after it",
                         item->segment.name);
    item->sealed = err == OYEZ_OK;
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_segments_use(struct oyez_segments *segments, size_t i,
                           struct oyez_segments_item **out)
{
    struct oyez_segments_item *item = segments->items[i];
    oyez_err err = OYEZ_OK;

    *out = item;
    if (segments->read_last != item && segments->read_last != NULL)
        oyez_segment_rest(&segments->read_last->segment);
    segments->read_last = item;
    if (item->segment.fd < 0) {
        oyez_segments_make_room(segments, item);
        err = oyez_segment_open(&item->segment, segments->disk, segments->directory,
                                segments->first[i], O_RDONLY);
        if (err != OYEZ_OK)
            return err;
        segments->open_files++;
    }
    // What was the last segment is sealed when it no longer is.
    if (!item->known || (!item->sealed && i + 1 < segments->count))
        err = read_seal(segments, i, item);
    item->known = item->known || err == OYEZ_OK;
    return err;
}

size_t oyez_segments_at(const struct oyez_segments *segments, uint64_t index)
{
    size_t low = 0, high = segments->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (segments->first[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static oyez_err add_group(struct oyez_segments_item *item, const struct oyez_group *group)
{
    struct oyez_frame frame;
    struct oyez_journal_record record;
    size_t at = 0;

    while (oyez_scan_next_frame(&item->scan, group, &at, &frame)) {
        oyez_frame_record(&frame, &record);
        oyez_err err = oyez_segment_map_add(&item->map, &record, group->offset + at - frame.size);
        if (err != OYEZ_OK)
            return err;
    }
    return OYEZ_OK;
}

// Reads on to the last commit, or to damage: which of them is judged when somebody needs to know.
static oyez_err extend_map(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    struct oyez_group group;
    oyez_err err;

    if (!item->scanning) {
        oyez_scan_begin(&item->scan, segments->disk, &item->segment);
        item->scanning = true;
    }
    while ((err = oyez_scan_next(&item->scan, &group, &item->stop)) == OYEZ_OK) {
        err = add_group(item, &group);
        if (err != OYEZ_OK)
            return err;
    }
    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    item->complete = item->scan.sealed;
    return OYEZ_OK;
}

// Sees to it that there is a table, or a map as long as the segment.
static oyez_err make_ready(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    if (item->sealed && item->ids.fd < 0 && !item->ids.bad)
        oyez_segments_open_table(segments, item);
    if (item->has_ids || item->complete)
        return OYEZ_OK;
    oyez_err err = extend_map(segments, item);
    if (err == OYEZ_OK && segments->writable && item->complete && item->sealed)
        oyez_segments_make_table(segments, item);
    return err;
}

oyez_err oyez_segments_prepare(struct oyez_segments *segments, size_t i)
{
    struct oyez_segments_item *item;
    oyez_err err = oyez_segments_use(segments, i, &item);

    return err == OYEZ_OK ? make_ready(segments, item) : err;
}

static oyez_err check_end(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    oyez_err err = make_ready(segments, item);

    while (err == OYEZ_OK && !item->has_ids && !item->complete) {
        uint64_t reached = item->scan.offset;
        bool damaged = item->sealed;
        if (!damaged)
            err = oyez_tail_find_damage(&item->scan, &item->stop, &item->judged, &damaged);
        if (err != OYEZ_OK || !damaged)
            break;
        err = extend_map(segments, item); // the writer may have gone on
        if (err == OYEZ_OK && item->scan.offset == reached)
            err = oyez_scan_fail(&item->scan, &item->stop);
    }
    return err;
}

oyez_err oyez_segments_check_end(struct oyez_segments *segments, size_t i)
{
    struct oyez_segments_item *item;
    oyez_err err = oyez_segments_use(segments, i, &item);

    return err == OYEZ_OK ? check_end(segments, item) : err;
}

oyez_err oyez_segments_records(struct oyez_segments *segments, size_t i, uint64_t *records,
                               struct oyez_journal_span *span)
{
    struct oyez_segments_item *item;
    oyez_err err = oyez_segments_use(segments, i, &item);

    if (err != OYEZ_OK)
        return err;
    if (item->sealed) {
        *records = item->seal.index - item->segment.header.first_index;
        *span = item->seal.span;
        return OYEZ_OK;
    }
    err = make_ready(segments, item);
    *records = item->map.records;
    *span = item->map.span;
    return err;
}

static void describe(struct oyez_journal_segment *out, const struct oyez_segments_item *item,
                     uint64_t records, uint32_t chain, const struct oyez_journal_span *span)
{
    *out = (struct oyez_journal_segment){.first_index = item->segment.header.first_index,
                                         .records = records,
                                         .sealed = item->sealed || item->complete,
                                         .header_sum = item->segment.header.sum,
                                         .seal_chain = chain,
                                         .time_min = span->time_min,
                                         .time_max = span->time_max,
                                         .first_epoch = span->first_epoch,
                                         .first_position = span->first_position,
                                         .last_epoch = span->last_epoch,
                                         .last_position = span->last_position};
}

oyez_err oyez_segments_describe(struct oyez_segments *segments, size_t i,
                                struct oyez_journal_segment *out)
{
    struct oyez_segments_item *item = segments->items[i];
    oyez_err err = OYEZ_OK;

    if (!item->sealed)
        err = oyez_segments_use(segments, i, &item);
    if (err == OYEZ_OK && !item->sealed)
        err = check_end(segments, item);
    if (err != OYEZ_OK)
        return err;
    if (item->sealed)
        describe(out, item, item->seal.index - item->segment.header.first_index, item->seal.chain,
                 &item->seal.span);
    else
        describe(out, item, item->map.records, item->complete ? item->scan.chain : 0,
                 &item->map.span);
    return OYEZ_OK;
}

static oyez_err offset_in(struct oyez_segments *segments, struct oyez_segments_item *item,
                          uint64_t record, uint64_t *offset)
{
    oyez_err err = OYEZ_OK;

    if (item->has_ids || record >= item->map.records)
        err = make_ready(segments, item);
    if (err == OYEZ_OK && item->has_ids && record <= UINT32_MAX) {
        err = oyez_event_ids_offset(&item->ids, segments->disk, (uint32_t)record, offset);
        if (err == OYEZ_OK || !item->ids.bad)
            return err;
        oyez_segments_drop_table(segments, item);
        err = make_ready(segments, item);
    }
    if (err == OYEZ_OK && record >= item->map.records)
        err = check_end(segments, item);
    if (err != OYEZ_OK)
        return err;
    if (record >= item->map.records)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such record");
    *offset = (uint64_t)item->map.offsets[record] * OYEZ_FRAME_ALIGN;
    return OYEZ_OK;
}

oyez_err oyez_segments_offset(struct oyez_segments *segments, uint64_t index, uint64_t *offset)
{
    size_t i = oyez_segments_at(segments, index);
    struct oyez_segments_item *item;

    if (index < segments->first[i])
        return oyez_fail(OYEZ_ERR_NOT_FOUND,
                         "record %" PRIu64 " has expired: the journal begins with record %" PRIu64,
                         index, segments->first[i]);
    oyez_err err = oyez_segments_use(segments, i, &item);
    return err == OYEZ_OK ? offset_in(segments, item, index - segments->first[i], offset) : err;
}

oyez_err oyez_segments_read(struct oyez_segments *segments, uint64_t index,
                            struct oyez_journal_record *record)
{
    uint64_t offset = 0;
    oyez_err err = oyez_segments_offset(segments, index, &offset);

    if (err != OYEZ_OK)
        return err;
    const struct oyez_segments_item *item = segments->items[oyez_segments_at(segments, index)];
    return oyez_segments_read_frame(segments->disk, &item->segment, offset, index, &segments->frame,
                                    &segments->frame_room, record);
}

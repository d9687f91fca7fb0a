// SPDX-License-Identifier: MIT
// The writer's own questions: the open segment's map is at hand, the sealed ones have tables.
#include <string.h>

#include "journal_state.h"

// A record of the group that is being made is not in the file yet.
static oyez_err read_open(oyez_journal *journal, uint64_t index, struct oyez_journal_record *record)
{
    uint64_t first = journal->segment.header.first_index;
    uint64_t offset = (uint64_t)journal->map.offsets[index - first] * OYEZ_FRAME_ALIGN;
    struct oyez_frame frame;

    if (offset < journal->end)
        return oyez_segments_read_frame(journal->disk, &journal->segment, offset, index,
                                        &journal->frame, &journal->frame_room, record);
    size_t at = (size_t)(offset - journal->end);
    enum oyez_frame_fault fault = oyez_frame_parse(
        &frame, journal->group + at, journal->group_size - at, journal->segment.header.sum);
    if (fault != OYEZ_FRAME_OK)
        return oyez_fail(OYEZ_ERR_CORRUPT, "commit buffer: %s", oyez_frame_fault_text(fault));
    oyez_frame_record(&frame, record);
    return OYEZ_OK;
}

static oyez_err open_sealed(oyez_journal *journal)
{
    // Nobody else makes segments, and the open one is listed too.
    if (journal->has_sealed &&
        journal->sealed.first[journal->sealed.count - 1] == journal->segment.header.first_index)
        return OYEZ_OK;
    if (journal->has_sealed)
        return oyez_segments_refresh(&journal->sealed);
    oyez_err err = oyez_segments_open(&journal->sealed, journal->disk, journal->directory, true);
    journal->has_sealed = err == OYEZ_OK;
    return err;
}

static oyez_err find_in_open(oyez_journal *journal, struct oyez_uuid event_id, uint64_t *index)
{
    uint64_t fingerprint = oyez_journal_fingerprint(event_id);
    size_t cursor = 0;
    uint32_t number;

    while (oyez_segment_map_find(&journal->map, fingerprint, &cursor, &number)) {
        struct oyez_journal_record record;
        oyez_err err = read_open(journal, journal->segment.header.first_index + number, &record);
        if (err != OYEZ_OK)
            return err;
        if (oyez_uuid_equal(record.event_id, event_id)) {
            *index = record.index;
            return OYEZ_OK;
        }
    }
    return OYEZ_ERR_NOT_FOUND;
}

oyez_err oyez_journal_find_event_id(oyez_journal *journal, struct oyez_uuid event_id,
                                    uint64_t *index)
{
    oyez_err err = find_in_open(journal, event_id, index);

    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    if (journal->segment.header.first_index > 0) {
        err = open_sealed(journal);
        if (err != OYEZ_OK)
            return err;
        return oyez_segments_find(&journal->sealed, journal->segment.header.first_index, event_id,
                                  index);
    }
    return oyez_fail(OYEZ_ERR_NOT_FOUND, "no event with this id");
}

oyez_err oyez_journal_read(oyez_journal *journal, uint64_t index,
                           struct oyez_journal_record *record)
{
    if (index >= journal->next_index)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such record");
    if (index >= journal->segment.header.first_index)
        return read_open(journal, index, record);
    oyez_err err = open_sealed(journal);
    return err == OYEZ_OK ? oyez_segments_read(&journal->sealed, index, record) : err;
}

oyez_err oyez_journal_locate(oyez_journal *journal, uint64_t index, uint64_t *segment,
                             uint64_t *offset)
{
    *segment = journal->segment.header.first_index;
    if (index >= journal->next_index)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such record");
    if (index >= *segment) {
        *offset = (uint64_t)journal->map.offsets[index - *segment] * OYEZ_FRAME_ALIGN;
        return OYEZ_OK;
    }
    oyez_err err = open_sealed(journal);
    if (err == OYEZ_OK)
        err = oyez_segments_offset(&journal->sealed, index, offset);
    if (err == OYEZ_OK)
        *segment = journal->sealed.first[oyez_segments_at(&journal->sealed, index)];
    return err;
}

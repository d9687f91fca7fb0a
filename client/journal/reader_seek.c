// SPDX-License-Identifier: MIT
// Seeking: by halves over the segments' spans, then by halves over the records of one.
#include "reader_state.h"
#include "record_kind.h"

// Where a seek leads: the first record that is not before this.
struct goal {
    bool by_time;
    uint64_t time;
    uint64_t epoch, position;
};

oyez_err oyez_journal_reader_seek_index(oyez_journal_reader *reader, uint64_t index)
{
    oyez_err err = oyez_segments_refresh(&reader->segments);

    if (err != OYEZ_OK)
        return err;
    size_t i = oyez_segments_at(&reader->segments, index);
    uint64_t first = reader->segments.first[i];
    uint64_t offset = 0;
    if (index > first) {
        err = oyez_segments_offset(&reader->segments, index, &offset);
        if (err == OYEZ_ERR_NOT_FOUND) // behind the end: read up to it
            offset = 0;
        else if (err != OYEZ_OK)
            return err;
    }
    err = oyez_reader_enter(reader, i, NULL);
    if (err == OYEZ_OK && offset > 0)
        oyez_scan_begin_at(&reader->scan, reader->disk, &reader->segment, offset, index);
    if (err == OYEZ_OK)
        reader->target = index;
    return err;
}

static bool cursor_before(uint64_t epoch, uint64_t position, const struct goal *goal)
{
    return epoch < goal->epoch || (epoch == goal->epoch && position < goal->position);
}

static bool record_before(const struct oyez_journal_record *record, const struct goal *goal)
{
    if (goal->by_time)
        return !oyez_record_is_event(record->kind) || record->broker_time < goal->time;
    if (!oyez_record_has_position(record->kind))
        return true;
    if (record->kind == OYEZ_RECORD_GAP)
        return cursor_before(record->epoch, record->last_position, goal);
    // The end of an epoch covers all positions that are not recorded.
    if (record->kind == OYEZ_RECORD_EPOCH_END)
        return record->epoch < goal->epoch;
    return cursor_before(record->epoch, record->position, goal);
}

static bool span_before(const struct oyez_journal_span *span, const struct goal *goal)
{
    if (goal->by_time)
        return span->time_max < goal->time;
    return span->last_epoch < goal->epoch ||
           (span->last_epoch == goal->epoch && span->last_position < goal->position);
}

// Reads on from an index to the first record that is not before the goal, and stands at it.
static oyez_err walk_to(oyez_journal_reader *reader, uint64_t from, const struct goal *goal)
{
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_reader_seek_index(reader, from);

    while (err == OYEZ_OK) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_OK && !record_before(&record, goal)) {
            // One step back: the group is still at hand, but a seek is surer.
            return oyez_journal_reader_seek_index(reader, record.index);
        }
    }
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

// The first record with a place in the order, from `index` up to `high`; *index is where it is.
static oyez_err read_ordered(oyez_journal_reader *reader, uint64_t *index, uint64_t high,
                             bool by_time, struct oyez_journal_record *record)
{
    for (; *index < high; (*index)++) {
        oyez_err err = oyez_segments_read(&reader->segments, *index, record);
        if (err != OYEZ_OK)
            return err;
        if (by_time ? oyez_record_is_event(record->kind) : oyez_record_has_position(record->kind))
            return OYEZ_OK;
    }
    return OYEZ_ERR_NOT_FOUND;
}

static oyez_err halve(oyez_journal_reader *reader, uint64_t low, uint64_t high,
                      const struct goal *goal)
{
    struct oyez_journal_record record;

    while (high - low > 64) { // fewer are as quickly read
        uint64_t middle = low + (high - low) / 2;
        uint64_t index = middle;
        oyez_err err = read_ordered(reader, &index, high, goal->by_time, &record);
        if (err == OYEZ_ERR_NOT_FOUND) {
            high = middle;
            continue;
        }
        if (err != OYEZ_OK)
            return err;
        if (record_before(&record, goal))
            low = index;
        else
            high = middle;
    }
    return walk_to(reader, low, goal);
}

// Cursors only grow, so halves serve for them. Times may step back at a new epoch, so all segments
// are looked at, from the first; and so they are where one holds nothing but acts.
static oyez_err find_segment(oyez_journal_reader *reader, const struct goal *goal, size_t *out,
                             uint64_t *records, struct oyez_journal_span *span)
{
    bool one_by_one = goal->by_time;
    size_t low = 0, high = reader->segments.count;

    while (low + 1 < high) {
        size_t middle = one_by_one ? low : low + (high - low) / 2 - 1;
        oyez_err err = oyez_segments_records(&reader->segments, middle, records, span);
        if (err != OYEZ_OK)
            return err;
        if (span->last_epoch == 0 && !one_by_one)
            one_by_one = true;
        else if (span->last_epoch == 0 || span_before(span, goal))
            low = middle + 1;
        else
            high = middle + 1;
        if (one_by_one && high == low + 1)
            break;
    }
    *out = low;
    return oyez_segments_records(&reader->segments, low, records, span);
}

static oyez_err seek(oyez_journal_reader *reader, const struct goal *goal)
{
    struct oyez_journal_span span;
    uint64_t records;
    size_t i;
    oyez_err err = oyez_segments_refresh(&reader->segments);

    if (err == OYEZ_OK)
        err = find_segment(reader, goal, &i, &records, &span);
    if (err != OYEZ_OK)
        return err;
    uint64_t first = reader->segments.first[i];
    if (goal->by_time && span.first_epoch != span.last_epoch)
        return walk_to(reader, first, goal);
    return halve(reader, first, first + records, goal);
}

oyez_err oyez_journal_reader_seek_cursor(oyez_journal_reader *reader, uint64_t epoch,
                                         uint64_t position)
{
    return seek(reader, &(struct goal){.epoch = epoch, .position = position});
}

oyez_err oyez_journal_reader_seek_time(oyez_journal_reader *reader, uint64_t broker_time)
{
    return seek(reader, &(struct goal){.by_time = true, .time = broker_time});
}

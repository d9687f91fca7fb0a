// SPDX-License-Identifier: MIT
#include "walk.h"

#define NOWHERE UINT64_MAX

// Acts have no cursor. They are few, and so many in a row that this does not do are none.
#define ACTS_IN_A_ROW_MAX 1024u

void oyez_walk_open(struct oyez_walk *walk, oyez_journal_reader *reader)
{
    *walk = (struct oyez_walk){.reader = reader, .reader_at = NOWHERE};
}

// The cursor that a record reaches: a gap covers more than one position, and the end of an epoch all
// that are left of it.
static bool reach_of(const struct oyez_journal_record *record, uint64_t *epoch, uint64_t *position)
{
    if (record->kind > OYEZ_RECORD_EPOCH_END)
        return false;
    *epoch = record->epoch;
    *position = record->position;
    if (record->kind == OYEZ_RECORD_GAP)
        *position = record->last_position;
    else if (record->kind == OYEZ_RECORD_EPOCH_END)
        *position = OYEZ_POSITION_EPOCH_END;
    return true;
}

static oyez_err seek(struct oyez_walk *walk, const struct oyez_walk_start *start, bool by_time)
{
    if (by_time)
        return oyez_journal_reader_seek_time(walk->reader, start->time);
    return oyez_journal_reader_seek_cursor(walk->reader, start->epoch, start->position);
}

// The index of the first record at or behind the start; the journal's end if nothing is there. A
// writer may be at work: what it commits between "nothing is there" and the end must not be jumped
// over, so both are asked again until the end stood still.
static oyez_err find_index(struct oyez_walk *walk, const struct oyez_walk_start *start,
                           bool by_time, uint64_t *index)
{
    struct oyez_journal_record record;
    uint64_t end_before;
    oyez_err err = OYEZ_OK;
    walk->reader_at = NOWHERE;
    *index = NOWHERE;
    while (err == OYEZ_OK) {
        end_before = *index;
        err = seek(walk, start, by_time);
        if (err == OYEZ_OK)
            err = oyez_journal_reader_next(walk->reader, &record);
        if (err == OYEZ_OK) {
            *index = record.index;
            break;
        }
        if (err == OYEZ_ERR_NOT_FOUND)
            err = oyez_journal_reader_end(walk->reader, index);
        if (err == OYEZ_OK && *index == end_before)
            break;
    }
    return err;
}

static oyez_err find_first(struct oyez_walk *walk, const struct oyez_walk_start *start,
                           uint64_t *first)
{
    oyez_err err = OYEZ_OK;
    uint64_t index = 0;
    *first = 0;
    if (start->time > 0)
        err = find_index(walk, start, true, first);
    if (err == OYEZ_OK && start->epoch > 0)
        err = find_index(walk, start, false, &index);
    if (index > *first)
        *first = index;
    return err;
}

static oyez_err begin_backwards(struct oyez_walk *walk, const struct oyez_walk_start *start)
{
    uint64_t end;
    oyez_err err = oyez_journal_reader_end(walk->reader, &end);
    if (err == OYEZ_OK)
        err = find_first(walk, start, &walk->lowest);
    if (err)
        return err;
    walk->at = start->next_index > 0 && start->next_index < end ? start->next_index : end;
    if (walk->at < walk->lowest)
        walk->at = walk->lowest;
    return OYEZ_OK;
}

static oyez_err begin_forwards(struct oyez_walk *walk, const struct oyez_walk_start *start)
{
    oyez_err err = OYEZ_OK;
    if (start->next_index > 0)
        walk->at = start->next_index - 1;
    else
        err = find_first(walk, start, &walk->at);
    if (err || walk->reader_at == walk->at)
        return err;
    err = oyez_journal_reader_seek_index(walk->reader, walk->at);
    walk->reader_at = err == OYEZ_OK ? walk->at : NOWHERE;
    return err;
}

oyez_err oyez_walk_begin(struct oyez_walk *walk, const struct oyez_walk_start *start)
{
    *walk = (struct oyez_walk){
        .reader = walk->reader,
        .reader_at = walk->reader_at,
        .reverse = start->reverse,
        .to_epoch = start->to_epoch,
        .to_position = start->to_position,
        .records_left = OYEZ_WALK_RECORDS_MAX,
        .bytes_left = OYEZ_WALK_BYTES_MAX,
    };
    return start->reverse ? begin_backwards(walk, start) : begin_forwards(walk, start);
}

static void keep_cursor(struct oyez_walk *walk, const struct oyez_journal_record *record)
{
    uint64_t epoch;
    uint64_t position;
    walk->looked_before = walk->looked;
    walk->epoch_before = walk->epoch;
    walk->position_before = walk->position;
    if ((walk->reverse && walk->looked) || !reach_of(record, &epoch, &position))
        return;
    walk->looked = true;
    walk->epoch = epoch;
    walk->position = position;
}

// Whether a record begins behind the end of the walk.
static bool is_behind_end(const struct oyez_walk *walk, const struct oyez_journal_record *record)
{
    if (walk->reverse || walk->to_epoch == 0 || record->kind > OYEZ_RECORD_EPOCH_END)
        return false;
    uint64_t position =
        record->kind == OYEZ_RECORD_EPOCH_END ? OYEZ_POSITION_EPOCH_END : record->position;
    return record->epoch != walk->to_epoch ? record->epoch > walk->to_epoch
                                           : position > walk->to_position;
}

static oyez_err read_next(struct oyez_walk *walk, struct oyez_journal_record *record)
{
    if (walk->reverse) {
        if (walk->at == walk->lowest)
            return OYEZ_ERR_NOT_FOUND;
        oyez_err err = oyez_journal_reader_read(walk->reader, walk->at - 1, record);
        if (err == OYEZ_OK)
            walk->at--;
        return err;
    }
    oyez_err err = oyez_journal_reader_next(walk->reader, record);
    if (err == OYEZ_OK) {
        walk->at = record->index + 1;
        walk->reader_at = walk->at;
    } else if (err != OYEZ_ERR_NOT_FOUND) {
        walk->reader_at = NOWHERE;
    }
    return err;
}

oyez_err oyez_walk_next(struct oyez_walk *walk, struct oyez_journal_record *record)
{
    if (walk->records_left == 0 || walk->bytes_left == 0)
        return OYEZ_ERR_FULL;
    oyez_err err = walk->has_ended ? OYEZ_ERR_NOT_FOUND : read_next(walk, record);
    if (err)
        return err;
    if (is_behind_end(walk, record)) {
        walk->at = record->index;
        walk->has_ended = true;
        return OYEZ_ERR_NOT_FOUND;
    }
    size_t size = record->header_size + record->details_size;
    walk->records_left--;
    walk->bytes_left -= size < walk->bytes_left ? size : walk->bytes_left;
    keep_cursor(walk, record);
    return OYEZ_OK;
}

void oyez_walk_put_back(struct oyez_walk *walk, const struct oyez_journal_record *record)
{
    walk->at = walk->reverse ? record->index + 1 : record->index;
    walk->looked = walk->looked_before;
    walk->epoch = walk->epoch_before;
    walk->position = walk->position_before;
}

uint64_t oyez_walk_continuation(const struct oyez_walk *walk)
{
    if (walk->reverse)
        return walk->at > walk->lowest ? walk->at : 0;
    return walk->at + 1;
}

static bool is_before_end(const struct oyez_walk *walk)
{
    return walk->epoch != walk->to_epoch ? walk->epoch < walk->to_epoch
                                         : walk->position < walk->to_position;
}

void oyez_walk_complete(struct oyez_walk *walk, uint64_t *epoch, uint64_t *position)
{
    // What lies behind the end shows that nothing will come before it any more.
    if (walk->has_ended && (!walk->looked || is_before_end(walk))) {
        walk->looked = true;
        walk->epoch = walk->to_epoch;
        walk->position = walk->to_position;
    }
    // A walk that found nothing new still knows what lies before the place where it stands.
    for (uint32_t i = 0; !walk->looked && i < ACTS_IN_A_ROW_MAX && i < walk->at; i++) {
        struct oyez_journal_record record;
        if (oyez_journal_reader_read(walk->reader, walk->at - 1 - i, &record) != OYEZ_OK)
            break;
        walk->looked = reach_of(&record, &walk->epoch, &walk->position);
    }
    *epoch = walk->epoch;
    *position = walk->position;
}

// SPDX-License-Identifier: MIT
#include "walk.h"

#define NOWHERE UINT64_MAX

// Records that lie so close are read past, once so many have been close in a row; others are read
// singly. A seek reads on to the end of a group, which may be large.
#define CLOSE_RECORDS 8u
#define CLOSE_CALLS_MIN 32u

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

// The cursor that the records before an index reach. 0, 0: none has one.
static oyez_err reach_before(struct oyez_walk *walk, uint64_t index)
{
    struct oyez_journal_record record;
    walk->reached = false;
    walk->epoch = walk->position = 0;
    for (uint32_t i = 0; !walk->reached && i < ACTS_IN_A_ROW_MAX && i + walk->begin.index < index;
         i++) {
        oyez_err err = oyez_journal_reader_read(walk->reader, index - 1 - i, &record);
        if (err)
            return err;
        walk->reached = reach_of(&record, &walk->epoch, &walk->position);
    }
    if (!walk->reached && index <= walk->begin.index + ACTS_IN_A_ROW_MAX &&
        walk->begin.epoch != 0) {
        walk->reached = true;
        walk->epoch = walk->begin.epoch;
        walk->position = walk->begin.position;
    }
    return OYEZ_OK;
}

// Leaves out what lies before the times and cursors of the start. To find that place takes reading,
// which is not needed where indexes lead from record to record.
static oyez_err get_in_range(struct oyez_walk *walk)
{
    uint64_t first = 0;
    bool continued = !walk->start.reverse && walk->start.next_index > 0;
    oyez_err err = walk->in_range || continued ? OYEZ_OK : find_first(walk, &walk->start, &first);
    if (err || walk->in_range)
        return err;
    walk->in_range = true;
    if (walk->start.reverse && first > walk->lowest)
        walk->lowest = first;
    else if (!walk->start.reverse && first > walk->at)
        walk->at = first;
    return OYEZ_OK;
}

static oyez_err begin_backwards(struct oyez_walk *walk)
{
    uint64_t next = walk->start.next_index;
    oyez_err err = oyez_journal_reader_end(walk->reader, &walk->at);
    if (err)
        return err;
    if (next > 0 && next < walk->at)
        walk->at = next;
    err = reach_before(walk, walk->at);
    // Who goes on knows the newest one.
    return next > 0 || err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_walk_begin(struct oyez_walk *walk, const struct oyez_walk_start *start)
{
    *walk = (struct oyez_walk){
        .reader = walk->reader,
        // Without candidates nobody says that another question moved the reader.
        .reader_at = start->candidates != NULL ? walk->reader_at : NOWHERE,
        .start = *start,
        .last = NOWHERE,
        .at = start->reverse || start->next_index == 0 ? 0 : start->next_index - 1,
        .records_left = OYEZ_WALK_RECORDS_MAX,
        .bytes_left = OYEZ_WALK_BYTES_MAX,
    };
    oyez_err err = oyez_journal_reader_begin(walk->reader, &walk->begin);
    walk->lowest = walk->begin.index;
    if (walk->at < walk->begin.index)
        walk->at = walk->begin.index;
    if (err == OYEZ_OK && start->reverse)
        err = begin_backwards(walk);
    if (err == OYEZ_OK && (start->exact || start->candidates == NULL))
        err = get_in_range(walk);
    if (err == OYEZ_OK && start->candidates != NULL && !start->reverse && start->next_index == 0)
        oyez_candidates_pass(start->candidates, walk->at);
    return err;
}

void oyez_walk_go(struct oyez_walk *walk, uint64_t index, uint64_t end)
{
    walk->end = end;
    // Candidates are given once: a stretch that is at hand stays so.
    if (walk->at != index)
        walk->stretch = (struct oyez_stretch){0};
    walk->at = index;
}

// Whether a record begins behind the end of the walk.
static bool is_behind_end(const struct oyez_walk *walk, const struct oyez_journal_record *record)
{
    const struct oyez_walk_start *start = &walk->start;
    if (start->reverse || start->to_epoch == 0 || record->kind > OYEZ_RECORD_EPOCH_END)
        return false;
    uint64_t position =
        record->kind == OYEZ_RECORD_EPOCH_END ? OYEZ_POSITION_EPOCH_END : record->position;
    return record->epoch != start->to_epoch ? record->epoch > start->to_epoch
                                            : position > start->to_position;
}

static bool is_in_stretch(const struct oyez_walk *walk)
{
    uint64_t index = walk->start.reverse ? walk->at - 1 : walk->at;
    return index >= walk->stretch.from && index < walk->stretch.to;
}

static oyez_err find_stretch(struct oyez_walk *walk)
{
    struct oyez_candidates *candidates = walk->start.candidates;
    if (candidates == NULL) {
        walk->stretch = (struct oyez_stretch){0, UINT64_MAX, true};
        return OYEZ_OK;
    }
    oyez_err err = oyez_candidates_find(candidates, &walk->at, &walk->stretch);
    if (candidates->moved)
        walk->reader_at = NOWHERE;
    candidates->moved = false;
    walk->has_ended = err == OYEZ_ERR_NOT_FOUND && candidates->beyond;
    return err;
}

// Goes to the next record that is to be looked at.
static oyez_err find_next(struct oyez_walk *walk)
{
    const struct oyez_walk_start *start = &walk->start;
    for (;;) {
        if (start->reverse && walk->at <= walk->lowest) {
            if (start->candidates != NULL)
                oyez_candidates_pass(start->candidates, walk->lowest);
            return OYEZ_ERR_NOT_FOUND;
        }
        if (walk->end > 0 && walk->at >= walk->end)
            return OYEZ_ERR_NOT_FOUND;
        if (is_in_stretch(walk))
            return OYEZ_OK;
        oyez_err err = find_stretch(walk);
        if (err == OYEZ_OK && walk->stretch.scanned && !walk->in_range) {
            err = get_in_range(walk);
            walk->stretch = (struct oyez_stretch){0};
        }
        if (err)
            return err;
        if (start->reverse && walk->at > walk->stretch.to && walk->stretch.to > 0)
            walk->at = walk->stretch.to;
        if (!start->reverse && walk->at < walk->stretch.from)
            walk->at = walk->stretch.from;
    }
}

static oyez_err read_on(struct oyez_walk *walk, struct oyez_journal_record *record)
{
    oyez_err err = OYEZ_OK;
    if (walk->reader_at > walk->at || walk->at - walk->reader_at > CLOSE_RECORDS) {
        err = oyez_journal_reader_seek_index(walk->reader, walk->at);
        walk->reader_at = walk->at;
    }
    while (err == OYEZ_OK) {
        err = oyez_journal_reader_next(walk->reader, record);
        if (err == OYEZ_OK) {
            walk->reader_at = record->index + 1;
            if (record->index >= walk->at)
                break;
        }
    }
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND)
        walk->reader_at = NOWHERE;
    return err;
}

static oyez_err read_forwards(struct oyez_walk *walk, struct oyez_journal_record *record)
{
    bool close = walk->last != NOWHERE && walk->at - walk->last <= CLOSE_RECORDS;
    walk->close_calls = close ? walk->close_calls + 1 : 0;
    if (walk->stretch.scanned || walk->reader_at == walk->at ||
        walk->close_calls >= CLOSE_CALLS_MIN)
        return read_on(walk, record);
    return oyez_journal_reader_read(walk->reader, walk->at, record);
}

static oyez_err read_next(struct oyez_walk *walk, struct oyez_journal_record *record)
{
    oyez_err err = walk->start.reverse
                       ? oyez_journal_reader_read(walk->reader, walk->at - 1, record)
                       : read_forwards(walk, record);
    if (err == OYEZ_OK)
        walk->at = walk->start.reverse ? record->index : record->index + 1;
    return err;
}

static void account(struct oyez_walk *walk, const struct oyez_journal_record *record)
{
    size_t size = record->header_size + record->details_size;
    walk->records++;
    walk->records_left--;
    walk->bytes_left -= size < walk->bytes_left ? size : walk->bytes_left;
    walk->last = record->index;
    if (!walk->start.reverse)
        walk->reached = reach_of(record, &walk->epoch, &walk->position);
}

// The record that was next has gone meanwhile: who asks on is told so.
static bool has_expired(struct oyez_walk *walk)
{
    struct oyez_journal_begin begin;
    return !walk->start.reverse && oyez_journal_reader_begin(walk->reader, &begin) == OYEZ_OK &&
           begin.index > walk->at;
}

oyez_err oyez_walk_next(struct oyez_walk *walk, struct oyez_journal_record *record)
{
    if (walk->has_ended)
        return OYEZ_ERR_NOT_FOUND;
    if (walk->records_left == 0 || walk->bytes_left == 0)
        return OYEZ_ERR_FULL;
    oyez_err err = find_next(walk);
    if (err == OYEZ_OK)
        err = read_next(walk, record);
    if (err == OYEZ_ERR_NOT_FOUND && has_expired(walk))
        return OYEZ_ERR_FULL;
    if (err)
        return err;
    if (is_behind_end(walk, record)) {
        walk->at = record->index;
        walk->has_ended = true;
        return OYEZ_ERR_NOT_FOUND;
    }
    account(walk, record);
    return OYEZ_OK;
}

void oyez_walk_put_back(struct oyez_walk *walk, const struct oyez_journal_record *record)
{
    walk->at = walk->start.reverse ? record->index + 1 : record->index;
}

uint64_t oyez_walk_continuation(const struct oyez_walk *walk)
{
    if (walk->start.reverse)
        return walk->at > walk->lowest ? walk->at : 0;
    return walk->at + 1;
}

static bool is_before_end(const struct oyez_walk *walk)
{
    return walk->epoch != walk->start.to_epoch ? walk->epoch < walk->start.to_epoch
                                               : walk->position < walk->start.to_position;
}

void oyez_walk_complete(struct oyez_walk *walk, uint64_t *epoch, uint64_t *position)
{
    bool jumped = walk->last == NOWHERE || walk->at != walk->last + 1;
    if (!walk->start.reverse && (jumped || !walk->reached)) {
        (void)reach_before(walk, walk->at);
        // What was ruled out may reach further than was asked for.
        walk->has_ended = walk->has_ended || (jumped && walk->start.to_epoch > 0 && walk->reached &&
                                              !is_before_end(walk));
        if (walk->has_ended)
            walk->reached = false;
    }
    // What lies behind the end shows that nothing will come before it any more.
    if (walk->has_ended && (!walk->reached || is_before_end(walk))) {
        walk->epoch = walk->start.to_epoch;
        walk->position = walk->start.to_position;
    }
    *epoch = walk->epoch;
    *position = walk->position;
}

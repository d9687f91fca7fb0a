// SPDX-License-Identifier: MIT
// Walks the records of a journal, forwards or backwards, a bounded number of them a question.
#ifndef OYEZ_WALK_H
#define OYEZ_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "candidates.h"
#include "oyez/expire.h"
#include "oyez/journal.h"

// Records, and bytes of them, that one question looks at: some tens of milliseconds of work.
#define OYEZ_WALK_RECORDS_MAX 16384u
#define OYEZ_WALK_BYTES_MAX (16u * 1024u * 1024u)

// Where a walk begins, or where it ends if it goes backwards. Zero = at the first record.
struct oyez_walk_start {
    uint64_t time; // broker time
    uint64_t epoch;
    uint64_t position;
    uint64_t next_index; // continuation; 0 = a new walk
    uint64_t to_epoch;   // forwards: up to and including this cursor; 0 = to the last
    uint64_t to_position;
    bool reverse;
    bool exact;                         // no record outside the range is looked at, marks neither
    struct oyez_candidates *candidates; // that were begun; NULL = every record is looked at
};

struct oyez_walk {
    oyez_journal_reader *reader;
    uint64_t reader_at; // the record that the reader gives next, so that it need not seek
    struct oyez_walk_start start;
    struct oyez_journal_begin begin; // of the journal
    bool in_range;                   // what lies outside the start's times and cursors was left out
    struct oyez_stretch stretch;     // where every record is looked at
    bool has_ended;                  // a record lies behind the start's `to`
    uint64_t at;          // forwards: looked at next; backwards: the record behind that one
    uint64_t lowest;      // backwards: looked at last
    uint64_t end;         // forwards: not looked at any more; 0 = nowhere
    uint64_t last;        // looked at before
    uint32_t close_calls; // records in a row that lay close to the one before
    uint32_t records_left;
    size_t bytes_left;
    uint64_t records; // that were read for this question
    bool reached;     // the record `last` has a cursor; backwards: the newest one
    uint64_t epoch;
    uint64_t position;
};

// oyez_walk_open: the walk borrows the reader, for as long as it is used.
void oyez_walk_open(struct oyez_walk *walk, oyez_journal_reader *reader);

// oyez_walk_begin starts a question's walk. The errors of reading a journal.
oyez_err oyez_walk_begin(struct oyez_walk *walk, const struct oyez_walk_start *start);

// oyez_walk_go makes a walk forwards go on at a record and end before another (0 = nowhere).
void oyez_walk_go(struct oyez_walk *walk, uint64_t index, uint64_t end);

// oyez_walk_next gives the next record, valid until the next call on the walk.
// OYEZ_ERR_NOT_FOUND: there are no more, or only behind the end. OYEZ_ERR_FULL: the question has
// looked at its share.
oyez_err oyez_walk_next(struct oyez_walk *walk, struct oyez_journal_record *record);

// oyez_walk_put_back makes the record given last be the next one again.
void oyez_walk_put_back(struct oyez_walk *walk, const struct oyez_journal_record *record);

// oyez_walk_continuation is what oyez_walk_start.next_index takes to go on. Backwards it is 0
// when nothing is left.
uint64_t oyez_walk_continuation(const struct oyez_walk *walk);

// oyez_walk_complete tells the cursor up to which records were looked at, or ruled out: forwards
// that of the last one, or where the walk was to end, if it came so far; backwards that of the
// first, which is the newest. A position of OYEZ_POSITION_EPOCH_END says that the epoch has ended.
// 0, 0 when there is none.
void oyez_walk_complete(struct oyez_walk *walk, uint64_t *epoch, uint64_t *position);

#endif

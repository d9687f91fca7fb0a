// SPDX-License-Identifier: MIT
// Which records of a journal a query has to look at, segment by segment: none of those outside its
// times and cursors, those that an index leads to, or all.
#ifndef OYEZ_CANDIDATES_H
#define OYEZ_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_set.h"
#include "narrow.h"
#include "oyez/error.h"
#include "plan.h"
#include "query.pb.h"

// Segments that one question decides about.
#define OYEZ_CANDIDATES_SEGMENTS_MAX 1024u

// Records that are all to be looked at. `to` UINT64_MAX: to the journal's end.
struct oyez_stretch {
    uint64_t from;
    uint64_t to;
    bool scanned; // because no index tells of them; times and cursors were not looked at
};

struct oyez_candidates {
    oyez_journal_reader *reader;
    oyez_index_set *set;
    struct oyez_plan plan;
    struct oyez_narrowing narrowing;
    oyez_v1_Explain *explain; // what was done is added to it
    bool reverse;
    bool beyond;   // the end of the query's range was passed
    bool moved;    // the reader; whoever minds sets it to false
    uint32_t left; // segments that may still be decided about
    size_t count;  // of segments

    // The segment that was decided about.
    size_t at;      // SIZE_MAX = none
    uint64_t first; // of its records
    struct oyez_journal_segment segment;
    uint64_t known; // index of the first record that its index does not know: scanned from there
    size_t next;    // of the list: forwards to be given next, backwards behind it
};

// oyez_candidates_open: both are borrowed. oyez_candidates_close frees.
void oyez_candidates_open(struct oyez_candidates *candidates, oyez_journal_reader *reader,
                          oyez_index_set *set);
void oyez_candidates_close(struct oyez_candidates *candidates);

// oyez_candidates_begin starts a question; `query` was checked and outlives it, as does `explain`.
// The errors of reading a journal.
oyez_err oyez_candidates_begin(struct oyez_candidates *candidates, const oyez_v1_Query *query,
                               oyez_v1_Explain *explain);

// oyez_candidates_find gives the next records to look at: forwards the first stretch that is not
// before *at, which it begins at or behind; backwards the last one that begins below *at. What
// lies between *at and it has been ruled out. OYEZ_ERR_NOT_FOUND: there are no more; OYEZ_ERR_FULL:
// the question has decided about its share. *at is then how far it came.
// Other errors: of reading, OYEZ_ERR_NO_MEMORY.
oyez_err oyez_candidates_find(struct oyez_candidates *candidates, uint64_t *at,
                              struct oyez_stretch *out);

// oyez_candidates_pass tells that the walk of a new question begins, or backwards ends, at a record:
// the segments before it are out of its range.
void oyez_candidates_pass(struct oyez_candidates *candidates, uint64_t index);

// oyez_candidates_segment finds the segment in which a record is, or would be.
oyez_err oyez_candidates_segment(struct oyez_candidates *candidates, uint64_t index, size_t *i,
                                 struct oyez_journal_segment *out);

#endif

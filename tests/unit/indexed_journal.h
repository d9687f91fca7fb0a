// SPDX-License-Identifier: MIT
// A journal of many small segments, with events that share what they are found by; and questions
// whose pages are put together.
#ifndef OYEZ_INDEXED_JOURNAL_H
#define OYEZ_INDEXED_JOURNAL_H

#include "recorded_events.h"

#define FOUND_MAX 4096u
#define FOUND_MARKS_MAX 256u
#define NOTICES_MAX 8u

struct indexed {
    struct recorded recorded;
    uint64_t random;
    char notices[NOTICES_MAX][256];
    unsigned notice_count;
};

// All pages of a query.
struct found {
    uint64_t indexes[FOUND_MAX];
    size_t count;
    oyez_v1_Mark marks[FOUND_MARKS_MAX];
    size_t mark_count;
    unsigned pages;
    uint64_t complete_epoch; // of the last page; backwards of the first
    uint64_t complete_position;
    oyez_v1_QueryFault fault;
    oyez_v1_Explain explain; // added up; the plan is the last page's
};

// indexed_open makes an empty journal whose segments end after so many bytes.
void indexed_open(struct indexed *indexed, uint64_t segment_size);
void indexed_close(struct indexed *indexed);

// indexed_reopen opens the engine anew; what it notices is kept in `notices`.
void indexed_reopen(struct indexed *indexed);

// indexed_random is a number below a bound, the same in every run.
unsigned indexed_random(struct indexed *indexed, unsigned bound);

// indexed_add appends so many records: events, now and then repeats, gaps, ends of epochs; and
// commits them in groups.
void indexed_add(struct indexed *indexed, unsigned count);

// indexed_segments is the number of files that end in `suffix`.
unsigned indexed_files(const struct indexed *indexed, const char *suffix);

// indexed_path is the path of the n-th of them, in order of their names.
void indexed_path(const struct indexed *indexed, const char *suffix, unsigned n, char out[256]);

// indexed_find asks for all pages of a query and changes its next_index.
void indexed_find(struct indexed *indexed, oyez_v1_QueryRequest *request, struct found *found);

// found_assert_same: the same events and marks in the same order, and as complete.
void found_assert_same(const struct found *left, const struct found *right);

#endif

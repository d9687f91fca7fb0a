// SPDX-License-Identifier: MIT
// Counts recorded events by what they have in common: whole segments by the summaries of their
// indexes, the rest event by event.
#ifndef OYEZ_COUNTING_H
#define OYEZ_COUNTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "candidates.h"
#include "event_view.h"
#include "select.h"
#include "tally.h"
#include "walk.h"

struct oyez_counting {
    oyez_v1_Query query; // of the request: patterns and times
    oyez_v1_StatsBy by;
    struct oyez_tally tally;
    uint64_t tallied; // first record of the sealed segment that the tally is of, plus 1; 0 = none
    struct oyez_selection selection;
    struct oyez_walk *walk;
    struct oyez_candidates *candidates;
    struct oyez_event_view *view;
    oyez_v1_QueryAnswer *answer; // gets the groups
    uint64_t at;                 // record to be counted next
    uint64_t group;              // group of its segment's tally; 0 = none of them was told
    uint32_t left;               // segments that this question may still take
};

// oyez_counting_begin takes a request and checks it. Walk, candidates, view and answer are set, and
// lent until the answer is made. OYEZ_ERR_INVALID, the errors of reading a journal.
oyez_err oyez_counting_begin(struct oyez_counting *counting, const oyez_v1_StatsRequest *request);

// oyez_counting_go_on counts what the answer has room for. OYEZ_ERR_NOT_FOUND: that was all;
// OYEZ_ERR_FULL: it goes on at `at` and `group`. Otherwise the errors of reading a journal.
oyez_err oyez_counting_go_on(struct oyez_counting *counting);

// oyez_counting_end follows a begin. oyez_counting_free frees what is kept between questions.
void oyez_counting_end(struct oyez_counting *counting);
void oyez_counting_free(struct oyez_counting *counting);

#endif

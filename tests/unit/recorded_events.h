// SPDX-License-Identifier: MIT
// A small journal with events in it, and questions to it.
#ifndef OYEZ_RECORDED_EVENTS_H
#define OYEZ_RECORDED_EVENTS_H

#include "oyez/event.h"
#include "oyez/journal.h"
#include "oyez/query_engine.h"
#include "query.pb.h"

#define RECORDED_EPOCH UINT64_C(1763629200000000)
#define RECORDED_TIME UINT64_C(1763629200000000000) // 2025-11-20T09:00:00Z
#define RECORDED_SECOND UINT64_C(1000000000)

struct recorded {
    char directory[64];
    oyez_journal *journal;
    oyez_query_engine *engine;
    uint64_t epoch;
    uint64_t position; // of the last record
    uint64_t time;     // of the next record; grows by a second with each
};

// An answer, read.
struct answer {
    oyez_v1_QueryAnswer head;
    struct oyez_query_page page;
    size_t count; // events
};

// recorded_open makes an empty journal in a fresh directory, and an engine that reads it.
void recorded_open(struct recorded *recorded);
// recorded_open_segments makes one with a key, DIRECTORY.key, and a segment for each group.
void recorded_open_segments(struct recorded *recorded);
void recorded_close(struct recorded *recorded);

// recorded_event is an event of a type, with an id of its own; details NULL = {}.
struct oyez_event recorded_event(const char *event_type, const char *details);

// recorded_add appends an event; recorded_add_as changes the record before it is appended.
void recorded_add(struct recorded *recorded, const struct oyez_event *event);
void recorded_add_as(struct recorded *recorded, const struct oyez_event *event,
                     void (*change)(struct oyez_journal_record *record));
// recorded_add_record appends anything else as it is.
void recorded_add_record(struct recorded *recorded, const struct oyez_journal_record *record);
void recorded_commit(struct recorded *recorded);

// recorded_ask asks one question; `answer` lives until the next. It is static: not for two at once.
const struct answer *recorded_ask(struct recorded *recorded, const oyez_v1_QueryRequest *request);

// recorded_read decodes event `i` of an answer, stamp and index included, until the next call.
const struct oyez_event *recorded_read(const struct answer *answer, size_t i);

// recorded_request is a static request of a kind, all zero.
oyez_v1_QueryRequest *recorded_request(pb_size_t which);

#endif

// SPDX-License-Identifier: MIT
// A recorder that gives the answers a test has written down for it, in their order.
#ifndef OYEZ_SCRIPTED_RECORDER_H
#define OYEZ_SCRIPTED_RECORDER_H

#include "query.pb.h"
#include "query_source.h"

#define SCRIPT_MAX 40u
#define SCRIPT_EVENTS_MAX 8u

struct scripted_answer {
    oyez_err err; // of asking; then there is no answer
    bool foreign; // its request_id is another question's
    bool broken;  // its first frame is no message
    bool empty;   // it has no frame at all
    oyez_v1_QueryAnswer answer;
    struct oyez_uuid event_ids[SCRIPT_EVENTS_MAX];
    size_t event_count;     // their indexes are in `answer`
    size_t unreadable;      // 1 + the number of the event whose bytes are rubbish; 0 = none
    uint64_t event_missing; // events left out behind their indexes
};

struct scripted_recorder {
    oyez_v1_QueryRequest asked[SCRIPT_MAX];
    size_t asked_count;
    struct scripted_answer answers[SCRIPT_MAX];
    size_t answer_count;
    uint8_t bytes[(1 + SCRIPT_EVENTS_MAX) * 4096];
    struct oyez_query_frame frames[1 + SCRIPT_EVENTS_MAX];
};

// The next answer to write.
struct scripted_answer *scripted_answer(struct scripted_recorder *recorder);
// Adds an event with this index to an answer; its position is the index plus 1.
void scripted_event(struct scripted_answer *answer, uint64_t index);
// Adds a group.
void scripted_group(struct scripted_answer *answer, const char *key, uint64_t count);

// Writes an answer to a question as frames. Valid until the next.
struct oyez_query_page scripted_page(struct scripted_recorder *recorder,
                                     const struct scripted_answer *answer, uint64_t request_id);

// An oyez_query_ask; `arg` is a struct scripted_recorder.
oyez_err scripted_ask(void *arg, const uint8_t *request, size_t size, struct oyez_query_page *page,
                      uint32_t timeout_ms);

#endif

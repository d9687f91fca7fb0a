// SPDX-License-Identifier: MIT
// One question to the record after the other, and reading their answers: what query, get and stats
// have in common.
#ifndef OYEZ_QUESTION_H
#define OYEZ_QUESTION_H

#include "query.pb.h"
#include "query_source.h"
#include "wire/envelope.h"

struct question {
    oyez_query_ask *ask;
    void *arg;
    oyez_v1_QueryRequest request; // fill the body
    oyez_v1_QueryAnswer answer;   // of the last one
    struct oyez_query_page page;  // the same, as it came
    struct oyez_event event;      // of question_event
    char texts[OYEZ_DECODE_SCRATCH_SIZE];
    uint8_t encoded[oyez_v1_QueryRequest_size];
};

// question_put asks, and reads the answer. A fault that the answer tells of is the error, and so is
// an answer that contradicts itself (OYEZ_ERR_MALFORMED). Blocks.
oyez_err question_put(struct question *question, uint32_t timeout_ms);

// The same in two steps, for who does not wait: question_write encodes the request, under a new
// request_id, into question->encoded; question_read reads the answer's frames, which must outlive
// what is read of them.
oyez_err question_write(struct question *question, size_t *size);
oyez_err question_read(struct question *question, const struct oyez_query_page *page);

// question_take_patterns puts checked patterns into a request. OYEZ_ERR_INVALID,
// OYEZ_ERR_TOO_LARGE.
#define QUESTION_PATTERN_SIZE sizeof(((oyez_v1_Query *)0)->patterns[0])
oyez_err question_take_patterns(char (*to)[QUESTION_PATTERN_SIZE], pb_size_t *to_count,
                                const char *const *patterns, size_t count);

// question_explain adds what the last answer says of itself. False: nothing.
bool question_explain(const struct question *question, struct oyez_query_explanation *to);

// question_event_count is the number of events on the last answer's page.
size_t question_event_count(const struct question *question);

// question_event reads event number `i` of the page into question->event, which is valid until the
// next call. OYEZ_ERR_MALFORMED: it cannot be read.
oyez_err question_event(struct question *question, size_t i);

#endif

// SPDX-License-Identifier: MIT
#include "question.h"

#include <inttypes.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <stdatomic.h>

#include <string.h>

#include "argument.h"
#include "oyez/pattern.h"
#include "wire/batch.h"

// Of this process: an answer that comes late is no other question's answer.
static atomic_uint_fast64_t last_request_id;

static oyez_err fault_of(const oyez_v1_QueryAnswer *answer)
{
    const char *text = answer->text;
    switch (answer->fault) {
    case oyez_v1_QueryFault_QUERY_FAULT_NONE:
        return OYEZ_OK;
    case oyez_v1_QueryFault_QUERY_FAULT_INVALID:
        return oyez_fail(OYEZ_ERR_INVALID, "%s", text);
    case oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND:
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s", text);
    case oyez_v1_QueryFault_QUERY_FAULT_CORRUPT:
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s", text);
    case oyez_v1_QueryFault_QUERY_FAULT_IO:
        return oyez_fail(OYEZ_ERR_IO, "%s", text);
    case oyez_v1_QueryFault_QUERY_FAULT_BUSY:
        return oyez_fail(OYEZ_ERR_BUSY, "%s", text);
    case oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE:
        return oyez_fail(OYEZ_ERR_REFUSED, "%s", text);
    }
    return oyez_fail(OYEZ_ERR_MALFORMED,
                     "an answer with fault %d, which this version does not know",
                     (int)answer->fault);
}

static oyez_err read_answer(struct question *question)
{
    const struct oyez_query_page *page = &question->page;
    if (page->count == 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "an answer without a frame");
    pb_istream_t stream = pb_istream_from_buffer(page->frames[0].bytes, page->frames[0].size);
    if (!pb_decode(&stream, oyez_v1_QueryAnswer_fields, &question->answer))
        return oyez_fail(OYEZ_ERR_MALFORMED, "an answer that cannot be read: %s",
                         PB_GET_ERROR(&stream));
    if (question->answer.request_id != question->request.request_id)
        return oyez_fail(OYEZ_ERR_MALFORMED, "an answer to another question");
    oyez_err err = fault_of(&question->answer);
    // Answers to other questions have frames of their own behind the first.
    bool has_events = question->request.which_body == oyez_v1_QueryRequest_query_tag ||
                      question->request.which_body == oyez_v1_QueryRequest_get_tag;
    if (err == OYEZ_OK && has_events && question->answer.indexes_count != page->count - 1)
        err = oyez_fail(OYEZ_ERR_MALFORMED, "an answer with %u indexes and %zu events",
                        question->answer.indexes_count, page->count - 1);
    return err;
}

oyez_err question_write(struct question *question, size_t *size)
{
    question->page = (struct oyez_query_page){0};
    question->request.request_id = ++last_request_id;
    pb_ostream_t stream = pb_ostream_from_buffer(question->encoded, sizeof question->encoded);
    if (!pb_encode(&stream, oyez_v1_QueryRequest_fields, &question->request))
        return oyez_fail(OYEZ_ERR_INVALID, "a question that cannot be written: %s",
                         PB_GET_ERROR(&stream));
    *size = stream.bytes_written;
    return OYEZ_OK;
}

oyez_err question_read(struct question *question, const struct oyez_query_page *page)
{
    question->page = *page;
    oyez_err err = read_answer(question);
    if (err != OYEZ_OK)
        question->page.count = 0;
    return err;
}

oyez_err question_put(struct question *question, uint32_t timeout_ms)
{
    size_t size = 0;
    struct oyez_query_page page;
    oyez_err err = question_write(question, &size);
    if (err == OYEZ_OK)
        err = question->ask(question->arg, question->encoded, size, &page, timeout_ms);
    return err == OYEZ_OK ? question_read(question, &page) : err;
}

oyez_err question_take_patterns(char (*to)[QUESTION_PATTERN_SIZE], pb_size_t *to_count,
                                const char *const *patterns, size_t count)
{
    const size_t room = sizeof((oyez_v1_Query *)0)->patterns / QUESTION_PATTERN_SIZE;
    if (count > room)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%zu patterns; the limit of a question is %zu", count,
                         room);
    oyez_err err = argument_check_texts("options.patterns", patterns, count);
    if (err != OYEZ_OK)
        return err;
    for (size_t i = 0; i < count; i++) {
        err = oyez_pattern_check(patterns[i]);
        if (err != OYEZ_OK)
            return err;
        size_t size = strlen(patterns[i]);
        if (size >= QUESTION_PATTERN_SIZE)
            return oyez_fail(OYEZ_ERR_TOO_LARGE, "a pattern of %zu bytes; the limit is %zu", size,
                             QUESTION_PATTERN_SIZE - 1);
        memcpy(to[i], patterns[i], size + 1);
        *to_count = (pb_size_t)(i + 1);
    }
    return OYEZ_OK;
}

bool question_explain(const struct question *question, struct oyez_query_explanation *to)
{
    const oyez_v1_Explain *from = &question->answer.explain;
    _Static_assert(sizeof to->plan == sizeof from->plan, "a plan travels whole");
    if (!question->answer.has_explain)
        return false;
    to->segments = from->segments;
    to->skipped_by_range += from->skipped_by_range;
    to->skipped_by_filter += from->skipped_by_filter;
    to->looked_at += from->looked_at;
    to->without_index += from->without_index;
    to->indexes_made += from->indexes_made;
    to->candidates += from->candidates;
    to->records_read += from->records_read;
    to->events += from->events;
    // A page on which no index helped does not unsay what helped before.
    if (from->plan[0] != '\0')
        memcpy(to->plan, from->plan, sizeof to->plan);
    return true;
}

size_t question_event_count(const struct question *question)
{
    return question->page.count > 0 ? question->page.count - 1 : 0;
}

oyez_err question_event(struct question *question, size_t i)
{
    const struct oyez_query_frame *frame = &question->page.frames[1 + i];
    uint64_t index = question->answer.indexes[i];
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, frame->bytes, frame->size);
    if (fault != OYEZ_BATCH_OK || batch.event_count != 1)
        return oyez_fail(OYEZ_ERR_MALFORMED, "the event with index %" PRIu64 ": %s", index,
                         fault != OYEZ_BATCH_OK ? oyez_batch_fault_name(fault) : "not one event");
    const uint8_t *cursor = batch.events;
    const uint8_t *bytes;
    size_t size;
    (void)oyez_batch_next_event(&batch, &cursor, &bytes, &size);
    question->event = (struct oyez_event){0};
    oyez_err err = oyez_event_decode(&question->event, bytes, size, question->texts);
    if (err != OYEZ_OK)
        return err;
    question->event.stamp = oyez_batch_event_stamp(&batch, 0);
    question->event.stamp.index = index + 1;
    return OYEZ_OK;
}

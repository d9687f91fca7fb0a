// SPDX-License-Identifier: MIT
#include "consumer_pages.h"

#include <string.h>

#include "argument.h"
#include "oyez/pattern.h"

// Of a cursor: the record knows the end of its epoch.
#define EPOCH_END UINT64_MAX

static oyez_v1_Query *body(struct consumer_pages *pages)
{
    return &pages->question.request.body.query;
}

oyez_err consumer_pages_open(struct consumer_pages *pages, oyez_query_ask *ask, void *arg,
                             const char *const *patterns, size_t pattern_count)
{
    memset(pages, 0, sizeof *pages);
    pages->question.ask = ask;
    pages->question.arg = arg;
    pages->question.request.which_body = oyez_v1_QueryRequest_query_tag;
    oyez_v1_Query *query = body(pages);
    query->marks = true;
    size_t room = sizeof query->patterns / sizeof query->patterns[0];
    if (pattern_count > room)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%zu patterns; the limit of a consumer is %zu",
                         pattern_count, room);
    oyez_err err = argument_check_texts("options.patterns", patterns, pattern_count);
    if (err != OYEZ_OK)
        return err;
    for (size_t i = 0; i < pattern_count; i++) {
        size_t size = strlen(patterns[i]);
        if (size >= sizeof query->patterns[0])
            return oyez_fail(OYEZ_ERR_TOO_LARGE, "a pattern of %zu bytes; the limit is %zu", size,
                             sizeof query->patterns[0] - 1);
        err = oyez_pattern_check(patterns[i]);
        if (err != OYEZ_OK)
            return err;
        memcpy(query->patterns[query->patterns_count++], patterns[i], size + 1);
    }
    return OYEZ_OK;
}

void consumer_pages_seek(struct consumer_pages *pages, uint64_t epoch, uint64_t position)
{
    pages->epoch = epoch;
    pages->position = position;
}

// Cursors compare as two numbers. A cursor never goes back.
static void reach(struct consumer_pages *pages, uint64_t epoch, uint64_t position)
{
    if (epoch > pages->epoch || (epoch == pages->epoch && position > pages->position))
        consumer_pages_seek(pages, epoch, position);
}

// The page's next mark, if it stands before its next event.
static const oyez_v1_Mark *next_mark(const struct consumer_pages *pages,
                                     const struct oyez_event *event)
{
    const oyez_v1_QueryAnswer *answer = &pages->question.answer;
    if (pages->at_mark >= answer->marks_count)
        return NULL;
    const oyez_v1_Mark *mark = &answer->marks[pages->at_mark];
    bool first = event == NULL || mark->epoch < event->stamp.epoch ||
                 (mark->epoch == event->stamp.epoch && mark->first < event->stamp.position);
    return first ? mark : NULL;
}

static bool read_gap(const oyez_v1_Mark *mark, struct oyez_gap *gap)
{
    *gap = (struct oyez_gap){.epoch = mark->epoch, .first = mark->first, .last = mark->last};
    gap->kind =
        mark->kind == oyez_v1_MarkKind_MARK_KIND_EXPIRED ? OYEZ_GAP_EXPIRED : OYEZ_GAP_UNRECORDED;
    return mark->kind == oyez_v1_MarkKind_MARK_KIND_EXPIRED ||
           mark->kind == oyez_v1_MarkKind_MARK_KIND_GAP;
}

enum consumer_found consumer_pages_next(struct consumer_pages *pages, struct oyez_gap *gap)
{
    struct question *question = &pages->question;
    const struct oyez_event *event = NULL;
    const oyez_v1_Mark *mark;
    if (pages->at < question_event_count(question)) {
        if (question_event(question, pages->at) != OYEZ_OK) {
            pages->at++;
            return CONSUMER_UNREADABLE;
        }
        event = &question->event;
    }
    while ((mark = next_mark(pages, event)) != NULL) {
        pages->at_mark++;
        if (!read_gap(mark, gap))
            continue;
        reach(pages, gap->epoch, gap->last);
        return CONSUMER_GAP;
    }
    if (event != NULL) {
        pages->at++;
        reach(pages, event->stamp.epoch, event->stamp.position);
        return CONSUMER_EVENT;
    }
    reach(pages, question->answer.complete_epoch, question->answer.complete_position);
    return CONSUMER_PAGE_ENDS;
}

oyez_err consumer_pages_turn(struct consumer_pages *pages, uint32_t timeout_ms)
{
    oyez_v1_Query *query = body(pages);
    bool ended = pages->position == EPOCH_END;
    query->from_epoch = pages->epoch + ended;
    query->from_position = ended || pages->epoch == 0 ? 0 : pages->position + 1;
    oyez_err err = question_put(&pages->question, timeout_ms);
    if (err != OYEZ_OK) {
        // The page before is gone, and was at its end.
        pages->question.answer = (oyez_v1_QueryAnswer)oyez_v1_QueryAnswer_init_zero;
    }
    pages->at = pages->at_mark = 0;
    pages->more = err == OYEZ_OK && pages->question.answer.next_index != 0;
    return err;
}

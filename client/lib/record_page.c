// SPDX-License-Identifier: MIT
#include "record_page.h"

#include <string.h>

#include "notices.h"
#include "receiver_state.h"
#include "subscription.h"

static struct cursor behind(struct cursor cursor)
{
    if (cursor.position == CURSOR_EPOCH_END)
        return (struct cursor){cursor.epoch + 1, 0};
    return (struct cursor){cursor.epoch, cursor.position + 1};
}

// Where the patterns do not fit into a question, everything is asked for; what is not wanted is
// passed over when it comes.
static void write_patterns(oyez_v1_Query *query, const struct oyez_subscription *subscription)
{
    if (subscription->pattern_count > sizeof query->patterns / sizeof query->patterns[0])
        return;
    for (size_t i = 0; i < subscription->pattern_count; i++) {
        size_t size = strlen(subscription->patterns[i]);
        if (size >= sizeof query->patterns[0]) {
            query->patterns_count = 0;
            return;
        }
        memcpy(query->patterns[query->patterns_count++], subscription->patterns[i], size + 1);
    }
}

void record_page_ask(oyez_v1_QueryRequest *request, const struct oyez_subscription *subscription,
                     struct cursor mark)
{
    const struct catch_up *up = &subscription->up;
    memset(request, 0, sizeof *request);
    request->which_body = oyez_v1_QueryRequest_query_tag;
    oyez_v1_Query *query = &request->body.query;
    write_patterns(query, subscription);
    query->next_index = up->next_index;
    if (up->finding) {
        query->reverse = true;
        query->limit =
            up->find_left < OYEZ_PAGE_EVENTS_MAX ? (uint32_t)up->find_left : OYEZ_PAGE_EVENTS_MAX;
        return;
    }
    struct cursor from = behind(up->complete);
    query->marks = true;
    query->since = up->since;
    if (up->complete.epoch != 0) {
        query->from_epoch = from.epoch;
        query->from_position = from.position;
    }
    if (up->only_recorded) {
        query->to_epoch = mark.epoch;
        query->to_position = mark.position;
    }
}

static bool read_batch(const struct question *question, size_t i, struct oyez_batch *batch)
{
    const struct oyez_query_frame *frame = &question->page.frames[1 + i];
    return oyez_batch_walk(batch, frame->bytes, frame->size) == OYEZ_BATCH_OK &&
           batch->event_count == 1 && batch->position != 0;
}

static struct cursor cursor_of(const oyez_v1_Mark *mark)
{
    bool is_end = mark->kind == oyez_v1_MarkKind_MARK_KIND_EPOCH_END;
    return (struct cursor){mark->epoch, is_end ? CURSOR_EPOCH_END : mark->first};
}

static void take_mark(struct receiver *receiver, struct oyez_subscription *subscription,
                      const oyez_v1_Mark *mark)
{
    struct catch_up *up = &subscription->up;
    if (mark->epoch < up->complete.epoch)
        return;
    if (mark->epoch > up->complete.epoch)
        catch_up_complete(receiver, subscription, (struct cursor){mark->epoch, 0});
    if (mark->kind == oyez_v1_MarkKind_MARK_KIND_EPOCH_END &&
        up->complete.position != CURSOR_EPOCH_END && mark->next_epoch > mark->epoch)
        catch_up_end_epoch(receiver, subscription, mark->last, mark->clean, mark->next_epoch);
    else if (mark->kind == oyez_v1_MarkKind_MARK_KIND_GAP)
        catch_up_gap(receiver, subscription, OYEZ_GAP_UNRECORDED, mark->first, mark->last);
    else if (mark->kind == oyez_v1_MarkKind_MARK_KIND_EXPIRED)
        catch_up_gap(receiver, subscription, OYEZ_GAP_EXPIRED, mark->first, mark->last);
}

static void count_malformed(struct receiver *receiver)
{
    receiver->client->counters.malformed++;
    notice_add_locked(receiver->client,
                      &(struct oyez_notice){.kind = OYEZ_NOTICE_MALFORMED,
                                            .text = "an event of the record cannot be read",
                                            .count = 1});
}

// Events and marks in the order of their cursors. False when the inbox is full.
static bool take_all(struct receiver *receiver, struct oyez_subscription *subscription,
                     struct question *question)
{
    const oyez_v1_QueryAnswer *answer = &question->answer;
    size_t marks = 0;
    for (size_t i = 0; i < question_event_count(question); i++) {
        const struct oyez_query_frame *frame = &question->page.frames[1 + i];
        struct oyez_batch batch;
        if (!read_batch(question, i, &batch)) {
            count_malformed(receiver);
            continue;
        }
        struct cursor at = {batch.epoch, batch.position};
        while (marks < answer->marks_count &&
               cursor_is_before(cursor_of(&answer->marks[marks]), at))
            take_mark(receiver, subscription, &answer->marks[marks++]);
        if (batch.epoch > subscription->up.complete.epoch)
            catch_up_complete(receiver, subscription, (struct cursor){batch.epoch, 0});
        if (!catch_up_recorded(receiver, subscription, &batch, frame->bytes, frame->size,
                               answer->indexes[i] + 1))
            return false;
    }
    while (marks < answer->marks_count)
        take_mark(receiver, subscription, &answer->marks[marks++]);
    return true;
}

// Newest first: the last event of the last page is where it begins.
static void take_place(struct catch_up *up, const struct question *question)
{
    const oyez_v1_QueryAnswer *answer = &question->answer;
    size_t count = question_event_count(question);
    struct oyez_batch batch;
    if (up->next_index == 0)
        up->complete = (struct cursor){answer->complete_epoch, answer->complete_position};
    if (count > 0 && read_batch(question, count - 1, &batch))
        up->complete = (struct cursor){batch.epoch, batch.position - 1};
    up->find_left -= count < up->find_left ? count : up->find_left;
    up->next_index = answer->next_index;
    up->finding = up->find_left > 0 && answer->next_index != 0;
    if (!up->finding)
        up->next_index = 0;
}

bool record_page_take(struct receiver *receiver, struct oyez_subscription *subscription,
                      struct question *question)
{
    struct catch_up *up = &subscription->up;
    const oyez_v1_QueryAnswer *answer = &question->answer;
    struct cursor complete = {answer->complete_epoch, answer->complete_position};
    struct cursor before = up->complete;
    if (up->finding) {
        take_place(up, question);
        return true;
    }
    bool all = take_all(receiver, subscription, question);
    if (all)
        catch_up_complete(receiver, subscription, complete);
    up->next_index = all ? answer->next_index : 0;
    if (answer->next_index == 0 && !up->only_recorded)
        receiver->record_end = cursor_later(receiver->record_end, complete);
    return up->next_index != 0 || cursor_is_before(before, up->complete);
}

// SPDX-License-Identifier: MIT
#include "record_page.h"

#include <string.h>

#include "notices.h"
#include "receiver_state.h"
#include "subscription.h"

#define JOINED_MIN 8u // from so many on, everything is asked for at once

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

static bool stands_at(const struct oyez_subscription *subscription, struct cursor place)
{
    const struct catch_up *up = &subscription->up;
    return !subscription->closed && up->started && up->reading && !up->finding &&
           !up->only_recorded && up->since == 0 && up->complete.epoch == place.epoch &&
           up->complete.position == place.position && cursor_is_before(up->complete, up->goal) &&
           inbox_has_room(&subscription->inbox, OYEZ_ANSWER_SIZE_MAX);
}

// After a restart thousands of subscriptions may want the same range. *goal becomes that of the one
// that wants most. False when there are too few of them: then it is asked for one alone.
static bool join(struct receiver *receiver, const struct oyez_subscription *subscription,
                 struct cursor *goal)
{
    struct cursor place = subscription->up.complete;
    size_t count = 0;
    for (struct oyez_subscription *s = receiver->client->subscriptions; s != NULL; s = s->next) {
        s->up.joined = stands_at(s, place);
        count += s->up.joined;
        if (s->up.joined)
            *goal = cursor_later(*goal, s->up.goal);
    }
    return subscription->up.joined && count >= JOINED_MIN;
}

void record_page_ask(struct receiver *receiver, oyez_v1_QueryRequest *request,
                     struct oyez_subscription *subscription)
{
    struct catch_up *up = &subscription->up;
    memset(request, 0, sizeof *request);
    request->which_body = oyez_v1_QueryRequest_query_tag;
    oyez_v1_Query *query = &request->body.query;
    struct cursor from = behind(up->complete);
    // What is behind the goal is held, or comes when it is recorded.
    struct cursor to = up->only_recorded ? receiver->mark : up->goal;
    up->joined = join(receiver, subscription, &to);
    if (!up->joined)
        write_patterns(query, subscription);
    query->next_index = up->next_index;
    if (up->finding) {
        query->reverse = true;
        query->limit =
            up->find_left < OYEZ_PAGE_EVENTS_MAX ? (uint32_t)up->find_left : OYEZ_PAGE_EVENTS_MAX;
        return;
    }
    query->marks = true;
    query->since = up->since;
    if (up->complete.epoch != 0) {
        query->from_epoch = from.epoch;
        query->from_position = from.position;
    }
    query->to_epoch = to.epoch;
    query->to_position = to.position;
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

static void count_malformed(struct receiver *receiver, const char *why)
{
    receiver->client->counters.malformed++;
    notice_add_locked(
        receiver->client,
        &(struct oyez_notice){.kind = OYEZ_NOTICE_MALFORMED, .text = why, .count = 1});
}

// A mark is for everybody who asked.
static void share_mark(struct receiver *receiver, struct oyez_subscription *subscription,
                       const oyez_v1_Mark *mark)
{
    if (!subscription->up.joined) {
        take_mark(receiver, subscription, mark);
        return;
    }
    for (struct oyez_subscription *s = receiver->client->subscriptions; s != NULL; s = s->next) {
        if (s->up.joined && !s->closed)
            take_mark(receiver, s, mark);
    }
}

// Gives an event to whoever asked and wants it. False when the subscription that asked has no room.
static bool share_event(struct receiver *receiver, struct oyez_subscription *subscription,
                        const struct oyez_batch *batch, const struct oyez_query_frame *frame,
                        uint64_t index)
{
    struct route *route = receiver_route(receiver, batch->event_type, batch->event_type_size);
    bool taken = true;
    if (route == NULL)
        count_malformed(receiver, "an event of the record: more event types than the limit");
    for (size_t i = 0; route != NULL && i < route->target_count; i++) {
        struct route_target *target = &route->targets[i];
        struct oyez_subscription *other = target->subscription;
        bool asked = other == subscription || (subscription->up.joined && other->up.joined);
        if (!asked || other->closed ||
            catch_up_recorded(receiver, route, target, batch, frame->bytes, frame->size, index))
            continue;
        if (other == subscription)
            taken = false;
        else
            other->up.joined = false; // it asks again for itself, when it has room
    }
    return taken;
}

// Events and marks in the order of their cursors. False when the inbox is full.
static bool take_all(struct receiver *receiver, struct oyez_subscription *subscription,
                     struct question *question)
{
    const oyez_v1_QueryAnswer *answer = &question->answer;
    size_t marks = 0;
    for (size_t i = 0; i < question_event_count(question); i++) {
        struct oyez_batch batch;
        if (!read_batch(question, i, &batch)) {
            count_malformed(receiver, "an event of the record cannot be read");
            continue;
        }
        struct cursor at = {batch.epoch, batch.position};
        while (marks < answer->marks_count &&
               cursor_is_before(cursor_of(&answer->marks[marks]), at))
            share_mark(receiver, subscription, &answer->marks[marks++]);
        if (!share_event(receiver, subscription, &batch, &question->page.frames[1 + i],
                         answer->indexes[i] + 1))
            return false;
    }
    while (marks < answer->marks_count)
        share_mark(receiver, subscription, &answer->marks[marks++]);
    return true;
}

// The others who asked are as far as the answer looked.
static void share_end(struct receiver *receiver, const struct oyez_subscription *subscription,
                      struct cursor complete)
{
    for (struct oyez_subscription *s = receiver->client->subscriptions; s != NULL; s = s->next) {
        if (s == subscription || !s->up.joined || s->closed)
            continue;
        s->up.joined = false;
        catch_up_complete(receiver, s, complete);
        catch_up_settle(receiver, s);
    }
}

// Newest first: the last event of the last page is where it begins.
static void take_place(struct oyez_subscription *subscription, const struct question *question)
{
    struct catch_up *up = &subscription->up;
    const oyez_v1_QueryAnswer *answer = &question->answer;
    size_t count = question_event_count(question);
    struct oyez_batch batch;
    if (up->next_index == 0)
        up->complete = (struct cursor){answer->complete_epoch, answer->complete_position};
    for (size_t i = 0; i < count && up->find_left > 0; i++) {
        // Of more patterns than a question holds, everything was asked for.
        if (!read_batch(question, i, &batch) || !subscription_wants(subscription, batch.event_type))
            continue;
        up->complete = (struct cursor){batch.epoch, batch.position - 1};
        up->find_left--;
    }
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
        take_place(subscription, question);
        return true;
    }
    bool all = take_all(receiver, subscription, question);
    if (all && up->joined)
        share_end(receiver, subscription, complete);
    if (all)
        catch_up_complete(receiver, subscription, complete);
    up->next_index = all ? answer->next_index : 0;
    bool further = up->next_index != 0 || cursor_is_before(before, up->complete);
    // A record that has gone back was another one's.
    if (answer->next_index == 0 && !up->only_recorded)
        receiver->record_end = further ? cursor_later(receiver->record_end, complete) : complete;
    return further;
}

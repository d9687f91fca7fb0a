// SPDX-License-Identifier: MIT
#include "catch_up.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "notices.h"
#include "receiver_state.h"
#include "seam.h"
#include "subscription.h"
#include "wire/defence.h"

#define HELD_AGAIN_MS 5u // a group commit
#define DOUBT_EPOCHS 2u  // this one and the next

void catch_up_free(struct catch_up *up)
{
    held_free(&up->held);
    delivered_free(&up->delivered);
}

static struct cursor last_of(const struct oyez_batch *batch)
{
    return (struct cursor){batch->epoch, batch->position + batch->event_count - 1};
}

// A goal may move away, but not back.
static void read_to(struct receiver *receiver, struct catch_up *up, struct cursor goal)
{
    up->reading = true;
    up->goal = cursor_later(up->goal, goal);
    receiver->read_due_ms = 0;
}

static void put_gap(struct oyez_subscription *subscription, const struct inbox_gap *gap)
{
    struct inbox_entry entry = {.kind = INBOX_GAP, .size = sizeof *gap};
    if (subscription->on_gap != NULL)
        (void)inbox_put(&subscription->inbox, &entry, gap);
}

static void put_type_gap(struct oyez_subscription *subscription, const struct route *route,
                         enum oyez_gap_kind kind, uint64_t first, uint64_t last, uint64_t epoch)
{
    struct inbox_gap gap = {.kind = kind, .epoch = epoch, .first = first, .last = last};
    memcpy(gap.event_type, route->event_type, sizeof gap.event_type);
    put_gap(subscription, &gap);
}

// Several subscriptions of a client may lack the same events: the client tells and counts them once.
static void tell_lost_once(struct receiver *receiver, struct route *route, uint64_t first,
                           uint64_t last, uint64_t epoch)
{
    if (route->told_epoch != epoch)
        route->told_through = 0;
    route->told_epoch = epoch;
    if (first <= route->told_through)
        first = route->told_through + 1;
    if (first > last)
        return;
    route->told_through = last;
    uint64_t count = last - first + 1;
    char text[128];
    receiver->client->counters.gaps += count;
    snprintf(text, sizeof text, "%" PRIu64 " events were lost on the way to this subscriber",
             count);
    notice_add_locked(receiver->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_GAP,
                                                              .event_type = route->event_type,
                                                              .first = first,
                                                              .last = last,
                                                              .count = count,
                                                              .epoch = epoch,
                                                              .text = text});
}

static void tell_lost(struct receiver *receiver, struct route *route, struct route_target *target,
                      uint64_t last)
{
    if (target->dropped_first != 0)
        catch_up_tell_dropped(receiver, route, target);
    put_type_gap(target->subscription, route, OYEZ_GAP_LOST, target->next, last, target->epoch);
    tell_lost_once(receiver, route, target->next, last, target->epoch);
    target->doubt = DOUBT_EPOCHS;
    target->next = last + 1;
}

void catch_up_tell_dropped(struct receiver *receiver, struct route *route,
                           struct route_target *target)
{
    uint64_t count = target->dropped_last - target->dropped_first + 1;
    char text[128];
    snprintf(text, sizeof text,
             "%" PRIu64 " events dropped: their handler is slower than they come", count);
    put_type_gap(target->subscription, route, OYEZ_GAP_OVERFLOW, target->dropped_first,
                 target->dropped_last, target->epoch);
    notice_add_locked(receiver->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_OVERFLOW,
                                                              .event_type = route->event_type,
                                                              .first = target->dropped_first,
                                                              .last = target->dropped_last,
                                                              .epoch = target->epoch,
                                                              .count = count,
                                                              .text = text});
    target->dropped_first = 0;
    target->doubt = DOUBT_EPOCHS;
}

static void drop(struct receiver *receiver, struct route *route, struct route_target *target,
                 const struct oyez_batch *batch)
{
    subscription_count_dropped(target->subscription, batch->event_count);
    // What takes no place in the order has no number to be told by.
    if (batch->type_seq == 0 || batch->position == 0)
        return;
    if (target->dropped_first != 0 && batch->type_seq != target->dropped_last + 1)
        catch_up_tell_dropped(receiver, route, target);
    if (target->dropped_first == 0)
        target->dropped_first = batch->type_seq;
    target->dropped_last = batch->type_seq + batch->event_count - 1;
    target->next = target->dropped_last + 1;
    receiver->drops_pending = true;
}

// Without a record: what is missing is told, and what follows goes on.
static void take_plain(struct receiver *receiver, struct route *route, struct route_target *target,
                       const struct oyez_batch *batch, const void *frame, size_t size)
{
    struct inbox *inbox = &target->subscription->inbox;
    // What was dropped is told before what comes behind it.
    if (target->dropped_first != 0 && (inbox->waiting.size == 0 || inbox_has_room(inbox, 2 * size)))
        catch_up_tell_dropped(receiver, route, target);
    enum seam seam = seam_take(receiver, route, target, batch, frame, size, 0);
    if (seam == SEAM_HOLE) {
        tell_lost(receiver, route, target, batch->type_seq - 1);
        seam = seam_take(receiver, route, target, batch, frame, size, 0);
    }
    if (seam == SEAM_FULL)
        drop(receiver, route, target, batch);
}

static void hold(struct receiver *receiver, struct route_target *target,
                 const struct oyez_batch *batch, const void *frame, size_t size)
{
    struct catch_up *up = &target->subscription->up;
    // The oldest stay: the record is read from their side.
    if (up->unheld.epoch == 0 && held_put(&up->held, frame, size)) {
        // Whatever has come is about to be recorded: no reason to wait long for it.
        if (receiver->read_again_ms > receiver->now_ms + HELD_AGAIN_MS)
            receiver->read_again_ms = receiver->now_ms + HELD_AGAIN_MS;
        receiver->read_due_ms = 0;
        return;
    }
    subscription_count_dropped(target->subscription, batch->event_count);
    up->unheld = last_of(batch);
}

static void take_live(struct receiver *receiver, struct route *route, struct route_target *target,
                      const struct oyez_batch *batch, const void *frame, size_t size)
{
    struct catch_up *up = &target->subscription->up;
    switch (seam_take(receiver, route, target, batch, frame, size, 0)) {
    case SEAM_DONE:
        return;
    case SEAM_HOLE:
        read_to(receiver, up, (struct cursor){batch->epoch, batch->position - 1});
        hold(receiver, target, batch, frame, size);
        return;
    case SEAM_FULL:
        subscription_count_dropped(target->subscription, batch->event_count);
        read_to(receiver, up, last_of(batch));
        return;
    case SEAM_UNSURE:
        read_to(receiver, up, last_of(batch));
        return;
    }
}

static bool is_live(const struct catch_up *up)
{
    return up->from == OYEZ_FROM_LIVE && !up->only_recorded;
}

void catch_up_frame(struct receiver *receiver, struct route *route, struct route_target *target,
                    const struct oyez_batch *batch, const void *frame, size_t size)
{
    struct oyez_subscription *subscription = target->subscription;
    struct catch_up *up = &subscription->up;
    if (batch->type_seq == 0 || batch->position == 0) {
        struct inbox_entry entry = {.kind = INBOX_FRAME, .size = size};
        if (!inbox_put(&subscription->inbox, &entry, frame))
            drop(receiver, route, target, batch);
    } else if (!up->has_record) {
        take_plain(receiver, route, target, batch, frame, size);
    } else if (!up->started) {
        // What comes before the beacon is extra, or is read later.
        if (is_live(up))
            (void)seam_take(receiver, route, target, batch, frame, size, 0);
    } else if (up->only_recorded) {
        read_to(receiver, up, last_of(batch));
    } else if (up->reading) {
        hold(receiver, target, batch, frame, size);
    } else {
        take_live(receiver, route, target, batch, frame, size);
    }
}

void catch_up_head(struct receiver *receiver, struct route *route, struct route_target *target,
                   uint64_t head, struct cursor at)
{
    struct catch_up *up = &target->subscription->up;
    bool reads = up->has_record && up->started && (up->reading || up->only_recorded);
    if (reads) {
        if (cursor_is_before(up->complete, at))
            read_to(receiver, up, at);
        return;
    }
    seam_enter(target, at.epoch);
    bool judged = up->has_record ? up->started && OYEZ_HAS(REFILL) : target->next != 0;
    if (judged && head >= target->next) {
        if (up->has_record)
            read_to(receiver, up, at);
        else
            tell_lost(receiver, route, target, head);
    }
    if (head >= target->next)
        target->next = head + 1;
}

static void put_cursor(struct oyez_subscription *subscription, struct cursor cursor)
{
    struct inbox_entry entry = {.kind = INBOX_CURSOR, .size = sizeof cursor};
    // Where much waits this is no news.
    if (subscription->inbox.waiting.size < 4096)
        (void)inbox_put(&subscription->inbox, &entry, &cursor);
}

void catch_up_verified(struct receiver *receiver, struct oyez_subscription *subscription,
                       struct cursor at)
{
    struct catch_up *up = &subscription->up;
    if (!up->has_record || !up->started || up->finding)
        return;
    if (up->only_recorded) {
        // Nothing of it lies between what was read and here.
        struct cursor idle = cursor_earlier(at, receiver->mark);
        if (cursor_is_before(up->complete, up->goal) || idle.epoch != up->complete.epoch)
            return;
        at = idle;
    } else if (up->reading || at.epoch != up->complete.epoch) {
        return;
    }
    if (!cursor_is_before(up->complete, at))
        return;
    up->complete = at;
    put_cursor(subscription, at);
}

void catch_up_doubt(struct receiver *receiver, struct oyez_subscription *subscription,
                    struct cursor at)
{
    struct catch_up *up = &subscription->up;
    if (up->has_record && up->started && cursor_is_before(up->complete, at))
        read_to(receiver, up, at);
}

void catch_up_start(struct receiver *receiver, struct oyez_subscription *subscription,
                    struct cursor at, bool all_types)
{
    struct catch_up *up = &subscription->up;
    up->started = true;
    up->all_types = all_types;
    up->start_epoch = at.epoch;
    if (!up->has_record)
        return;
    up->complete = up->from == OYEZ_FROM_LIVE     ? at
                   : up->from == OYEZ_FROM_CURSOR ? up->from_cursor
                                                  : (struct cursor){0, 0};
    up->finding = up->from == OYEZ_FROM_LAST;
    up->find_left = up->from_count;
    if (!is_live(up))
        read_to(receiver, up, at);
}

static void put_epoch_change(struct oyez_subscription *subscription,
                             const struct oyez_epoch_change *change)
{
    struct inbox_entry entry = {.kind = INBOX_EPOCH, .size = sizeof *change};
    if (subscription->on_epoch_changed != NULL)
        (void)inbox_put(&subscription->inbox, &entry, change);
}

static uint64_t last_seen(const struct catch_up *up, uint64_t epoch)
{
    return up->seen.epoch == epoch ? up->seen.position : 0;
}

void catch_up_begin_epoch(struct receiver *receiver, struct oyez_subscription *subscription,
                          uint64_t previous, uint64_t epoch)
{
    struct catch_up *up = &subscription->up;
    if (up->has_record) {
        // Read up to where the record of the new epoch begins: the old one has ended there.
        if (up->started)
            read_to(receiver, up, (struct cursor){epoch, 0});
        return;
    }
    delivered_begin_epoch(&up->delivered);
    if (up->started)
        put_epoch_change(subscription,
                         &(struct oyez_epoch_change){.previous_epoch = previous,
                                                     .epoch = epoch,
                                                     .clean = receiver->ended,
                                                     .last_seen = last_seen(up, previous)});
}

// What was not read, and what is held, will not come: of the new epoch its numbers tell that.
static void leave_record(struct receiver *receiver, struct oyez_subscription *subscription)
{
    struct catch_up *up = &subscription->up;
    struct cursor from = cursor_later(up->complete, up->seen);
    put_epoch_change(subscription,
                     &(struct oyez_epoch_change){.previous_epoch = from.epoch,
                                                 .epoch = receiver->epoch,
                                                 .last_seen = last_seen(up, from.epoch)});
    delivered_begin_epoch(&up->delivered);
    held_free(&up->held);
    up->unheld = up->complete = (struct cursor){0, 0};
    up->reading = up->finding = up->joined = false;
    up->next_index = 0;
}

void catch_up_set_record(struct receiver *receiver, struct oyez_subscription *subscription,
                         bool has_record)
{
    struct catch_up *up = &subscription->up;
    if (!up->started || up->has_record == has_record || up->only_recorded)
        return;
    if (!has_record)
        leave_record(receiver, subscription);
    else
        up->complete = (struct cursor){receiver->epoch, 0};
    up->has_record = has_record;
}

// Hands out held frames. False when something stands in the way, which reading has to clear.
static bool hand_out_held(struct receiver *receiver, struct oyez_subscription *subscription)
{
    struct catch_up *up = &subscription->up;
    const uint8_t *frame;
    size_t size;
    while (held_first(&up->held, &frame, &size)) {
        struct oyez_batch batch;
        (void)oyez_batch_walk(&batch, frame, size); // it was walked before it was held
        if (cursor_is_before(up->complete, last_of(&batch))) {
            struct route_target *target;
            struct route *route = receiver_find_target(receiver, subscription, &batch, &target);
            enum seam seam = route == NULL
                                 ? SEAM_DONE
                                 : seam_take(receiver, route, target, &batch, frame, size, 0);
            if (seam == SEAM_HOLE)
                read_to(receiver, up, (struct cursor){batch.epoch, batch.position - 1});
            if (seam == SEAM_FULL || seam == SEAM_UNSURE)
                read_to(receiver, up, last_of(&batch));
            if (seam != SEAM_DONE)
                return false;
        }
        held_drop_first(&up->held);
    }
    return true;
}

void catch_up_settle(struct receiver *receiver, struct oyez_subscription *subscription)
{
    struct catch_up *up = &subscription->up;
    if (!up->reading || up->only_recorded || up->finding ||
        cursor_is_before(up->complete, up->goal) || !hand_out_held(receiver, subscription))
        return;
    held_free(&up->held);
    struct cursor unheld = up->unheld;
    up->unheld = (struct cursor){0, 0};
    if (cursor_is_before(up->complete, unheld)) {
        read_to(receiver, up, unheld);
        return;
    }
    up->reading = false;
    up->next_index = 0; // where it reads next is elsewhere
}

bool catch_up_recorded(struct receiver *receiver, const struct route *route,
                       struct route_target *target, const struct oyez_batch *batch,
                       const void *frame, size_t size, uint64_t index)
{
    struct catch_up *up = &target->subscription->up;
    struct cursor at = last_of(batch);
    if (batch->epoch > up->complete.epoch)
        catch_up_complete(receiver, target->subscription, (struct cursor){batch->epoch, 0});
    if (!cursor_is_before(up->complete, at))
        return true;
    size_t waiting = target->subscription->inbox.waiting.size;
    if (seam_take(receiver, route, target, batch, frame, size, index) == SEAM_FULL)
        return false;
    up->complete = at;
    if (target->subscription->inbox.waiting.size > waiting) {
        receiver->client->counters.refilled++;
        meter_add_own(&target->subscription->meter.refilled, 1);
    }
    return true;
}

void catch_up_gap(struct receiver *receiver, struct oyez_subscription *subscription,
                  enum oyez_gap_kind kind, uint64_t first, uint64_t last)
{
    struct catch_up *up = &subscription->up;
    uint64_t epoch = up->complete.epoch;
    if (first <= up->complete.position)
        first = up->complete.position + 1;
    if (first > last)
        return;
    struct inbox_gap gap = {.kind = kind, .epoch = epoch, .first = first, .last = last};
    put_gap(subscription, &gap);
    up->gaps = up->gaps || kind == OYEZ_GAP_UNRECORDED;
    up->complete.position = last;
    // Of an epoch that has expired to its end nobody knows how many there were.
    uint64_t count = last == CURSOR_EPOCH_END ? 0 : last - first + 1;
    receiver->client->counters.gaps += count;
    char text[160];
    int size = snprintf(text, sizeof text, "%" PRIu64 ":%" PRIu64 " to ", epoch, first);
    if (last == CURSOR_EPOCH_END)
        size += snprintf(text + size, sizeof text - (size_t)size, "the end of its epoch");
    else
        size +=
            snprintf(text + size, sizeof text - (size_t)size, "%" PRIu64 ":%" PRIu64, epoch, last);
    snprintf(text + size, sizeof text - (size_t)size, " are %s",
             kind == OYEZ_GAP_EXPIRED ? "no longer in the record"
                                      : "not in the record: they were lost before the recorder");
    if (subscription->on_gap == NULL)
        notice_add_locked(receiver->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_GAP,
                                                                  .first = first,
                                                                  .last = last,
                                                                  .count = count,
                                                                  .epoch = epoch,
                                                                  .text = text});
}

static void tell_phantoms(struct receiver *receiver, const struct oyez_epoch_change *change)
{
    char text[200];
    snprintf(text, sizeof text,
             "the broker restarted: what was seen behind %" PRIu64 ":%" PRIu64 ", up to %" PRIu64
             ":%" PRIu64 ", is not recorded",
             change->previous_epoch, change->recorded_end, change->previous_epoch,
             change->last_seen);
    notice_add_locked(receiver->client,
                      &(struct oyez_notice){.kind = OYEZ_NOTICE_EPOCH_CHANGED,
                                            .epoch = change->epoch,
                                            .previous_epoch = change->previous_epoch,
                                            .first = change->recorded_end + 1,
                                            .last = change->last_seen,
                                            .count = change->phantoms,
                                            .text = text});
}

void catch_up_end_epoch(struct receiver *receiver, struct oyez_subscription *subscription,
                        uint64_t recorded_end, bool clean, uint64_t epoch)
{
    struct catch_up *up = &subscription->up;
    struct oyez_epoch_change change = {.previous_epoch = up->complete.epoch,
                                       .epoch = epoch,
                                       .recorded = true,
                                       .clean = clean,
                                       .recorded_end = recorded_end,
                                       .last_seen = last_seen(up, up->complete.epoch)};
    if (change.last_seen > recorded_end)
        change.phantoms = change.last_seen - recorded_end;
    up->phantoms = up->phantoms || change.phantoms > 0;
    delivered_begin_epoch(&up->delivered);
    put_epoch_change(subscription, &change);
    if (change.phantoms > 0 && subscription->on_epoch_changed == NULL)
        tell_phantoms(receiver, &change);
    up->complete = (struct cursor){epoch, 0};
}

void catch_up_complete(struct receiver *receiver, struct oyez_subscription *subscription,
                       struct cursor complete)
{
    struct catch_up *up = &subscription->up;
    // An epoch of which nothing was recorded has no end in the record either.
    bool was_there = up->start_epoch == up->complete.epoch || up->seen.epoch == up->complete.epoch;
    // Of one that has expired nobody knows any more whether all that was seen was recorded.
    uint64_t end =
        up->complete.position == CURSOR_EPOCH_END ? last_seen(up, up->complete.epoch) : 0;
    if (up->complete.epoch != 0 && complete.epoch > up->complete.epoch && was_there)
        catch_up_end_epoch(receiver, subscription, end, false, complete.epoch);
    if (cursor_is_before(up->complete, complete)) {
        up->complete = complete;
        put_cursor(subscription, complete);
    }
}

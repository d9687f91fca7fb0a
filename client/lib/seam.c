// SPDX-License-Identifier: MIT
#include "seam.h"

#include "receiver_state.h"
#include "subscription.h"
#include "wire/defence.h"

void seam_enter(struct route_target *target, uint64_t epoch)
{
    const struct catch_up *up = &target->subscription->up;
    if (target->epoch == epoch)
        return;
    bool from_one = up->started && (up->all_types || epoch != up->start_epoch);
    target->epoch = epoch;
    target->next = from_one ? 1 : 0;
    target->begun = 0;
    target->doubt /= 2;
}

static struct cursor last_of(const struct oyez_batch *batch)
{
    return (struct cursor){batch->epoch, batch->position + batch->event_count - 1};
}

// True when a live frame shows that something before it is missing, and not yet looked for.
static bool shows_hole(const struct catch_up *up, const struct route_target *target,
                       const struct oyez_batch *batch)
{
    struct cursor before = {batch->epoch, batch->position - 1};
    // Of a type that no head has told, the first to come need not be the first.
    bool judged = up->has_record ? up->started && OYEZ_HAS(REFILL) : target->next != 0;
    return judged && batch->type_seq > target->next && cursor_is_before(up->complete, before);
}

static uint32_t larger(uint32_t a, uint64_t b)
{
    return b > a ? (uint32_t)b : a;
}

// How many of a batch's events, from the first on, came before or are not wanted.
static uint32_t count_old(const struct catch_up *up, const struct route_target *target,
                          const struct oyez_batch *batch, bool live)
{
    uint32_t count = batch->event_count;
    uint64_t begun = up->has_record ? target->begun : target->next;
    uint32_t old = 0;
    if (!cursor_is_before(up->complete, last_of(batch)) || batch->broker_time < up->since ||
        batch->type_seq + count <= begun)
        return count;
    if (begun > batch->type_seq)
        old = larger(old, begun - batch->type_seq);
    if (live && up->complete.epoch == batch->epoch && up->complete.position >= batch->position)
        old = larger(old, up->complete.position - batch->position + 1);
    return old;
}

// Durable events whose numbers an epoch before has brought. What is read from the record comes once
// there, so only what was handed out and not recorded can come again; and not even of that the
// highest number tells, once something was lost before the recorder.
static uint32_t count_repeated(const struct catch_up *up, const struct route_target *target,
                               const struct oyez_batch *batch, const struct delivered_pair *pair,
                               bool live)
{
    if (pair == NULL || target->doubt != 0 || (!up->has_record && up->gaps) ||
        (!live && (!up->phantoms || up->gaps)) || pair->before < batch->emitter_seq)
        return 0;
    uint64_t repeated = pair->before - batch->emitter_seq + 1;
    return repeated < batch->event_count ? (uint32_t)repeated : batch->event_count;
}

// The target goes on behind a batch, whatever of it was wanted.
static void move_on(struct route_target *target, const struct oyez_batch *batch)
{
    uint64_t next = batch->type_seq + batch->event_count;
    if (next > target->next)
        target->next = next;
    if (next > target->begun)
        target->begun = next;
}

static void note_handed_out(struct catch_up *up, const struct oyez_batch *batch,
                            struct delivered_pair *pair)
{
    uint64_t through = batch->emitter_seq + batch->event_count - 1;
    if (pair != NULL && through > pair->through)
        pair->through = through;
    up->seen = cursor_later(up->seen, last_of(batch));
    up->since = 0;
}

enum seam seam_take(struct receiver *receiver, const struct route *route,
                    struct route_target *target, const struct oyez_batch *batch, const void *frame,
                    size_t size, uint64_t index)
{
    struct catch_up *up = &target->subscription->up;
    bool live = index == 0;
    seam_enter(target, batch->epoch);
    if (live && shows_hole(up, target, batch))
        return SEAM_HOLE;
    uint32_t skip = count_old(up, target, batch, live);
    struct delivered_pair *pair = NULL;
    if (skip < batch->event_count && !up->only_recorded && (batch->flags & OYEZ_FLAG_FAST) == 0)
        pair = delivered_find(&up->delivered, route, batch->emitter_id);
    uint32_t repeated = count_repeated(up, target, batch, pair, live);
    if (repeated > skip && up->has_record && up->gaps)
        return SEAM_UNSURE;
    struct inbox_entry entry = {
        .kind = INBOX_FRAME, .size = size, .index = index, .skip = larger(skip, repeated)};
    if (entry.skip < batch->event_count && !inbox_put(&target->subscription->inbox, &entry, frame))
        return SEAM_FULL;
    if (repeated > skip)
        receiver->client->counters.repeated += repeated - skip;
    if (entry.skip < batch->event_count)
        note_handed_out(up, batch, pair);
    move_on(target, batch);
    return SEAM_DONE;
}

// SPDX-License-Identifier: MIT
// How a subscriber knows that it misses something. Each event type has a dense number within an
// epoch, so a subscriber of some types sees its own gaps; the numbered heartbeat tells the heads of
// the types that moved, so the loss of the last event before silence is seen; a missing heartbeat
// is answered by a new beacon, which tells all heads.
#include <zmq.h>

#include "catch_up.h"
#include "notices.h"
#include "receiver_state.h"
#include "subscription.h"
#include "wire/control.h"
#include "wire/defence.h"
#include "wire/envelope.h"

static void tell_epoch(struct receiver *receiver, uint64_t previous)
{
    const struct oyez_client *client = receiver->client;
    // Who only emits has lost nothing: what was not safe goes again. And what is recorded is read.
    bool recorded = client->egress == NULL || client->session.recorder_expected;
    notice_add_locked(
        receiver->client,
        &(struct oyez_notice){
            .kind = OYEZ_NOTICE_EPOCH_CHANGED,
            .epoch = receiver->epoch,
            .previous_epoch = previous,
            .text = recorded ? "the broker started again"
                             : "the broker started again: events of the epoch before it that "
                               "came after the last heartbeat may be lost to this subscriber"});
}

bool sequences_epoch(struct receiver *receiver, uint64_t epoch)
{
    if (epoch <= receiver->epoch)
        return epoch == receiver->epoch;
    uint64_t previous = receiver->epoch;
    receiver->epoch = epoch;
    receiver->heartbeat = 0;
    // All that the record has of the epochs before is recorded, whatever was told of it.
    receiver->mark = cursor_later(receiver->mark, (struct cursor){epoch, 0});
    if (previous == 0)
        return true;
    for (struct oyez_subscription *s = receiver->client->subscriptions; s != NULL; s = s->next)
        catch_up_begin_epoch(receiver, s, previous, epoch);
    receiver->ended = false;
    receiver->beacon_wanted = receiver->client->egress != NULL;
    tell_epoch(receiver, previous);
    pthread_cond_broadcast(&receiver->client->inbox_changed);
    return true;
}

struct heads_walk {
    struct receiver *receiver;
    struct cursor at;
};

static void pass_over(void *arg, const struct oyez_head *head)
{
    (void)arg;
    (void)head;
}

// A head beyond what came means loss: frames and heads share one ordered pipe. The position that
// goes with it stands behind the heads, so they are walked twice.
static void take_head(void *arg, const struct oyez_head *head)
{
    struct heads_walk *walk = arg;
    struct receiver *receiver = walk->receiver;
    struct route *route = receiver_route(receiver, head->event_type, head->event_type_size);
    for (size_t i = 0; route != NULL && i < route->target_count; i++) {
        if (!route->targets[i].subscription->closed)
            catch_up_head(receiver, route, &route->targets[i], head->type_seq, walk->at);
    }
}

static bool details_of(const struct oyez_batch *batch, struct oyez_event_parts *parts)
{
    const uint8_t *cursor = batch->events;
    const uint8_t *event;
    size_t size;
    return oyez_batch_next_event(batch, &cursor, &event, &size) &&
           oyez_event_split(parts, event, size) == OYEZ_OK;
}

// Everything up to `at` has its heads told: who lacks nothing of it has all.
static void verify_all(struct receiver *receiver, struct cursor at)
{
    for (struct oyez_subscription *s = receiver->client->subscriptions; s != NULL; s = s->next)
        catch_up_verified(receiver, s, at);
}

static void take_mark(struct receiver *receiver, uint64_t recorded_position)
{
    struct cursor mark = {receiver->epoch, recorded_position};
    if (recorded_position == 0 || !cursor_is_before(receiver->mark, mark))
        return;
    receiver->mark = mark;
    receiver->read_due_ms = 0;
}

void sequences_recorded(struct receiver *receiver, const struct oyez_batch *batch)
{
    struct oyez_event_parts parts;
    struct oyez_heads_message message;
    if (details_of(batch, &parts) &&
        oyez_heartbeat_decode(&message, parts.details, parts.details_size, pass_over, NULL) ==
            OYEZ_OK)
        take_mark(receiver, message.recorded_position);
}

// Reads a heartbeat or a beacon, first what it says as a whole. False: it cannot be read.
static bool take_heads(struct receiver *receiver, const struct oyez_batch *batch,
                       oyez_err decode(struct oyez_heads_message *, const uint8_t *, size_t,
                                       oyez_head_each *, void *),
                       struct oyez_heads_message *message, struct cursor *at)
{
    struct oyez_event_parts parts;
    if (!details_of(batch, &parts) ||
        decode(message, parts.details, parts.details_size, pass_over, NULL) != OYEZ_OK)
        return false;
    struct heads_walk walk = {.receiver = receiver, .at = {batch->epoch, message->position}};
    *at = walk.at;
    return decode(message, parts.details, parts.details_size, take_head, &walk) == OYEZ_OK;
}

void sequences_heartbeat(struct receiver *receiver, const struct oyez_batch *batch)
{
    uint64_t number = batch->type_seq;
    // Also the first one of an epoch that comes: those before it were missed, and a beacon does not
    // tell how many there were.
    bool jumped = number > receiver->heartbeat + 1;
    if (number <= receiver->heartbeat)
        return;
    receiver->heartbeat = number;
    struct oyez_heads_message message;
    struct cursor at;
    bool readable = take_heads(receiver, batch, oyez_heartbeat_decode, &message, &at);
    if (readable)
        take_mark(receiver, message.recorded_position);
    // The missing one may have been the only one to name some type's last event.
    if ((jumped && OYEZ_HAS(QUESTION)) || !readable || !message.heads_complete)
        receiver->beacon_wanted = true;
    else if (!receiver->beacon_wanted && !receiver->beacon_pending)
        verify_all(receiver, at);
    receiver->ended = readable && message.ending && !receiver->beacon_wanted;
}

static void mark_active(struct receiver *receiver, struct cursor at, bool all_types)
{
    struct oyez_client *client = receiver->client;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next) {
        if (s->generation > receiver->beacon_generation)
            continue;
        if (!s->up.started)
            catch_up_start(receiver, s, at, all_types);
        else if (!all_types)
            catch_up_doubt(receiver, s, at);
        s->active = true;
    }
    pthread_cond_broadcast(&client->inbox_changed);
}

void sequences_beacon(struct receiver *receiver, const struct oyez_batch *batch)
{
    struct oyez_heads_message message;
    struct cursor at;
    if (!receiver->beacon_pending ||
        !take_heads(receiver, batch, oyez_beacon_decode, &message, &at))
        return;
    receiver->beacon_pending = false;
    zmq_setsockopt(receiver->client->egress, ZMQ_UNSUBSCRIBE, receiver->nonce_topic,
                   sizeof receiver->nonce_topic);
    mark_active(receiver, at, message.heads_complete);
    if (message.heads_complete && !receiver->beacon_wanted)
        verify_all(receiver, at);
}

// SPDX-License-Identifier: MIT
// How a subscriber knows that it misses something. Each event type has a dense number within an
// epoch, so a subscriber of some types sees its own gaps; the numbered heartbeat tells the heads of
// the types that moved, so the loss of the last event before silence is seen; a missing heartbeat
// is answered by a new beacon, which tells all heads.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "notices.h"
#include "receiver_state.h"
#include "subscription.h"
#include "wire/control.h"
#include "wire/envelope.h"

static void tell_gap(struct receiver *receiver, const struct route *route, uint64_t first,
                     uint64_t last)
{
    uint64_t count = last - first + 1;
    receiver->client->counters.gaps += count;
    char text[128];
    snprintf(text, sizeof text, "%" PRIu64 " events were lost on the way to this subscriber",
             count);
    notice_add(receiver->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_GAP,
                                                       .event_type = route->event_type,
                                                       .first = first,
                                                       .last = last,
                                                       .count = count,
                                                       .epoch = receiver->epoch,
                                                       .text = text});
}

bool sequences_check(struct receiver *receiver, struct route *route, const struct oyez_batch *batch)
{
    uint64_t seq = batch->type_seq;
    if (seq == 0 || batch->position == 0)
        return true; // takes no place in the order: nothing to check
    // A type that no beacon has named began at 1; before the beacon nobody can tell.
    bool baseline = receiver->heads_known && !receiver->beacon_pending && !receiver->beacon_wanted;
    uint64_t expected = route->expected != 0 ? route->expected : (baseline ? 1 : seq);
    if (seq < expected)
        return false;
    if (seq > expected)
        tell_gap(receiver, route, expected, seq - 1);
    route->expected = seq + batch->event_count;
    return true;
}

static void restart_routes(struct receiver *receiver)
{
    for (size_t i = 0; i < receiver->routes.capacity; i++) {
        struct route *route = receiver->routes.slots[i];
        // A new epoch numbers from 1, and this subscriber wanted all of it.
        if (route != NULL)
            route->expected = receiver->heads_known ? 1 : 0;
    }
}

bool sequences_epoch(struct receiver *receiver, uint64_t epoch)
{
    if (epoch <= receiver->epoch)
        return epoch == receiver->epoch;
    uint64_t previous = receiver->epoch;
    receiver->epoch = epoch;
    receiver->heartbeat = 0;
    if (previous == 0)
        return true;
    restart_routes(receiver);
    receiver->beacon_wanted = receiver->client->egress != NULL;
    notice_add(receiver->client,
               &(struct oyez_notice){
                   .kind = OYEZ_NOTICE_EPOCH_CHANGED,
                   .epoch = epoch,
                   .previous_epoch = previous,
                   // Who only emits has lost nothing: what was not safe goes again.
                   .text = receiver->client->egress == NULL
                               ? "the broker started again"
                               : "the broker started again: events of the epoch before it that "
                                 "came after the last heartbeat may be lost to this subscriber"});
    return true;
}

struct heads_walk {
    struct receiver *receiver;
    bool beacon;
};

// A head beyond what came means loss: frames and heads share one ordered pipe.
static void take_head(void *arg, const struct oyez_head *head)
{
    struct heads_walk *walk = arg;
    struct receiver *receiver = walk->receiver;
    struct route *route = receiver_route(receiver, head->event_type, head->event_type_size);
    if (route == NULL || route->target_count == 0)
        return;
    bool baseline = !walk->beacon && receiver->heads_known && !receiver->beacon_pending;
    uint64_t expected = route->expected != 0 ? route->expected : (baseline ? 1 : 0);
    if (expected != 0 && head->type_seq >= expected)
        tell_gap(receiver, route, expected, head->type_seq);
    if (head->type_seq + 1 > route->expected)
        route->expected = head->type_seq + 1;
}

static bool details_of(const struct oyez_batch *batch, struct oyez_event_parts *parts)
{
    const uint8_t *cursor = batch->events;
    const uint8_t *event;
    size_t size;
    return oyez_batch_next_event(batch, &cursor, &event, &size) &&
           oyez_event_split(parts, event, size) == OYEZ_OK;
}

void sequences_heartbeat(struct receiver *receiver, const struct oyez_batch *batch)
{
    uint64_t number = batch->type_seq;
    bool jumped = receiver->heartbeat != 0 && number > receiver->heartbeat + 1;
    if (number <= receiver->heartbeat)
        return;
    receiver->heartbeat = number;
    struct oyez_event_parts parts;
    struct oyez_heads_message message;
    struct heads_walk walk = {.receiver = receiver};
    bool readable = details_of(batch, &parts) &&
                    oyez_heartbeat_decode(&message, parts.details, parts.details_size, take_head,
                                          &walk) == OYEZ_OK;
    // The missing one may have been the only one to name some type's last event.
    if (jumped || !readable || !message.heads_complete)
        receiver->beacon_wanted = true;
}

static void mark_active(struct receiver *receiver)
{
    struct oyez_client *client = receiver->client;
    pthread_mutex_lock(&client->inbox_lock);
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next) {
        if (s->generation <= receiver->beacon_generation)
            s->active = true;
    }
    pthread_cond_broadcast(&client->inbox_changed);
    pthread_mutex_unlock(&client->inbox_lock);
}

void sequences_beacon(struct receiver *receiver, const struct oyez_batch *batch)
{
    struct oyez_event_parts parts;
    struct oyez_heads_message message;
    struct heads_walk walk = {.receiver = receiver, .beacon = true};
    if (!receiver->beacon_pending || !details_of(batch, &parts) ||
        oyez_beacon_decode(&message, parts.details, parts.details_size, take_head, &walk) !=
            OYEZ_OK)
        return;
    receiver->beacon_pending = false;
    receiver->heads_known = message.heads_complete;
    zmq_setsockopt(receiver->client->egress, ZMQ_UNSUBSCRIBE, receiver->nonce_topic,
                   sizeof receiver->nonce_topic);
    mark_active(receiver);
}

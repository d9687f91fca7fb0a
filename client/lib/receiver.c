// SPDX-License-Identifier: MIT
#include "receiver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <zmq.h>

#include "notices.h"
#include "pattern_topics.h"
#include "receiver_state.h"
#include "refill.h"
#include "sockets.h"
#include "subscription.h"
#include "wire/clock.h"

#define READ_FRAMES_MAX 256 // between two looks at the other sockets
#define BEACON_RETRY_MS 1000u
#define TICK_MS 100u

oyez_err receiver_open(struct receiver **out, struct oyez_client *client)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a receiver");
    (*out)->client = client;
    (*out)->read_due_ms = UINT64_MAX;
    return refill_open(&(*out)->refill);
}

void receiver_close(struct receiver **receiver)
{
    if (*receiver == NULL)
        return;
    routes_free(&(*receiver)->routes);
    refill_close(&(*receiver)->refill);
    free(*receiver);
    *receiver = NULL;
}

static void set_topic(void *arg, const void *topic, size_t size)
{
    struct receiver *receiver = arg;
    zmq_setsockopt(receiver->client->egress, ZMQ_SUBSCRIBE, topic, size);
}

static void unset_topic(void *arg, const void *topic, size_t size)
{
    struct receiver *receiver = arg;
    zmq_setsockopt(receiver->client->egress, ZMQ_UNSUBSCRIBE, topic, size);
}

static void each_topic(struct receiver *receiver, const struct oyez_subscription *subscription,
                       oyez_topic_each *each)
{
    for (size_t i = 0; i < subscription->pattern_count; i++)
        (void)oyez_pattern_topics(subscription->patterns[i], each, receiver);
}

// On a bus without a recorder nobody could say what is missing.
static void settle_record(struct receiver *receiver, struct oyez_subscription *subscription)
{
    struct catch_up *up = &subscription->up;
    up->has_record = receiver->client->session.recorder_expected;
    if (up->has_record || (up->from == OYEZ_FROM_LIVE && !up->only_recorded))
        return;
    subscription->refused = true;
    if (subscription->inbox.watch != NULL)
        inbox_watch_tell(subscription->inbox.watch);
    pthread_cond_broadcast(&receiver->client->inbox_changed);
}

// Detaches closed subscriptions from the list and gives the topics of new ones to the socket.
static void sweep(struct receiver *receiver)
{
    struct oyez_client *client = receiver->client;
    struct oyez_subscription **link = &client->subscriptions;
    bool marks = false;
    while (*link != NULL) {
        struct oyez_subscription *subscription = *link;
        if (subscription->closed) {
            *link = subscription->next;
            if (subscription->topics_set)
                each_topic(receiver, subscription, unset_topic);
            subscription_release(subscription);
            continue;
        }
        if (!subscription->topics_set) {
            each_topic(receiver, subscription, set_topic);
            subscription->topics_set = true;
            receiver->beacon_wanted = true;
            if (!subscription->up.started)
                settle_record(receiver, subscription);
        }
        marks = marks || subscription->up.only_recorded;
        link = &subscription->next;
    }
    if (marks != receiver->marks_topic)
        zmq_setsockopt(client->egress, marks ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, OYEZ_TOPIC_RECORDED,
                       sizeof OYEZ_TOPIC_RECORDED);
    receiver->marks_topic = marks;
}

void receiver_apply(struct receiver *receiver)
{
    struct oyez_client *client = receiver->client;
    pthread_mutex_lock(&client->inbox_lock);
    if (receiver->applied_generation != client->subscription_generation) {
        sweep(receiver);
        receiver->applied_generation = client->subscription_generation;
    }
    pthread_mutex_unlock(&client->inbox_lock);
}

void receiver_connected(struct receiver *receiver)
{
    struct oyez_client *client = receiver->client;
    zmq_setsockopt(client->egress, ZMQ_SUBSCRIBE, OYEZ_TOPIC_HEARTBEAT,
                   sizeof OYEZ_TOPIC_HEARTBEAT);
    pthread_mutex_lock(&client->inbox_lock);
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next)
        s->topics_set = false;
    pthread_mutex_unlock(&client->inbox_lock);
    receiver->applied_generation = 0;
    receiver->marks_topic = false;
    receiver->beacon_pending = false;
    receiver->beacon_wanted = true;
    receiver->heard_ms = oyez_clock_monotonic_ms();
}

void receiver_ask_beacon(struct receiver *receiver, uint64_t now_ms)
{
    if (receiver->beacon_pending)
        unset_topic(receiver, receiver->nonce_topic, sizeof receiver->nonce_topic);
    uint64_t nonce = 0;
    // Without entropy a used nonce would only be asked again a second later.
    if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        nonce = now_ms;
    snprintf(receiver->nonce_topic, sizeof receiver->nonce_topic, "%s%016" PRIx64,
             OYEZ_TOPIC_BEACON_PREFIX, nonce);
    set_topic(receiver, receiver->nonce_topic, sizeof receiver->nonce_topic);
    receiver->beacon_pending = true;
    receiver->beacon_wanted = false;
    receiver->beacon_generation = receiver->applied_generation;
    receiver->beacon_due_ms = now_ms + BEACON_RETRY_MS;
}

// What a subscription was to this type before; *from moves on, since the order stays.
static const struct route_target *find_old(const struct route *route, size_t *from,
                                           const struct oyez_subscription *subscription)
{
    for (size_t i = *from; i < route->target_count; i++) {
        const struct route_target *target = &route->targets[i];
        // Only compared: it may be gone, and its address another one's.
        if (target->subscription == subscription &&
            target->generation == subscription->generation) {
            *from = i + 1;
            return target;
        }
    }
    return NULL;
}

static bool grow_targets(struct route_target **targets, size_t *room)
{
    size_t wanted = *room == 0 ? 1 : *room * 2;
    struct route_target *grown = realloc(*targets, wanted * sizeof *grown);
    if (grown == NULL)
        return false;
    *targets = grown;
    *room = wanted;
    return true;
}

// Makes the targets of a route those of the present subscriptions.
static void retarget(struct receiver *receiver, struct route *route)
{
    const struct oyez_client *client = receiver->client;
    struct route_target *targets = NULL;
    size_t room = 0;
    size_t used = 0;
    size_t from = 0;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next) {
        if (!s->topics_set || !subscription_wants(s, route->event_type))
            continue;
        if (used == room && !grow_targets(&targets, &room)) {
            free(targets);
            return; // the old targets stay out of use until the next frame
        }
        const struct route_target *old = find_old(route, &from, s);
        targets[used] = old != NULL ? *old : (struct route_target){0};
        targets[used].subscription = s;
        targets[used++].generation = s->generation;
    }
    free(route->targets);
    route->targets = targets;
    route->target_count = used;
    route->generation = receiver->applied_generation;
}

struct route *receiver_route(struct receiver *receiver, const char *event_type, size_t size)
{
    struct route *route = routes_get(&receiver->routes, event_type, size);
    if (route == NULL)
        return NULL;
    if (route->generation != receiver->applied_generation)
        retarget(receiver, route);
    return route->generation == receiver->applied_generation ? route : NULL;
}

struct route *receiver_find_target(struct receiver *receiver,
                                   const struct oyez_subscription *subscription,
                                   const struct oyez_batch *batch, struct route_target **target)
{
    struct route *route = receiver_route(receiver, batch->event_type, batch->event_type_size);
    for (size_t i = 0; route != NULL && i < route->target_count; i++) {
        *target = &route->targets[i];
        if ((*target)->subscription == subscription)
            return route;
    }
    return NULL;
}

static void deliver(struct receiver *receiver, struct route *route, const struct oyez_batch *batch,
                    const void *frame, size_t size)
{
    for (size_t i = 0; i < route->target_count; i++) {
        struct route_target *target = &route->targets[i];
        // A subscription that closes is taken from the routes at the next receiver_apply.
        if (!target->subscription->closed)
            catch_up_frame(receiver, route, target, batch, frame, size);
    }
    if (route->target_count != 0)
        pthread_cond_broadcast(&receiver->client->inbox_changed);
}

static void count_malformed(struct receiver *receiver, const char *why)
{
    receiver->client->counters.malformed++;
    char text[96];
    snprintf(text, sizeof text, "a frame from the broker is malformed: %s", why);
    notice_add_locked(
        receiver->client,
        &(struct oyez_notice){.kind = OYEZ_NOTICE_MALFORMED, .text = text, .count = 1});
}

// What the broker says for itself. True when nobody else is to see it.
static bool take_reserved(struct receiver *receiver, const struct oyez_batch *batch)
{
    if (strcmp(batch->event_type, OYEZ_TOPIC_HEARTBEAT) == 0)
        sequences_heartbeat(receiver, batch);
    else if (strcmp(batch->event_type, OYEZ_TOPIC_RECORDED) == 0)
        sequences_recorded(receiver, batch);
    else if (strcmp(batch->event_type, receiver->nonce_topic) == 0)
        sequences_beacon(receiver, batch);
    // Beacons are between a client and its broker; whoever subscribes to everything gets those of
    // others too.
    return strncmp(batch->event_type, OYEZ_TOPIC_BEACON_PREFIX,
                   sizeof OYEZ_TOPIC_BEACON_PREFIX - 1) == 0;
}

static void put_replay(struct receiver *receiver, struct oyez_subscription *subscription,
                       const struct oyez_batch *batch, const void *frame, size_t size)
{
    const struct inbox_entry entry = {.size = size, .kind = INBOX_FRAME};
    if (inbox_put(&subscription->inbox, &entry, frame))
        return;
    subscription_count_dropped(subscription, batch->event_count);
    notice_add_locked(receiver->client,
                      &(struct oyez_notice){.kind = OYEZ_NOTICE_OVERFLOW,
                                            .event_type = oyez_topic_replayed(
                                                batch->event_type, batch->event_type_size),
                                            .first = batch->emitter_seq,
                                            .last = batch->emitter_seq + batch->event_count - 1,
                                            .count = batch->event_count,
                                            .text = "replayed events dropped: their handler is "
                                                    "slower than they come"});
}

// A replay has no numbers to check, and each run has topics of its own, so there is no route.
static void take_replay(struct receiver *receiver, const struct oyez_batch *batch,
                        const void *frame, size_t size)
{
    struct oyez_client *client = receiver->client;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next) {
        if (s->topics_set && !s->closed && subscription_wants(s, batch->event_type))
            put_replay(receiver, s, batch, frame, size);
    }
    pthread_cond_broadcast(&client->inbox_changed);
}

// Under inbox_lock.
static void take_frame(struct receiver *receiver, const void *frame, size_t size)
{
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, frame, size);
    if (fault != OYEZ_BATCH_OK || batch.event_count == 0) {
        count_malformed(receiver, fault != OYEZ_BATCH_OK ? oyez_batch_fault_name(fault)
                                                         : "it holds no event");
        return;
    }
    if (oyez_topic_replayed(batch.event_type, batch.event_type_size) != NULL) {
        take_replay(receiver, &batch, frame, size);
        return;
    }
    if (batch.epoch != receiver->epoch && !sequences_epoch(receiver, batch.epoch))
        return;
    if (oyez_topic_is_reserved(batch.event_type, batch.event_type_size) &&
        take_reserved(receiver, &batch))
        return;
    struct route *route = receiver_route(receiver, batch.event_type, batch.event_type_size);
    if (route == NULL) {
        count_malformed(receiver, "more event types than the limit");
        return;
    }
    deliver(receiver, route, &batch, frame, size);
}

bool receiver_read(struct receiver *receiver)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool more = true;
    int taken = 0;
    for (int i = 0; i < READ_FRAMES_MAX && more; i++) {
        more = zmq_msg_recv(&message, receiver->client->egress, ZMQ_DONTWAIT) >= 0;
        if (!more)
            break;
        taken++;
        pthread_mutex_lock(&receiver->client->inbox_lock);
        take_frame(receiver, zmq_msg_data(&message), zmq_msg_size(&message));
        pthread_mutex_unlock(&receiver->client->inbox_lock);
    }
    zmq_msg_close(&message);
    if (taken > 0)
        receiver->heard_ms = oyez_clock_monotonic_ms();
    return more;
}

// The broker is heard about once a second; a connection without a word is dead, though the
// transport may not know it. The session opens another.
static bool close_dead(struct receiver *receiver, uint64_t now_ms)
{
    struct oyez_client *client = receiver->client;
    int events = 0;
    size_t size = sizeof events;
    if (!client->session.open || now_ms < receiver->heard_ms + OYEZ_TRANSPORT_TIMEOUT_MS)
        return false;
    // Whoever was stopped has not read yet what proves it alive.
    if (zmq_getsockopt(client->egress, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN))
        return false;
    socket_close(&client->egress);
    return true;
}

static void tell_all_dropped(struct receiver *receiver)
{
    pthread_mutex_lock(&receiver->client->inbox_lock);
    receiver->drops_pending = false;
    for (size_t i = 0; i < receiver->routes.capacity; i++) {
        struct route *route = receiver->routes.slots[i];
        for (size_t t = 0; route != NULL && t < route->target_count; t++) {
            struct route_target *target = &route->targets[t];
            if (target->dropped_first == 0 || target->subscription->closed)
                continue;
            // Who never takes what waits must not be told more and more of it.
            if (inbox_is_flooded(&target->subscription->inbox))
                receiver->drops_pending = true;
            else
                catch_up_tell_dropped(receiver, route, target);
        }
    }
    pthread_mutex_unlock(&receiver->client->inbox_lock);
}

void receiver_tick(struct receiver *receiver, uint64_t now_ms)
{
    struct oyez_client *client = receiver->client;
    receiver->now_ms = now_ms;
    if (client->egress == NULL || close_dead(receiver, now_ms))
        return;
    refill_tick(receiver, now_ms);
    bool beacon_lost =
        receiver->beacon_pending && now_ms >= receiver->beacon_due_ms && client->session.open;
    if (receiver->beacon_wanted || beacon_lost)
        receiver_ask_beacon(receiver, now_ms);
    if (receiver->drops_pending && now_ms >= receiver->tick_ms) {
        tell_all_dropped(receiver);
        receiver->tick_ms = now_ms + TICK_MS;
    }
}

void receiver_stop(struct receiver *receiver)
{
    refill_stop(receiver);
}

uint64_t receiver_due_ms(const struct receiver *receiver)
{
    return receiver->client->egress == NULL ? UINT64_MAX : refill_due_ms(receiver);
}

void receiver_set_epoch(struct receiver *receiver, uint64_t epoch)
{
    pthread_mutex_lock(&receiver->client->inbox_lock);
    (void)sequences_epoch(receiver, epoch);
    for (struct oyez_subscription *s = receiver->client->subscriptions; s != NULL; s = s->next) {
        if (s->up.started)
            catch_up_set_record(receiver, s, receiver->client->session.recorder_expected);
        else if (s->topics_set && !s->closed)
            settle_record(receiver, s);
    }
    pthread_cond_broadcast(&receiver->client->inbox_changed);
    pthread_mutex_unlock(&receiver->client->inbox_lock);
}

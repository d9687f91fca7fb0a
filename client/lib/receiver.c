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
#include "subscription.h"

#define READ_FRAMES_MAX 256 // between two looks at the other sockets
#define BEACON_RETRY_MS 1000u
#define TICK_MS 100u

oyez_err receiver_open(struct receiver **out, struct oyez_client *client)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a receiver");
    (*out)->client = client;
    return OYEZ_OK;
}

void receiver_close(struct receiver **receiver)
{
    if (*receiver == NULL)
        return;
    routes_free(&(*receiver)->routes);
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

// Detaches closed subscriptions from the list and gives the topics of new ones to the socket.
static void sweep(struct receiver *receiver)
{
    struct oyez_client *client = receiver->client;
    struct oyez_subscription **link = &client->subscriptions;
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
        }
        link = &subscription->next;
    }
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
    receiver->beacon_pending = false;
    receiver->beacon_wanted = true;
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

// Makes the targets of a route those of the present subscriptions.
static void retarget(struct receiver *receiver, struct route *route)
{
    struct oyez_client *client = receiver->client;
    pthread_mutex_lock(&client->inbox_lock);
    size_t count = 0;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next)
        count += s->topics_set;
    struct route_target *targets = calloc(count + 1, sizeof *targets);
    size_t used = 0;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL && targets != NULL;
         s = s->next) {
        if (s->topics_set && subscription_wants(s, route->event_type))
            targets[used++].subscription = s;
    }
    pthread_mutex_unlock(&client->inbox_lock);
    if (targets == NULL)
        return; // no memory: the old targets stay out of use until the next frame
    free(route->targets);
    route->targets = targets;
    route->target_count = used;
    route->generation = receiver->applied_generation;
    if (used == 0)
        route->expected = 0; // nobody listened: what passed meanwhile is no gap
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

static void tell_dropped(struct receiver *receiver, struct route *route,
                         struct route_target *target)
{
    uint64_t count = target->dropped_last - target->dropped_first + 1;
    char text[128];
    snprintf(text, sizeof text,
             "%" PRIu64 " events dropped: their handler is slower than they come", count);
    notice_add(receiver->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_OVERFLOW,
                                                       .event_type = route->event_type,
                                                       .first = target->dropped_first,
                                                       .last = target->dropped_last,
                                                       .epoch = receiver->epoch,
                                                       .count = count,
                                                       .text = text});
    target->dropped_first = 0;
}

static void drop(struct receiver *receiver, struct route_target *target,
                 const struct oyez_batch *batch)
{
    receiver->client->counters.overflowed += batch->event_count;
    if (target->dropped_first == 0)
        target->dropped_first = batch->type_seq;
    target->dropped_last = batch->type_seq + batch->event_count - 1;
    receiver->drops_pending = true;
}

// A range that this batch does not continue is over: something was delivered, or lost, since.
static void close_ranges(struct receiver *receiver, struct route *route,
                         const struct oyez_batch *batch)
{
    for (size_t i = 0; i < route->target_count; i++) {
        struct route_target *target = &route->targets[i];
        if (target->dropped_first != 0 && batch->type_seq != target->dropped_last + 1)
            tell_dropped(receiver, route, target);
    }
}

static void deliver(struct receiver *receiver, struct route *route, const struct oyez_batch *batch,
                    const void *frame, size_t size)
{
    struct oyez_client *client = receiver->client;
    bool any = false;
    if (receiver->drops_pending)
        close_ranges(receiver, route, batch);
    pthread_mutex_lock(&client->inbox_lock);
    for (size_t i = 0; i < route->target_count; i++) {
        struct route_target *target = &route->targets[i];
        // A subscription that closes is taken from the routes at the next receiver_apply.
        if (target->subscription->closed)
            continue;
        if (inbox_put(&target->subscription->inbox, frame, size))
            any = true;
        else
            drop(receiver, target, batch);
    }
    if (any)
        pthread_cond_broadcast(&client->inbox_changed);
    pthread_mutex_unlock(&client->inbox_lock);
}

static void count_malformed(struct receiver *receiver, const char *why)
{
    receiver->client->counters.malformed++;
    char text[96];
    snprintf(text, sizeof text, "a frame from the broker is malformed: %s", why);
    notice_add(receiver->client,
               &(struct oyez_notice){.kind = OYEZ_NOTICE_MALFORMED, .text = text, .count = 1});
}

static void take_frame(struct receiver *receiver, const void *frame, size_t size)
{
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, frame, size);
    if (fault != OYEZ_BATCH_OK || batch.event_count == 0) {
        count_malformed(receiver, fault != OYEZ_BATCH_OK ? oyez_batch_fault_name(fault)
                                                         : "it holds no event");
        return;
    }
    if (batch.epoch != receiver->epoch && !sequences_epoch(receiver, batch.epoch))
        return;
    bool reserved = oyez_topic_is_reserved(batch.event_type, batch.event_type_size);
    if (reserved && strcmp(batch.event_type, OYEZ_TOPIC_HEARTBEAT) == 0)
        sequences_heartbeat(receiver, &batch);
    if (reserved && strcmp(batch.event_type, receiver->nonce_topic) == 0)
        sequences_beacon(receiver, &batch);
    // Beacons are between a client and its broker; whoever subscribes to everything gets those of
    // others too.
    if (reserved && strncmp(batch.event_type, OYEZ_TOPIC_BEACON_PREFIX,
                            sizeof OYEZ_TOPIC_BEACON_PREFIX - 1) == 0)
        return;
    struct route *route = receiver_route(receiver, batch.event_type, batch.event_type_size);
    if (route == NULL) {
        count_malformed(receiver, "more event types than the limit");
        return;
    }
    if (route->target_count == 0)
        return;
    if (!reserved && !sequences_check(receiver, route, &batch))
        return;
    deliver(receiver, route, &batch, frame, size);
}

bool receiver_read(struct receiver *receiver)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool more = true;
    for (int i = 0; i < READ_FRAMES_MAX && more; i++) {
        more = zmq_msg_recv(&message, receiver->client->egress, ZMQ_DONTWAIT) >= 0;
        if (more)
            take_frame(receiver, zmq_msg_data(&message), zmq_msg_size(&message));
    }
    zmq_msg_close(&message);
    return more;
}

static void tell_all_dropped(struct receiver *receiver)
{
    receiver->drops_pending = false;
    for (size_t i = 0; i < receiver->routes.capacity; i++) {
        struct route *route = receiver->routes.slots[i];
        for (size_t t = 0; route != NULL && t < route->target_count; t++) {
            if (route->targets[t].dropped_first != 0)
                tell_dropped(receiver, route, &route->targets[t]);
        }
    }
}

void receiver_tick(struct receiver *receiver, uint64_t now_ms)
{
    struct oyez_client *client = receiver->client;
    if (client->egress == NULL)
        return;
    bool beacon_lost =
        receiver->beacon_pending && now_ms >= receiver->beacon_due_ms && client->session.open;
    if (receiver->beacon_wanted || beacon_lost)
        receiver_ask_beacon(receiver, now_ms);
    if (receiver->drops_pending && now_ms >= receiver->tick_ms) {
        tell_all_dropped(receiver);
        receiver->tick_ms = now_ms + TICK_MS;
    }
}

void receiver_set_epoch(struct receiver *receiver, uint64_t epoch)
{
    (void)sequences_epoch(receiver, epoch);
}

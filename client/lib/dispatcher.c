// SPDX-License-Identifier: MIT
#include "dispatcher.h"

#include "context.h"
#include "handler_call.h"
#include "notices.h"
#include "subscription.h"

// Events handed to one handler before the next subscription has its turn.
#define TURN_EVENTS 256

static struct oyez_subscription *find_work(struct oyez_client *client,
                                           const struct oyez_subscription *after)
{
    struct oyez_subscription *first = NULL;
    bool past = after == NULL;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next) {
        bool work =
            s->handler != NULL && !s->closed &&
            (s->cursor != NULL || inbox_has_taken(&s->inbox) || inbox_has_waiting(&s->inbox));
        if (work && past)
            return s;
        if (work && first == NULL)
            first = s;
        past = past || s == after;
    }
    return first;
}

// One turn of one subscription. Called and returns with inbox_lock held.
static void run_turn(struct oyez_client *client, struct oyez_subscription *subscription)
{
    if (subscription->cursor == NULL && !inbox_has_taken(&subscription->inbox))
        (void)subscription_take(subscription);
    client->dispatching = subscription;
    subscription->references++;
    pthread_mutex_unlock(&client->inbox_lock);

    // What stands before an event is told to on_gap and on_epoch_changed: they are handlers too.
    struct handler_call call;
    handler_call_enter(&call, client, NULL, UINT64_MAX);
    for (int i = 0; i < TURN_EVENTS; i++) {
        if (subscription->closed || client->dispatcher_stopping || !subscription_next(subscription))
            break;
        struct context_frame frame;
        context_enter(&frame, &subscription->event);
        subscription->handler(subscription->handler_arg, &subscription->event);
        context_leave(&frame);
        meter_end(&subscription->meter);
    }
    handler_call_leave(&call);

    pthread_mutex_lock(&client->inbox_lock);
    client->dispatching = NULL;
    subscription_release(subscription);
    pthread_cond_broadcast(&client->inbox_changed);
}

void *dispatcher_run(void *arg)
{
    struct oyez_client *client = arg;
    struct oyez_subscription *last = NULL;
    pthread_mutex_lock(&client->inbox_lock);
    for (;;) {
        struct oyez_notice notice;
        struct notice_storage storage;
        if (notice_take(client, &notice, &storage)) {
            pthread_mutex_unlock(&client->inbox_lock);
            struct handler_call call;
            handler_call_enter(&call, client, NULL, UINT64_MAX);
            client->on_notice(client->on_notice_arg, &notice);
            handler_call_leave(&call);
            pthread_mutex_lock(&client->inbox_lock);
            continue;
        }
        // Behind the notices: what was found before the client is closed has to be told.
        if (client->dispatcher_stopping)
            break;
        struct oyez_subscription *subscription = find_work(client, last);
        if (subscription == NULL) {
            pthread_cond_wait(&client->inbox_changed, &client->inbox_lock);
            continue;
        }
        // Only compared, never followed: it may be gone by the next round.
        last = subscription;
        run_turn(client, subscription);
    }
    pthread_mutex_unlock(&client->inbox_lock);
    return NULL;
}

void dispatcher_stop(struct oyez_client *client)
{
    pthread_mutex_lock(&client->inbox_lock);
    client->dispatcher_stopping = true;
    for (struct oyez_subscription *s = client->subscriptions; s != NULL; s = s->next) {
        if (s->inbox.watch != NULL)
            inbox_watch_tell(s->inbox.watch);
    }
    pthread_cond_broadcast(&client->inbox_changed);
    pthread_mutex_unlock(&client->inbox_lock);
}

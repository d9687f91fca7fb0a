// SPDX-License-Identifier: MIT
#include "subscription.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notices.h"
#include "oyez/pattern.h"

static void free_subscription(struct oyez_subscription *subscription)
{
    if (subscription == NULL)
        return;
    for (size_t i = 0; i < subscription->pattern_count && subscription->patterns != NULL; i++)
        free(subscription->patterns[i]);
    free(subscription->patterns);
    inbox_free(&subscription->inbox);
    free(subscription);
}

void subscription_release(struct oyez_subscription *subscription)
{
    if (--subscription->references == 0)
        free_subscription(subscription);
}

bool subscription_wants(const struct oyez_subscription *subscription, const char *event_type)
{
    for (size_t i = 0; i < subscription->pattern_count; i++) {
        if (oyez_pattern_matches(subscription->patterns[i], event_type))
            return true;
    }
    return false;
}

static void count_malformed(struct oyez_client *client, const char *event_type, const char *text)
{
    client->counters.malformed++;
    notice_add(client, &(struct oyez_notice){.kind = OYEZ_NOTICE_MALFORMED,
                                             .event_type = event_type,
                                             .text = text,
                                             .count = 1});
}

static bool next_batch(struct oyez_subscription *subscription)
{
    const uint8_t *frame;
    size_t size;
    if (!inbox_next(&subscription->inbox, &frame, &size))
        return false;
    // The session thread has walked this frame before it put it here.
    (void)oyez_batch_walk(&subscription->batch, frame, size);
    subscription->cursor = subscription->batch.events;
    subscription->cursor_index = 0;
    return true;
}

bool subscription_next(struct oyez_subscription *subscription)
{
    for (;;) {
        if (subscription->cursor == NULL && !next_batch(subscription))
            return false;
        const uint8_t *bytes;
        size_t size;
        if (!oyez_batch_next_event(&subscription->batch, &subscription->cursor, &bytes, &size)) {
            subscription->cursor = NULL;
            continue;
        }
        uint32_t i = subscription->cursor_index++;
        const char *event_type = subscription->batch.event_type;
        if (oyez_event_decode(&subscription->event, bytes, size, subscription->scratch) !=
            OYEZ_OK) {
            count_malformed(subscription->client, event_type, oyez_error_detail());
            continue;
        }
        // The topic is what was subscribed to; a header that says otherwise is a forgery.
        if (subscription->event.event_type == NULL ||
            strcmp(subscription->event.event_type, event_type) != 0) {
            count_malformed(subscription->client, event_type,
                            "the header names another event type than the topic");
            continue;
        }
        subscription->event.stamp = oyez_batch_event_stamp(&subscription->batch, i);
        subscription->client->counters.received++;
        return true;
    }
}

static oyez_err copy_patterns(struct oyez_subscription *subscription,
                              const struct oyez_subscription_options *options)
{
    static const char *const everything[] = {"*"};
    const char *const *patterns = options->pattern_count != 0 ? options->patterns : everything;
    size_t count = options->pattern_count != 0 ? options->pattern_count : 1;
    if (count > OYEZ_PATTERNS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%zu patterns; the limit is %u", count,
                         OYEZ_PATTERNS_MAX);
    subscription->patterns = calloc(count, sizeof(char *));
    if (subscription->patterns == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu patterns", count);
    subscription->pattern_count = count;
    for (size_t i = 0; i < count; i++) {
        oyez_err err = oyez_pattern_check(patterns[i]);
        if (err != OYEZ_OK)
            return err;
        subscription->patterns[i] = strdup(patterns[i]);
        if (subscription->patterns[i] == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a pattern");
    }
    return OYEZ_OK;
}

// Hands the subscription to the session thread; from here on it has two owners.
static void enlist(struct oyez_subscription *subscription)
{
    struct oyez_client *client = subscription->client;
    pthread_mutex_lock(&client->lock);
    pthread_mutex_lock(&client->inbox_lock);
    subscription->references = 2;
    subscription->generation = ++client->subscription_generation;
    subscription->next = client->subscriptions;
    client->subscriptions = subscription;
    pthread_mutex_unlock(&client->inbox_lock);
    client_wake(client);
    pthread_mutex_unlock(&client->lock);
}

static oyez_err wait_until_active(struct oyez_subscription *subscription, uint32_t timeout_ms)
{
    struct oyez_client *client = subscription->client;
    struct timespec deadline = deadline_after(timeout_ms);
    pthread_mutex_lock(&client->inbox_lock);
    int waited = 0;
    while (!subscription->active && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->inbox_changed, &client->inbox_lock, &deadline);
    bool active = subscription->active;
    pthread_mutex_unlock(&client->inbox_lock);
    if (active)
        return OYEZ_OK;
    pthread_mutex_lock(&client->lock);
    bool open = client->session.open;
    pthread_mutex_unlock(&client->lock);
    if (!open)
        return oyez_fail(OYEZ_ERR_UNREACHABLE, "no broker answers at %s", client->endpoint);
    return oyez_fail(OYEZ_ERR_TIMEOUT, "subscription not proved active within %u ms", timeout_ms);
}

oyez_err oyez_subscription_open(oyez_subscription **out, oyez_client *client,
                                const struct oyez_subscription_options *options,
                                uint32_t timeout_ms)
{
    *out = NULL;
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct oyez_subscription *subscription = calloc(1, sizeof *subscription);
    if (subscription == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a subscription");
    subscription->client = client;
    subscription->handler = options->handler;
    subscription->handler_arg = options->handler_arg;
    err = copy_patterns(subscription, options);
    if (err != OYEZ_OK) {
        free_subscription(subscription);
        return err;
    }
    enlist(subscription);
    *out = subscription;
    return timeout_ms == 0 ? OYEZ_OK : wait_until_active(subscription, timeout_ms);
}

void oyez_subscription_close(oyez_subscription **subscription_p)
{
    if (subscription_p == NULL || *subscription_p == NULL)
        return;
    struct oyez_subscription *subscription = *subscription_p;
    struct oyez_client *client = subscription->client;
    *subscription_p = NULL;
    if (client_check_fork(client) != OYEZ_OK)
        return;
    pthread_mutex_lock(&client->lock);
    pthread_mutex_lock(&client->inbox_lock);
    subscription->closed = true;
    client->subscription_generation++;
    client_wake(client);
    pthread_mutex_unlock(&client->lock);
    pthread_cond_broadcast(&client->inbox_changed);
    bool inside_handler = pthread_equal(pthread_self(), client->dispatcher_thread) != 0;
    while (client->dispatching == subscription && !inside_handler)
        pthread_cond_wait(&client->inbox_changed, &client->inbox_lock);
    subscription_release(subscription);
    pthread_mutex_unlock(&client->inbox_lock);
}

void oyez_subscription_get_cursor(const oyez_subscription *subscription, uint64_t *epoch,
                                  uint64_t *position)
{
    *epoch = subscription->cursor_epoch;
    *position = subscription->cursor_position;
}

oyez_err oyez_subscription_receive(oyez_subscription *subscription, const struct oyez_event **event,
                                   uint32_t timeout_ms)
{
    struct oyez_client *client = subscription->client;
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    if (subscription->handler != NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "this subscription has a handler: nothing to receive");
    struct timespec deadline = deadline_after(timeout_ms);
    while (!subscription_next(subscription)) {
        pthread_mutex_lock(&client->inbox_lock);
        int waited = 0;
        while (!inbox_has_waiting(&subscription->inbox) && !client->dispatcher_stopping &&
               waited != ETIMEDOUT)
            waited = pthread_cond_timedwait(&client->inbox_changed, &client->inbox_lock, &deadline);
        bool any = inbox_has_waiting(&subscription->inbox);
        bool stopping = client->dispatcher_stopping;
        if (any)
            inbox_take(&subscription->inbox);
        pthread_mutex_unlock(&client->inbox_lock);
        if (!any)
            return stopping ? oyez_fail(OYEZ_ERR_CLOSED, "the client is being closed")
                            : oyez_fail(OYEZ_ERR_TIMEOUT, "no event within %u ms", timeout_ms);
    }
    *event = &subscription->event;
    return OYEZ_OK;
}

// SPDX-License-Identifier: MIT
#include "subscription.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "argument.h"
#include "notices.h"
#include "oyez/pattern.h"
#include "wire/clock.h"
#include "wire/topic.h"

static void free_subscription(struct oyez_subscription *subscription)
{
    if (subscription == NULL)
        return;
    for (size_t i = 0; i < subscription->pattern_count && subscription->patterns != NULL; i++)
        free(subscription->patterns[i]);
    free(subscription->patterns);
    inbox_free(&subscription->inbox);
    catch_up_free(&subscription->up);
    upcast_release(&subscription->upcast);
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

bool subscription_take(struct oyez_subscription *subscription)
{
    struct oyez_client *client = subscription->client;
    if (!inbox_has_waiting(&subscription->inbox))
        return false;
    inbox_take(&subscription->inbox);
    if (atomic_exchange(&subscription->up.starved, false)) {
        uint64_t one = 1;
        client->room_made = true;
        // Not client_wake: its lock comes before this one.
        (void)!write(client->wake_fd, &one, sizeof one);
    }
    return true;
}

void subscription_count_dropped(struct oyez_subscription *subscription, uint64_t count)
{
    subscription->client->counters.overflowed += count;
    meter_add_own(&subscription->meter.dropped, count);
}

static void tell_gap(const struct oyez_subscription *subscription, const uint8_t *bytes)
{
    struct inbox_gap told;
    memcpy(&told, bytes, sizeof told);
    struct oyez_gap gap = {.kind = told.kind,
                           .event_type = told.event_type[0] != '\0' ? told.event_type : NULL,
                           .epoch = told.epoch,
                           .first = told.first,
                           .last = told.last};
    subscription->on_gap(subscription->handler_arg, &gap);
}

static void take_cursor(struct oyez_subscription *subscription, struct cursor cursor)
{
    subscription->cursor_epoch = cursor.epoch;
    subscription->cursor_position = cursor.position;
}

// Opens the next batch; on the way to it, tells what stands before it.
static bool next_batch(struct oyez_subscription *subscription)
{
    const uint8_t *bytes;
    struct inbox_entry *entry = &subscription->entry;
    while (!subscription->closed && inbox_next(&subscription->inbox, entry, &bytes)) {
        struct oyez_epoch_change change;
        struct cursor cursor;
        switch (entry->kind) {
        case INBOX_FRAME:
            // The session thread has walked this frame before it put it here.
            (void)oyez_batch_walk(&subscription->batch, bytes, entry->size);
            subscription->cursor = subscription->batch.events;
            subscription->cursor_index = 0;
            return true;
        case INBOX_GAP:
            tell_gap(subscription, bytes);
            break;
        case INBOX_EPOCH:
            memcpy(&change, bytes, sizeof change);
            subscription->on_epoch_changed(subscription->handler_arg, &change);
            break;
        case INBOX_CURSOR:
            memcpy(&cursor, bytes, sizeof cursor);
            take_cursor(subscription, cursor);
            break;
        }
    }
    return false;
}

// The topic is what was subscribed to; a header that says otherwise is a forgery. A replayed event is
// shown under its topic, so that nobody takes it for live.
static bool take_topic(struct oyez_event *event, const struct oyez_batch *batch)
{
    const char *replayed = oyez_topic_replayed(batch->event_type, batch->event_type_size);
    if (event->event_type == NULL ||
        strcmp(event->event_type, replayed != NULL ? replayed : batch->event_type) != 0)
        return false;
    event->event_type = batch->event_type;
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
        if (i < subscription->entry.skip)
            continue;
        const struct oyez_batch *batch = &subscription->batch;
        if (subscription->entry.index != 0)
            take_cursor(subscription, (struct cursor){batch->epoch, batch->position});
        const char *event_type = batch->event_type;
        if (oyez_event_decode(&subscription->event, bytes, size, subscription->scratch) !=
            OYEZ_OK) {
            count_malformed(subscription->client, event_type, oyez_error_detail());
            continue;
        }
        if (!take_topic(&subscription->event, batch)) {
            count_malformed(subscription->client, event_type,
                            "the header names another event type than the topic");
            continue;
        }
        subscription->event_bytes = bytes;
        subscription->event_size = size;
        subscription->event.stamp = oyez_batch_event_stamp(batch, i);
        subscription->event.stamp.index = subscription->entry.index;
        upcast_apply(&subscription->upcast, &subscription->event);
        subscription->client->counters.received++;
        meter_begin(&subscription->meter, meter_now());
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
    oyez_err err = argument_check_texts("options.patterns", patterns, count);
    if (err != OYEZ_OK)
        return err;
    subscription->patterns = calloc(count, sizeof(char *));
    if (subscription->patterns == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu patterns", count);
    subscription->pattern_count = count;
    for (size_t i = 0; i < count; i++) {
        err = oyez_pattern_check(patterns[i]);
        if (err != OYEZ_OK)
            return err;
        subscription->patterns[i] = strdup(patterns[i]);
        if (subscription->patterns[i] == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a pattern");
    }
    return OYEZ_OK;
}

static oyez_err copy_options(struct oyez_subscription *subscription,
                             const struct oyez_subscription_options *options)
{
    struct catch_up *up = &subscription->up;
    if (options->from < OYEZ_FROM_LIVE || options->from > OYEZ_FROM_TIME)
        return oyez_fail(OYEZ_ERR_INVALID, "from: there is no such place as %d", options->from);
    if (options->from == OYEZ_FROM_LAST && options->from_count == 0)
        return oyez_fail(OYEZ_ERR_INVALID, "from_count: the last 0 events are none");
    if (options->from == OYEZ_FROM_TIME && options->from_time < 0)
        return oyez_fail(OYEZ_ERR_INVALID, "from_time: a time before 1970");
    subscription->handler = options->handler;
    subscription->handler_arg = options->handler_arg;
    subscription->on_gap = options->on_gap;
    subscription->on_epoch_changed = options->on_epoch_changed;
    up->from = options->from;
    up->from_count = options->from_count;
    up->from_cursor = (struct cursor){options->from_epoch, options->from_position};
    if (options->from == OYEZ_FROM_TIME)
        up->since = (uint64_t)options->from_time;
    up->only_recorded = options->only_recorded;
    return copy_patterns(subscription, options);
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

static oyez_err fail_without_recorder(const struct oyez_client *client)
{
    return oyez_fail(OYEZ_ERR_NO_RECORDER, "the bus at %s has no recorder: nothing is recorded",
                     client->endpoint);
}

static oyez_err wait_until_active(struct oyez_subscription *subscription, uint32_t timeout_ms)
{
    struct oyez_client *client = subscription->client;
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    pthread_mutex_lock(&client->inbox_lock);
    int waited = 0;
    while (!subscription->active && !subscription->refused && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->inbox_changed, &client->inbox_lock, &deadline);
    bool active = subscription->active;
    bool refused = subscription->refused;
    pthread_mutex_unlock(&client->inbox_lock);
    if (refused)
        return fail_without_recorder(client);
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
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(options);
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct oyez_subscription *subscription = calloc(1, sizeof *subscription);
    if (subscription == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a subscription");
    subscription->client = client;
    err = copy_options(subscription, options);
    if (err != OYEZ_OK) {
        free_subscription(subscription);
        return err;
    }
    if (subscription->meter.name[0] == '\0')
        meter_name_by_patterns(subscription);
    subscription->inbox.limit = client->queue_bytes;
    enlist(subscription);
    *out = subscription;
    err = timeout_ms == 0 ? OYEZ_OK : wait_until_active(subscription, timeout_ms);
    if (err == OYEZ_ERR_NO_RECORDER)
        oyez_subscription_close(out);
    return err;
}

void subscription_stop(struct oyez_subscription *subscription)
{
    struct oyez_client *client = subscription->client;
    pthread_mutex_lock(&client->lock);
    pthread_mutex_lock(&client->inbox_lock);
    subscription->closed = true;
    client->subscription_generation++;
    client_wake(client);
    pthread_mutex_unlock(&client->lock);
    pthread_cond_broadcast(&client->inbox_changed);
    pthread_mutex_unlock(&client->inbox_lock);
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
    subscription_stop(subscription);
    pthread_mutex_lock(&client->inbox_lock);
    bool inside_handler = pthread_equal(pthread_self(), client->dispatcher_thread) != 0;
    while (client->dispatching == subscription && !inside_handler)
        pthread_cond_wait(&client->inbox_changed, &client->inbox_lock);
    if (subscription->ending)
        client->ending--;
    subscription_release(subscription);
    pthread_mutex_unlock(&client->inbox_lock);
}

void subscription_set_watch(struct oyez_subscription *subscription, struct inbox_watch *watch)
{
    struct oyez_client *client = subscription->client;
    pthread_mutex_lock(&client->inbox_lock);
    subscription->inbox.watch = watch;
    pthread_mutex_unlock(&client->inbox_lock);
}

void subscription_announce_end(struct oyez_subscription *subscription)
{
    struct oyez_client *client = subscription->client;
    pthread_mutex_lock(&client->inbox_lock);
    subscription->ending = true;
    client->ending++;
    pthread_mutex_unlock(&client->inbox_lock);
}

void oyez_subscription_get_cursor(const oyez_subscription *subscription, uint64_t *epoch,
                                  uint64_t *position)
{
    if (epoch == NULL || position == NULL)
        return;
    *epoch = *position = 0;
    if (subscription == NULL)
        return;
    *epoch = subscription->cursor_epoch;
    *position = subscription->cursor_position;
}

oyez_err oyez_subscription_receive(oyez_subscription *subscription, const struct oyez_event **event,
                                   uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(subscription);
    REQUIRE_ARGUMENT(event);
    struct oyez_client *client = subscription->client;
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    if (subscription->handler != NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "this subscription has a handler: nothing to receive");
    meter_end(&subscription->meter);
    struct timespec deadline = {0};
    if (timeout_ms != 0)
        deadline = oyez_clock_deadline(timeout_ms);
    while (!subscription_next(subscription)) {
        pthread_mutex_lock(&client->inbox_lock);
        int waited = timeout_ms == 0 ? ETIMEDOUT : 0;
        while (!inbox_has_waiting(&subscription->inbox) && !client->dispatcher_stopping &&
               !subscription->refused && waited != ETIMEDOUT)
            waited = pthread_cond_timedwait(&client->inbox_changed, &client->inbox_lock, &deadline);
        bool any = subscription_take(subscription);
        bool stopping = client->dispatcher_stopping;
        bool refused = subscription->refused;
        pthread_mutex_unlock(&client->inbox_lock);
        if (!any && refused)
            return fail_without_recorder(client);
        if (!any)
            return stopping ? oyez_fail(OYEZ_ERR_CLOSED, "the client is being closed")
                            : oyez_fail(OYEZ_ERR_TIMEOUT, "no event within %u ms", timeout_ms);
    }
    *event = &subscription->event;
    return OYEZ_OK;
}

// SPDX-License-Identifier: MIT
// A consumer's word to the recorder: commits, the lease that they renew, and what ends it all.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "consumer_state.h"
#include "wire/clock.h"

#define RETRY_MS 200u

void consumer_stop(struct oyez_consumer *consumer, oyez_err err, const char *text)
{
    pthread_mutex_lock(&consumer->lock);
    if (!consumer->stopped) {
        consumer->stopped = true;
        consumer->why = err;
        snprintf(consumer->why_text, sizeof consumer->why_text, "%s", text);
    }
    pthread_cond_broadcast(&consumer->changed);
    pthread_mutex_unlock(&consumer->lock);
    consumer_wake_up(&consumer->wake);
}

// Asking again would not help.
static bool is_final(oyez_err err)
{
    return err == OYEZ_ERR_BUSY || err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_INVALID ||
           err == OYEZ_ERR_VERSION || err == OYEZ_ERR_FORKED;
}

// Under `lock`: a lease that was renewed, and what was committed with it.
static void note_commit(struct oyez_consumer *consumer, struct cursor cursor, uint32_t count)
{
    consumer->committed = cursor;
    consumer->until_ms = consumer->lease.until_ms;
    consumer->uncommitted -= count;
    consumer->commit_due_ms =
        consumer->uncommitted > 0 ? oyez_clock_monotonic_ms() + consumer->commit_ms : UINT64_MAX;
    pthread_cond_broadcast(&consumer->changed);
}

oyez_err consumer_commit(struct oyez_consumer *consumer, uint32_t timeout_ms)
{
    pthread_mutex_lock(&consumer->asking_lock);
    pthread_mutex_lock(&consumer->lock);
    struct cursor cursor = consumer->handled;
    uint32_t count = consumer->uncommitted;
    pthread_mutex_unlock(&consumer->lock);
    oyez_err err =
        consumer_lease_commit(&consumer->lease, cursor.epoch, cursor.position, timeout_ms);
    if (err == OYEZ_OK) {
        pthread_mutex_lock(&consumer->lock);
        note_commit(consumer, cursor, count);
        pthread_mutex_unlock(&consumer->lock);
    } else if (is_final(err)) {
        consumer_stop(consumer, err, oyez_error_detail());
    }
    pthread_mutex_unlock(&consumer->asking_lock);
    return err;
}

static struct timespec at_ms(uint64_t ms)
{
    return (struct timespec){.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
}

bool consumer_pause(struct oyez_consumer *consumer, uint32_t ms)
{
    struct timespec deadline = at_ms(oyez_clock_monotonic_ms() + ms);
    int waited = 0;
    pthread_mutex_lock(&consumer->lock);
    while (!consumer->closing && !consumer->stopped && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&consumer->changed, &consumer->lock, &deadline);
    bool goes_on = !consumer->closing && !consumer->stopped;
    pthread_mutex_unlock(&consumer->lock);
    return goes_on;
}

bool consumer_is_ending(struct oyez_consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    bool ending = consumer->closing || consumer->stopped;
    pthread_mutex_unlock(&consumer->lock);
    return ending;
}

void consumer_handled(struct oyez_consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    consumer->handled =
        (struct cursor){.epoch = consumer->pages.epoch, .position = consumer->pages.position};
    consumer->uncommitted++;
    if (consumer->commit_due_ms == UINT64_MAX && consumer->commit_events > 1) {
        consumer->commit_due_ms = oyez_clock_monotonic_ms() + consumer->commit_ms;
        pthread_cond_broadcast(&consumer->changed); // the keeper sleeps until then
    }
    pthread_mutex_unlock(&consumer->lock);
    consumer->is_outstanding = false;
}

void *consumer_keep(void *arg)
{
    struct oyez_consumer *consumer = arg;
    pthread_mutex_lock(&consumer->lock);
    while (!consumer->closing && !consumer->stopped) {
        // Renewed when a third has passed, so that one that is late does no harm.
        uint64_t due_ms = consumer->until_ms - consumer->lease.lease_ms * UINT64_C(2) / 3;
        if (consumer->commit_due_ms < due_ms)
            due_ms = consumer->commit_due_ms;
        if (oyez_clock_monotonic_ms() < due_ms) {
            struct timespec deadline = at_ms(due_ms);
            (void)pthread_cond_timedwait(&consumer->changed, &consumer->lock, &deadline);
            continue;
        }
        pthread_mutex_unlock(&consumer->lock);
        if (consumer_commit(consumer, CONSUMER_ASK_MS) != OYEZ_OK)
            (void)consumer_pause(consumer, RETRY_MS);
        pthread_mutex_lock(&consumer->lock);
    }
    pthread_mutex_unlock(&consumer->lock);
    return NULL;
}

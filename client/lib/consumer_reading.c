// SPDX-License-Identifier: MIT
// What a consumer hands out: page after page of the record, and at its end whatever it grows by.
#include <stdio.h>
#include <string.h>

#include "consumer_state.h"
#include "context.h"
#include "handler_call.h"
#include "notices.h"
#include "wire/clock.h"

// The record is asked so often although nobody said that it has grown.
#define ASK_ANYWAY_MS 5000u
// The longest pause between two questions while the record grows by nothing that matches.
#define PAUSE_MS_MAX 20u
#define RETRY_MS_MIN 20u
#define RETRY_MS_MAX 1000u
// A question takes its time, however short the caller's patience.
#define TURN_MS_MIN 250u

static oyez_err fail_stopped(struct oyez_consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    oyez_err err = consumer->stopped ? oyez_fail(consumer->why, "%s", consumer->why_text)
                                     : oyez_fail(OYEZ_ERR_CLOSED, "the consumer is being closed");
    pthread_mutex_unlock(&consumer->lock);
    return err;
}

static uint32_t left_of(uint64_t deadline_ms, uint64_t now_ms, uint32_t most)
{
    uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left_ms < most ? (uint32_t)left_ms : most;
}

// Whether nobody else can hold the name at this moment; where the lease has run out it is renewed
// first, which tells a holder that is none any more.
static bool holds_lease(struct oyez_consumer *consumer, uint64_t deadline_ms)
{
    pthread_mutex_lock(&consumer->lock);
    uint64_t until_ms = consumer->until_ms;
    pthread_mutex_unlock(&consumer->lock);
    uint64_t now_ms = oyez_clock_monotonic_ms();
    if (now_ms < until_ms)
        return true;
    uint32_t left_ms = left_of(deadline_ms, now_ms, CONSUMER_ASK_MS);
    if (consumer_commit(consumer, left_ms > TURN_MS_MIN ? left_ms : TURN_MS_MIN) == OYEZ_OK)
        return true;
    (void)consumer_pause(consumer, left_of(deadline_ms, oyez_clock_monotonic_ms(), RETRY_MS_MIN));
    return false;
}

static void tell_gap(struct oyez_consumer *consumer, const struct oyez_gap *gap)
{
    if (consumer->on_gap != NULL) {
        consumer->on_gap(consumer->on_gap_arg, gap);
        return;
    }
    notice_add(consumer->client,
               &(struct oyez_notice){.kind = OYEZ_NOTICE_GAP,
                                     .epoch = gap->epoch,
                                     .first = gap->first,
                                     .last = gap->last,
                                     .text = gap->kind == OYEZ_GAP_EXPIRED
                                                 ? "events were removed from the record"
                                                 : "events were lost before the record"});
}

static void tell_unreadable(struct oyez_consumer *consumer)
{
    consumer->client->counters.malformed++;
    notice_add(consumer->client, &(struct oyez_notice){.kind = OYEZ_NOTICE_MALFORMED,
                                                       .text = oyez_error_detail(),
                                                       .count = 1});
}

// What was passed over needs no handling: it is stored with the next renewal, so that an idle
// consumer does not look at it again.
static void note_passed(struct oyez_consumer *consumer)
{
    if (consumer->is_outstanding)
        return;
    pthread_mutex_lock(&consumer->lock);
    consumer->handled =
        (struct cursor){.epoch = consumer->pages.epoch, .position = consumer->pages.position};
    pthread_mutex_unlock(&consumer->lock);
}

// Asking again would not help.
static bool is_final(oyez_err err)
{
    return err == OYEZ_ERR_INVALID || err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_TOO_LARGE ||
           err == OYEZ_ERR_VERSION || err == OYEZ_ERR_FORKED;
}

static void tell_waiting(struct oyez_consumer *consumer)
{
    if (consumer->retry_ms == 0)
        notice_add(consumer->client,
                   &(struct oyez_notice){.kind = OYEZ_NOTICE_WAITING, .text = oyez_error_detail()});
}

static void turn_page(struct oyez_consumer *consumer, uint64_t deadline_ms)
{
    uint32_t left_ms = left_of(deadline_ms, oyez_clock_monotonic_ms(), CONSUMER_ASK_MS);
    oyez_err err =
        consumer_pages_turn(&consumer->pages, left_ms > TURN_MS_MIN ? left_ms : TURN_MS_MIN);
    if (err == OYEZ_OK) {
        bool found = question_event_count(&consumer->pages.question) > 0;
        consumer->pause_ms = found ? 1 : consumer->pause_ms * 2;
        if (consumer->pause_ms > PAUSE_MS_MAX)
            consumer->pause_ms = PAUSE_MS_MAX;
        consumer->asked_ms = oyez_clock_monotonic_ms();
        consumer->retry_ms = 0;
        return;
    }
    if (is_final(err)) {
        consumer_stop(consumer, err, oyez_error_detail());
        return;
    }
    if (err != OYEZ_ERR_TIMEOUT || left_ms == CONSUMER_ASK_MS)
        tell_waiting(consumer);
    consumer->pages.more = true; // for all that is known
    consumer->retry_ms = consumer->retry_ms == 0 ? RETRY_MS_MIN : consumer->retry_ms * 2;
    if (consumer->retry_ms > RETRY_MS_MAX)
        consumer->retry_ms = RETRY_MS_MAX;
    (void)consumer_pause(consumer,
                         left_of(deadline_ms, oyez_clock_monotonic_ms(), consumer->retry_ms));
}

// At the end of the record: sleeps until it is time to ask, or the deadline. True: ask.
static bool await_growth(struct oyez_consumer *consumer, uint64_t deadline_ms)
{
    const struct consumer_pages *pages = &consumer->pages;
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    client_egress_endpoint(consumer->client, endpoint);
    (void)consumer_wake_reach(&consumer->wake, endpoint);
    consumer_wake_hear(&consumer->wake);
    bool grown = consumer_wake_is_beyond(&consumer->wake, pages->epoch, pages->position);
    uint64_t due_ms = consumer->asked_ms + (grown ? consumer->pause_ms : ASK_ANYWAY_MS);
    uint64_t now_ms = oyez_clock_monotonic_ms();
    if (now_ms >= due_ms)
        return true;
    uint32_t sleep_ms = left_of(due_ms, now_ms, ASK_ANYWAY_MS);
    consumer_wake_sleep(&consumer->wake, left_of(deadline_ms, now_ms, sleep_ms), !grown);
    return false;
}

oyez_err consumer_read(struct oyez_consumer *consumer, const struct oyez_event **event,
                       uint32_t timeout_ms)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    struct oyez_gap gap;
    *event = NULL;
    for (bool in_time = true; in_time; in_time = oyez_clock_monotonic_ms() < deadline_ms) {
        if (consumer_is_ending(consumer))
            return fail_stopped(consumer);
        if (!holds_lease(consumer, deadline_ms))
            continue;
        switch (consumer_pages_next(&consumer->pages, &gap)) {
        case CONSUMER_EVENT:
            consumer->is_outstanding = true;
            consumer->client->counters.received++;
            *event = &consumer->pages.question.event;
            return OYEZ_OK;
        case CONSUMER_GAP:
            tell_gap(consumer, &gap);
            break;
        case CONSUMER_UNREADABLE:
            tell_unreadable(consumer);
            break;
        case CONSUMER_PAGE_ENDS:
            note_passed(consumer);
            if (consumer->pages.more || await_growth(consumer, deadline_ms))
                turn_page(consumer, deadline_ms);
            break;
        }
    }
    if (consumer_is_ending(consumer))
        return fail_stopped(consumer);
    return oyez_fail(OYEZ_ERR_TIMEOUT, "no event within %u ms", timeout_ms);
}

static bool is_commit_due(struct oyez_consumer *consumer)
{
    pthread_mutex_lock(&consumer->lock);
    bool due = consumer->uncommitted >= consumer->commit_events;
    pthread_mutex_unlock(&consumer->lock);
    return due;
}

// Until it is stored, or the consumer ends.
static void commit_surely(struct oyez_consumer *consumer)
{
    uint32_t retry_ms = RETRY_MS_MIN;
    while (consumer_commit(consumer, CONSUMER_ASK_MS) != OYEZ_OK &&
           consumer_pause(consumer, retry_ms))
        retry_ms = retry_ms * 2 < RETRY_MS_MAX ? retry_ms * 2 : RETRY_MS_MAX;
}

void *consumer_handle(void *arg)
{
    struct oyez_consumer *consumer = arg;
    const struct oyez_event *event = NULL;
    oyez_err err;
    while ((err = consumer_read(consumer, &event, CONSUMER_ASK_MS)) == OYEZ_OK ||
           err == OYEZ_ERR_TIMEOUT) {
        if (event == NULL)
            continue;
        char text[128];
        struct context_frame frame;
        struct handler_call call;
        context_enter(&frame, event);
        handler_call_enter(&call, consumer->client, NULL, UINT64_MAX);
        err = consumer->handler(consumer->handler_arg, event);
        handler_call_leave(&call);
        context_leave(&frame);
        if (err != OYEZ_OK) {
            snprintf(text, sizeof text, "its handler failed at %llu:%llu: %s",
                     (unsigned long long)event->stamp.epoch,
                     (unsigned long long)event->stamp.position, oyez_strerror(err));
            consumer_stop(consumer, err, text);
            break;
        }
        consumer_handled(consumer);
        if (is_commit_due(consumer))
            commit_surely(consumer);
    }
    return NULL;
}

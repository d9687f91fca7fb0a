// SPDX-License-Identifier: MIT
// Tries, pauses and limits of time; and that nobody waits for a handler that is stuck.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "handler_bus.h"
#include "handler_state.h"
#include "wire/clock.h"

#define TYPE "session.created"
#define OTHER "invariant.reconciled"

struct job {
    struct handler_bus *bus;
    oyez_handler *handler;
    unsigned failures; // tries that fail
    atomic_uint calls;
    sem_t begun;
    sem_t may_end;
    bool waits;
};

static oyez_err work(void *arg, const struct oyez_event *event)
{
    struct job *job = arg;
    (void)event;
    unsigned call = job->calls++;
    if (job->waits && call == 0) {
        sem_post(&job->begun);
        sem_wait(&job->may_end);
    }
    return call < job->failures ? oyez_fail(OYEZ_ERR_BUSY, "call %u", call) : OYEZ_OK;
}

static void begin(struct job *job, void **state, struct oyez_handler_options options)
{
    *job = (struct job){.bus = *state, .failures = job->failures, .waits = job->waits};
    sem_init(&job->begun, 0, 0);
    sem_init(&job->may_end, 0, 0);
    options.run = work;
    options.arg = job;
    assert_int_equal(
        oyez_handler_open(&job->handler, job->bus->client, &options, HANDLER_PATIENCE_MS), OYEZ_OK);
}

static void test_what_succeeds_at_last_is_handled(void **state)
{
    struct job job = {.failures = 3};
    begin(&job, state,
          (struct oyez_handler_options){.retry = {.count = 3, .first_ms = 40, .max_ms = 80}});
    uint64_t began_ms = oyez_clock_monotonic_ms();
    handler_bus_emit(job.bus, TYPE, NULL);
    struct oyez_handler_counters counters = handler_bus_await_settled(job.handler, 1);
    // 40, 80 and 80, of each of which up to half may be left out.
    assert_true(oyez_clock_monotonic_ms() - began_ms >= 100);
    assert_int_equal(counters.handled, 1);
    assert_int_equal(counters.failed, 0);
    assert_int_equal(counters.retried, 3);
    assert_int_equal(counters.dead_lettered, 0);
    assert_int_equal(job.calls, 4);
    oyez_handler_close(&job.handler);
}

static void test_what_is_overdue_is_told_while_it_runs(void **state)
{
    struct job job = {.waits = true};
    struct oyez_handler_counters counters;
    begin(&job, state, (struct oyez_handler_options){.timeout_ms = 10, .retry = {.count = 5}});
    handler_bus_emit(job.bus, TYPE, NULL);
    sem_wait(&job.begun);
    (void)handler_bus_await_settled(job.handler, 1);
    do
        oyez_handler_get_counters(job.handler, &counters);
    while (counters.dead_lettered == 0);
    assert_int_equal(counters.timed_out, 1);
    assert_int_equal(counters.failed, 1);
    assert_int_equal(job.calls, 1);
    // That it returns OYEZ_OK in the end does not count, and it is not called again.
    sem_post(&job.may_end);
    handler_bus_emit(job.bus, TYPE, NULL);
    counters = handler_bus_await_settled(job.handler, 2);
    assert_int_equal(counters.handled, 1);
    assert_int_equal(counters.failed, 1);
    assert_int_equal(counters.dead_lettered, 1);
    assert_int_equal(job.calls, 2);
    oyez_handler_close(&job.handler);
}

static void test_closing_does_not_wait_for_a_pause(void **state)
{
    struct job job = {.failures = 100};
    struct oyez_handler_counters counters;
    begin(&job, state,
          (struct oyez_handler_options){
              .retry = {.count = 3, .first_ms = 3600000, .max_ms = 3600000}});
    handler_bus_emit(job.bus, TYPE, NULL);
    handler_bus_await(&job.calls, 1);
    oyez_handler_get_counters(job.handler, &counters);
    assert_int_equal(counters.in_progress, 1);
    uint64_t began_ms = oyez_clock_monotonic_ms();
    oyez_handler_close(&job.handler);
    assert_true(oyez_clock_monotonic_ms() - began_ms < 600000);
    assert_int_equal(job.calls, 1);
}

static void test_without_dead_letters_failures_are_counted_only(void **state)
{
    struct job job = {.failures = 1};
    begin(&job, state, (struct oyez_handler_options){.no_dead_letters = true});
    handler_bus_emit(job.bus, TYPE, NULL);
    handler_bus_emit(job.bus, TYPE, NULL);
    struct oyez_handler_counters counters = handler_bus_await_settled(job.handler, 2);
    assert_int_equal(counters.failed, 1);
    assert_int_equal(counters.dead_lettered, 0);
    oyez_handler_close(&job.handler);
}

static void count_event(void *arg, const struct oyez_event *event)
{
    atomic_uint *calls = arg;
    (void)event;
    (*calls)++;
}

static oyez_err count_call(void *arg, const struct oyez_event *event)
{
    count_event(arg, event);
    return OYEZ_OK;
}

static size_t memory_of_inbox(pthread_mutex_t *lock, const struct inbox *inbox)
{
    pthread_mutex_lock(lock);
    size_t size = inbox->waiting.capacity + inbox->taken.capacity;
    pthread_mutex_unlock(lock);
    return size;
}

static size_t memory_of(oyez_handler *handler)
{
    size_t size = memory_of_inbox(&handler->client->inbox_lock, &handler->subscription->inbox);
    for (size_t i = 0; i < handler->thread_count; i++) {
        struct handler_queue *queue = &handler->threads[i].queue;
        size += memory_of_inbox(&queue->lock, &queue->inbox);
    }
    return size;
}

// One is stuck; a subscription, another handler and the emitter do not mind, its memory has a bound,
// and with a record it has missed nothing once it goes on.
static void play_stuck(void **state, enum oyez_handler_mode mode)
{
    enum { EVENTS = 8000, SIZE = 4000 };
    struct job job = {.waits = true};
    atomic_uint calls = 0;
    oyez_handler *other = NULL;
    oyez_subscription *subscription = NULL;
    static char details[SIZE];
    struct handler_bus *bus = *state;
    begin(&job, state, (struct oyez_handler_options){.mode = mode});
    struct oyez_handler_options good = {.run = count_call, .arg = &calls};
    struct oyez_subscription_options plain = {.handler = count_event, .handler_arg = &calls};
    assert_int_equal(oyez_handler_open(&other, bus->client, &good, HANDLER_PATIENCE_MS), OYEZ_OK);
    assert_int_equal(
        oyez_subscription_open(&subscription, bus->client, &plain, HANDLER_PATIENCE_MS), OYEZ_OK);
    memset(details, ' ', SIZE);
    details[0] = '{';
    details[SIZE - 1] = '}';
    struct oyez_event event = {.event_type = TYPE, .details = details, .details_size = SIZE};
    for (unsigned i = 0; i < EVENTS; i++) {
        oyez_err err;
        while ((err = oyez_client_emit(bus->client, &event, NULL)) == OYEZ_ERR_FULL)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        assert_int_equal(err, OYEZ_OK);
    }
    sem_wait(&job.begun);
    handler_bus_await(&calls, 2 * EVENTS);
    size_t bound = OYEZ_SUBSCRIPTION_BYTES_MAX +
                   (mode == OYEZ_HANDLER_POOL ? 4 * 4 * OYEZ_HANDLER_QUEUE_BYTES_MAX : 0);
    assert_true(memory_of(job.handler) <= bound);
    assert_true(memory_of(job.handler) > OYEZ_SUBSCRIPTION_BYTES_MAX / 4);
    assert_int_equal(job.calls, 1);
    sem_post(&job.may_end);
    struct oyez_handler_counters counters = handler_bus_await_settled(job.handler, EVENTS);
    assert_int_equal(counters.handled, EVENTS);
    assert_int_equal(counters.delivered, EVENTS);
    oyez_subscription_close(&subscription);
    oyez_handler_close(&other);
    oyez_handler_close(&job.handler);
}

static void test_nobody_waits_for_one_that_is_stuck(void **state)
{
    play_stuck(state, OYEZ_HANDLER_DISPATCHED);
}

static void test_nobody_waits_for_a_pool_that_is_stuck(void **state)
{
    play_stuck(state, OYEZ_HANDLER_POOL);
}

struct leaving {
    struct handler_bus *bus;
    oyez_handler *handler;
    sem_t begun;
    sem_t may_end;
    atomic_bool ended;    // the call that was under way when it was closed
    atomic_uint too_soon; // closes that did not wait for it
    atomic_uint closed;
};

static void close_and_look(struct leaving *leaving)
{
    oyez_handler_close(&leaving->handler);
    if (!leaving->ended)
        leaving->too_soon++;
    leaving->closed++;
}

static oyez_err stay_or_leave(void *arg, const struct oyez_event *event)
{
    struct leaving *leaving = arg;
    if (strcmp(event->event_type, OTHER) == 0) {
        close_and_look(leaving);
        return OYEZ_OK;
    }
    sem_post(&leaving->begun);
    sem_wait(&leaving->may_end);
    leaving->ended = true;
    return OYEZ_OK;
}

static void *close_from_outside(void *arg)
{
    close_and_look(arg);
    return NULL;
}

static void begin_leaving(struct leaving *leaving, void **state, enum oyez_handler_mode mode)
{
    *leaving = (struct leaving){.bus = *state};
    struct oyez_handler_options options = {.run = stay_or_leave, .arg = leaving, .mode = mode};
    sem_init(&leaving->begun, 0, 0);
    sem_init(&leaving->may_end, 0, 0);
    assert_int_equal(
        oyez_handler_open(&leaving->handler, leaving->bus->client, &options, HANDLER_PATIENCE_MS),
        OYEZ_OK);
    handler_bus_emit(leaving->bus, TYPE, NULL);
    sem_wait(&leaving->begun);
}

// Long enough for a close that does not wait to be seen.
static void end_leaving(struct leaving *leaving)
{
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    sem_post(&leaving->may_end);
    handler_bus_await(&leaving->closed, 1);
    assert_int_equal(leaving->too_soon, 0);
}

static void test_closing_waits_for_the_call_under_way(void **state)
{
    static const enum oyez_handler_mode modes[] = {OYEZ_HANDLER_DISPATCHED, OYEZ_HANDLER_POOL};
    for (size_t i = 0; i < 2; i++) {
        struct leaving leaving;
        pthread_t closer;
        begin_leaving(&leaving, state, modes[i]);
        assert_int_equal(pthread_create(&closer, NULL, close_from_outside, &leaving), 0);
        end_leaving(&leaving);
        assert_int_equal(pthread_join(closer, NULL), 0);
    }
}

static void test_closing_inside_a_pool_waits_for_the_other_calls(void **state)
{
    struct leaving leaving;
    begin_leaving(&leaving, state, OYEZ_HANDLER_POOL);
    handler_bus_emit(leaving.bus, OTHER, NULL);
    end_leaving(&leaving);
}

struct gapped {
    struct handler_bus *bus;
    oyez_handler *handler;
    atomic_uint gaps;
    bool closes_the_client;
};

static oyez_err take_none(void *arg, const struct oyez_event *event)
{
    (void)arg;
    (void)event;
    return OYEZ_OK;
}

static void close_at_gap(void *arg, const struct oyez_gap *gap)
{
    struct gapped *gapped = arg;
    (void)gap;
    if (gapped->closes_the_client)
        oyez_client_close(&gapped->bus->client);
    else
        oyez_handler_close(&gapped->handler);
    gapped->gaps++;
}

// As the session thread tells a gap.
static void tell_gap(struct handler_bus *bus, struct oyez_subscription *subscription)
{
    oyez_client *client = bus->client;
    const struct inbox_gap gap = {.kind = OYEZ_GAP_LOST, .event_type = TYPE, .first = 1, .last = 2};
    const struct inbox_entry entry = {.kind = INBOX_GAP, .size = sizeof gap};
    pthread_mutex_lock(&client->inbox_lock);
    assert_true(inbox_put(&subscription->inbox, &entry, &gap));
    pthread_cond_broadcast(&client->inbox_changed);
    pthread_mutex_unlock(&client->inbox_lock);
}

static void test_it_may_be_closed_where_a_gap_is_told(void **state)
{
    static const enum oyez_handler_mode modes[] = {OYEZ_HANDLER_DISPATCHED, OYEZ_HANDLER_POOL};
    for (size_t i = 0; i < 2; i++) {
        struct gapped gapped = {.bus = *state};
        const struct oyez_handler_options options = {
            .run = take_none, .arg = &gapped, .mode = modes[i], .on_gap = close_at_gap};
        assert_int_equal(
            oyez_handler_open(&gapped.handler, gapped.bus->client, &options, HANDLER_PATIENCE_MS),
            OYEZ_OK);
        tell_gap(gapped.bus, gapped.handler->subscription);
        handler_bus_await(&gapped.gaps, 1);
    }
}

static void test_the_client_may_be_closed_where_a_gap_is_told(void **state)
{
    struct gapped gapped = {.bus = *state, .closes_the_client = true};
    const struct oyez_handler_options options = {
        .run = take_none, .arg = &gapped, .on_gap = close_at_gap};
    assert_int_equal(
        oyez_handler_open(&gapped.handler, gapped.bus->client, &options, HANDLER_PATIENCE_MS),
        OYEZ_OK);
    tell_gap(gapped.bus, gapped.handler->subscription);
    handler_bus_await(&gapped.gaps, 1);
    while (!gapped.bus->closed)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void ignore_event(void *arg, const struct oyez_event *event)
{
    (void)arg;
    (void)event;
}

static void test_the_client_may_be_closed_where_a_subscription_is_told_a_gap(void **state)
{
    struct gapped gapped = {.bus = *state, .closes_the_client = true};
    oyez_subscription *subscription;
    const struct oyez_subscription_options options = {
        .handler = ignore_event, .handler_arg = &gapped, .on_gap = close_at_gap};
    assert_int_equal(
        oyez_subscription_open(&subscription, gapped.bus->client, &options, HANDLER_PATIENCE_MS),
        OYEZ_OK);
    tell_gap(gapped.bus, subscription);
    handler_bus_await(&gapped.gaps, 1);
    while (!gapped.bus->closed)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

#define plain(function)                                                                            \
    cmocka_unit_test_setup_teardown(function, handler_bus_open, handler_bus_close)
#define recorded(function)                                                                         \
    cmocka_unit_test_setup_teardown(function, handler_bus_open_recorded, handler_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        plain(test_what_succeeds_at_last_is_handled),
        plain(test_what_is_overdue_is_told_while_it_runs),
        plain(test_closing_does_not_wait_for_a_pause),
        plain(test_without_dead_letters_failures_are_counted_only),
        plain(test_closing_waits_for_the_call_under_way),
        plain(test_closing_inside_a_pool_waits_for_the_other_calls),
        plain(test_it_may_be_closed_where_a_gap_is_told),
        plain(test_the_client_may_be_closed_where_a_gap_is_told),
        plain(test_the_client_may_be_closed_where_a_subscription_is_told_a_gap),
        recorded(test_nobody_waits_for_one_that_is_stuck),
        recorded(test_nobody_waits_for_a_pool_that_is_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

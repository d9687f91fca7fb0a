// SPDX-License-Identifier: MIT
// Handlers that misbehave, in every mode: none of it harms another handler, the emitter or the client.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "handler_bus.h"
#include "oyez/consumer.h"
#include "oyez/dead_letter.h"
#include "wire/clock.h"

#define TYPE "session.created"
#define REPLY "invariant.reconciled"
#define EVENTS 20u
#define SHORT_MS 20u

enum misdeed {
    RETURNS_ERRORS,
    TAKES_TOO_LONG,
    CLOSES_ITSELF,
    EMITS,
    CLOSES_THE_CLIENT,
    MISDEEDS,
};

// One handler that does it, and one that is well beside it.
struct script {
    struct handler_bus *bus;
    enum misdeed misdeed;
    oyez_handler *bad;
    oyez_handler *good;
    atomic_uint calls;
    atomic_uint good_calls;
    atomic_uint replies;
    atomic_uint inside;
    atomic_bool did;
    atomic_uint calls_after; // of a handler that has closed itself
    bool closed;
};

static void wait_ms(uint32_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
              NULL);
}

static oyez_err run_bad(void *arg, const struct oyez_event *event)
{
    struct script *script = arg;
    struct oyez_event reply = {.event_type = REPLY};
    script->calls++;
    if (script->did)
        script->calls_after++;
    assert_non_null(event->event_type);
    switch (script->misdeed) {
    case RETURNS_ERRORS:
        return oyez_fail(OYEZ_ERR_IO, "the printer burns");
    case TAKES_TOO_LONG:
        assert_true(oyez_handler_time_left() <= SHORT_MS);
        while (oyez_handler_time_left() > 0)
            wait_ms(1);
        wait_ms(2);
        return OYEZ_OK;
    case CLOSES_ITSELF:
        // Of a pool two threads may come here together; the handle is closed once.
        if (atomic_exchange(&script->did, true))
            return OYEZ_OK;
        oyez_handler_close(&script->bad);
        script->calls_after = 0;
        script->closed = true;
        return OYEZ_OK;
    case EMITS:
        return oyez_client_emit(script->bus->client, &reply, NULL);
    case CLOSES_THE_CLIENT:
        if (!atomic_exchange(&script->did, true))
            oyez_client_close(&script->bus->client);
        return OYEZ_OK;
    case MISDEEDS:
        break;
    }
    return OYEZ_OK;
}

static oyez_err run_good(void *arg, const struct oyez_event *event)
{
    struct script *script = arg;
    (void)event;
    script->good_calls++;
    return OYEZ_OK;
}

static oyez_err take_reply(void *arg, const struct oyez_event *event)
{
    struct script *script = arg;
    assert_non_null(event->causation_id);
    script->replies++;
    return OYEZ_OK;
}

static void open_handlers(struct script *script, enum oyez_handler_mode mode)
{
    static const char *const patterns[] = {TYPE};
    struct oyez_handler_options bad = {
        .name = "bad",
        .patterns = patterns,
        .pattern_count = 1,
        .run = run_bad,
        .arg = script,
        .mode = mode,
        .timeout_ms = script->misdeed == TAKES_TOO_LONG ? SHORT_MS : 0,
    };
    struct oyez_handler_options good = bad;
    good.name = "good";
    good.run = run_good;
    good.timeout_ms = 0;
    assert_int_equal(oyez_handler_open(&script->bad, script->bus->client, &bad, 20000), OYEZ_OK);
    assert_int_equal(oyez_handler_open(&script->good, script->bus->client, &good, 20000), OYEZ_OK);
    assert_int_equal(oyez_client_handle(script->bus->client, REPLY, take_reply, script), OYEZ_OK);
}

static void await_letters(oyez_handler *handler, uint64_t count)
{
    struct oyez_handler_counters counters;
    uint64_t until_ms = oyez_clock_monotonic_ms() + HANDLER_PATIENCE_MS;
    do {
        wait_ms(1);
        oyez_handler_get_counters(handler, &counters);
        assert_true(oyez_clock_monotonic_ms() < until_ms);
    } while (counters.dead_lettered < count);
    assert_int_equal(counters.dead_lettered, count);
}

static void await_closed(struct handler_bus *bus)
{
    uint64_t until_ms = oyez_clock_monotonic_ms() + HANDLER_PATIENCE_MS;
    while (!bus->closed && oyez_clock_monotonic_ms() < until_ms)
        wait_ms(1);
    assert_true(bus->closed);
}

static void expect_outcome(struct script *script)
{
    struct oyez_handler_counters counters = {0};
    if (script->misdeed == CLOSES_THE_CLIENT) {
        await_closed(script->bus);
        return;
    }
    (void)handler_bus_await_settled(script->good, EVENTS);
    assert_int_equal(script->good_calls, EVENTS);
    if (script->misdeed == CLOSES_ITSELF) {
        handler_bus_await((atomic_uint *)&script->calls, 1);
        assert_int_equal(script->calls_after, 0);
        return;
    }
    counters = handler_bus_await_settled(script->bad, EVENTS);
    assert_int_equal(counters.delivered, EVENTS);
    assert_int_equal(script->calls, EVENTS);
    bool fails = script->misdeed == RETURNS_ERRORS || script->misdeed == TAKES_TOO_LONG;
    assert_int_equal(counters.failed, fails ? EVENTS : 0);
    assert_int_equal(counters.handled, fails ? 0 : EVENTS);
    assert_int_equal(counters.timed_out, script->misdeed == TAKES_TOO_LONG ? EVENTS : 0);
    await_letters(script->bad, counters.failed);
    if (script->misdeed == EMITS)
        handler_bus_await(&script->replies, EVENTS);
}

static void play(void **state, enum oyez_handler_mode mode, enum misdeed misdeed)
{
    struct script script = {.bus = *state, .misdeed = misdeed};
    open_handlers(&script, mode);
    for (unsigned i = 0; i < EVENTS; i++) {
        char correlation[16];
        snprintf(correlation, sizeof correlation, "c%u", i % 5);
        // Whoever closes the client inside an inline handler has it no more.
        if (misdeed == CLOSES_THE_CLIENT && i > 0)
            break;
        handler_bus_emit(script.bus, TYPE, correlation);
    }
    expect_outcome(&script);
    oyez_client_close(&script.bus->client);
}

static void test_in_every_mode_nobody_is_harmed(void **state)
{
    (void)state;
    for (int mode = OYEZ_HANDLER_DISPATCHED; mode <= OYEZ_HANDLER_POOL; mode++) {
        for (int misdeed = RETURNS_ERRORS; misdeed < MISDEEDS; misdeed++) {
            void *bus = NULL;
            print_message("mode %d, misdeed %d\n", mode, misdeed);
            handler_bus_open(&bus);
            play(&bus, (enum oyez_handler_mode)mode, (enum misdeed)misdeed);
            handler_bus_close(&bus);
        }
    }
}

// Closed inside handlers of the other kinds.
static void close_in_subscription(void *arg, const struct oyez_event *event)
{
    struct handler_bus *bus = arg;
    (void)event;
    oyez_client_close(&bus->client);
}

static oyez_err close_in_consumer(void *arg, const struct oyez_event *event)
{
    close_in_subscription(arg, event);
    return OYEZ_OK;
}

static void test_a_client_is_closed_inside_a_subscription_s_handler(void **state)
{
    struct handler_bus *bus = *state;
    oyez_subscription *subscription;
    struct oyez_subscription_options options = {.handler = close_in_subscription,
                                                .handler_arg = bus};
    assert_int_equal(
        oyez_subscription_open(&subscription, bus->client, &options, HANDLER_PATIENCE_MS), OYEZ_OK);
    handler_bus_emit(bus, TYPE, NULL);
    await_closed(bus);
}

static void test_a_client_is_closed_inside_a_consumer_s_handler(void **state)
{
    struct handler_bus *bus = *state;
    oyez_consumer *consumer;
    struct oyez_consumer_options options = {.handler = close_in_consumer, .handler_arg = bus};
    handler_bus_emit(bus, TYPE, NULL);
    assert_int_equal(
        oyez_consumer_open(&consumer, bus->client, "closer", &options, HANDLER_PATIENCE_MS),
        OYEZ_OK);
    await_closed(bus);
    assert_int_equal(oyez_consumer_wait(consumer, HANDLER_PATIENCE_MS), OYEZ_ERR_CLOSED);
    oyez_consumer_close(&consumer);
}

static void *emit_and_wait(void *arg)
{
    struct handler_bus *bus = arg;
    struct oyez_event event = {.event_type = TYPE};
    (void)oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_SENT, HANDLER_PATIENCE_MS, NULL);
    return NULL;
}

static void test_a_client_is_closed_inline_by_an_emit_that_waits(void **state)
{
    static const char *const patterns[] = {TYPE};
    struct handler_bus *bus = *state;
    oyez_handler *handler;
    struct oyez_handler_options options = {.patterns = patterns,
                                           .pattern_count = 1,
                                           .run = close_in_consumer,
                                           .arg = bus,
                                           .mode = OYEZ_HANDLER_INLINE};
    assert_int_equal(oyez_handler_open(&handler, bus->client, &options, 0), OYEZ_OK);
    (void)emit_and_wait(bus);
    await_closed(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_every_mode_nobody_is_harmed),
        cmocka_unit_test_setup_teardown(test_a_client_is_closed_inside_a_subscription_s_handler,
                                        handler_bus_open, handler_bus_close),
        cmocka_unit_test_setup_teardown(test_a_client_is_closed_inside_a_consumer_s_handler,
                                        handler_bus_open_recorded, handler_bus_close),
        cmocka_unit_test_setup_teardown(test_a_client_is_closed_inline_by_an_emit_that_waits,
                                        handler_bus_open, handler_bus_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

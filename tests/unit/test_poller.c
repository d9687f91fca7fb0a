// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "local_bus.h"
#include "oyez/poller.h"

struct polled {
    struct local_bus *bus;
    oyez_poller *poller;
    sem_t may_go;
    bool waits;
    bool stops_itself;
    atomic_uint count;
};

static int open_poller(void **state)
{
    struct polled *polled = calloc(1, sizeof *polled);
    void *bus;
    assert_int_equal(local_bus_open(&bus), 0);
    polled->bus = bus;
    sem_init(&polled->may_go, 0, 0);
    *state = polled;
    return 0;
}

static int close_poller(void **state)
{
    struct polled *polled = *state;
    oyez_poller_close(&polled->poller);
    void *bus = polled->bus;
    local_bus_close(&bus);
    sem_destroy(&polled->may_go);
    free(polled);
    return 0;
}

static void take(void *arg, const struct oyez_stream_item *item)
{
    struct polled *polled = arg;
    assert_non_null(item->event);
    polled->count++;
    sem_post(&polled->bus->came);
    if (polled->stops_itself)
        assert_int_equal(oyez_poller_stop(polled->poller, PATIENCE_MS), OYEZ_OK);
    if (polled->waits)
        sem_wait(&polled->may_go);
}

static void poll_github(struct polled *polled, uint64_t take_count)
{
    oyez_stream *stream = NULL;
    assert_int_equal(oyez_stream_open(&stream, polled->bus->client, NULL, PATIENCE_MS), OYEZ_OK);
    if (take_count != 0)
        oyez_stream_take(stream, take_count);
    assert_int_equal(oyez_poller_open(&polled->poller, &stream, take, polled, 0), OYEZ_OK);
    assert_null(stream);
}

static void test_it_runs_between_start_and_stop(void **state)
{
    struct polled *polled = *state;
    poll_github(polled, 0);
    assert_false(oyez_poller_is_running(polled->poller));
    for (int round = 0; round < 3; round++) {
        assert_int_equal(oyez_poller_start(polled->poller), OYEZ_OK);
        assert_true(oyez_poller_is_running(polled->poller));
        local_bus_emit(polled->bus, "github.push", "{}");
        local_bus_await(polled->bus);
        assert_int_equal(oyez_poller_stop(polled->poller, PATIENCE_MS), OYEZ_OK);
        assert_false(oyez_poller_is_running(polled->poller));
    }
    assert_int_equal(polled->count, 3);
    assert_int_equal(oyez_poller_stop(polled->poller, 0), OYEZ_OK);
}

static void test_a_second_start_is_an_error(void **state)
{
    struct polled *polled = *state;
    poll_github(polled, 0);
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_OK);
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_ERR_BUSY);
    assert_non_null(strstr(oyez_error_detail(), "running already"));
    assert_true(oyez_poller_is_running(polled->poller));
}

static void test_a_stop_waits_for_the_handler_and_no_longer(void **state)
{
    struct polled *polled = *state;
    poll_github(polled, 0);
    polled->waits = true;
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_OK);
    local_bus_emit(polled->bus, "github.push", "{}");
    local_bus_await(polled->bus);
    assert_int_equal(oyez_poller_stop(polled->poller, 1), OYEZ_ERR_TIMEOUT);
    assert_false(oyez_poller_is_running(polled->poller));
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_ERR_BUSY);
    sem_post(&polled->may_go);
    assert_int_equal(oyez_poller_stop(polled->poller, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(polled->count, 1);
}

static void test_a_handler_may_stop_its_poller(void **state)
{
    struct polled *polled = *state;
    poll_github(polled, 0);
    polled->stops_itself = true;
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_OK);
    for (int i = 0; i < 3; i++)
        local_bus_emit(polled->bus, "github.push", "{}");
    local_bus_await(polled->bus);
    assert_int_equal(oyez_poller_stop(polled->poller, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(polled->count, 1);
}

static void test_a_poll_returns_at_once_when_there_is_nothing(void **state)
{
    struct polled *polled = *state;
    poll_github(polled, 0);
    struct oyez_stream_item item;
    assert_int_equal(oyez_poller_poll(polled->poller, &item), OYEZ_ERR_TIMEOUT);
    local_bus_emit(polled->bus, "github.push", "{}");
    oyez_err err = OYEZ_ERR_TIMEOUT;
    for (int i = 0; i < 20000 && err == OYEZ_ERR_TIMEOUT; i++) {
        err = oyez_poller_poll(polled->poller, &item);
        if (err == OYEZ_ERR_TIMEOUT)
            assert_int_equal(oyez_client_flush(polled->bus->client, OYEZ_LEVEL_SENT, PATIENCE_MS),
                             OYEZ_OK);
    }
    assert_int_equal(err, OYEZ_OK);
    assert_string_equal(item.event->event_type, "github.push");
    assert_int_equal(polled->count, 0);
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_OK);
    assert_int_equal(oyez_poller_poll(polled->poller, &item), OYEZ_ERR_BUSY);
}

static void test_it_ends_with_its_stream(void **state)
{
    struct polled *polled = *state;
    poll_github(polled, 2);
    assert_int_equal(oyez_poller_start(polled->poller), OYEZ_OK);
    for (int i = 0; i < 5; i++)
        local_bus_emit(polled->bus, "github.push", "{}");
    local_bus_await(polled->bus);
    local_bus_await(polled->bus);
    assert_int_equal(oyez_poller_stop(polled->poller, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(polled->count, 2);
}

static void test_what_it_cannot_take_stays_the_caller_s(void **state)
{
    struct polled *polled = *state;
    oyez_stream *stream = NULL;
    assert_int_equal(oyez_stream_open(&stream, polled->bus->client, NULL, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(oyez_poller_open(&polled->poller, &stream, NULL, NULL, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_start(stream, take, polled), OYEZ_OK);
    assert_int_equal(oyez_poller_open(&polled->poller, &stream, take, polled, 0), OYEZ_ERR_BUSY);
    assert_non_null(stream);
    assert_null(polled->poller);
    oyez_stream_close(&stream);
}

#define test(function) cmocka_unit_test_setup_teardown(function, open_poller, close_poller)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_it_runs_between_start_and_stop),
        test(test_a_second_start_is_an_error),
        test(test_a_stop_waits_for_the_handler_and_no_longer),
        test(test_a_handler_may_stop_its_poller),
        test(test_a_poll_returns_at_once_when_there_is_nothing),
        test(test_it_ends_with_its_stream),
        test(test_what_it_cannot_take_stays_the_caller_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inproc.h"
#include "oyez/local.h"
#include "stream_fixture.h"

#define PATIENCE_MS 20000u

static void emit(oyez_client *client, const char *type, const char *plan)
{
    const struct oyez_event event = {.event_type = type,
                                     .plan_id = plan,
                                     .phase = "execute",
                                     .state = "processing",
                                     .root_plan_id = plan};
    oyez_err err = oyez_client_emit(client, &event, NULL);
    if (err != OYEZ_OK)
        fail_msg("%s: %s", oyez_strerror(err), oyez_error_detail());
}

static void test_a_merged_stream_asks_both_in_turn(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    assert_int_equal(oyez_stream_skip(other, 10), OYEZ_OK);
    assert_int_equal(oyez_stream_merge(stream, &other), OYEZ_OK);
    assert_null(other);
    give(&source[0], 3);
    give(&source[1], 13);
    const uint64_t both[] = {1, 11, 2, 12, 3, 13};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(next_number(stream), both[i]);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    assert_true(source[0].closed && source[1].closed);
    free(source);
}

static void test_a_merged_stream_ends_with_the_later_of_both(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    oyez_stream_take(stream, 1);
    oyez_stream_merge(stream, &other);
    give(&source[0], 5);
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    give(&source[1], 1);
    assert_int_equal(next_number(stream), 1);
    source[1].end = OYEZ_ERR_CLOSED;
    assert_int_equal(next_error(stream), OYEZ_ERR_CLOSED);
    assert_int_equal(next_error(stream), OYEZ_ERR_CLOSED);
    oyez_stream_close(&stream);
    free(source);
}

static oyez_err refuse(void *arg, const struct oyez_stream_item *item, void *value)
{
    (void)arg;
    (void)item;
    (void)value;
    return oyez_fail(OYEZ_ERR_INVALID, "no number");
}

static void test_an_item_lost_at_the_end_of_both_hides_no_end(void **state)
{
    (void)state;
    int number;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    oyez_stream_merge(stream, &other);
    oyez_stream_debounce(stream, 1000);
    oyez_stream_map(stream, refuse, NULL, sizeof number);
    give(&source[0], 1);
    source[0].end = OYEZ_ERR_CLOSED;
    source[1].end = OYEZ_ERR_CLOSED;
    assert_int_equal(next_error(stream), OYEZ_ERR_INVALID);
    assert_int_equal(next_error(stream), OYEZ_ERR_CLOSED);
    assert_int_equal(next_error(stream), OYEZ_ERR_CLOSED);
    oyez_stream_close(&stream);
    free(source);
}

static void test_either_source_wakes_the_reader_of_both(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    oyez_stream_merge(stream, &other);
    assert_ptr_equal(source[0].watch, source[1].watch);
    oyez_stream_close(&stream);
    assert_null(source[1].watch);
    free(source);
}

static void test_what_has_come_before_a_merge_is_told_behind_it(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    struct pollfd ready = {.events = POLLIN};
    give(&source[1], 1);
    assert_int_equal(oyez_stream_fd(stream, &ready.fd), OYEZ_OK);
    uint64_t count;
    assert_int_equal(read(stream->watch.fd, &count, sizeof count), sizeof count);
    atomic_store(&stream->watch.told, false); // as if it had been looked at
    assert_int_equal(poll(&ready, 1, 0), 0);
    oyez_stream_merge(stream, &other);
    assert_int_equal(poll(&ready, 1, 0), 1);
    assert_int_equal(next_number(stream), 1);
    oyez_stream_close(&stream);
    free(source);
}

static void test_what_cannot_be_merged_stays_the_caller_s(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    assert_int_equal(oyez_stream_merge(stream, &stream), OYEZ_ERR_INVALID);
    assert_int_equal(next_error(other), OYEZ_ERR_TIMEOUT);
    assert_int_equal(oyez_stream_merge(stream, &other), OYEZ_ERR_BUSY);
    assert_non_null(other);
    assert_int_equal(next_error(stream), OYEZ_ERR_INVALID); // the first thing that was wrong
    oyez_stream_close(&other);
    oyez_stream_close(&stream);
    free(source);
}

static void test_operators_are_bounded_merged_ones_included(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(2, sizeof *source);
    oyez_stream *stream = stream_of(&source[0]);
    oyez_stream *other = stream_of(&source[1]);
    for (size_t i = 0; i < OYEZ_STREAM_OPERATORS_MAX / 2; i++) {
        assert_int_equal(oyez_stream_skip(stream, 0), OYEZ_OK);
        assert_int_equal(oyez_stream_skip(other, 0), OYEZ_OK);
    }
    assert_int_equal(oyez_stream_merge(stream, &other), OYEZ_ERR_TOO_LARGE);
    for (size_t i = 0; i < OYEZ_STREAM_OPERATORS_MAX / 2; i++)
        assert_int_equal(oyez_stream_skip(other, 0), OYEZ_OK);
    assert_int_equal(oyez_stream_skip(other, 0), OYEZ_ERR_TOO_LARGE);
    assert_int_equal(next_error(other), OYEZ_ERR_TOO_LARGE);
    oyez_stream_close(&other);
    oyez_stream_close(&stream);
    free(source);
}

struct bus {
    oyez_local *local;
    oyez_client *client;
};

static int open_bus(void **state)
{
    struct bus *bus = calloc(1, sizeof *bus);
    const struct oyez_local_options options = {.listen = LOCAL_LISTEN};
    assert_int_equal(oyez_local_open(&bus->local, &options), OYEZ_OK);
    assert_int_equal(oyez_local_client(bus->local, &bus->client, NULL), OYEZ_OK);
    *state = bus;
    return 0;
}

static int close_bus(void **state)
{
    struct bus *bus = *state;
    oyez_client_close(&bus->client);
    oyez_local_close(&bus->local);
    free(bus);
    return 0;
}

static void test_events_of_a_bus_come_through_the_chain(void **state)
{
    struct bus *bus = *state;
    const char *patterns[] = {"github.plan.*"};
    const char *conditions[] = {"plan_id=b"};
    const struct oyez_subscription_options options = {.patterns = patterns, .pattern_count = 1};
    oyez_stream *stream = NULL;
    assert_int_equal(oyez_stream_open(&stream, bus->client, &options, PATIENCE_MS), OYEZ_OK);
    oyez_stream_where(stream, conditions, 1);
    oyez_stream_take(stream, 2);
    emit(bus->client, "github.plan.created", "a");
    emit(bus->client, "github.plan.created", "b");
    emit(bus->client, "github.plan.applied", "b");
    struct oyez_stream_item item;
    assert_int_equal(oyez_stream_next(stream, &item, PATIENCE_MS), OYEZ_OK);
    assert_string_equal(item.event->event_type, "github.plan.created");
    assert_string_equal(item.event->plan_id, "b");
    assert_int_equal(oyez_stream_next(stream, &item, PATIENCE_MS), OYEZ_OK);
    assert_string_equal(item.event->event_type, "github.plan.applied");
    assert_int_equal(oyez_stream_next(stream, &item, PATIENCE_MS), OYEZ_ERR_NOT_FOUND);
    oyez_stream_close(&stream);
}

static void test_two_subscriptions_merge(void **state)
{
    struct bus *bus = *state;
    const char *plans[] = {"github.plan.*"};
    const char *tools[] = {"github.tool.*"};
    const struct oyez_subscription_options of_plans = {.patterns = plans, .pattern_count = 1};
    const struct oyez_subscription_options of_tools = {.patterns = tools, .pattern_count = 1};
    oyez_stream *stream = NULL;
    oyez_stream *other = NULL;
    assert_int_equal(oyez_stream_open(&stream, bus->client, &of_plans, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(oyez_stream_open(&other, bus->client, &of_tools, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(oyez_stream_merge(stream, &other), OYEZ_OK);
    struct oyez_stream_item item;
    const char *types[] = {"github.plan.created", "github.tool.invoked", "github.tool.completed",
                           "github.plan.applied"};
    for (size_t i = 0; i < 4; i++) {
        emit(bus->client, types[i], "a");
        assert_int_equal(oyez_stream_next(stream, &item, PATIENCE_MS), OYEZ_OK);
        assert_string_equal(item.event->event_type, types[i]);
    }
    oyez_stream_close(&stream);
}

static void handle(void *arg, const struct oyez_event *event)
{
    (void)arg;
    (void)event;
}

static void test_a_stream_has_no_handler_of_its_subscription(void **state)
{
    struct bus *bus = *state;
    const struct oyez_subscription_options options = {.handler = handle};
    oyez_stream *stream = NULL;
    assert_int_equal(oyez_stream_open(&stream, bus->client, &options, PATIENCE_MS),
                     OYEZ_ERR_INVALID);
    assert_null(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_merged_stream_asks_both_in_turn),
        cmocka_unit_test(test_a_merged_stream_ends_with_the_later_of_both),
        cmocka_unit_test(test_an_item_lost_at_the_end_of_both_hides_no_end),
        cmocka_unit_test(test_either_source_wakes_the_reader_of_both),
        cmocka_unit_test(test_what_has_come_before_a_merge_is_told_behind_it),
        cmocka_unit_test(test_what_cannot_be_merged_stays_the_caller_s),
        cmocka_unit_test(test_operators_are_bounded_merged_ones_included),
        cmocka_unit_test_setup_teardown(test_events_of_a_bus_come_through_the_chain, open_bus,
                                        close_bus),
        cmocka_unit_test_setup_teardown(test_two_subscriptions_merge, open_bus, close_bus),
        cmocka_unit_test_setup_teardown(test_a_stream_has_no_handler_of_its_subscription, open_bus,
                                        close_bus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// How a subscriber learns that it misses something.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client_fixture.h"

static void test_a_jump_in_the_type_sequence_is_told_exactly(void **state)
{
    struct client_fixture *fixture = *state;
    struct oyez_head heads[] = {head("plan.created", 4)};
    listen_to(fixture, "plan.*", heads, 1);
    fake_broker_publish(&fixture->broker, "plan.created", 5, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.created", 9, "{}", NULL);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 6);
    assert_int_equal(gap.last, 8);
    assert_int_equal(gap.count, 3);
    await_seen(fixture, 2);
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.gaps, 3);
}

static void test_a_type_the_beacon_did_not_name_begins_at_one(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.applied", 3, "{}", NULL);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.applied");
    assert_int_equal(gap.first, 1);
    assert_int_equal(gap.last, 2);
}

static void test_what_came_before_the_beacon_sets_the_start(void **state)
{
    struct client_fixture *fixture = *state;
    subscribe(fixture, "plan.*", false);
    fake_broker_await_topic(&fixture->broker, "plan.", 5);
    fake_broker_publish(&fixture->broker, "plan.created", 41, "{}", NULL);
    struct oyez_head heads[] = {head("plan.created", 42)};
    fake_broker_beacon(&fixture->broker, heads, 1);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 42);
    assert_int_equal(gap.last, 42);
}

static void test_the_loss_of_the_last_event_is_told_by_the_heartbeat(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    struct oyez_head heads[] = {head("plan.created", 2), head("deal.created", 5)};
    fake_broker_heartbeat(&fixture->broker, heads, 2);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 2);
    assert_int_equal(gap.last, 2);
    // What it does not listen to is not its loss.
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.gaps, 1);
}

static void test_a_missing_heartbeat_makes_it_ask_for_all_heads(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_heartbeat(&fixture->broker, NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    await_seen(fixture, 1);
    fixture->broker.heartbeat++; // one that is lost
    fake_broker_heartbeat(&fixture->broker, NULL, 0);
    struct oyez_head heads[] = {head("plan.created", 3)};
    fake_broker_beacon(&fixture->broker, heads, 1);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 2);
    assert_int_equal(gap.last, 3);
}

static void test_a_first_heartbeat_that_is_missed_makes_it_ask_too(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    await_seen(fixture, 1);
    fixture->broker.heartbeat++; // the only one to name plan.created 2
    fake_broker_heartbeat(&fixture->broker, NULL, 0);
    struct oyez_head heads[] = {head("plan.created", 2)};
    fake_broker_beacon(&fixture->broker, heads, 1);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 2);
    assert_int_equal(gap.last, 2);
}

static void test_an_event_seen_before_is_not_shown_again(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.applied", 1, "{}", NULL);
    await_seen(fixture, 2);
    assert_string_equal(fixture->seen[1], "plan.applied");
}

static void test_a_new_epoch_is_told_and_numbers_from_one(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    await_seen(fixture, 1);
    fixture->broker.epoch = 2000;
    fake_broker_publish(&fixture->broker, "plan.created", 3, "{}", NULL);
    struct oyez_notice changed = await_notice(fixture, OYEZ_NOTICE_EPOCH_CHANGED, "");
    assert_int_equal(changed.epoch, 2000);
    assert_int_equal(changed.previous_epoch, 1000);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 1);
    assert_int_equal(gap.last, 2);
    fixture->broker.epoch = 1500; // a broker of the past
    fake_broker_publish(&fixture->broker, "plan.created", 7, "{}", NULL);
    fixture->broker.epoch = 2000;
    fake_broker_publish(&fixture->broker, "plan.created", 4, "{}", NULL);
    await_seen(fixture, 3);
}

static void test_a_lost_beacon_is_asked_for_again_with_another_nonce(void **state)
{
    struct client_fixture *fixture = *state;
    subscribe(fixture, "plan.*", false);
    char first[64];
    char second[64];
    fake_broker_await_nonce(&fixture->broker, first);
    fake_broker_await_nonce(&fixture->broker, second);
    assert_string_not_equal(first, second);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_welcomed, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_jump_in_the_type_sequence_is_told_exactly),
        TEST(test_a_type_the_beacon_did_not_name_begins_at_one),
        TEST(test_what_came_before_the_beacon_sets_the_start),
        TEST(test_the_loss_of_the_last_event_is_told_by_the_heartbeat),
        TEST(test_a_missing_heartbeat_makes_it_ask_for_all_heads),
        TEST(test_a_first_heartbeat_that_is_missed_makes_it_ask_too),
        TEST(test_an_event_seen_before_is_not_shown_again),
        TEST(test_a_new_epoch_is_told_and_numbers_from_one),
        TEST(test_a_lost_beacon_is_asked_for_again_with_another_nonce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

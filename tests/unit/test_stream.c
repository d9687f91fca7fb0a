// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recorder_fixture.h"

static void test_events_are_recorded_in_order_and_confirmed(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 3);
    recorder_await_confirm(fixture, 3);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 1#3\n");
}

static void test_what_comes_twice_is_recorded_once(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_publish_run(fixture, 1, 1);
    recorder_publish_run(fixture, 3, 1);
    recorder_await_confirm(fixture, 3);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 1#3\n");
}

static void test_what_takes_no_place_in_the_order_is_not_recorded(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_heartbeat(fixture, 0, false);
    recorder_publish(fixture, &(struct recorder_batch){.emitter = 1, .seq = 1, .count = 3});
    recorder_publish(fixture, &(struct recorder_batch){
                                  .position = 1, .emitter = 1, .seq = 1, .type = "oyez.gap"});
    fake_broker_publish_raw(&fixture->broker, "rubbish", 7);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n");
}

static void test_a_hole_is_filled_before_what_follows_it(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_publish_run(fixture, 4, 3);
    recorder_expect_repair(fixture, 2, 4);
    const struct recorder_batch missing[] = {{.position = 2, .emitter = 1, .seq = 2, .count = 2},
                                             {.position = 4, .emitter = 1, .seq = 4}};
    recorder_repair(fixture, 4, 1, 6, missing, 2);
    recorder_await_confirm(fixture, 6);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 1#3\n"
                                     "event 1000:4 1#4\n"
                                     "event 1000:5 1#5\n"
                                     "event 1000:6 1#6\n");
}

static void test_a_heartbeat_shows_that_the_last_event_is_missing(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_heartbeat(fixture, 2, false);
    recorder_expect_repair(fixture, 2, 2);
    const struct recorder_batch missing = {.position = 2, .emitter = 1, .seq = 2};
    recorder_repair(fixture, 2, 1, 2, &missing, 1);
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n");
}

static void test_the_beacon_shows_what_came_before_the_recorder(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_start(fixture);
    recorder_attach(fixture, 1);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 0), OYEZ_ERR_TIMEOUT);
    recorder_expect_repair(fixture, 1, 1);
    const struct recorder_batch missing = {.position = 1, .emitter = 1, .seq = 1};
    recorder_repair(fixture, 1, 1, 1, &missing, 1);
    recorder_await_confirm(fixture, 1);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.repaired, 1);
    recorder_stop(fixture);
}

static void test_a_new_epoch_begins_at_position_one(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_await_confirm(fixture, 2);
    fixture->broker.epoch = 2000;
    recorder_publish_run(fixture, 1, 1);
    // The control side has not said so yet: the recorder says hello by itself.
    recorder_attach(fixture, 1);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, 2000);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "end 1000:2 highest 2 next 2000 @101\n"
                                     "repeat 2000:1 1#1 of 0\n");
}

static void test_frames_of_an_epoch_gone_by_are_dropped(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    fixture->broker.epoch = 900;
    recorder_publish_run(fixture, 2, 1);
    fixture->broker.epoch = 1000;
    recorder_publish_run(fixture, 2, 1);
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n");
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_events_are_recorded_in_order_and_confirmed),
        FIXED(test_what_comes_twice_is_recorded_once),
        FIXED(test_what_takes_no_place_in_the_order_is_not_recorded),
        FIXED(test_a_hole_is_filled_before_what_follows_it),
        FIXED(test_a_heartbeat_shows_that_the_last_event_is_missing),
        FIXED(test_the_beacon_shows_what_came_before_the_recorder),
        FIXED(test_a_new_epoch_begins_at_position_one),
        FIXED(test_frames_of_an_epoch_gone_by_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/recorder/writer.h"
#include "recorder_fixture.h"

// The broker starts again with another epoch, and the recorder finds out.
static void restart_broker(struct recorder_fixture *fixture, uint64_t epoch)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    fixture->broker.epoch = epoch;
    fixture->broker.instance++;
    message.which_body = oyez_v1_FromBroker_hello_needed_tag;
    message.body.hello_needed.epoch = epoch;
    fake_broker_say(&fixture->broker, &message);
    recorder_attach(fixture, 0);
}

static void publish(struct recorder_fixture *fixture, uint64_t position, uint64_t seq)
{
    recorder_publish(fixture,
                     &(struct recorder_batch){.position = position, .emitter = 1, .seq = seq});
}

static void test_a_broker_that_said_where_it_ends_ends_cleanly(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1);
    recorder_heartbeat(fixture, 1, true);
    recorder_await_confirm(fixture, 1);
    restart_broker(fixture, 2000);
    publish(fixture, 1, 2);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 1 clean next 2000 @101\n"
                                     "event 2000:1 1#2\n");
}

static void test_beyond_the_first_hole_nothing_of_a_broken_epoch_is_recorded(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1);
    publish(fixture, 4, 4);
    publish(fixture, 5, 5);
    recorder_expect_repair(fixture, 2, 4);
    restart_broker(fixture, 2000);
    publish(fixture, 1, 2);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 5 next 2000 @101\n"
                                     "event 2000:1 1#2\n");
}

static void test_an_epoch_without_events_leaves_no_trace(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    restart_broker(fixture, 2000);
    recorder_heartbeat(fixture, 0, true);
    restart_broker(fixture, 3000);
    publish(fixture, 1, 2);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 1 next 3000 @101\n"
                                     "event 3000:1 1#2\n");
}

static void test_an_epoch_of_which_nothing_came_through_is_named(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    restart_broker(fixture, 2000);
    recorder_heartbeat(fixture, 9, false);
    recorder_expect_repair(fixture, 1, 9);
    restart_broker(fixture, 3000);
    publish(fixture, 1, 2);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 1 next 2000 @77\n"
                                     "end 2000:0 highest 9 next 3000 @101\n"
                                     "event 3000:1 1#2\n");
}

static void test_an_epoch_ends_while_the_recorder_is_away(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    fixture->broker.epoch = 5000;
    recorder_start(fixture);
    recorder_attach(fixture, 2);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, 1000);
    recorder_expect_repair(fixture, 1, 2);
    const struct recorder_batch rest = {.position = 2, .emitter = 1, .seq = 3};
    recorder_repair(fixture, 2, 2, 2, &rest, 1);
    recorder_await_confirm(fixture, 2);
    // What came in this epoch before its first record the broker itself counts as lost.
    assert_int_equal(recorder_decided(fixture, 1)->first, 3);
    assert_int_equal(recorder_decided(fixture, 1)->lost_count, 0);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 1 next 5000 @102\n"
                                     "gap 5000:1-1 absent @102\n"
                                     "event 5000:2 1#3\n");
}

// The broker says that its epoch ends at 3, of which the recorder has 1.
static void hear_the_end(struct recorder_fixture *fixture)
{
    recorder_begin(fixture);
    publish(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_heartbeat(fixture, 3, true);
    recorder_expect_repair(fixture, 2, 3);
}

// With the first event of its epoch.
static void start_anew(struct recorder_fixture *fixture, uint64_t epoch)
{
    fixture->broker.epoch = epoch;
    recorder_start(fixture);
    recorder_attach(fixture, 0);
    publish(fixture, 1, 4);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
}

static void test_what_was_heard_of_an_end_outlasts_a_restart(void **state)
{
    struct recorder_fixture *fixture = *state;
    hear_the_end(fixture);
    recorder_stop(fixture);
    start_anew(fixture, 2000);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 3 clean next 2000 @101\n"
                                     "event 2000:1 1#4\n");
}

static void test_it_outlasts_an_epoch_without_events_too(void **state)
{
    struct recorder_fixture *fixture = *state;
    hear_the_end(fixture);
    recorder_stop(fixture);
    fixture->broker.epoch = 2000;
    recorder_start(fixture);
    recorder_attach(fixture, 0);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    recorder_stop(fixture);
    start_anew(fixture, 3000);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 3 clean next 3000 @101\n"
                                     "event 3000:1 1#4\n");
}

static void test_an_epoch_of_which_nothing_came_through_before_a_restart_is_named(void **state)
{
    struct recorder_fixture *fixture = *state;
    hear_the_end(fixture);
    restart_broker(fixture, 2000);
    recorder_heartbeat(fixture, 9, true);
    recorder_expect_repair(fixture, 1, 9);
    recorder_stop(fixture);
    start_anew(fixture, 3000);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 3 clean next 2000 @77\n"
                                     "end 2000:0 highest 9 clean next 3000 @101\n"
                                     "event 3000:1 1#4\n");
}

static void test_after_a_crash_nobody_vouches_for_an_end(void **state)
{
    struct recorder_fixture *fixture = *state;
    hear_the_end(fixture);
    recorder_kill(fixture);
    start_anew(fixture, 2000);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "end 1000:1 highest 1 next 2000 @101\n"
                                     "event 2000:1 1#4\n");
}

static void test_nobody_in_the_next_epoch_is_told_of_numbers_of_this_one(void **state)
{
    struct recorder_fixture *fixture = *state;
    struct oyez_recorder recorder = {.disk = &fixture->disk};
    struct recorder_writer writer = {.recorder = &recorder, .place = {1000, 1}};
    const struct oyez_journal_options options = {.disk = &fixture->disk};
    struct oyez_journal_report report;
    const oyez_v1_Told told = {.emitter_seq = 1, .count = 1, .position = 1};
    assert_int_equal(oyez_journal_open(&writer.journal, fixture->directory, &options, &report),
                     OYEZ_OK);
    assert_int_equal(recorder_emitters_open(&writer.emitters, 4), OYEZ_OK);
    recorder_commit_tell(&writer.group, &told);
    assert_int_equal(recorder_epoch_begin(&writer, 1000, 5), OYEZ_OK);
    assert_int_equal(writer.group.told_count, 1);
    assert_int_equal(recorder_epoch_begin(&writer, 2000, 5), OYEZ_OK);
    assert_int_equal(writer.place.epoch, 2000);
    assert_int_equal(writer.group.told_count, 0);
    recorder_commit_free(&writer.group);
    recorder_emitters_close(&writer.emitters);
    assert_int_equal(oyez_journal_close(&writer.journal), OYEZ_OK);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_broker_that_said_where_it_ends_ends_cleanly),
        FIXED(test_beyond_the_first_hole_nothing_of_a_broken_epoch_is_recorded),
        FIXED(test_an_epoch_without_events_leaves_no_trace),
        FIXED(test_an_epoch_of_which_nothing_came_through_is_named),
        FIXED(test_an_epoch_ends_while_the_recorder_is_away),
        FIXED(test_what_was_heard_of_an_end_outlasts_a_restart),
        FIXED(test_it_outlasts_an_epoch_without_events_too),
        FIXED(test_an_epoch_of_which_nothing_came_through_before_a_restart_is_named),
        FIXED(test_after_a_crash_nobody_vouches_for_an_end),
        FIXED(test_nobody_in_the_next_epoch_is_told_of_numbers_of_this_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

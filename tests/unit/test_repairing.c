// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recorder_fixture.h"

static void test_what_the_ring_lost_is_a_gap(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_publish_run(fixture, 6, 1);
    recorder_expect_repair(fixture, 2, 6);
    const struct recorder_batch rest[] = {{.position = 5, .emitter = 1, .seq = 5},
                                          {.position = 6, .emitter = 1, .seq = 6}};
    recorder_repair(fixture, 6, 5, 6, rest, 2);
    recorder_await_confirm(fixture, 6);
    const oyez_v1_Decided *decided = recorder_decided(fixture, 1);
    assert_int_equal(decided->first, 1);
    assert_int_equal(decided->through, 6);
    assert_int_equal(decided->lost_count, 1);
    assert_int_equal(decided->lost[0].first, 2);
    assert_int_equal(decided->lost[0].last, 4);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.gaps, 1);
    assert_int_equal(counters.missing, 3);
    recorder_stop(fixture);
    // Its time is that of what follows, so that all who record the stream agree.
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "gap 1000:2-4 overwritten @105\n"
                                     "event 1000:5 1#5\n"
                                     "event 1000:6 1#6\n");
}

static void test_what_came_before_the_recorder_is_told_apart(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_start(fixture);
    recorder_welcome(fixture, 3);
    recorder_beacon(fixture, 6);
    recorder_expect_repair(fixture, 1, 6);
    const struct recorder_batch rest = {.position = 6, .emitter = 1, .seq = 6};
    recorder_repair(fixture, 6, 6, 6, &rest, 1);
    recorder_await_confirm(fixture, 6);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "gap 1000:1-3 absent @106\n"
                                     "gap 1000:4-5 overwritten @106\n"
                                     "event 1000:6 1#6\n");
}

static void test_an_empty_ring_makes_all_a_gap(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_heartbeat(fixture, 4, false);
    recorder_expect_repair(fixture, 1, 4);
    recorder_repair(fixture, 0, 0, 4, NULL, 0);
    recorder_await_confirm(fixture, 4);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "gap 1000:1-4 overwritten @77\n");
}

static void test_a_gap_ends_where_live_frames_go_on(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 3, 3);
    recorder_expect_repair(fixture, 1, 3);
    // By now the ring has lost the 5 that waits on the recorder's socket.
    recorder_repair(fixture, 0, 6, 6, NULL, 0);
    recorder_await_confirm(fixture, 5);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "gap 1000:1-3 overwritten @77\n"
                                     "event 1000:4 1#4\n"
                                     "event 1000:5 1#5\n");
}

static void test_a_large_hole_is_asked_for_in_parts(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_heartbeat(fixture, 3, false);
    recorder_expect_repair(fixture, 1, 3);
    const struct recorder_batch first[] = {{.position = 1, .emitter = 1, .seq = 1},
                                           {.position = 2, .emitter = 1, .seq = 2}};
    recorder_repair(fixture, 2, 1, 3, first, 2);
    recorder_expect_repair(fixture, 3, 3);
    const struct recorder_batch second = {.position = 2, .emitter = 1, .seq = 2, .count = 2};
    recorder_repair(fixture, 3, 1, 3, &second, 1);
    recorder_await_confirm(fixture, 3);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 1#3\n");
}

static void test_a_request_that_got_lost_is_sent_again(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_heartbeat(fixture, 1, false);
    recorder_expect_repair(fixture, 1, 1);
    recorder_expect_repair(fixture, 1, 1);
    const struct recorder_batch missing = {.position = 1, .emitter = 1, .seq = 1};
    recorder_repair(fixture, 1, 1, 1, &missing, 1);
    // The answer to the other one comes too, and changes nothing.
    recorder_repair(fixture, 1, 1, 1, &missing, 1);
    recorder_await_confirm(fixture, 1);
    recorder_publish_run(fixture, 2, 1);
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n");
}

static void test_rubbish_in_an_answer_is_asked_for_again(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_heartbeat(fixture, 2, false);
    recorder_expect_repair(fixture, 1, 2);
    const struct recorder_batch ahead = {.position = 2, .emitter = 1, .seq = 2};
    recorder_repair(fixture, 2, 1, 2, &ahead, 1);
    recorder_expect_repair(fixture, 1, 2);
    const struct recorder_batch missing = {.position = 1, .emitter = 1, .seq = 1, .count = 2};
    recorder_repair(fixture, 2, 1, 2, &missing, 1);
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
        FIXED(test_what_the_ring_lost_is_a_gap),
        FIXED(test_what_came_before_the_recorder_is_told_apart),
        FIXED(test_an_empty_ring_makes_all_a_gap),
        FIXED(test_a_gap_ends_where_live_frames_go_on),
        FIXED(test_a_large_hole_is_asked_for_in_parts),
        FIXED(test_a_request_that_got_lost_is_sent_again),
        FIXED(test_rubbish_in_an_answer_is_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

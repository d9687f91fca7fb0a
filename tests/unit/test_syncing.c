// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "recorder_fixture.h"

static void break_disk(struct recorder_fixture *fixture, int write_error, int sync_error)
{
    pthread_mutex_lock(&fixture->lock);
    fixture->write_error = write_error;
    fixture->sync_error = sync_error;
    pthread_mutex_unlock(&fixture->lock);
}

// The disk fails; nothing more is confirmed, the owner is told once, and what was safe stays.
static void fail_and_look(struct recorder_fixture *fixture, int write_error, int sync_error,
                          oyez_err expected)
{
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_await_confirm(fixture, 2);
    break_disk(fixture, write_error, sync_error);
    recorder_publish_run(fixture, 3, 2);
    recorder_await_failure(fixture);
    assert_int_equal(fixture->failed, expected);
    assert_non_null(strstr(fixture->failure, ".seg"));
    assert_non_null(strstr(fixture->failure, fixture->directory));
    recorder_publish_run(fixture, 5, 2);
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_confirm_tag, 200));
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_ERR_IO);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_true(counters.failed);
    assert_int_equal(counters.position, 2);
    recorder_stop(fixture);
    assert_int_equal(fixture->failures, 1);
    // No goodbye: to the broker there is more to come from this journal.
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, 100));
}

static void test_an_error_on_write_ends_acknowledging(void **state)
{
    fail_and_look(*state, EIO, 0, OYEZ_ERR_IO);
    recorder_expect_journal(*state, "event 1000:1 1#1\n"
                                    "event 1000:2 1#2\n");
}

static void test_a_failed_recorder_gives_up_its_session(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    break_disk(fixture, EIO, 0);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_failure(fixture);
    // One may have been on its way.
    (void)fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_ping_tag, 100);
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_ping_tag, 1500));
}

static void test_a_full_disk_ends_acknowledging(void **state)
{
    fail_and_look(*state, ENOSPC, 0, OYEZ_ERR_NO_SPACE);
    recorder_expect_journal(*state, "event 1000:1 1#1\n"
                                    "event 1000:2 1#2\n");
}

static void test_an_error_on_sync_ends_acknowledging(void **state)
{
    fail_and_look(*state, 0, EIO, OYEZ_ERR_IO);
}

static void test_a_full_disk_on_sync_ends_acknowledging(void **state)
{
    fail_and_look(*state, 0, ENOSPC, OYEZ_ERR_NO_SPACE);
}

static void test_two_failures_are_told_once(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    recorder_publish_run(fixture, 2, 1);
    recorder_await_syncs(fixture, syncs + 1);
    // The next group cannot be written, and the one before it not be synced.
    break_disk(fixture, EIO, EIO);
    recorder_publish_run(fixture, 3, 1);
    recorder_await_failure(fixture);
    recorder_hold_syncs(fixture, false);
    recorder_stop(fixture);
    assert_int_equal(fixture->failures, 1);
}

static void test_a_recorder_opened_anew_goes_on(void **state)
{
    struct recorder_fixture *fixture = *state;
    fail_and_look(fixture, EIO, 0, OYEZ_ERR_IO);
    break_disk(fixture, 0, 0);
    recorder_start(fixture);
    recorder_attach(fixture, 4);
    recorder_expect_repair(fixture, 3, 4);
    const struct recorder_batch missing = {.position = 3, .emitter = 1, .seq = 3, .count = 2};
    recorder_repair(fixture, 4, 1, 4, &missing, 1);
    recorder_await_confirm(fixture, 4);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 1#3\n"
                                     "event 1000:4 1#4\n");
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_an_error_on_write_ends_acknowledging),
        FIXED(test_a_failed_recorder_gives_up_its_session),
        FIXED(test_a_full_disk_ends_acknowledging),
        FIXED(test_an_error_on_sync_ends_acknowledging),
        FIXED(test_a_full_disk_on_sync_ends_acknowledging),
        FIXED(test_two_failures_are_told_once),
        FIXED(test_a_recorder_opened_anew_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

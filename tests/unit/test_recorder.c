// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oyez/journal.h"
#include "recorder_fixture.h"

static oyez_err open_with(struct recorder_fixture *fixture, const char *endpoint,
                          const char *directory)
{
    fixture->options.endpoint = endpoint;
    fixture->options.directory = directory;
    return oyez_recorder_open(&fixture->recorder, &fixture->options);
}

static void test_what_cannot_be_opened_says_why(void **state)
{
    struct recorder_fixture *fixture = *state;
    const char *endpoint = fixture->options.endpoint;
    assert_int_equal(open_with(fixture, "nonsense", fixture->directory), OYEZ_ERR_INVALID);
    assert_int_equal(open_with(fixture, "tcp://127.0.0.1:*", fixture->directory), OYEZ_ERR_INVALID);
    assert_int_equal(open_with(fixture, endpoint, NULL), OYEZ_ERR_INVALID);
    assert_int_equal(open_with(fixture, endpoint, "/dev/null/journal"), OYEZ_ERR_IO);
    assert_non_null(strstr(oyez_error_detail(), "/dev/null/journal"));
    assert_null(fixture->recorder);
}

static void test_a_directory_has_one_recorder(void **state)
{
    struct recorder_fixture *fixture = *state;
    oyez_recorder *second;
    recorder_start(fixture);
    assert_int_equal(oyez_recorder_open(&second, &fixture->options), OYEZ_ERR_LOCKED);
    char process[32];
    snprintf(process, sizeof process, "process %ld", (long)getpid());
    assert_non_null(strstr(oyez_error_detail(), process));
    assert_null(second);
}

static void test_a_damaged_journal_is_not_touched(void **state)
{
    struct recorder_fixture *fixture = *state;
    char path[128];
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 3);
    recorder_await_confirm(fixture, 3);
    recorder_stop(fixture);
    snprintf(path, sizeof path, "%s/%020d.seg", fixture->directory, 0);
    FILE *file = fopen(path, "r+");
    assert_int_equal(fseek(file, 100, SEEK_SET), 0);
    fputc('x', file);
    fclose(file);
    assert_int_equal(oyez_recorder_open(&fixture->recorder, &fixture->options), OYEZ_ERR_CORRUPT);
    assert_null(fixture->recorder);
}

static void test_a_torn_tail_is_told_and_cut(void **state)
{
    struct recorder_fixture *fixture = *state;
    char path[128];
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_kill(fixture);
    snprintf(path, sizeof path, "%s/%020d.seg", fixture->directory, 0);
    // Behind the last commit, where zeros wait for what comes next.
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    static uint8_t bytes[1024 * 1024];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    size = (size + 7) / 8 * 8;
    assert_int_equal(fseek(file, (long)size, SEEK_SET), 0);
    fputs("garbage", file);
    fclose(file);
    recorder_start(fixture);
    assert_non_null(strstr(fixture->log, "not closed cleanly: 7 bytes, 0 records"));
    recorder_attach(fixture, 1);
    recorder_publish_run(fixture, 2, 1);
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n");
}

static void test_waiting_without_a_broker_ends_in_time(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_start(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 50), OYEZ_ERR_TIMEOUT);
    recorder_stop(fixture);
    oyez_recorder_close(&fixture->recorder);
    recorder_expect_journal(fixture, "");
}

static void test_closing_records_what_has_arrived(void **state)
{
    struct recorder_fixture *fixture = *state;
    char lines[4096] = "";
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    recorder_publish_run(fixture, 1, 100);
    recorder_await_confirm(fixture, 100);
    recorder_stop(fixture);
    for (int i = 1; i <= 100; i++)
        snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "event 1000:%d 1#%d\n", i, i);
    recorder_expect_journal(fixture, lines);
}

static void test_small_segments_follow_each_other(void **state)
{
    struct recorder_fixture *fixture = *state;
    struct oyez_journal_verdict verdict;
    const struct oyez_journal_verify_options options = {.disk = NULL};
    fixture->options.segment_size = 4096;
    recorder_begin(fixture);
    for (uint64_t i = 1; i <= 100; i += 10) {
        recorder_publish_run(fixture, i, 10);
        recorder_await_confirm(fixture, i + 9);
    }
    recorder_stop(fixture);
    assert_int_equal(oyez_journal_verify(fixture->directory, &options, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.records - verdict.acts, 100);
    assert_true(verdict.segments > 2);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_what_cannot_be_opened_says_why),
        FIXED(test_a_directory_has_one_recorder),
        FIXED(test_a_damaged_journal_is_not_touched),
        FIXED(test_a_torn_tail_is_told_and_cut),
        FIXED(test_waiting_without_a_broker_ends_in_time),
        FIXED(test_closing_records_what_has_arrived),
        FIXED(test_small_segments_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

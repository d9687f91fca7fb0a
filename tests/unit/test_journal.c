// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_directory.h"

static struct fake_disk *fake;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static void test_what_was_committed_is_read_back(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, &report);
    oyez_err end;

    assert_true(report.created);
    assert_true(report.clean);
    commit_events(journal, 1, 5);
    assert_int_equal(count_records(fake, &end), 5);
    assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_null(journal);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(count_records(fake, &end), 5);
}

static void test_what_was_not_written_is_not_read(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_event(1);
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;

    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_true(oyez_journal_group_size(journal) > 0);
    assert_int_equal(oyez_journal_next_index(journal), 1);
    assert_int_equal(count_records(fake, &end), 0);
    assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
    assert_int_equal(oyez_journal_group_size(journal), 0);
    assert_int_equal(count_records(fake, &end), 1);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_clean_close_goes_on_in_the_same_segment(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_err end;

    for (uint64_t run = 0; run < 4; run++) {
        oyez_journal *journal = open_small(fake, &report);
        assert_true(report.clean);
        assert_int_equal(report.records, run * 2);
        assert_int_equal(report.position, run * 2);
        assert_int_equal(report.epoch, run == 0 ? 0 : SAMPLE_EPOCH);
        assert_memory_equal(report.journal_id, "journal-id-bytes", 16);
        commit_events(journal, run * 2 + 1, run * 2 + 2);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    }
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_int_equal(count_records(fake, &end), 8);
}

static void test_opening_and_closing_alone_writes_nothing(void **state)
{
    (void)state;
    oyez_journal *journal = open_small(fake, NULL);
    size_t before, after;

    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_file(fake, FIRST_SEGMENT, &before);
    journal = open_small(fake, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_file(fake, FIRST_SEGMENT, &after);
    assert_int_equal(before, after);
}

static void test_a_full_segment_is_sealed_and_the_next_begins(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;

    commit_events(journal, 1, 60);
    assert_true(fake_disk_count(fake, ".seg") >= 3);
    assert_int_equal(fake_disk_count(fake, ".ids"), fake_disk_count(fake, ".seg") - 1);
    assert_int_equal(fake_disk_count(fake, ".new"), 0);
    assert_int_equal(count_records(fake, &end), 60);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_small(fake, &report);
    assert_true(report.clean);
    assert_int_equal(report.records, 60);
    commit_events(journal, 61, 80);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(count_records(fake, &end), 80);
}

static void test_an_old_segment_is_sealed_too(void **state)
{
    (void)state;
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = NULL;

    options.segment_age_ms = 5;
    fake_disk_set_clock(fake, 1000);
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    commit_events(journal, 1, 1);
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    fake_disk_set_clock(fake, 1000 + 5 * 1000000);
    commit_events(journal, 2, 2);
    assert_int_equal(fake_disk_count(fake, ".seg"), 2);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_full_group_refuses_and_takes_nothing(void **state)
{
    (void)state;
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = NULL;
    static uint8_t details[100000];
    struct oyez_journal_record record = sample_event(1);
    uint64_t taken = 0;
    oyez_err err;

    record.details = details;
    record.details_size = sizeof(details);
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    while ((err = oyez_journal_append(journal, &record, NULL)) == OYEZ_OK)
        taken++;
    assert_int_equal(err, OYEZ_ERR_FULL);
    assert_true(taken >= 20);
    assert_int_equal(oyez_journal_next_index(journal), taken);
    assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_second_writer_is_told_who_the_first_is(void **state)
{
    (void)state;
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = open_small(fake, NULL);
    oyez_journal *second = NULL;
    char pid[32];

    snprintf(pid, sizeof(pid), "process %ld ", (long)getpid());
    assert_int_equal(oyez_journal_open(&second, "journal", &options, NULL), OYEZ_ERR_LOCKED);
    assert_null(second);
    assert_non_null(strstr(oyez_error_detail(), pid));
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    second = open_small(fake, NULL);
    assert_int_equal(oyez_journal_close(&second), OYEZ_OK);
}

static void test_an_event_id_is_found_wherever_it_is(void **state)
{
    (void)state;
    uint8_t header[SAMPLE_HEADER_SIZE];
    oyez_journal *journal = open_small(fake, NULL);
    uint64_t index;

    for (int run = 0; run < 2; run++) {
        commit_events(journal, 1 + 50 * (uint64_t)run, 50 + 50 * (uint64_t)run);
        struct oyez_journal_record waiting = sample_numbered(1000 + (uint64_t)run, header);
        for (uint64_t number = 1; number <= 50 + 50 * (uint64_t)run; number++) {
            struct oyez_journal_record record = sample_numbered(number, header);
            assert_int_equal(oyez_journal_find_event_id(journal, record.event_id, &index), OYEZ_OK);
            assert_int_equal(index, number - 1);
            assert_int_equal(oyez_journal_read(journal, index, &record), OYEZ_OK);
            assert_int_equal(record.position, number);
        }
        assert_int_equal(oyez_journal_find_event_id(journal, waiting.event_id, &index),
                         OYEZ_ERR_NOT_FOUND);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
        // Without the tables, and with a damaged one: they are made again.
        fake_disk_remove(fake, "00000000000000000000.ids");
        const char *second = fake_disk_name(fake, ".ids", 0);
        size_t size;
        fake_disk_file(fake, second, &size)[40] ^= 1;
        journal = open_small(fake, NULL);
    }
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_record_that_waits_is_found_and_read(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_event(1);
    oyez_journal *journal = open_small(fake, NULL);
    uint64_t index;

    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_find_event_id(journal, record.event_id, &index), OYEZ_OK);
    assert_int_equal(index, 0);
    assert_int_equal(oyez_journal_read(journal, 0, &record), OYEZ_OK);
    assert_int_equal(oyez_journal_read(journal, 1, &record), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_an_event_in_conflict_and_a_repeat_are_not_found_by_id(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_event(1);
    oyez_journal *journal = open_small(fake, NULL);
    uint64_t index;

    record.flags = OYEZ_RECORD_CONFLICT;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    record.flags = 0;
    record.kind = OYEZ_RECORD_REPEAT;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_find_event_id(journal, record.event_id, &index),
                     OYEZ_ERR_NOT_FOUND);
    record.kind = OYEZ_RECORD_EVENT;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_find_event_id(journal, record.event_id, &index), OYEZ_OK);
    assert_int_equal(index, 2);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void assert_failed(oyez_journal *journal, oyez_err expected, const char *reason)
{
    struct oyez_journal_record record = sample_event(9);
    uint64_t durable = 77;

    assert_int_equal(oyez_journal_append(journal, &record, NULL), expected);
    assert_int_equal(oyez_journal_write(journal), expected);
    assert_int_equal(oyez_journal_sync(journal, &durable), expected);
    assert_non_null(strstr(oyez_error_detail(), reason));
    assert_non_null(strstr(oyez_error_detail(), ".seg"));
    assert_int_equal(durable, 77);
}

static void test_a_failed_sync_is_never_tried_again(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    struct oyez_journal_record record = sample_event(3);
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;

    commit_events(journal, 1, 2);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    fake_disk_fail(fake, FAKE_SYNC, 1, EIO, false);
    unsigned before = fake_disk_calls(fake, FAKE_SYNC);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_ERR_IO);
    assert_failed(journal, OYEZ_ERR_IO, strerror(EIO));
    assert_int_equal(oyez_journal_close(&journal), OYEZ_ERR_IO);
    assert_int_equal(fake_disk_calls(fake, FAKE_SYNC), before + 1);
    // What the failed sync gave up was written once more by the next opening: a power cut that
    // follows must not take it, because the journal says that it is there.
    journal = open_small(fake, &report);
    assert_false(report.clean);
    assert_int_equal(fake_disk_count(fake, ".seg"), 2);
    assert_int_equal(report.records, 3);
    fake_disk_stop_after(fake, 0);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_ERR_IO);
    fake_disk_cut(fake, FAKE_CUT_ALL_LOST, 0);
    assert_int_equal(count_records(fake, &end), 3);
    assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
}

static void test_a_full_disk_is_said_and_loses_nothing(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    struct oyez_journal_record record = sample_event(3);
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;

    commit_events(journal, 1, 2);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    fake_disk_fail(fake, FAKE_WRITE, 1, ENOSPC, true);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_ERR_NO_SPACE);
    assert_failed(journal, OYEZ_ERR_NO_SPACE, strerror(ENOSPC));
    assert_int_equal(oyez_journal_close(&journal), OYEZ_ERR_NO_SPACE);
    fake_disk_fail(fake, FAKE_NONE, 0, 0, false);
    journal = open_small(fake, &report);
    assert_int_equal(report.records, 2);
    assert_true(report.torn_bytes > 0);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(count_records(fake, &end), 2);
}

// Each call of a run fails once, with each reason: no acknowledged event is ever missing.
static void test_a_failure_at_any_call_loses_nothing_acknowledged(void **state)
{
    (void)state;
    static const enum fake_call calls[] = {FAKE_OPEN,     FAKE_WRITE,  FAKE_SYNC,
                                           FAKE_TRUNCATE, FAKE_RENAME, FAKE_SYNC_DIRECTORY,
                                           FAKE_READ};

    for (size_t c = 0; c < sizeof(calls) / sizeof(calls[0]); c++)
        for (unsigned nth = 1; nth < 120; nth++) {
            struct oyez_journal_options options = small_journal(fake);
            oyez_journal *journal = NULL;
            uint8_t header[SAMPLE_HEADER_SIZE];
            uint64_t durable = 0;
            oyez_err end, err;
            fake_disk_free(fake);
            fake = fake_disk_new();
            options.disk = fake_disk_table(fake);
            fake_disk_fail(fake, calls[c], nth, c % 2 == 0 ? EIO : ENOSPC, false);
            err = oyez_journal_open(&journal, "journal", &options, NULL);
            for (uint64_t number = 1; number <= 40 && err == OYEZ_OK; number++) {
                struct oyez_journal_record record = sample_numbered(number, header);
                err = oyez_journal_append(journal, &record, NULL);
                if (err == OYEZ_OK)
                    err = oyez_journal_commit(journal, &durable);
            }
            (void)oyez_journal_close(&journal);
            fake_disk_cut(fake, FAKE_CUT_SOME, nth);
            journal = open_small(fake, NULL);
            assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
            assert_true(count_records(fake, &end) >= durable);
            assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
        }
}

struct syncer {
    oyez_journal *journal;
    pthread_t thread;
    _Atomic int stop;
    uint64_t durable;
};

static void *sync_on(void *arg)
{
    struct syncer *syncer = arg;

    while (!syncer->stop) {
        uint64_t durable;
        if (oyez_journal_sync(syncer->journal, &durable) != OYEZ_OK || durable < syncer->durable)
            return "a sync failed, or told less than before";
        syncer->durable = durable;
    }
    return NULL;
}

// On the real disk: the fake one is for one thread.
static void test_another_thread_may_sync(void **state)
{
    (void)state;
    char directory[] = "/tmp/oyez-test-XXXXXX";
    struct oyez_journal_options options = {.segment_size = 16384};
    struct syncer syncer = {0};
    uint8_t header[SAMPLE_HEADER_SIZE];
    void *complaint;
    uint64_t index;
    char command[64];

    assert_non_null(mkdtemp(directory));
    assert_int_equal(oyez_journal_open(&syncer.journal, directory, &options, NULL), OYEZ_OK);
    assert_int_equal(pthread_create(&syncer.thread, NULL, sync_on, &syncer), 0);
    for (uint64_t number = 1; number <= 2000; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(syncer.journal, &record, &index), OYEZ_OK);
        if (number % 7 == 0)
            assert_int_equal(oyez_journal_write(syncer.journal), OYEZ_OK);
    }
    assert_int_equal(oyez_journal_write(syncer.journal), OYEZ_OK);
    syncer.stop = 1;
    assert_int_equal(pthread_join(syncer.thread, &complaint), 0);
    assert_null(complaint);
    assert_int_equal(oyez_journal_sync(syncer.journal, &syncer.durable), OYEZ_OK);
    assert_int_equal(syncer.durable, 2000);
    assert_int_equal(oyez_journal_close(&syncer.journal), OYEZ_OK);
    struct oyez_journal_verdict verdict;
    assert_int_equal(oyez_journal_verify(directory, NULL, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.events, 2000);
    assert_true(verdict.clean);
    snprintf(command, sizeof(command), "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_what_was_committed_is_read_back),
        IN_MEMORY(test_what_was_not_written_is_not_read),
        IN_MEMORY(test_a_clean_close_goes_on_in_the_same_segment),
        IN_MEMORY(test_opening_and_closing_alone_writes_nothing),
        IN_MEMORY(test_a_full_segment_is_sealed_and_the_next_begins),
        IN_MEMORY(test_an_old_segment_is_sealed_too),
        IN_MEMORY(test_a_full_group_refuses_and_takes_nothing),
        IN_MEMORY(test_a_second_writer_is_told_who_the_first_is),
        IN_MEMORY(test_an_event_id_is_found_wherever_it_is),
        IN_MEMORY(test_a_record_that_waits_is_found_and_read),
        IN_MEMORY(test_an_event_in_conflict_and_a_repeat_are_not_found_by_id),
        IN_MEMORY(test_a_failed_sync_is_never_tried_again),
        IN_MEMORY(test_a_full_disk_is_said_and_loses_nothing),
        IN_MEMORY(test_a_failure_at_any_call_loses_nothing_acknowledged),
        cmocka_unit_test(test_another_thread_may_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

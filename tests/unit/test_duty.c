// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include "client/recorder/duty.h"
#include "client/recorder/writer.h"
#include "recorder_fixture.h"

#define THREADS 4u
#define DUTIES 10u

// What a duty finds, and leaves.
struct act {
    size_t group_size;
    uint64_t index;
};

static oyez_err record_act(struct recorder_writer *writer, void *arg)
{
    struct act *act = arg;
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_ACT_LAST,
                                               .broker_time = 1,
                                               .details = (const uint8_t *)"act",
                                               .details_size = 3};
    act->group_size = oyez_journal_group_size(writer->journal);
    oyez_err err = oyez_journal_append(writer->journal, &record, &act->index);
    return err == OYEZ_OK ? oyez_journal_commit(writer->journal, NULL) : err;
}

static oyez_err fail_with_reason(struct recorder_writer *writer, void *arg)
{
    (void)writer;
    (void)arg;
    return oyez_fail(OYEZ_ERR_FORBIDDEN, "under the hold audit-%d", 7);
}

static void test_a_duty_is_done_between_two_groups(void **state)
{
    struct recorder_fixture *f = *state;
    struct act act = {.group_size = 1};
    recorder_begin(f);
    recorder_publish_run(f, 1, 3);
    recorder_await_confirm(f, 3);
    assert_int_equal(recorder_duty_do(f->recorder, record_act, &act), OYEZ_OK);
    assert_int_equal(act.group_size, 0);
    recorder_publish_run(f, 4, 2);
    recorder_await_confirm(f, 5);
    recorder_stop(f);
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    assert_int_equal(oyez_journal_reader_open(&reader, f->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_read(reader, act.index, &record), OYEZ_OK);
    assert_int_equal(record.kind, OYEZ_RECORD_ACT_LAST);
    oyez_journal_reader_close(&reader);
}

static void await_checkpoint(struct recorder_fixture *f, uint64_t records)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    unsigned patience = 30000;
    struct oyez_recorder_counters counters = {0};
    while (counters.checkpointed < records) {
        assert_true(patience-- > 0);
        nanosleep(&pause, NULL);
        oyez_recorder_get_counters(f->recorder, &counters);
    }
}

static void test_an_act_is_signed_for_though_no_event_comes(void **state)
{
    struct recorder_fixture *f = *state;
    struct act act;
    f->options.checkpoint_ms = 5;
    recorder_begin(f);
    recorder_publish_run(f, 1, 1);
    recorder_await_confirm(f, 1);
    await_checkpoint(f, 2); // the event, and its catalog
    assert_int_equal(recorder_duty_do(f->recorder, record_act, &act), OYEZ_OK);
    await_checkpoint(f, act.index + 1);
    assert_int_equal(recorder_duty_do(f->recorder, record_act, &act), OYEZ_OK);
    await_checkpoint(f, act.index + 1);
    recorder_stop(f);
}

static void test_an_error_comes_back_with_its_reason(void **state)
{
    struct recorder_fixture *f = *state;
    struct act act;
    recorder_begin(f);
    assert_int_equal(recorder_duty_do(f->recorder, fail_with_reason, NULL), OYEZ_ERR_FORBIDDEN);
    assert_string_equal(oyez_error_detail(), "under the hold audit-7");
    // The recorder goes on.
    assert_int_equal(recorder_duty_do(f->recorder, record_act, &act), OYEZ_OK);
    recorder_publish_run(f, 1, 1);
    recorder_await_confirm(f, 1);
    recorder_stop(f);
}

static void *do_some(void *recorder)
{
    struct act act;
    for (unsigned i = 0; i < DUTIES; i++)
        if (recorder_duty_do(recorder, record_act, &act) != OYEZ_OK || act.group_size != 0)
            return recorder;
    return NULL;
}

static void test_many_who_ask_at_once_take_turns(void **state)
{
    struct recorder_fixture *f = *state;
    pthread_t threads[THREADS];
    recorder_begin(f);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, do_some, f->recorder), 0);
    recorder_publish_run(f, 1, 200);
    recorder_await_confirm(f, 200);
    for (unsigned i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    recorder_stop(f);
    struct oyez_journal_verdict verdict;
    assert_int_equal(oyez_journal_verify(f->directory, NULL, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.events, 200);
    assert_true(verdict.acts >= THREADS * DUTIES);
}

static void fail_writes(struct recorder_fixture *f, int error)
{
    pthread_mutex_lock(&f->lock);
    f->write_error = error;
    pthread_mutex_unlock(&f->lock);
}

static void test_a_recorder_that_failed_does_nothing_more(void **state)
{
    struct recorder_fixture *f = *state;
    struct act act;
    recorder_begin(f);
    recorder_publish_run(f, 1, 1);
    recorder_await_confirm(f, 1);
    fail_writes(f, EIO);
    recorder_publish_run(f, 2, 1);
    recorder_await_failure(f);
    assert_int_equal(recorder_duty_do(f->recorder, record_act, &act), OYEZ_ERR_CLOSED);
    fail_writes(f, 0);
}

int main(void)
{
#define WITH_RECORDER(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)
    const struct CMUnitTest tests[] = {
        WITH_RECORDER(test_a_duty_is_done_between_two_groups),
        WITH_RECORDER(test_an_act_is_signed_for_though_no_event_comes),
        WITH_RECORDER(test_an_error_comes_back_with_its_reason),
        WITH_RECORDER(test_many_who_ask_at_once_take_turns),
        WITH_RECORDER(test_a_recorder_that_failed_does_nothing_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

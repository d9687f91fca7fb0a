// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "oyez/checkpoint.h"
#include "recorder_fixture.h"

// The act that keeps the catalog of the events stands before the first of them.
#define CATALOG 1u

static const oyez_v1_Confirm *await_checkpoint(struct recorder_fixture *fixture, uint64_t position)
{
    const oyez_v1_Confirm *confirm = &fixture->heard.body.confirm;
    do
        fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_confirm_tag, &fixture->heard);
    while (confirm->checkpointed_epoch != fixture->broker.epoch ||
           confirm->checkpointed_position < position);
    return confirm;
}

static uint64_t newest_size(struct recorder_fixture *fixture)
{
    char note[OYEZ_NOTE_SIZE_MAX];
    struct oyez_note parsed;
    struct oyez_checkpoint checkpoint;
    size_t size;
    assert_int_equal(oyez_checkpoint_load(fixture->directory, NULL, note, &size), OYEZ_OK);
    assert_int_equal(oyez_note_parse(&parsed, note, size), OYEZ_OK);
    assert_int_equal(oyez_checkpoint_read(&checkpoint, parsed.text, parsed.text_size), OYEZ_OK);
    return checkpoint.size;
}

static void test_the_broker_is_told_of_checkpoints(void **state)
{
    struct recorder_fixture *fixture = *state;
    fixture->options.checkpoint_ms = 20;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 3);
    const oyez_v1_Confirm *confirm = await_checkpoint(fixture, 3);
    assert_true(confirm->checkpointed_position <= confirm->position);
    assert_int_equal(newest_size(fixture), 3 + CATALOG);
    recorder_publish_run(fixture, 4, 1);
    assert_int_equal(await_checkpoint(fixture, 4)->position, 4);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.checkpointed, 4 + CATALOG);
    assert_true(counters.checkpoints >= 3); // and that of nothing
}

static void test_an_idle_recorder_makes_none(void **state)
{
    struct recorder_fixture *fixture = *state;
    fixture->options.checkpoint_ms = 5;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    await_checkpoint(fixture, 1);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    uint64_t made = counters.checkpoints;
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_confirm_tag, 100));
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.checkpoints, made);
}

static void test_whoever_waits_is_told_before_the_recorder_leaves(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_await_confirm(fixture, 2);
    assert_int_equal(newest_size(fixture), 0);
    recorder_stop(fixture);
    assert_int_equal(newest_size(fixture), 2 + CATALOG);
    // A new session hears of it at once, though nothing is recorded in it.
    recorder_start(fixture);
    recorder_attach(fixture, 2);
    assert_int_equal(await_checkpoint(fixture, 2)->position, 2);
}

static void test_a_checkpoint_that_cannot_be_made_safe_ends_recording(void **state)
{
    struct recorder_fixture *fixture = *state;
    fixture->options.checkpoint_ms = 50;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    pthread_mutex_lock(&fixture->lock);
    fixture->sync_error = EIO;
    pthread_mutex_unlock(&fixture->lock);
    recorder_await_failure(fixture);
    assert_int_equal(fixture->failed, OYEZ_ERR_IO);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.checkpointed, 0);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, recorder_fixture_open, recorder_fixture_close)
    const struct CMUnitTest tests[] = {
        TEST(test_the_broker_is_told_of_checkpoints),
        TEST(test_an_idle_recorder_makes_none),
        TEST(test_whoever_waits_is_told_before_the_recorder_leaves),
        TEST(test_a_checkpoint_that_cannot_be_made_safe_ends_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

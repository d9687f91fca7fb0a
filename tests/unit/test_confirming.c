// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recorder_fixture.h"

static bool hears_confirm(struct recorder_fixture *fixture, long ms)
{
    return fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_confirm_tag, ms);
}

static void test_nothing_is_confirmed_before_its_sync_returned(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    recorder_publish_run(fixture, 2, 1);
    recorder_await_syncs(fixture, syncs + 1);
    assert_false(hears_confirm(fixture, 200));
    recorder_hold_syncs(fixture, false);
    recorder_await_confirm(fixture, 2);
}

static void test_what_comes_during_a_sync_waits_for_the_next(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    recorder_publish_run(fixture, 2, 1);
    recorder_await_syncs(fixture, syncs + 1);
    recorder_publish_run(fixture, 3, 50);
    // Receiving goes on: all of it is written, in one or two groups.
    struct oyez_recorder_counters counters;
    do {
        oyez_recorder_get_counters(fixture->recorder, &counters);
    } while (counters.events < 3);
    assert_int_equal(counters.position, 1);
    recorder_hold_syncs(fixture, false);
    recorder_await_confirm(fixture, 52);
    assert_true(recorder_syncs(fixture) <= syncs + 6);
}

static void test_emitters_that_moved_are_named(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish(fixture,
                     &(struct recorder_batch){.position = 1, .emitter = 1, .seq = 4, .count = 3});
    recorder_publish(fixture, &(struct recorder_batch){.position = 4, .emitter = 2, .seq = 1});
    recorder_publish(fixture, &(struct recorder_batch){
                                  .position = 5, .emitter = 3, .seq = 1, .flags = OYEZ_FLAG_FAST});
    recorder_await_confirm(fixture, 5);
    assert_int_equal(recorder_decided(fixture, 1)->first, 4);
    assert_int_equal(recorder_decided(fixture, 1)->through, 6);
    assert_int_equal(recorder_decided(fixture, 2)->through, 1);
    for (size_t i = 0; i < fixture->told.decided_count; i++)
        assert_int_not_equal(fixture->told.decided[i].emitter_id[15], 3);
    fixture->told.decided_count = 0;
    recorder_publish(fixture, &(struct recorder_batch){.position = 6, .emitter = 2, .seq = 2});
    recorder_await_confirm(fixture, 6);
    assert_int_equal(fixture->told.decided_count, 1);
    assert_int_equal(fixture->told.decided[0].emitter_id[15], 2);
}

static void test_many_emitters_take_several_confirms(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    for (uint64_t i = 2; i <= 200; i++)
        recorder_publish(fixture, &(struct recorder_batch){.position = i, .emitter = i, .seq = 1});
    recorder_await_syncs(fixture, syncs + 1);
    struct oyez_recorder_counters counters;
    do {
        oyez_recorder_get_counters(fixture->recorder, &counters);
    } while (counters.events < 3);
    recorder_hold_syncs(fixture, false);
    bool seen[256] = {false};
    const oyez_v1_Confirm *confirm = &fixture->heard.body.confirm;
    do {
        fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_confirm_tag, &fixture->heard);
        for (pb_size_t i = 0; i < confirm->decided_count; i++)
            seen[confirm->decided[i].emitter_id[15]] = true;
        // Emitter 2 came at position 2, emitter 3 at 3, and so on.
        for (uint64_t i = 2; confirm->complete && i <= confirm->position; i++)
            assert_true(seen[i]);
    } while (confirm->position < 200 || !confirm->complete);
}

// Publishes while one sync runs and another commit waits for it, so that all of it becomes one.
static void publish_as_one(struct recorder_fixture *fixture, unsigned count)
{
    struct oyez_recorder_counters counters;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    recorder_publish_run(fixture, 2, 1);
    recorder_await_syncs(fixture, syncs + 1);
    recorder_publish_run(fixture, 3, 1);
    do {
        oyez_recorder_get_counters(fixture->recorder, &counters);
    } while (counters.events < 3);
    for (uint64_t i = 1; i <= count; i++)
        recorder_publish(fixture,
                         &(struct recorder_batch){
                             .position = 3 + i, .emitter = 2, .seq = i, .flags = OYEZ_FLAG_TELL});
    recorder_heartbeat(fixture, 4 + count, false); // the request shows that all have come
    recorder_expect_repair(fixture, 4 + count, 4 + count);
    recorder_hold_syncs(fixture, false);
}

static void test_places_are_told_before_their_numbers_are_decided(void **state)
{
    enum { COUNT = 300 };
    struct recorder_fixture *fixture = *state;
    const oyez_v1_Confirm *confirm = &fixture->heard.body.confirm;
    bool told[COUNT + 1] = {false};
    uint64_t decided = 0;
    publish_as_one(fixture, COUNT);
    while (decided < COUNT) {
        fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_confirm_tag, &fixture->heard);
        for (pb_size_t i = 0; i < confirm->told_count; i++)
            told[confirm->told[i].emitter_seq] = true;
        for (pb_size_t i = 0; i < confirm->decided_count; i++) {
            if (confirm->decided[i].emitter_id[15] == 2)
                decided = confirm->decided[i].through;
        }
        for (uint64_t seq = 1; seq <= decided; seq++)
            assert_true(told[seq]);
    }
}

static void test_a_batch_that_asked_is_told_its_place(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_publish(
        fixture, &(struct recorder_batch){
                     .position = 2, .emitter = 2, .seq = 7, .count = 3, .flags = OYEZ_FLAG_TELL});
    recorder_await_confirm(fixture, 4);
    assert_int_equal(fixture->told.told_count, 1);
    const oyez_v1_Told *told = &fixture->told.told[0];
    assert_int_equal(told->emitter_id.size, OYEZ_UUID_SIZE);
    assert_int_equal(told->emitter_id.bytes[15], 2);
    assert_int_equal(told->emitter_seq, 7);
    assert_int_equal(told->count, 3);
    assert_int_equal(told->position, 2);
    assert_int_equal(told->index, 2); // the catalog stands first
    assert_int_equal(told->broker_time, 102);
    assert_false(told->duplicate);
}

static void test_a_duplicate_is_told_the_record_that_was_there(void **state)
{
    struct recorder_fixture *fixture = *state;
    const uint32_t flags = OYEZ_FLAG_TELL | OYEZ_FLAG_LOOK_UP;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_publish(
        fixture, &(struct recorder_batch){.position = 2, .emitter = 2, .seq = 1, .flags = flags});
    // Another emitter says the same, with the same id, and one thing more.
    recorder_publish(fixture, &(struct recorder_batch){.position = 3,
                                                       .emitter = 3,
                                                       .seq = 1,
                                                       .flags = flags,
                                                       .event_id = recorder_event_id(2, 1)});
    recorder_await_confirm(fixture, 3);
    assert_int_equal(fixture->told.told_count, 2);
    const oyez_v1_Told *told = &fixture->told.told[1];
    assert_int_equal(told->emitter_id.bytes[15], 3);
    assert_true(told->duplicate);
    assert_int_equal(told->index, 2); // the catalog stands first
    assert_int_equal(told->position, 3);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 2#1\n"
                                     "repeat 1000:3 3#1 of 1\n");
}

static void forget_session(struct recorder_fixture *fixture)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_hello_needed_tag;
    fake_broker_say(&fixture->broker, &message);
}

static void test_a_session_that_opens_again_is_told_everything(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_publish(fixture, &(struct recorder_batch){.position = 3, .emitter = 2, .seq = 1});
    recorder_await_confirm(fixture, 3);
    fixture->told.decided_count = 0;
    forget_session(fixture);
    recorder_attach(fixture, 3);
    recorder_await_confirm(fixture, 3);
    assert_int_equal(recorder_decided(fixture, 1)->through, 2);
    assert_int_equal(recorder_decided(fixture, 2)->through, 1);
}

static void test_a_confirm_is_complete_when_its_session_heard_of_all(void **state)
{
    struct recorder_fixture *fixture = *state;
    struct oyez_recorder_counters counters;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_await_confirm(fixture, 2);
    fixture->told.decided_count = 0;
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    recorder_publish(fixture, &(struct recorder_batch){.position = 3, .emitter = 2, .seq = 1});
    recorder_await_syncs(fixture, syncs + 1);
    recorder_publish(fixture, &(struct recorder_batch){.position = 4, .emitter = 2, .seq = 2});
    do {
        oyez_recorder_get_counters(fixture->recorder, &counters);
    } while (counters.events < 4);
    forget_session(fixture);
    recorder_attach(fixture, 4);
    recorder_let_one_sync(fixture);
    // What this session hears first was decided before it began, and names emitter 2 alone.
    recorder_await_confirm(fixture, 3);
    assert_int_equal(fixture->told.decided_count, 1);
    assert_false(fixture->heard.body.confirm.complete);
    recorder_hold_syncs(fixture, false);
    do {
        recorder_await_confirm(fixture, 4);
    } while (!fixture->heard.body.confirm.complete);
    assert_int_equal(recorder_decided(fixture, 1)->through, 2);
    assert_int_equal(recorder_decided(fixture, 2)->through, 2);
}

static void test_a_mirror_confirms_nothing_and_records_nothing_by_itself(void **state)
{
    struct recorder_fixture *fixture = *state;
    fixture->options.mirror = true;
    recorder_begin(fixture);
    assert_int_equal(fixture->heard.body.hello.role, oyez_v1_Role_ROLE_MIRROR);
    recorder_publish_run(fixture, 1, 2);
    assert_false(hears_confirm(fixture, 200));
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "");
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_nothing_is_confirmed_before_its_sync_returned),
        FIXED(test_what_comes_during_a_sync_waits_for_the_next),
        FIXED(test_emitters_that_moved_are_named),
        FIXED(test_many_emitters_take_several_confirms),
        FIXED(test_places_are_told_before_their_numbers_are_decided),
        FIXED(test_a_batch_that_asked_is_told_its_place),
        FIXED(test_a_duplicate_is_told_the_record_that_was_there),
        FIXED(test_a_session_that_opens_again_is_told_everything),
        FIXED(test_a_confirm_is_complete_when_its_session_heard_of_all),
        FIXED(test_a_mirror_confirms_nothing_and_records_nothing_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

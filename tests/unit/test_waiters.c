// SPDX-License-Identifier: MIT
// Threads that wait for a level: what ends their wait, and what they are told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "client/lib/client_state.h"
#include "recorded_client.h"

static void test_whoever_waits_for_recorded_is_told_position_and_index(void **state)
{
    struct client_fixture *fixture = *state;
    open_session(fixture);
    struct recording recording;
    recording_start(&recording, fixture, 1);
    fake_broker_mark(&fixture->broker, 1, 0);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 20000), OYEZ_OK);
    fake_broker_receipt(
        &fixture->broker,
        &(oyez_v1_Receipt){
            .durable_through = 1,
            .told_count = 1,
            .told = {
                {.emitter_seq = 1, .count = 1, .position = 41, .index = 0, .broker_time = 99}}});
    pthread_join(recording.thread, NULL);
    assert_int_equal(recording.err, OYEZ_OK);
    assert_int_equal(recording.receipt.level, OYEZ_LEVEL_RECORDED);
    assert_int_equal(recording.receipt.epoch, fixture->broker.epoch);
    assert_int_equal(recording.receipt.position, 41);
    assert_int_equal(recording.receipt.broker_time, 99);
    assert_int_equal(recording.receipt.index, 1); // index + 1
    assert_false(recording.receipt.duplicate);
}

static void test_a_receipt_counts_where_the_accept_mark_was_lost(void **state)
{
    struct client_fixture *fixture = *state;
    open_session(fixture);
    struct recording recording;
    recording_start(&recording, fixture, 1);
    fake_broker_receipt(
        &fixture->broker,
        &(oyez_v1_Receipt){
            .durable_through = 1,
            .told_count = 1,
            .told = {
                {.emitter_seq = 1, .count = 1, .position = 7, .index = 5, .duplicate = true}}});
    pthread_join(recording.thread, NULL);
    assert_int_equal(recording.err, OYEZ_OK);
    assert_int_equal(recording.receipt.index, 6);
    assert_true(recording.receipt.duplicate);
    assert_int_equal(counters_of(fixture).accepted, 1);
}

// Somebody waits in this client.
static void await_waiter(struct client_fixture *fixture)
{
    struct oyez_client *client = fixture->client;
    bool waits = false;
    while (!waits) {
        pthread_mutex_lock(&client->lock);
        waits = client->waiters != NULL;
        pthread_mutex_unlock(&client->lock);
        sched_yield();
    }
}

static void *flush_recorded(void *arg)
{
    struct recording *recording = arg;
    recording->err = oyez_client_flush(recording->fixture->client, OYEZ_LEVEL_RECORDED, 20000);
    return NULL;
}

static void test_a_flush_waits_for_what_was_lost_under_its_new_number(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 3);
    fake_broker_mark(&fixture->broker, 3, 0);
    struct recording recording = {.fixture = fixture};
    assert_int_equal(pthread_create(&recording.thread, NULL, flush_recorded, &recording), 0);
    await_waiter(fixture);
    receipt_with_lost(fixture, 3, 2, 3);
    take(fixture, 4);
    assert_string_equal(fixture->taken.batch.event_type, "invariant.reconciled");
    take(fixture, 5);
    assert_string_equal(fixture->taken.batch.event_type, "session.created");
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 30), OYEZ_ERR_TIMEOUT);
    assert_int_equal(pthread_tryjoin_np(recording.thread, NULL), EBUSY);
    receipt(fixture, 5);
    pthread_join(recording.thread, NULL);
    assert_int_equal(recording.err, OYEZ_OK);
    assert_int_equal(counters_of(fixture).reemitted, 2);
}

static void test_a_bus_that_lost_its_recorder_ends_the_wait_for_it(void **state)
{
    struct client_fixture *fixture = *state;
    open_session(fixture);
    struct recording recording;
    recording_start(&recording, fixture, 1);
    fake_broker_mark(&fixture->broker, 1, 0);
    assert_int_equal(floor_told(fixture), 1);
    fixture->broker.epoch++;
    fixture->broker.recorder = false;
    fake_broker_welcome(&fixture->broker, 1);
    pthread_join(recording.thread, NULL);
    assert_int_equal(recording.err, OYEZ_ERR_NO_RECORDER);
    take(fixture, 1);
    fake_broker_mark(&fixture->broker, 1, 0);
    assert_int_equal(floor_told(fixture), 2);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 30),
                     OYEZ_ERR_UNREACHABLE);
}

static void test_a_refused_event_ends_the_wait_and_is_not_emitted_again(void **state)
{
    struct client_fixture *fixture = *state;
    open_session(fixture);
    emit(fixture, "invariant.reconciled");
    take(fixture, 1);
    struct recording recording;
    recording_start(&recording, fixture, 2);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_refusal_tag};
    message.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_TYPES;
    message.body.refusal.emitter_seq = 2;
    message.body.refusal.count = 1;
    fake_broker_say(&fixture->broker, &message);
    fake_broker_mark(&fixture->broker, 2, 0);
    pthread_join(recording.thread, NULL);
    assert_int_equal(recording.err, OYEZ_ERR_REFUSED);
    receipt_with_lost(fixture, 2, 2, 2);
    assert_true(fake_broker_hears_no_batch(&fixture->broker, 50));
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
}

static void *close_client(void *arg)
{
    oyez_client_close(arg);
    return NULL;
}

static void test_close_waits_for_the_receipt(void **state)
{
    struct client_fixture *fixture = *state;
    fixture->client->close_timeout_ms = 20000;
    open_session(fixture);
    emit(fixture, "session.created");
    take(fixture, 1);
    fake_broker_mark(&fixture->broker, 1, 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, close_client, &fixture->client), 0);
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, 100));
    receipt(fixture, 1);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, &fixture->heard);
    pthread_join(thread, NULL);
}

static void test_close_tells_what_was_not_recorded(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 3);
    fake_broker_mark(&fixture->broker, 3, 0);
    receipt(fixture, 1);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_ping_tag, &fixture->heard);
    assert_int_equal(floor_told(fixture), 2);
    oyez_client_close(&fixture->client);
    assert_int_equal(await_notice(fixture, OYEZ_NOTICE_UNSENT, "").count, 2);
}

static void test_there_are_no_other_levels(void **state)
{
    struct client_fixture *fixture = *state;
    open_session(fixture);
    struct oyez_event event = {.event_type = "session.created"};
    assert_int_equal(
        oyez_client_emit_wait(fixture->client, &event, (enum oyez_level)4, 20000, NULL),
        OYEZ_ERR_INVALID);
    assert_int_equal(oyez_client_flush(fixture->client, (enum oyez_level)4, 0), OYEZ_ERR_INVALID);
    assert_int_equal(counters_of(fixture).emitted, 0);
}

static void *emit_checkpointed(void *arg)
{
    struct recording *recording = arg;
    const struct oyez_event event = {.event_type = "session.created"};
    recording->err = oyez_client_emit_wait(recording->fixture->client, &event,
                                           OYEZ_LEVEL_CHECKPOINTED, 20000, &recording->receipt);
    return NULL;
}

static void checkpoint(struct client_fixture *fixture, uint64_t through, uint64_t position,
                       uint64_t covered_epoch, uint64_t covered)
{
    fake_broker_receipt(&fixture->broker, &(oyez_v1_Receipt){.durable_through = through,
                                                             .position = position,
                                                             .checkpointed_epoch = covered_epoch,
                                                             .checkpointed_position = covered});
}

static void test_whoever_waits_for_a_checkpoint_is_told_when_it_covers_the_event(void **state)
{
    struct client_fixture *fixture = *state;
    uint64_t epoch = fixture->broker.epoch;
    open_session(fixture);
    struct recording recording = {.fixture = fixture};
    assert_int_equal(pthread_create(&recording.thread, NULL, emit_checkpointed, &recording), 0);
    await_waiter(fixture);
    take(fixture, 1);
    fake_broker_receipt(
        &fixture->broker,
        &(oyez_v1_Receipt){
            .durable_through = 1,
            .told_count = 1,
            .position = 50,
            .checkpointed_epoch = epoch,
            .checkpointed_position = 40,
            .told = {
                {.emitter_seq = 1, .count = 1, .position = 41, .index = 0, .broker_time = 99}}});
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_CHECKPOINTED, 30),
                     OYEZ_ERR_TIMEOUT);
    assert_non_null(strstr(oyez_error_detail(), "no checkpoint"));
    assert_int_equal(pthread_tryjoin_np(recording.thread, NULL), EBUSY);
    checkpoint(fixture, 1, 50, epoch, 41); // the event, but not all that a flush waits for
    pthread_join(recording.thread, NULL);
    assert_int_equal(recording.err, OYEZ_OK);
    assert_int_equal(recording.receipt.level, OYEZ_LEVEL_CHECKPOINTED);
    assert_int_equal(recording.receipt.position, 41);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_CHECKPOINTED, 30),
                     OYEZ_ERR_TIMEOUT);
    checkpoint(fixture, 1, 50, epoch, 40); // late: takes nothing back
    checkpoint(fixture, 1, 50, epoch + 1, 1);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_CHECKPOINTED, 20000), OYEZ_OK);
}

static void test_a_bus_without_a_recorder_has_no_checkpoints(void **state)
{
    struct client_fixture *fixture = *state;
    fixture->broker.recorder = false;
    open_session(fixture);
    const struct oyez_event event = {.event_type = "session.created"};
    assert_int_equal(
        oyez_client_emit_wait(fixture->client, &event, OYEZ_LEVEL_CHECKPOINTED, 20000, NULL),
        OYEZ_ERR_NO_RECORDER);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_CHECKPOINTED, 20000),
                     OYEZ_ERR_NO_RECORDER);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, recording_fixture_open, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_whoever_waits_for_recorded_is_told_position_and_index),
        TEST(test_a_receipt_counts_where_the_accept_mark_was_lost),
        TEST(test_a_flush_waits_for_what_was_lost_under_its_new_number),
        TEST(test_a_bus_that_lost_its_recorder_ends_the_wait_for_it),
        TEST(test_a_refused_event_ends_the_wait_and_is_not_emitted_again),
        TEST(test_close_waits_for_the_receipt),
        TEST(test_close_tells_what_was_not_recorded),
        TEST(test_there_are_no_other_levels),
        TEST(test_whoever_waits_for_a_checkpoint_is_told_when_it_covers_the_event),
        TEST(test_a_bus_without_a_recorder_has_no_checkpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

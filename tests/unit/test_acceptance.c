// SPDX-License-Identifier: MIT
// What the broker's words do to an emitter's window and to whoever waits.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "client_fixture.h"

static void *emit_and_wait(void *arg)
{
    struct client_fixture *fixture = arg;
    struct oyez_event event = {
        .event_type = "agent.thinking", .run_id = "run-1", .thread_id = "thread-1"};
    struct oyez_receipt *receipt = malloc(sizeof *receipt);
    assert_non_null(receipt);
    oyez_err err = oyez_client_emit_wait(fixture->client, &event, OYEZ_LEVEL_SENT, 20000, receipt);
    if (err != OYEZ_OK)
        receipt->epoch = (uint64_t)err;
    return receipt;
}

static struct oyez_receipt join(pthread_t thread)
{
    void *result;
    pthread_join(thread, &result);
    struct oyez_receipt receipt = *(struct oyez_receipt *)result;
    free(result);
    return receipt;
}

static void test_a_nack_brings_the_same_bytes_from_that_number_on(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 2);
    static struct fake_batch second;
    second = fixture->taken;
    fake_broker_nack(&fixture->broker, 2);
    take(fixture, 2);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
    oyez_batch_set_flags(second.frame, second.batch.body_offset,
                         OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
    assert_int_equal(fixture->taken.size, second.size);
    assert_memory_equal(fixture->taken.frame, second.frame, second.size);
    assert_true(fake_broker_hears_no_batch(&fixture->broker, 50));
}

static void test_a_nack_or_mark_of_another_epoch_or_instance_is_ignored(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 2);
    struct fake_broker stranger = fixture->broker;
    stranger.epoch--;
    fake_broker_nack(&stranger, 1);
    fake_broker_mark(&stranger, 2, 0);
    stranger.epoch++;
    stranger.instance++;
    fake_broker_nack(&stranger, 1);
    fake_broker_mark(&stranger, 2, 0);
    assert_true(fake_broker_hears_no_batch(&fixture->broker, 100));
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.accepted, 0);
    assert_int_equal(counters.resent, 0);
}

static void test_whoever_waits_gets_the_stamp_and_a_fast_type_goes_durable(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, emit_and_wait, fixture), 0);
    take(fixture, 1);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_TELL | OYEZ_FLAG_CHECKED);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_accept_mark_tag};
    oyez_v1_AcceptMark *mark = &message.body.accept_mark;
    mark->epoch = fixture->broker.epoch;
    mark->instance = fixture->broker.instance;
    mark->durable_through = 1;
    mark->stamps_count = 1;
    mark->stamps[0] =
        (oyez_v1_Stamp){.emitter_seq = 1, .count = 1, .position = 4711, .broker_time = 99};
    fake_broker_say(&fixture->broker, &message);
    struct oyez_receipt receipt = join(thread);
    assert_int_equal(receipt.position, 4711);
    assert_int_equal(receipt.epoch, fixture->broker.epoch);
    assert_int_equal(receipt.broker_time, 99);
    assert_int_equal(receipt.level, OYEZ_LEVEL_SENT);
    assert_false(oyez_uuid_is_zero(receipt.event_id));
}

static void test_a_refused_event_ends_its_wait_with_refused(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, emit_and_wait, fixture), 0);
    take(fixture, 1);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_refusal_tag};
    message.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_TYPES;
    message.body.refusal.emitter_seq = 1;
    message.body.refusal.count = 1;
    strcpy(message.body.refusal.event_type, "agent.thinking");
    fake_broker_say(&fixture->broker, &message);
    fake_broker_mark(&fixture->broker, 1, 0);
    assert_int_equal(join(thread).epoch, OYEZ_ERR_REFUSED);
}

static void test_a_refusal_that_was_lost_is_told_by_the_mark(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, emit_and_wait, fixture), 0);
    take(fixture, 1);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_accept_mark_tag};
    message.body.accept_mark.epoch = fixture->broker.epoch;
    message.body.accept_mark.instance = fixture->broker.instance;
    message.body.accept_mark.durable_through = 1;
    message.body.accept_mark.refused = 1;
    fake_broker_say(&fixture->broker, &message);
    assert_int_equal(join(thread).epoch, OYEZ_ERR_REFUSED);
}

static void test_silence_with_unaccepted_events_is_ended_by_a_sync(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 2);
    fake_broker_take(&fixture->broker, &fixture->taken, true);
    assert_string_equal(fixture->taken.batch.event_type, "oyez.sync");
    assert_int_equal(fixture->taken.batch.emitter_seq, 3);
    fake_broker_nack(&fixture->broker, 2);
    take(fixture, 2);
    fake_broker_mark(&fixture->broker, 2, 0);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 5000), OYEZ_OK);
}

static void test_a_fast_event_is_sent_once_and_its_loss_is_counted(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    emit(fixture, "agent.thinking");
    take(fixture, 1);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_FAST | OYEZ_FLAG_CHECKED);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_accept_mark_tag};
    message.body.accept_mark.epoch = fixture->broker.epoch;
    message.body.accept_mark.instance = fixture->broker.instance;
    message.body.accept_mark.fast_through = 1;
    message.body.accept_mark.fast_lost = 3;
    fake_broker_say(&fixture->broker, &message);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 5000), OYEZ_OK);
    fake_broker_nack(&fixture->broker, 1);
    assert_true(fake_broker_hears_no_batch(&fixture->broker, 100));
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.fast_lost, 3);
}

static void *flush_sent(void *client)
{
    return (void *)(intptr_t)oyez_client_flush(client, OYEZ_LEVEL_SENT, 5000);
}

static void test_the_loss_of_the_last_fast_event_ends_a_flush(void **state)
{
    struct client_fixture *fixture = *state;
    pthread_t thread;
    void *result;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    emit(fixture, "agent.thinking");
    take(fixture, 1); // and say nothing, as a broker that it has not reached
    assert_int_equal(pthread_create(&thread, NULL, flush_sent, fixture->client), 0);
    do
        fake_broker_take(&fixture->broker, &fixture->taken, true);
    while (fixture->taken.batch.flags != OYEZ_FLAG_FAST);
    assert_string_equal(fixture->taken.batch.event_type, "oyez.sync");
    assert_int_equal(fixture->taken.batch.emitter_seq, 2);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_accept_mark_tag};
    message.body.accept_mark.epoch = fixture->broker.epoch;
    message.body.accept_mark.instance = fixture->broker.instance;
    message.body.accept_mark.fast_through = 1;
    message.body.accept_mark.fast_lost = 1;
    fake_broker_say(&fixture->broker, &message);
    pthread_join(thread, &result);
    assert_int_equal((intptr_t)result, OYEZ_OK);
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.fast_lost, 1);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_open, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_nack_brings_the_same_bytes_from_that_number_on),
        TEST(test_a_nack_or_mark_of_another_epoch_or_instance_is_ignored),
        TEST(test_whoever_waits_gets_the_stamp_and_a_fast_type_goes_durable),
        TEST(test_a_refused_event_ends_its_wait_with_refused),
        TEST(test_a_refusal_that_was_lost_is_told_by_the_mark),
        TEST(test_silence_with_unaccepted_events_is_ended_by_a_sync),
        TEST(test_a_fast_event_is_sent_once_and_its_loss_is_counted),
        TEST(test_the_loss_of_the_last_fast_event_ends_a_flush),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

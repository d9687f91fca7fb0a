// SPDX-License-Identifier: MIT
// A bus with a recorder: events are kept until they are on its disk.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "recorded_client.h"

static void test_a_receipt_lets_go_of_events_and_an_accept_mark_does_not(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 3);
    fake_broker_mark(&fixture->broker, 3, 0);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 20000), OYEZ_OK);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 30), OYEZ_ERR_TIMEOUT);
    assert_int_equal(floor_told(fixture), 1);
    fake_broker_welcome(&fixture->broker, 4);
    receipt(fixture, 2);
    assert_int_equal(floor_told(fixture), 3);
    assert_int_equal(counters_of(fixture).recorded, 2);
    fake_broker_welcome(&fixture->broker, 4);
    receipt(fixture, 3);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(counters_of(fixture).accepted, 3);
    assert_int_equal(counters_of(fixture).recorded, 3);
    assert_int_equal(counters_of(fixture).resent, 0);
}

// The event of a batch of one, as bytes.
static const uint8_t *only_event(const struct fake_batch *taken, size_t *size)
{
    const uint8_t *cursor = taken->batch.events;
    const uint8_t *event;
    assert_int_equal(taken->batch.event_count, 1);
    assert_true(oyez_batch_next_event(&taken->batch, &cursor, &event, size));
    return event;
}

static void test_a_lost_event_goes_out_again_under_a_new_number_with_its_id(void **state)
{
    struct client_fixture *fixture = *state;
    open_session(fixture);
    struct recording first;
    struct recording second;
    recording_start(&first, fixture, 1);
    static struct fake_batch lost;
    memcpy(lost.frame, fixture->taken.frame, fixture->taken.size);
    assert_int_equal(oyez_batch_walk(&lost.batch, lost.frame, fixture->taken.size), OYEZ_BATCH_OK);
    recording_start(&second, fixture, 2);
    fake_broker_mark(&fixture->broker, 2, 0);
    receipt_with_lost(fixture, 2, 1, 1);
    pthread_join(second.thread, NULL);
    assert_int_equal(second.err, OYEZ_OK);
    take(fixture, 3);
    assert_int_equal(fixture->taken.batch.flags,
                     OYEZ_FLAG_TELL | OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
    size_t size;
    size_t lost_size;
    const uint8_t *event = only_event(&fixture->taken, &size);
    const uint8_t *lost_event = only_event(&lost, &lost_size);
    assert_int_equal(size, lost_size);
    assert_memory_equal(event, lost_event, size);
    assert_int_equal(await_notice(fixture, OYEZ_NOTICE_REEMITTED, "").count, 1);
    fake_broker_receipt(
        &fixture->broker,
        &(oyez_v1_Receipt){.durable_through = 3,
                           .told_count = 1,
                           .told = {{.emitter_seq = 3, .count = 1, .position = 12, .index = 8}}});
    pthread_join(first.thread, NULL);
    assert_int_equal(first.err, OYEZ_OK);
    assert_int_equal(first.receipt.position, 12);
    assert_int_equal(first.receipt.index, 9);
    assert_int_equal(counters_of(fixture).reemitted, 1);
    assert_int_equal(counters_of(fixture).emitted, 2);
}

static void test_a_repeated_or_older_receipt_does_nothing(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 4);
    receipt_with_lost(fixture, 3, 1, 1);
    take(fixture, 5);
    receipt_with_lost(fixture, 3, 1, 1);
    receipt_with_lost(fixture, 2, 2, 2);
    assert_int_equal(floor_told(fixture), 4);
    fake_broker_welcome(&fixture->broker, 6);
    receipt(fixture, 5);
    receipt(fixture, 4);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(counters_of(fixture).reemitted, 1);
}

static void test_a_receipt_for_what_was_never_sent_is_malformed(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 1);
    receipt_with_lost(fixture, 2, 1, UINT64_MAX);
    assert_int_equal(floor_told(fixture), 1);
    assert_int_equal(counters_of(fixture).malformed, 1);
}

static void test_half_a_batch_waits_for_its_other_half(void **state)
{
    struct client_fixture *fixture = *state;
    emit(fixture, "session.created");
    emit(fixture, "session.created");
    open_session(fixture);
    take(fixture, 1);
    assert_int_equal(fixture->taken.batch.event_count, 2);
    receipt_with_lost(fixture, 1, 1, 1);
    assert_int_equal(floor_told(fixture), 1);
    fake_broker_welcome(&fixture->broker, 3);
    receipt(fixture, 2);
    assert_int_equal(floor_told(fixture), 3);
    assert_int_equal(counters_of(fixture).reemitted, 0);
}

static void test_a_lost_part_of_a_batch_goes_alone(void **state)
{
    struct client_fixture *fixture = *state;
    for (int i = 0; i < 4; i++)
        emit(fixture, "session.created");
    open_session(fixture);
    take(fixture, 1);
    assert_int_equal(fixture->taken.batch.event_count, 4);
    receipt_with_lost(fixture, 4, 2, 3);
    take(fixture, 5);
    assert_int_equal(fixture->taken.batch.event_count, 2);
    assert_int_equal(counters_of(fixture).recorded, 2);
    receipt(fixture, 6);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(counters_of(fixture).recorded, 4);
}

// Emits until the window is full, and sees all of it come in. Returns the number of events.
static uint64_t fill(struct client_fixture *fixture, const char *details, size_t size)
{
    struct oyez_event event = {
        .event_type = "session.created", .details = details, .details_size = size};
    uint64_t count = 0;
    while (oyez_client_emit(fixture->client, &event, NULL) == OYEZ_OK)
        count++;
    open_session(fixture);
    for (uint64_t seen = 0; seen < count; seen += fixture->taken.batch.event_count)
        take(fixture, seen + 1);
    return count;
}

static void test_a_full_window_has_room_for_what_it_lost(void **state)
{
    struct client_fixture *fixture = *state;
    uint64_t count = fill(fixture, NULL, 0);
    assert_true(count > 10000);
    uint64_t last_batch = count - fixture->taken.batch.event_count;
    receipt_with_lost(fixture, last_batch, 1, last_batch);
    for (uint64_t seen = 0; seen < last_batch; seen += fixture->taken.batch.event_count) {
        take(fixture, count + seen + 1);
        assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
    }
    receipt(fixture, count + last_batch);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(counters_of(fixture).reemitted, last_batch);
}

static void test_large_lost_events_find_their_places_again(void **state)
{
    struct client_fixture *fixture = *state;
    static char details[250000];
    memset(details, ' ', sizeof details);
    details[0] = '{';
    details[sizeof details - 1] = '}';
    uint64_t count = fill(fixture, details, sizeof details);
    assert_true(count > 20);
    // Again and again, so that the frames come to lie across the ring's end in every way.
    uint64_t next = count + 1;
    for (uint64_t first = 1; first < 200; first += 3, next += 2) {
        receipt_with_lost(fixture, first + 2, first, first + 1);
        take(fixture, next);
        take(fixture, next + 1);
        struct oyez_event event = {
            .event_type = "session.created", .details = details, .details_size = sizeof details};
        if (oyez_client_emit(fixture->client, &event, NULL) == OYEZ_OK)
            take(fixture, next++ + 2);
    }
    receipt(fixture, next - 1);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(counters_of(fixture).malformed, 0);
}

static void test_a_new_epoch_gets_everything_without_a_receipt_again(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 3);
    fake_broker_mark(&fixture->broker, 3, 0);
    receipt(fixture, 1);
    assert_int_equal(floor_told(fixture), 2);
    struct fake_broker before = fixture->broker;
    fixture->broker.epoch++;
    fixture->broker.instance++;
    fake_broker_welcome(&fixture->broker, 2);
    take(fixture, 2);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
    take(fixture, 3);
    fake_broker_receipt(&before, &(oyez_v1_Receipt){.durable_through = 3});
    // What was sent stays sent, but the new broker has to be asked about it.
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 20000), OYEZ_OK);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 30), OYEZ_ERR_TIMEOUT);
    fake_broker_take(&fixture->broker, &fixture->taken, true);
    assert_int_equal(fixture->taken.batch.emitter_seq, 4);
    fake_broker_mark(&fixture->broker, 3, 0);
    receipt(fixture, 3);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_RECORDED, 20000), OYEZ_OK);
    assert_int_equal(counters_of(fixture).accepted, 3);
    assert_int_equal(counters_of(fixture).resent, 2);
}

static void test_a_broker_that_forgot_the_emitter_gets_its_events_again(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 2);
    fake_broker_mark(&fixture->broker, 2, 0);
    assert_int_equal(floor_told(fixture), 1);
    fake_broker_welcome(&fixture->broker, 1);
    take(fixture, 1);
    take(fixture, 2);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
}

static void test_a_refused_event_at_the_end_needs_no_receipt(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 2);
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_refusal_tag};
    message.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_TYPES;
    message.body.refusal.emitter_seq = 2;
    message.body.refusal.count = 1;
    fake_broker_say(&fixture->broker, &message);
    fake_broker_mark(&fixture->broker, 2, 0);
    receipt(fixture, 1);
    assert_int_equal(floor_told(fixture), 3);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, recording_fixture_open, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_receipt_lets_go_of_events_and_an_accept_mark_does_not),
        TEST(test_a_lost_event_goes_out_again_under_a_new_number_with_its_id),
        TEST(test_a_repeated_or_older_receipt_does_nothing),
        TEST(test_a_receipt_for_what_was_never_sent_is_malformed),
        TEST(test_half_a_batch_waits_for_its_other_half),
        TEST(test_a_lost_part_of_a_batch_goes_alone),
        TEST(test_a_full_window_has_room_for_what_it_lost),
        TEST(test_large_lost_events_find_their_places_again),
        TEST(test_a_new_epoch_gets_everything_without_a_receipt_again),
        TEST(test_a_broker_that_forgot_the_emitter_gets_its_events_again),
        TEST(test_a_refused_event_at_the_end_needs_no_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

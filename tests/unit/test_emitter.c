// SPDX-License-Identifier: MIT
// A client that emits, against a broker played word by word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client_fixture.h"
#include "wire/envelope.h"

static void test_what_is_emitted_before_the_broker_comes_is_sent_when_it_does(void **state)
{
    struct client_fixture *fixture = *state;
    emit(fixture, "session.created");
    emit(fixture, "session.created");
    emit(fixture, "invariant.reconciled");
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    take(fixture, 1);
    assert_int_equal(fixture->taken.batch.event_count, 2);
    assert_string_equal(fixture->taken.batch.event_type, "session.created");
    take(fixture, 3);
}

static void test_an_unstamped_batch_carries_the_client_id_of_the_hello(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 1);
    const struct oyez_batch *batch = &fixture->taken.batch;
    assert_int_equal(batch->epoch, 0);
    assert_int_equal(batch->position, 0);
    assert_int_equal(batch->flags, OYEZ_FLAG_CHECKED);
    assert_memory_equal(batch->emitter_id, fixture->heard.body.hello.client_id, OYEZ_UUID_SIZE);
}

static void test_a_full_window_refuses_until_something_is_accepted(void **state)
{
    struct client_fixture *fixture = *state;
    struct oyez_event event = {.event_type = "session.created"};
    oyez_err err = OYEZ_OK;
    uint64_t taken = 0;
    while ((err = oyez_client_emit(fixture->client, &event, NULL)) == OYEZ_OK)
        taken++;
    assert_int_equal(err, OYEZ_ERR_FULL);
    assert_true(taken > 10000);
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    take(fixture, 1);
    assert_int_equal(oyez_client_emit(fixture->client, &event, NULL), OYEZ_ERR_FULL);
    fake_broker_mark(&fixture->broker, fixture->taken.batch.event_count, 0);
    // Back-pressure ends with the mark: a waiting emit gets its place.
    struct oyez_receipt receipt;
    assert_int_equal(oyez_client_emit_wait(fixture->client, &event, OYEZ_LEVEL_SENT, 300, &receipt),
                     OYEZ_ERR_TIMEOUT);
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.emitted, taken + 1);
}

static void test_recorded_is_refused_where_there_is_no_recorder(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    struct oyez_event event = {.event_type = "session.created"};
    assert_int_equal(
        oyez_client_emit_wait(fixture->client, &event, OYEZ_LEVEL_RECORDED, 20000, NULL),
        OYEZ_ERR_NO_RECORDER);
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.emitted, 0);
}

static void test_a_caller_s_event_id_is_looked_up_and_personal_types_get_a_salt(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    struct oyez_event event = {.event_type = "UserLoggedInEvent",
                               .event_id = oyez_uuid_new(),
                               .details = "{\"username\":\"mika\"}"};
    struct oyez_uuid id;
    assert_int_equal(oyez_client_emit(fixture->client, &event, &id), OYEZ_OK);
    assert_true(oyez_uuid_equal(id, event.event_id));
    take(fixture, 1);
    assert_int_equal(fixture->taken.batch.flags,
                     OYEZ_FLAG_LOOK_UP | OYEZ_FLAG_PERSONAL | OYEZ_FLAG_CHECKED);
    const uint8_t *cursor = fixture->taken.batch.events;
    const uint8_t *bytes;
    size_t size;
    assert_true(oyez_batch_next_event(&fixture->taken.batch, &cursor, &bytes, &size));
    struct oyez_event_parts parts;
    assert_int_equal(oyez_event_split(&parts, bytes, size), OYEZ_OK);
    assert_int_equal(parts.salt_size, OYEZ_SALT_SIZE);
}

static void test_defaults_fill_what_an_event_leaves_open(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_ping_tag, &fixture->heard);
    oyez_client_close(&fixture->client);
    struct oyez_event defaults = {
        .plan_id = "P1", .source = "worker", .tags = {{"env", "prod"}, {"zone", "a"}}};
    struct oyez_client_options options = {
        .endpoint = fixture->broker.control_endpoint, .defaults = &defaults, .close_timeout_ms = 1};
    assert_int_equal(oyez_client_open(&fixture->client, &options, 0), OYEZ_OK);
    memset(&defaults, 0, sizeof defaults); // copied: the caller's may go
    assert_true(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, 20000));
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    struct oyez_event event = {
        .event_type = "session.created", .plan_id = "P2", .tags = {{"env", "dev"}}};
    assert_int_equal(oyez_client_emit(fixture->client, &event, NULL), OYEZ_OK);
    take(fixture, 1);
    const uint8_t *cursor = fixture->taken.batch.events;
    const uint8_t *bytes;
    size_t size;
    assert_true(oyez_batch_next_event(&fixture->taken.batch, &cursor, &bytes, &size));
    static char scratch[OYEZ_DECODE_SCRATCH_SIZE];
    struct oyez_event got = {0};
    assert_int_equal(oyez_event_decode(&got, bytes, size, scratch), OYEZ_OK);
    assert_string_equal(got.plan_id, "P2");
    assert_string_equal(got.source, "worker");
    assert_string_equal(got.schema_version, "1.0.0");
    assert_string_equal(got.tags[0].value, "dev");
    assert_string_equal(got.tags[1].key, "zone");
    assert_null(got.tags[2].key);
    assert_true(got.occurred_at > 0);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_open, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_emitted_before_the_broker_comes_is_sent_when_it_does),
        TEST(test_an_unstamped_batch_carries_the_client_id_of_the_hello),
        TEST(test_a_full_window_refuses_until_something_is_accepted),
        TEST(test_recorded_is_refused_where_there_is_no_recorder),
        TEST(test_a_caller_s_event_id_is_looked_up_and_personal_types_get_a_salt),
        TEST(test_defaults_fill_what_an_event_leaves_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

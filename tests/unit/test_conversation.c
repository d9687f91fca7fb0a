// SPDX-License-Identifier: MIT
// A client and its broker on control: sessions, epochs, versions, status.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client_fixture.h"

static void *ask_status(void *arg)
{
    struct client_fixture *fixture = arg;
    struct oyez_status *status = malloc(sizeof *status);
    assert_non_null(status);
    if (oyez_client_status(fixture->client, status, 20000) != OYEZ_OK)
        status->epoch = 0;
    return status;
}

static void test_hello_is_said_again_until_it_is_answered(void **state)
{
    struct client_fixture *fixture = *state;
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    oyez_v1_Hello first = fixture->heard.body.hello;
    assert_int_equal(fixture->heard.protocol_version, OYEZ_PROTOCOL_VERSION);
    assert_int_equal(first.durable_floor, 1);
    assert_int_equal(first.fast_floor, 1);
    assert_int_equal(first.process_id, getpid());
    assert_string_equal(first.name, "test");
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    assert_memory_equal(first.client_id, fixture->heard.body.hello.client_id, OYEZ_UUID_SIZE);
    fake_broker_welcome(&fixture->broker, 1);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_ping_tag, &fixture->heard);
}

static void test_an_accepted_event_is_not_sent_again_by_a_new_epoch(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 3);
    fake_broker_mark(&fixture->broker, 2, 0);
    fixture->broker.epoch++;
    fixture->broker.instance++;
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_ping_tag, &fixture->heard);
    oyez_v1_FromBroker needed = {.which_body = oyez_v1_FromBroker_hello_needed_tag};
    fake_broker_say(&fixture->broker, &needed);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    assert_int_equal(fixture->heard.body.hello.durable_floor, 3);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, fixture->broker.epoch - 1);
    fake_broker_welcome(&fixture->broker, 3);
    take(fixture, 3);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_RESENT | OYEZ_FLAG_CHECKED);
}

static void test_a_nack_below_the_floor_is_answered_by_a_new_hello(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 3);
    fake_broker_mark(&fixture->broker, 2, 0);
    fake_broker_nack(&fixture->broker, 1);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    assert_int_equal(fixture->heard.body.hello.durable_floor, 3);
}

static void test_another_protocol_version_is_named_with_both_numbers(void **state)
{
    struct client_fixture *fixture = *state;
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    oyez_v1_FromBroker message = {.protocol_version = 9,
                                  .which_body = oyez_v1_FromBroker_refusal_tag};
    message.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_VERSION;
    fake_broker_say(&fixture->broker, &message);
    struct oyez_event event = {.event_type = "session.created"};
    oyez_err err = OYEZ_OK;
    for (int i = 0; i < 100 && err != OYEZ_ERR_VERSION; i++)
        err = oyez_client_emit_wait(fixture->client, &event, OYEZ_LEVEL_SENT, 50, NULL);
    assert_int_equal(err, OYEZ_ERR_VERSION);
    assert_non_null(strstr(oyez_error_detail(), "version 9"));
    assert_non_null(strstr(oyez_error_detail(), "client 1"));
}

static void test_the_broker_s_status_is_the_worst_of_its_components(void **state)
{
    struct client_fixture *fixture = *state;
    welcome(fixture, 1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_status, fixture), 0);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_status_request_tag, &fixture->heard);
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.request_id = fixture->heard.request_id;
    message.which_body = oyez_v1_FromBroker_status_tag;
    oyez_v1_Status *status = &message.body.status;
    status->epoch = 1000;
    status->components_count = 2;
    strcpy(status->components[0].name, "broker");
    strcpy(status->components[1].name, "recorder");
    status->components[1].status = oyez_v1_Health_HEALTH_DEGRADED;
    status->counters_count = 1;
    strcpy(status->counters[0].name, "events");
    status->counters[0].value = 12;
    fake_broker_say(&fixture->broker, &message);
    void *result;
    pthread_join(thread, &result);
    struct oyez_status *got = result;
    assert_int_equal(got->epoch, 1000);
    assert_int_equal(got->health, OYEZ_DEGRADED);
    assert_string_equal(got->components[1].name, "recorder");
    assert_int_equal(got->counters[0].value, 12);
    free(got);
}

static void test_close_tells_what_was_not_accepted(void **state)
{
    struct client_fixture *fixture = *state;
    send_some(fixture, 2);
    oyez_client_close(&fixture->client);
    assert_null(fixture->client);
    assert_int_equal(await_notice(fixture, OYEZ_NOTICE_UNSENT, "").count, 2);
    assert_true(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, 20000));
}

static void test_a_child_process_cannot_use_its_parent_s_client(void **state)
{
    struct client_fixture *fixture = *state;
    pid_t child = fork();
    if (child == 0) {
        struct oyez_event event = {.event_type = "session.created"};
        bool ok = oyez_client_emit(fixture->client, &event, NULL) == OYEZ_ERR_FORKED &&
                  oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 0) == OYEZ_ERR_FORKED;
        oyez_client_close(&fixture->client);
        _exit(ok && fixture->client == NULL ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_without_a_broker_open_and_waits_end_unreachable(void **state)
{
    (void)state;
    oyez_client *client = NULL;
    struct oyez_client_options options = {.endpoint = "tcp://127.0.0.1:1", .close_timeout_ms = 1};
    assert_int_equal(oyez_client_open(&client, &options, 50), OYEZ_ERR_UNREACHABLE);
    assert_null(client);
    assert_non_null(strstr(oyez_error_detail(), "tcp://127.0.0.1:1"));
    assert_int_equal(oyez_client_open(&client, &options, 0), OYEZ_OK);
    struct oyez_event event = {.event_type = "session.created"};
    assert_int_equal(oyez_client_emit_wait(client, &event, OYEZ_LEVEL_SENT, 50, NULL),
                     OYEZ_ERR_UNREACHABLE);
    assert_int_equal(oyez_client_flush(client, OYEZ_LEVEL_SENT, 50), OYEZ_ERR_UNREACHABLE);
    oyez_client_close(&client);
    options.endpoint = "nonsense";
    assert_int_equal(oyez_client_open(&client, &options, 50), OYEZ_ERR_INVALID);
    oyez_client_close(&client);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_open, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_hello_is_said_again_until_it_is_answered),
        TEST(test_an_accepted_event_is_not_sent_again_by_a_new_epoch),
        TEST(test_a_nack_below_the_floor_is_answered_by_a_new_hello),
        TEST(test_another_protocol_version_is_named_with_both_numbers),
        TEST(test_the_broker_s_status_is_the_worst_of_its_components),
        TEST(test_close_tells_what_was_not_accepted),
        TEST(test_a_child_process_cannot_use_its_parent_s_client),
        cmocka_unit_test(test_without_a_broker_open_and_waits_end_unreachable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

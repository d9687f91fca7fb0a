// SPDX-License-Identifier: MIT
// A consumer with a broker and a recorder behind it, both real and in this process.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oyez/broker.h"
#include "oyez/consumer.h"
#include "oyez/recorder.h"
#include "recorder_fixture.h"

#define WAIT_MS 20000u

struct bus {
    char directory[64];
    char endpoint[128];
    oyez_broker *broker;
    oyez_recorder *recorder;
    oyez_client *client; // emits, and has consumers
    oyez_client *other;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    char seen[256]; // numbers of handled events, each with a blank
    unsigned fail_at;
};

static void start_servers(struct bus *bus)
{
    const struct oyez_broker_options broker = {.listen = bus->endpoint,
                                               .recorder = OYEZ_BROKER_RECORDER_WAIT};
    const struct oyez_recorder_options recorder = {.endpoint = bus->endpoint,
                                                   .directory = bus->directory};
    assert_int_equal(oyez_broker_open(&bus->broker, &broker), OYEZ_OK);
    assert_int_equal(oyez_recorder_open(&bus->recorder, &recorder), OYEZ_OK);
    assert_int_equal(oyez_recorder_wait(bus->recorder, WAIT_MS), OYEZ_OK);
}

static void stop_servers(struct bus *bus)
{
    oyez_recorder_close(&bus->recorder);
    oyez_broker_close(&bus->broker);
}

static int open_bus(void **state)
{
    struct bus *bus = calloc(1, sizeof *bus);
    assert_non_null(bus);
    snprintf(bus->directory, sizeof bus->directory, "/tmp/oyez-consumer-XXXXXX");
    assert_non_null(mkdtemp(bus->directory));
    snprintf(bus->endpoint, sizeof bus->endpoint, "ipc://%s/bus", bus->directory);
    pthread_mutex_init(&bus->lock, NULL);
    pthread_cond_init(&bus->changed, NULL);
    start_servers(bus);
    const struct oyez_client_options options = {.endpoint = bus->endpoint, .name = "test"};
    assert_int_equal(oyez_client_open(&bus->client, &options, WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_client_open(&bus->other, &options, WAIT_MS), OYEZ_OK);
    *state = bus;
    return 0;
}

static int close_bus(void **state)
{
    struct bus *bus = *state;
    oyez_client_close(&bus->other);
    oyez_client_close(&bus->client);
    stop_servers(bus);
    recorder_remove_directory(bus->directory);
    pthread_cond_destroy(&bus->changed);
    pthread_mutex_destroy(&bus->lock);
    free(bus);
    return 0;
}

static void emit(struct bus *bus, const char *type, unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    const struct oyez_event event = {.event_type = type, .correlation_id = text};
    assert_int_equal(oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_RECORDED, WAIT_MS, NULL),
                     OYEZ_OK);
}

static void emit_run(struct bus *bus, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        emit(bus, "session.created", i);
}

static oyez_consumer *open_one(struct bus *bus, const struct oyez_consumer_options *options)
{
    oyez_consumer *consumer;
    oyez_err err = oyez_consumer_open(&consumer, bus->client, "billing", options, WAIT_MS);
    if (err != OYEZ_OK)
        fail_msg("%s: %s", oyez_strerror(err), oyez_error_detail());
    return consumer;
}

static void expect_next(oyez_consumer *consumer, unsigned number)
{
    const struct oyez_event *event;
    oyez_err err = oyez_consumer_next(consumer, &event, WAIT_MS);
    if (err != OYEZ_OK)
        fail_msg("%s: %s", oyez_strerror(err), oyez_error_detail());
    assert_int_equal(strtoul(event->correlation_id, NULL, 10), number);
}

static void expect_no_more(oyez_consumer *consumer)
{
    const struct oyez_event *event;
    assert_int_equal(oyez_consumer_next(consumer, &event, 50), OYEZ_ERR_TIMEOUT);
}

static void test_what_was_pulled_and_not_committed_comes_again(void **state)
{
    struct bus *bus = *state;
    emit_run(bus, 1, 4);
    oyez_consumer *consumer = open_one(bus, NULL);
    expect_next(consumer, 1);
    expect_next(consumer, 2);
    assert_int_equal(oyez_consumer_commit(consumer, WAIT_MS), OYEZ_OK);
    expect_next(consumer, 3);
    oyez_consumer_close(&consumer);
    assert_null(consumer);
    consumer = open_one(bus, NULL);
    expect_next(consumer, 3);
    expect_next(consumer, 4);
    expect_no_more(consumer);
    emit_run(bus, 5, 5);
    expect_next(consumer, 5);
    oyez_consumer_close(&consumer);
}

static void test_a_name_has_one_holder_and_is_free_at_once_after_a_close(void **state)
{
    struct bus *bus = *state;
    const struct oyez_consumer_options options = {.lease_ms = 60000, .holder_name = "the first"};
    oyez_consumer *consumer = open_one(bus, &options), *second;
    assert_int_equal(oyez_consumer_open(&second, bus->other, "billing", NULL, 1000), OYEZ_ERR_BUSY);
    assert_non_null(strstr(oyez_error_detail(), "the first"));
    assert_null(second);
    oyez_consumer_close(&consumer);
    assert_int_equal(oyez_consumer_open(&second, bus->other, "billing", NULL, WAIT_MS), OYEZ_OK);
    oyez_consumer_close(&second);
}

static void test_a_slow_application_keeps_its_lease(void **state)
{
    struct bus *bus = *state;
    const struct oyez_consumer_options options = {.lease_ms = 300};
    oyez_consumer *consumer = open_one(bus, &options), *second;
    emit_run(bus, 1, 1);
    expect_next(consumer, 1); // and takes its time over it
    assert_int_equal(oyez_consumer_open(&second, bus->other, "billing", NULL, 1000), OYEZ_ERR_BUSY);
    assert_int_equal(oyez_consumer_commit(consumer, WAIT_MS), OYEZ_OK);
    oyez_consumer_close(&consumer);
}

static void test_a_holder_that_lost_its_name_is_told_and_gives_out_no_more(void **state)
{
    struct bus *bus = *state;
    const struct oyez_event *event;
    emit_run(bus, 1, 3);
    oyez_consumer *consumer = open_one(bus, NULL);
    expect_next(consumer, 1);
    // As if its lease had run out: the record of it goes with the file, and another takes the name.
    char path[128];
    stop_servers(bus);
    snprintf(path, sizeof path, "%s/consumers.state", bus->directory);
    assert_int_equal(unlink(path), 0);
    start_servers(bus);
    oyez_consumer *second;
    assert_int_equal(oyez_consumer_open(&second, bus->other, "billing", NULL, WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_consumer_commit(consumer, WAIT_MS), OYEZ_ERR_BUSY);
    assert_int_equal(oyez_consumer_next(consumer, &event, WAIT_MS), OYEZ_ERR_BUSY);
    assert_int_equal(oyez_consumer_wait(consumer, WAIT_MS), OYEZ_ERR_BUSY);
    oyez_consumer_close(&consumer);
    expect_next(second, 1);
    oyez_consumer_close(&second);
}

static void test_patterns_choose_and_what_they_pass_over_is_committed(void **state)
{
    struct bus *bus = *state;
    static const char *const patterns[] = {"invariant.reconciled"};
    const struct oyez_consumer_options options = {
        .patterns = patterns, .pattern_count = 1, .lease_ms = 300};
    emit_run(bus, 1, 3);
    emit(bus, "invariant.reconciled", 4);
    emit_run(bus, 5, 9);
    oyez_consumer *consumer = open_one(bus, &options);
    expect_next(consumer, 4);
    assert_int_equal(oyez_consumer_commit(consumer, WAIT_MS), OYEZ_OK);
    expect_no_more(consumer);
    uint64_t epoch, position = 0;
    for (unsigned i = 0; i < 400 && position != 9; i++) { // a renewal stores it
        usleep(10000);
        oyez_consumer_get_cursor(consumer, &epoch, &position);
    }
    assert_int_equal(position, 9);
    oyez_consumer_close(&consumer);
}

static void test_a_new_one_may_begin_live_or_at_a_cursor(void **state)
{
    struct bus *bus = *state;
    struct oyez_consumer_options options = {.begin = OYEZ_CONSUMER_LIVE};
    emit_run(bus, 1, 3);
    oyez_consumer *consumer = open_one(bus, &options);
    expect_no_more(consumer);
    emit_run(bus, 4, 4);
    expect_next(consumer, 4);
    oyez_consumer_close(&consumer);
    options.begin = OYEZ_CONSUMER_CURSOR;
    assert_int_equal(
        oyez_client_recorded(bus->client, &options.from_epoch, &options.from_position, WAIT_MS),
        OYEZ_OK);
    options.from_position -= 2;
    assert_int_equal(oyez_consumer_open(&consumer, bus->client, "at-a-cursor", &options, WAIT_MS),
                     OYEZ_OK);
    expect_next(consumer, 3);
    oyez_consumer_close(&consumer);
}

static void test_they_are_listed_reset_and_deleted(void **state)
{
    struct bus *bus = *state;
    struct oyez_consumer_info *consumers;
    size_t count;
    emit_run(bus, 1, 3);
    oyez_consumer *consumer = open_one(bus, NULL);
    expect_next(consumer, 1);
    assert_int_equal(oyez_consumer_commit(consumer, WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_client_reset_consumer(bus->other, "billing", 0, 0, WAIT_MS),
                     OYEZ_ERR_BUSY);
    assert_int_equal(oyez_client_delete_consumer(bus->other, "billing", WAIT_MS), OYEZ_ERR_BUSY);
    assert_int_equal(oyez_client_consumers(bus->other, &consumers, &count, WAIT_MS), OYEZ_OK);
    assert_int_equal(count, 1);
    assert_string_equal(consumers[0].name, "billing");
    assert_int_equal(consumers[0].lag, 2);
    assert_true(consumers[0].held);
    assert_string_equal(consumers[0].patterns[0], "*");
    free(consumers);
    oyez_consumer_close(&consumer);
    assert_int_equal(oyez_client_reset_consumer(bus->other, "billing", 0, 0, WAIT_MS), OYEZ_OK);
    consumer = open_one(bus, NULL);
    expect_next(consumer, 1);
    oyez_consumer_close(&consumer);
    assert_int_equal(oyez_client_delete_consumer(bus->other, "billing", WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_client_delete_consumer(bus->other, "billing", WAIT_MS),
                     OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_client_delete_consumer(bus->other, "a b", WAIT_MS), OYEZ_ERR_INVALID);
}

static oyez_err note(void *arg, const struct oyez_event *event)
{
    struct bus *bus = arg;
    oyez_err err = OYEZ_OK;
    pthread_mutex_lock(&bus->lock);
    size_t used = strlen(bus->seen);
    snprintf(bus->seen + used, sizeof bus->seen - used, "%s ", event->correlation_id);
    if (strtoul(event->correlation_id, NULL, 10) == bus->fail_at)
        err = OYEZ_ERR_SYSTEM;
    pthread_cond_broadcast(&bus->changed);
    pthread_mutex_unlock(&bus->lock);
    return err;
}

static void await_seen(struct bus *bus, const char *seen)
{
    pthread_mutex_lock(&bus->lock);
    while (strlen(bus->seen) < strlen(seen))
        pthread_cond_wait(&bus->changed, &bus->lock);
    assert_string_equal(bus->seen, seen);
    pthread_mutex_unlock(&bus->lock);
}

static void test_a_handler_that_fails_stops_its_consumer_at_that_event(void **state)
{
    struct bus *bus = *state;
    const struct oyez_consumer_options options = {.handler = note, .handler_arg = bus};
    bus->fail_at = 3;
    emit_run(bus, 1, 4);
    oyez_consumer *consumer = open_one(bus, &options);
    assert_int_equal(oyez_consumer_wait(consumer, WAIT_MS), OYEZ_ERR_SYSTEM);
    await_seen(bus, "1 2 3 ");
    oyez_consumer_close(&consumer);
    bus->fail_at = 0;
    consumer = open_one(bus, &options);
    await_seen(bus, "1 2 3 3 4 ");
    assert_int_equal(oyez_consumer_wait(consumer, 10), OYEZ_ERR_TIMEOUT);
    oyez_consumer_close(&consumer);
}

static void test_it_goes_on_through_a_restart_of_all_servers(void **state)
{
    struct bus *bus = *state;
    const struct oyez_consumer_options options = {
        .handler = note, .handler_arg = bus, .commit_events = 100, .commit_ms = 20};
    emit_run(bus, 1, 2);
    oyez_consumer *consumer = open_one(bus, &options);
    await_seen(bus, "1 2 ");
    stop_servers(bus);
    start_servers(bus);
    emit_run(bus, 3, 4);
    await_seen(bus, "1 2 3 4 ");
    oyez_consumer_close(&consumer);
    struct oyez_consumer_info *consumers;
    size_t count;
    assert_int_equal(oyez_client_consumers(bus->other, &consumers, &count, WAIT_MS), OYEZ_OK);
    assert_int_equal(consumers[0].lag, 0);
    assert_false(consumers[0].held);
    free(consumers);
}

static void test_a_client_that_closes_first_only_stops_its_consumers(void **state)
{
    struct bus *bus = *state;
    const struct oyez_event *event;
    oyez_consumer *consumer = open_one(bus, NULL);
    oyez_client_close(&bus->client);
    assert_int_equal(oyez_consumer_next(consumer, &event, 0), OYEZ_ERR_CLOSED);
    assert_int_equal(oyez_consumer_commit(consumer, 0), OYEZ_ERR_CLOSED);
    assert_int_equal(oyez_consumer_wait(consumer, WAIT_MS), OYEZ_ERR_CLOSED);
    oyez_consumer_close(&consumer);
    oyez_consumer_close(&consumer);
    oyez_consumer_close(NULL);
}

static void test_bad_names_and_patterns_are_refused(void **state)
{
    struct bus *bus = *state;
    static const char *const patterns[] = {"a b"};
    const struct oyez_consumer_options options = {.patterns = patterns, .pattern_count = 1};
    oyez_consumer *consumer;
    assert_int_equal(oyez_consumer_open(&consumer, bus->client, "", NULL, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_consumer_open(&consumer, bus->client, "a/b", NULL, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_consumer_open(&consumer, bus->client, "billing", &options, 0),
                     OYEZ_ERR_INVALID);
    assert_null(consumer);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, open_bus, close_bus)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_what_was_pulled_and_not_committed_comes_again),
        FIXED(test_a_name_has_one_holder_and_is_free_at_once_after_a_close),
        FIXED(test_a_slow_application_keeps_its_lease),
        FIXED(test_a_holder_that_lost_its_name_is_told_and_gives_out_no_more),
        FIXED(test_patterns_choose_and_what_they_pass_over_is_committed),
        FIXED(test_a_new_one_may_begin_live_or_at_a_cursor),
        FIXED(test_they_are_listed_reset_and_deleted),
        FIXED(test_a_handler_that_fails_stops_its_consumer_at_that_event),
        FIXED(test_it_goes_on_through_a_restart_of_all_servers),
        FIXED(test_a_client_that_closes_first_only_stops_its_consumers),
        FIXED(test_bad_names_and_patterns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// A replay through a real broker in this process.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oyez/broker.h"
#include "oyez/catalog.h"
#include "oyez/replay.h"

#define WAIT_MS 20000u
#define RUN "Run_-123"
#define TOPIC "replay.Run_-123.plan.created"

struct bus {
    oyez_broker *broker;
    oyez_client *client;
    oyez_client *listener;
    oyez_subscription *named;
    oyez_subscription *everything;
    oyez_replay *replay;
};

static void subscribe(struct bus *bus, oyez_subscription **out, const char *pattern)
{
    const struct oyez_subscription_options options = {.patterns = &pattern, .pattern_count = 1};
    assert_int_equal(oyez_subscription_open(out, bus->listener, &options, WAIT_MS), OYEZ_OK);
}

static int open_bus(void **state)
{
    struct bus *bus = calloc(1, sizeof *bus);
    assert_non_null(bus);
    const struct oyez_broker_options broker = {.listen = "tcp://127.0.0.1:*"};
    assert_int_equal(oyez_broker_open(&bus->broker, &broker), OYEZ_OK);
    const struct oyez_client_options options = {.endpoint = oyez_broker_endpoint(bus->broker)};
    assert_int_equal(oyez_client_open(&bus->client, &options, WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_client_open(&bus->listener, &options, WAIT_MS), OYEZ_OK);
    subscribe(bus, &bus->named, "replay.*");
    subscribe(bus, &bus->everything, "*");
    assert_int_equal(oyez_replay_open(&bus->replay, bus->client, RUN, WAIT_MS), OYEZ_OK);
    *state = bus;
    return 0;
}

static int close_bus(void **state)
{
    struct bus *bus = *state;
    oyez_replay_close(&bus->replay);
    oyez_client_close(&bus->listener);
    oyez_client_close(&bus->client);
    oyez_broker_close(&bus->broker);
    free(bus);
    return 0;
}

static struct oyez_event recorded(uint64_t position)
{
    return (struct oyez_event){.event_id = {{1, [15] = (uint8_t)position}},
                               .event_type = "plan.created",
                               .occurred_at = 5,
                               .correlation_id = "c",
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{\"n\": 1}",
                               .details_size = 8,
                               .stamp = {.epoch = 1000, .position = position}};
}

static void publish(struct bus *bus, const struct oyez_event *event)
{
    assert_int_equal(oyez_replay_publish(bus->replay, event, WAIT_MS), OYEZ_OK);
}

static const struct oyez_event *receive(struct bus *bus)
{
    const struct oyez_event *event;
    assert_int_equal(oyez_subscription_receive(bus->named, &event, WAIT_MS), OYEZ_OK);
    return event;
}

static void test_an_event_comes_under_the_replays_name_with_its_old_place_as_a_tag(void **state)
{
    struct bus *bus = *state;
    struct oyez_event event = recorded(7);
    event.tags[0] = (struct oyez_tag){"k", "v"};
    publish(bus, &event);
    const struct oyez_event *found = receive(bus);
    assert_string_equal(found->event_type, TOPIC);
    assert_memory_equal(found->event_id.bytes, event.event_id.bytes, OYEZ_UUID_SIZE);
    assert_int_equal(found->occurred_at, 5);
    assert_string_equal(found->correlation_id, "c");
    assert_int_equal(found->details_size, 8);
    assert_memory_equal(found->details, "{\"n\": 1}", 8);
    assert_string_equal(found->tags[0].value, "v");
    assert_string_equal(found->tags[1].key, "replay.cursor");
    assert_string_equal(found->tags[1].value, "1000:7");
    assert_null(found->tags[2].key);
    assert_int_equal(found->stamp.epoch, 0);
    assert_int_equal(found->stamp.position, 0);
    assert_int_equal(found->stamp.type_seq, 0);
    assert_int_equal(found->stamp.broker_time, 0);
    const struct oyez_type *type = oyez_type_find(found->event_type, strlen(found->event_type));
    assert_non_null(type);
    assert_string_equal(type->name, "plan.created");
}

static void test_order_is_kept_and_a_flush_proves_arrival(void **state)
{
    struct bus *bus = *state;
    char place[32];
    const struct oyez_event *found;
    for (uint64_t i = 1; i <= 3000; i++) {
        struct oyez_event event = recorded(i);
        publish(bus, &event);
    }
    assert_int_equal(oyez_replay_flush(bus->replay, WAIT_MS), OYEZ_OK);
    for (unsigned i = 1; i <= 3000; i++) {
        snprintf(place, sizeof place, "1000:%u", i);
        assert_string_equal(receive(bus)->tags[0].value, place);
    }
    // What is live is numbered as if there had been no replay.
    const struct oyez_event event = {.event_type = "github.push"};
    struct oyez_receipt receipt;
    assert_int_equal(oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_SENT, WAIT_MS, &receipt),
                     OYEZ_OK);
    assert_int_equal(receipt.position, 1);
    assert_int_equal(oyez_subscription_receive(bus->everything, &found, WAIT_MS), OYEZ_OK);
    assert_string_equal(found->event_type, "github.push");
    struct oyez_client_counters counters;
    oyez_client_get_counters(bus->listener, &counters);
    assert_int_equal(counters.gaps, 0);
    assert_int_equal(counters.malformed, 0);
}

static void test_an_event_without_room_for_the_tag_comes_without(void **state)
{
    struct bus *bus = *state;
    struct oyez_event event = recorded(7);
    char keys[OYEZ_TAGS_MAX][4];
    for (unsigned i = 0; i < OYEZ_TAGS_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "k%u", i);
        event.tags[i] = (struct oyez_tag){keys[i], "v"};
    }
    publish(bus, &event);
    assert_string_equal(receive(bus)->tags[OYEZ_TAGS_MAX - 1].key, "k31");
    char value[1000];
    event = recorded(8);
    memset(value, 'a', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    event.actor_id = event.actor_name = event.plan_id = event.session_id = value;
    event.aggregate_id = "thirty bytes more, and it is full"; // but for less than the tag takes
    publish(bus, &event);
    assert_null(receive(bus)->tags[0].key);
}

static void test_what_was_never_recorded_is_refused(void **state)
{
    struct bus *bus = *state;
    struct oyez_event event = recorded(1);
    static const char *const names[] = {NULL, "", "a b", "oyez.heartbeat", TOPIC};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        event.event_type = names[i];
        assert_int_equal(oyez_replay_publish(bus->replay, &event, WAIT_MS), OYEZ_ERR_INVALID);
    }
    assert_int_equal(oyez_client_emit(bus->client, &(struct oyez_event){.event_type = TOPIC}, NULL),
                     OYEZ_ERR_INVALID);
    event = recorded(1);
    publish(bus, &event);
    assert_int_equal(oyez_replay_flush(bus->replay, WAIT_MS), OYEZ_OK);
}

static void test_the_run_is_given_or_random(void **state)
{
    struct bus *bus = *state;
    oyez_replay *first, *second;
    assert_string_equal(oyez_replay_run(bus->replay), RUN);
    assert_int_equal(oyez_replay_open(&first, bus->client, "short", WAIT_MS), OYEZ_ERR_INVALID);
    assert_null(first);
    assert_int_equal(oyez_replay_open(&first, bus->client, NULL, WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_replay_open(&second, bus->client, NULL, WAIT_MS), OYEZ_OK);
    assert_int_equal(strlen(oyez_replay_run(first)), 8);
    assert_string_not_equal(oyez_replay_run(first), oyez_replay_run(second));
    oyez_replay_close(&first);
    oyez_replay_close(&second);
    oyez_replay_close(NULL);
}

static void test_a_broker_that_goes_ends_the_replay(void **state)
{
    struct bus *bus = *state;
    struct oyez_event event = recorded(1);
    publish(bus, &event);
    assert_int_equal(oyez_replay_flush(bus->replay, WAIT_MS), OYEZ_OK);
    oyez_broker_close(&bus->broker);
    oyez_err err = OYEZ_OK;
    for (unsigned i = 0; i < 2000 && err == OYEZ_OK; i++) {
        err = oyez_replay_publish(bus->replay, &event, 10);
        if (err == OYEZ_ERR_TIMEOUT)
            err = OYEZ_OK;
    }
    assert_int_equal(err, OYEZ_ERR_UNREACHABLE);
    oyez_replay *other;
    assert_int_equal(oyez_replay_open(&other, bus->client, NULL, 50), OYEZ_ERR_UNREACHABLE);
    assert_null(other);
}

static void test_two_replays_under_one_name_do_not_take_each_others_for_their_own(void **state)
{
    struct bus *bus = *state;
    struct oyez_event event = recorded(1);
    oyez_replay *other;
    assert_int_equal(oyez_replay_open(&other, bus->listener, oyez_replay_run(bus->replay), WAIT_MS),
                     OYEZ_OK);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(oyez_replay_publish(other, &event, WAIT_MS), OYEZ_OK);
    assert_int_equal(oyez_replay_flush(other, WAIT_MS), OYEZ_OK);
    publish(bus, &event);
    publish(bus, &event);
    assert_int_equal(oyez_replay_flush(bus->replay, WAIT_MS), OYEZ_OK);
    oyez_replay_close(&other);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, open_bus, close_bus)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_an_event_comes_under_the_replays_name_with_its_old_place_as_a_tag),
        FIXED(test_order_is_kept_and_a_flush_proves_arrival),
        FIXED(test_an_event_without_room_for_the_tag_comes_without),
        FIXED(test_what_was_never_recorded_is_refused),
        FIXED(test_the_run_is_given_or_random),
        FIXED(test_two_replays_under_one_name_do_not_take_each_others_for_their_own),
        FIXED(test_a_broker_that_goes_ends_the_replay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

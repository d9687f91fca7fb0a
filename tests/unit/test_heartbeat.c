// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker_peer.h"

static const struct oyez_broker_limits limits_of_all = {.drain_ms = 100};

struct heads {
    unsigned count;
    char name[64]; // of the latest
    uint64_t type_seq;
};

static int set_up(void **state)
{
    *state = bus_open("tcp://127.0.0.1:0", &limits_of_all);
    return 0;
}

static int tear_down(void **state)
{
    bus_close(*state);
    return 0;
}

static void note_head(void *arg, const struct oyez_head *head)
{
    struct heads *heads = arg;
    heads->count++;
    snprintf(heads->name, sizeof heads->name, "%.*s", (int)head->event_type_size, head->event_type);
    heads->type_seq = head->type_seq;
}

static struct oyez_heads_message next_heartbeat(struct peer *peer, struct heads *heads)
{
    struct oyez_heads_message message;
    *heads = (struct heads){0};
    peer_receive_type(peer, OYEZ_TOPIC_HEARTBEAT);
    struct oyez_event_parts parts = peer_details(peer);
    assert_int_equal(parts.details_format, OYEZ_DETAILS_PROTOBUF);
    assert_int_equal(
        oyez_heartbeat_decode(&message, parts.details, parts.details_size, note_head, heads),
        OYEZ_OK);
    return message;
}

static struct oyez_heads_message beacon(struct peer *peer, const char *nonce, struct heads *heads)
{
    struct oyez_heads_message message;
    *heads = (struct heads){0};
    peer_await_beacon(peer, nonce);
    struct oyez_event_parts parts = peer_details(peer);
    assert_int_equal(
        oyez_beacon_decode(&message, parts.details, parts.details_size, note_head, heads), OYEZ_OK);
    return message;
}

static void test_heartbeats_are_numbered_without_a_gap(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_hello(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    struct heads heads;
    next_heartbeat(peer, &heads);
    uint64_t number = peer->batch.type_seq;
    for (unsigned i = 0; i < 5; i++) {
        struct oyez_heads_message message = next_heartbeat(peer, &heads);
        assert_int_equal(peer->batch.type_seq, ++number);
        assert_int_equal(peer->batch.emitter_seq, number);
        assert_int_equal(peer->batch.position, 0);
        assert_int_equal(peer->batch.flags, OYEZ_FLAG_FAST);
        assert_true(peer->batch.epoch == peer->welcome.epoch);
        assert_true(message.instance == peer->welcome.instance);
        assert_int_equal(message.recorded_position, 0);
        uint64_t instance;
        memcpy(&instance, peer->batch.emitter_id, sizeof instance);
        assert_true(instance == peer->welcome.instance);
    }
    peer_close(peer);
}

static void test_a_heartbeat_has_a_header_like_any_event(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_hello(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    peer_receive_type(peer, OYEZ_TOPIC_HEARTBEAT);
    const uint8_t *cursor = peer->batch.events, *bytes;
    size_t size;
    assert_true(oyez_batch_next_event(&peer->batch, &cursor, &bytes, &size));
    static char scratch[OYEZ_DECODE_SCRATCH_SIZE];
    struct oyez_event event;
    memset(&event, 0, sizeof event);
    assert_int_equal(oyez_event_decode(&event, bytes, size, scratch), OYEZ_OK);
    assert_string_equal(event.event_type, OYEZ_TOPIC_HEARTBEAT);
    assert_false(oyez_uuid_is_zero(event.event_id));
    assert_true(event.occurred_at > 0 && (uint64_t)event.occurred_at == peer->batch.broker_time);
    peer_close(peer);
}

static void test_a_heartbeat_tells_the_head_and_the_types_that_moved_once(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    struct heads heads;
    struct oyez_heads_message message;
    (void)next_heartbeat(peer, &heads);
    assert_int_equal(heads.count, 0);
    peer_emit(peer, "plan.created", 1, 0, 4);
    do
        message = next_heartbeat(peer, &heads);
    while (message.position == 0);
    assert_int_equal(message.position, 4);
    assert_true(message.heads_complete);
    assert_int_equal(heads.count, 1);
    assert_string_equal(heads.name, "plan.created");
    assert_int_equal(heads.type_seq, 4);
    message = next_heartbeat(peer, &heads);
    assert_int_equal(message.position, 4);
    assert_int_equal(heads.count, 0);
    peer_close(peer);
}

static void test_a_beacon_tells_the_heads_of_all_types(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    peer_emit(peer, "plan.created", 1, 0, 1);
    peer_emit(peer, "plan.done", 2, 0, 2);
    peer_await_mark(peer, 3, 0);
    struct heads heads;
    while (next_heartbeat(peer, &heads).position < 3)
        ; // so that nothing has moved since
    struct oyez_heads_message message = beacon(peer, "0123456789abcdef", &heads);
    assert_int_equal(message.position, 3);
    assert_true(message.instance == peer->welcome.instance);
    assert_true(message.heads_complete);
    assert_int_equal(heads.count, 2);
    assert_string_equal(heads.name, "plan.done");
    assert_int_equal(heads.type_seq, 2);
    assert_int_equal(peer->batch.position, 0);
    assert_int_equal(peer->batch.type_seq, 0);
    assert_true(peer->batch.epoch == peer->welcome.epoch);
    peer_close(peer);
}

static void test_what_comes_after_a_beacon_goes_on_from_its_heads(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 3);
    peer_await_mark(peer, 3, 0);
    peer->egress = peer_socket(peer, ZMQ_SUB, peer->welcome.egress_endpoint);
    zmq_setsockopt(peer->egress, ZMQ_SUBSCRIBE, "plan.", 5);
    struct heads heads;
    assert_int_equal(beacon(peer, "0123456789abcdef", &heads).position, 3);
    peer_emit(peer, "plan.created", 4, 0, 1);
    assert_int_equal(peer_receive_type(peer, "plan.created")->type_seq, heads.type_seq + 1);
    peer_close(peer);
}

static void test_the_same_nonce_asked_for_by_another_gets_its_beacon_too(void **state)
{
    struct bus *bus = *state;
    struct peer *one = peer_open(bus->context, bus->broker, 1);
    struct peer *two = peer_open(bus->context, bus->broker, 2);
    peer_hello(one);
    peer_hello(two);
    peer_subscribe(one, "plan.");
    peer_subscribe(two, "plan.");
    peer_close(one);
    peer_close(two);
}

// More types than one message holds: what does not fit is told by the next heartbeats.
static void test_heads_that_do_not_fit_come_with_the_next_heartbeats(void **state)
{
    enum { TYPES = 2500 };
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    char type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    for (unsigned i = 0; i < TYPES; i++) {
        memset(type, 'x', sizeof type);
        snprintf(type + sizeof type - 7, 7, "%06u", i);
        peer_emit(peer, type, i + 1, 0, 1);
    }
    peer_await_mark(peer, TYPES, 0);
    struct heads heads;
    bool was_incomplete = false;
    for (unsigned told = 0; told < TYPES; told += heads.count)
        was_incomplete |= !next_heartbeat(peer, &heads).heads_complete;
    struct oyez_heads_message message = beacon(peer, "0123456789abcdef", &heads);
    assert_int_equal(message.position, TYPES);
    assert_false(message.heads_complete);
    assert_true(heads.count > 800 && heads.count < TYPES);
    assert_true(was_incomplete || broker_counter(bus->broker, "heartbeats") > 2);
    peer_close(peer);
}

static void test_a_new_epoch_counts_its_heartbeats_from_one(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_hello(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.body.hello.highest_epoch = peer->welcome.epoch + 1000000;
    peer_say(peer, &hello);
    while (peer_receive_type(peer, OYEZ_TOPIC_HEARTBEAT)->epoch == peer->welcome.epoch)
        ;
    assert_int_equal(peer->batch.type_seq, 1);
    assert_true(peer->batch.epoch == peer->welcome.epoch + 1000001);
    peer_close(peer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_heartbeats_are_numbered_without_a_gap),
        TEST(test_a_heartbeat_has_a_header_like_any_event),
        TEST(test_a_heartbeat_tells_the_head_and_the_types_that_moved_once),
        TEST(test_a_beacon_tells_the_heads_of_all_types),
        TEST(test_what_comes_after_a_beacon_goes_on_from_its_heads),
        TEST(test_the_same_nonce_asked_for_by_another_gets_its_beacon_too),
        TEST(test_heads_that_do_not_fit_come_with_the_next_heartbeats),
        TEST(test_a_new_epoch_counts_its_heartbeats_from_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

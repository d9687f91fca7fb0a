// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "broker_peer.h"

static const struct oyez_broker_limits quick = {
    .drain_ms = 100, .recorder_wait_ms = 1, .final_confirm_ms = 100};

static int set_up(void **state)
{
    *state = bus_open_waiting(&quick, (struct oyez_broker_options){0});
    return 0;
}

static int tear_down(void **state)
{
    bus_close(*state);
    return 0;
}

static const oyez_v1_Component *recorder_health(struct peer *peer)
{
    oyez_v1_ToBroker request = oyez_v1_ToBroker_init_zero;
    request.which_body = oyez_v1_ToBroker_status_request_tag;
    peer_say(peer, &request);
    return &peer_hear(peer, oyez_v1_FromBroker_status_tag)->body.status.components[1];
}

static void expect_role_refusal(struct peer *peer, oyez_v1_ToBroker *message, unsigned frames)
{
    message->request_id = 77;
    peer_say_with(peer, message, frames, "x", 1);
    const oyez_v1_FromBroker *answer = peer_hear(peer, oyez_v1_FromBroker_refusal_tag);
    assert_int_equal(answer->body.refusal.reason, oyez_v1_RefusalReason_REFUSAL_REASON_ROLE);
    assert_int_equal(answer->request_id, 77);
}

static void test_the_recorder_attaches_and_everyone_is_told(void **state)
{
    struct bus *bus = *state;
    struct peer *client = peer_open(bus->context, bus->broker, 1);
    while (broker_counter(bus->broker, "hellos") == 0) { // until nobody is awaited any more
        oyez_v1_ToBroker hello = hello_of(client);
        peer_say(client, &hello);
        struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
    client->welcome = peer_hear(client, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    assert_true(client->welcome.recorder_expected);
    assert_false(client->welcome.recorder_attached);
    assert_int_equal(recorder_health(client)->status, oyez_v1_Health_HEALTH_DEGRADED);
    struct peer *recorder = recorder_open(bus, 2);
    assert_true(recorder->welcome.recorder_attached);
    assert_true(peer_hello(client)->recorder_attached);
    assert_int_equal(recorder_health(client)->status, oyez_v1_Health_HEALTH_HEALTHY);
    assert_string_equal(recorder_health(client)->message, "attached");
    peer_goodbye(recorder);
    peer_ping(recorder);
    peer_hear(recorder, oyez_v1_FromBroker_hello_needed_tag);
    assert_int_equal(recorder_health(client)->status, oyez_v1_Health_HEALTH_DEGRADED);
    peer_close(client);
    peer_close(recorder);
}

static void test_a_starting_broker_waits_for_its_recorder(void **state)
{
    (void)state;
    const struct oyez_broker_limits patient = {.drain_ms = 100, .recorder_wait_ms = 3600000};
    struct bus *bus = bus_open_waiting(&patient, (struct oyez_broker_options){0});
    struct peer *client = peer_open(bus->context, bus->broker, 1);
    struct peer *mirror = peer_open(bus->context, bus->broker, 2);
    oyez_v1_ToBroker hello = hello_of(client);
    peer_say(client, &hello);
    peer_ping(client);
    peer_hear(client, oyez_v1_FromBroker_hello_needed_tag); // the hello before it got no answer
    hello = hello_of(mirror);
    hello.body.hello.role = oyez_v1_Role_ROLE_MIRROR;
    peer_say(mirror, &hello);
    peer_ping(mirror);
    peer_hear(mirror, oyez_v1_FromBroker_hello_needed_tag);
    assert_int_equal(recorder_health(client)->status, oyez_v1_Health_HEALTH_DEGRADED);
    assert_int_equal(broker_counter(bus->broker, "hellos"), 0);
    struct peer *recorder = recorder_open(bus, 3);
    assert_true(peer_hello(client)->recorder_attached);
    peer_hello_as(mirror, oyez_v1_Role_ROLE_MIRROR);
    peer_goodbye(recorder);
    await_counter(bus->broker, "goodbyes", 1);
    assert_false(peer_hello(client)->recorder_attached); // only the start waits
    peer_close(client);
    peer_close(mirror);
    peer_close(recorder);
    bus_close(bus);
}

static void test_there_is_one_primary_and_its_reconnect_is_no_second_one(void **state)
{
    struct bus *bus = *state;
    struct peer *first = recorder_open(bus, 1);
    struct peer *second = peer_open(bus->context, bus->broker, 2);
    struct peer *again = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker hello = hello_of(second);
    hello.body.hello.role = oyez_v1_Role_ROLE_RECORDER;
    expect_role_refusal(second, &hello, 0);
    assert_non_null(strstr(second->heard.body.refusal.text, "mirror"));
    assert_int_equal(broker_counter(bus->broker, "refused_roles"), 1);
    peer_hello_as(again, oyez_v1_Role_ROLE_RECORDER);
    assert_int_equal(broker_counter(bus->broker, "takeovers"), 1);
    peer_goodbye(again);
    await_counter(bus->broker, "goodbyes", 1);
    peer_hello_as(second, oyez_v1_Role_ROLE_RECORDER);
    peer_close(first);
    peer_close(second);
    peer_close(again);
}

static void test_a_refused_primary_moves_no_epoch(void **state)
{
    struct bus *bus = *state;
    struct peer *first = recorder_open(bus, 1);
    struct peer *second = peer_open(bus->context, bus->broker, 2);
    oyez_v1_ToBroker hello = hello_of(second);
    hello.body.hello.role = oyez_v1_Role_ROLE_RECORDER;
    hello.body.hello.highest_epoch = first->welcome.epoch + UINT64_C(2) * 86400000000u;
    expect_role_refusal(second, &hello, 0);
    assert_int_equal(broker_counter(bus->broker, "rollovers"), 0);
    hello.body.hello.highest_epoch = first->welcome.epoch + 1;
    expect_role_refusal(second, &hello, 0);
    assert_int_equal(broker_counter(bus->broker, "rollovers"), 0);
    peer_close(first);
    peer_close(second);
}

static void test_a_role_that_does_not_exist_is_refused(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.body.hello.role = (oyez_v1_Role)3;
    expect_role_refusal(peer, &hello, 0);
    peer_close(peer);
}

static void test_the_recorder_moves_the_epoch_as_far_as_it_must(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker hello = hello_of(recorder);
    hello.body.hello.role = oyez_v1_Role_ROLE_RECORDER;
    const uint64_t far = (UINT64_C(1) << 53) - 10;
    hello.body.hello.highest_epoch = far;
    peer_say(recorder, &hello);
    recorder->welcome = peer_hear(recorder, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    assert_true(recorder->welcome.epoch == far + 1);
    assert_true(recorder->welcome.recorder_attached);
    hello.body.hello.highest_epoch = UINT64_C(1) << 53;
    peer_say(recorder, &hello);
    assert_true(peer_hear(recorder, oyez_v1_FromBroker_welcome_tag)->body.welcome.epoch == far + 1);
    assert_int_equal(broker_counter(bus->broker, "bad_epoch"), 1);
    assert_int_equal(broker_counter(bus->broker, "rollovers"), 1);
    peer_close(recorder);
}

static void test_confirms_become_receipts_of_each_emitter(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *one = peer_open(bus->context, bus->broker, 1);
    struct peer *two = peer_open(bus->context, bus->broker, 2);
    peer_open_ingress(one);
    peer_open_ingress(two);
    peer_emit(one, "plan.created", 1, OYEZ_FLAG_TELL, 3); // positions 1 to 3
    peer_await_mark(one, 3, 0);
    peer_emit(two, "plan.created", 1, 0, 2); // 4 and 5
    peer_await_mark(two, 2, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 3);
    decide(&confirm, one, 1, 3);
    confirm.body.confirm.told_count = 1;
    oyez_v1_Told *told = &confirm.body.confirm.told[0];
    *told = (oyez_v1_Told){.emitter_id = {.size = OYEZ_UUID_SIZE},
                           .emitter_seq = 1,
                           .count = 3,
                           .position = 1,
                           .index = 12};
    memcpy(told->emitter_id.bytes, one->id, OYEZ_UUID_SIZE);
    peer_say(recorder, &confirm);
    const oyez_v1_Receipt *receipt = peer_await_receipt(one, 3);
    assert_true(receipt->epoch == one->welcome.epoch);
    assert_true(receipt->instance == one->welcome.instance);
    assert_int_equal(receipt->lost_count, 0);
    assert_int_equal(receipt->told_count, 1);
    assert_int_equal(receipt->told[0].index, 12);
    confirm = confirm_of(recorder, 5); // and nothing of the second emitter
    confirm.body.confirm.complete = false;
    peer_say(recorder, &confirm);
    await_counter(bus->broker, "confirms", 2);
    assert_int_equal(broker_counter(bus->broker, "unrecorded"), 0); // it may still come
    confirm.body.confirm.complete = true;
    peer_say(recorder, &confirm);
    receipt = peer_await_receipt(two, 2);
    assert_int_equal(receipt->lost_count, 1);
    assert_int_equal(receipt->lost[0].first, 1);
    assert_int_equal(receipt->lost[0].last, 2);
    assert_int_equal(broker_counter(bus->broker, "confirms"), 3);
    assert_int_equal(broker_counter(bus->broker, "unrecorded"), 2);
    peer_close(one);
    peer_close(two);
    peer_close(recorder);
}

static void test_a_refused_type_is_settled_like_any_number(void **state)
{
    (void)state;
    const struct oyez_broker_limits limits = {
        .types = 1, .drain_ms = 100, .recorder_wait_ms = 1, .final_confirm_ms = 100};
    struct bus *bus = bus_open_waiting(&limits, (struct oyez_broker_options){0});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "a", 1, 0, 1);
    peer_emit(peer, "b", 2, 0, 1);
    peer_await_mark(peer, 2, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 1);
    decide(&confirm, peer, 1, 1);
    peer_say(recorder, &confirm);
    peer_await_receipt(peer, 2);
    // No position moves any more, so no confirm comes.
    peer_emit(peer, "b", 3, 0, 1);
    const oyez_v1_Receipt *receipt = peer_await_receipt(peer, 3);
    assert_int_equal(receipt->lost_count, 1);
    assert_int_equal(receipt->lost[0].first, 3);
    peer_close(peer);
    peer_close(recorder);
    bus_close(bus);
}

static void pass_over_head(void *arg, const struct oyez_head *head)
{
    (void)arg;
    (void)head;
}

static struct oyez_heads_message next_of(struct peer *peer, const char *topic)
{
    struct oyez_heads_message message;
    peer_receive_type(peer, topic);
    struct oyez_event_parts parts = peer_details(peer);
    assert_int_equal(
        oyez_heartbeat_decode(&message, parts.details, parts.details_size, pass_over_head, NULL),
        OYEZ_OK);
    return message;
}

static struct oyez_heads_message next_heartbeat(struct peer *peer)
{
    return next_of(peer, OYEZ_TOPIC_HEARTBEAT);
}

static void test_the_recorded_mark_comes_at_once_to_who_asks_for_it(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 6);
    peer_await_mark(peer, 6, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 4);
    peer_say(recorder, &confirm);
    await_counter(bus->broker, "confirms", 1);
    assert_int_equal(broker_counter(bus->broker, "recorded_marks"), 0); // nobody asks
    peer->egress = peer_socket(peer, ZMQ_SUB, peer->welcome.egress_endpoint);
    zmq_setsockopt(peer->egress, ZMQ_SUBSCRIBE, OYEZ_TOPIC_RECORDED, sizeof OYEZ_TOPIC_RECORDED);
    assert_int_equal(next_of(peer, OYEZ_TOPIC_RECORDED).recorded_position, 4);
    assert_int_equal(peer->batch.type_seq, 0);
    confirm.body.confirm.position = 6;
    peer_say(recorder, &confirm);
    struct oyez_heads_message message = next_of(peer, OYEZ_TOPIC_RECORDED);
    assert_int_equal(message.recorded_position, 6);
    assert_int_equal(message.position, 6);
    await_counter(bus->broker, "recorded_marks", 2);
    peer_close(peer);
    peer_close(recorder);
}

static void test_the_recorded_mark_travels_in_heartbeats(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(peer, OYEZ_TOPIC_HEARTBEAT);
    peer_emit(peer, "plan.created", 1, 0, 6);
    peer_await_mark(peer, 6, 0);
    assert_int_equal(next_heartbeat(peer).recorded_position, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 4);
    peer_say(recorder, &confirm);
    struct oyez_heads_message message;
    do
        message = next_heartbeat(peer);
    while (message.recorded_position == 0);
    assert_int_equal(message.recorded_position, 4);
    confirm.body.confirm.position = 2; // late
    peer_say(recorder, &confirm);
    await_counter(bus->broker, "confirms", 2);
    assert_int_equal(next_heartbeat(peer).recorded_position, 4);
    assert_int_equal(next_heartbeat(peer).recorded_position, 4);
    peer_close(peer);
    peer_close(recorder);
}

static void test_confirms_that_cannot_be_true_move_nothing(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 6);
    peer_await_mark(peer, 6, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 7);
    decide(&confirm, peer, 1, 6);
    peer_say(recorder, &confirm);
    await_counter(bus->broker, "bad_control", 1);
    confirm.body.confirm.position = 6;
    confirm.body.confirm.epoch--;
    peer_say(recorder, &confirm);
    await_counter(bus->broker, "confirms_ignored", 1);
    confirm.body.confirm.epoch++;
    confirm.body.confirm.decided[0].first = 0;
    peer_say(recorder, &confirm);
    await_counter(bus->broker, "bad_control", 2);
    assert_int_equal(broker_counter(bus->broker, "confirms"), 1);
    peer_close(peer);
    peer_close(recorder);
}

static void test_who_is_no_recorder_says_nothing_of_one(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *rogue = peer_open(bus->context, bus->broker, 1);
    struct peer *mirror = peer_open(bus->context, bus->broker, 2);
    oyez_v1_ToBroker repair = oyez_v1_ToBroker_init_zero;
    repair.which_body = oyez_v1_ToBroker_repair_request_tag;
    repair.body.repair_request =
        (oyez_v1_RepairRequest){.epoch = recorder->welcome.epoch, .from = 1, .to = 9};
    peer_say(rogue, &repair);
    peer_hear(rogue, oyez_v1_FromBroker_hello_needed_tag);
    peer_hello(rogue);
    peer_hello_as(mirror, oyez_v1_Role_ROLE_MIRROR);
    expect_role_refusal(rogue, &repair, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 0);
    expect_role_refusal(rogue, &confirm, 0);
    expect_role_refusal(mirror, &confirm, 0);
    oyez_v1_ToBroker answer = oyez_v1_ToBroker_init_zero;
    answer.which_body = oyez_v1_ToBroker_answer_tag;
    expect_role_refusal(rogue, &answer, 1);
    expect_role_refusal(mirror, &answer, 1);
    assert_int_equal(broker_counter(bus->broker, "refused_roles"), 5);
    assert_int_equal(broker_counter(bus->broker, "confirms"), 0);
    peer_say(mirror, &repair);
    peer_hear(mirror, oyez_v1_FromBroker_repair_tag);
    // A primary that turns into a client is none any more.
    peer_hello(recorder);
    assert_false(recorder->welcome.recorder_attached);
    expect_role_refusal(recorder, &confirm, 0);
    peer_close(rogue);
    peer_close(mirror);
    peer_close(recorder);
}

struct closing {
    struct bus *bus;
    pthread_t thread;
};

static void *close_broker(void *arg)
{
    struct closing *closing = arg;
    oyez_broker_close(&closing->bus->broker);
    return NULL;
}

static void test_closing_tells_the_end_and_waits_for_its_confirm(void **state)
{
    (void)state;
    const struct oyez_broker_limits limits = {
        .drain_ms = 400, .recorder_wait_ms = 1, .final_confirm_ms = PATIENCE_MS};
    struct bus *bus = bus_open_waiting(&limits, (struct oyez_broker_options){0});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(recorder, "oyez.");
    peer_emit(peer, "plan.created", 1, 0, 6);
    peer_await_mark(peer, 6, 0);
    assert_false(next_heartbeat(recorder).ending);
    struct closing closing = {.bus = bus};
    assert_int_equal(pthread_create(&closing.thread, NULL, close_broker, &closing), 0);
    struct oyez_heads_message message;
    do
        message = next_heartbeat(recorder);
    while (!message.ending);
    assert_int_equal(message.position, 6);
    // What the recorder lacks of the end it can still ask for.
    oyez_v1_ToBroker repair = oyez_v1_ToBroker_init_zero;
    repair.which_body = oyez_v1_ToBroker_repair_request_tag;
    repair.body.repair_request =
        (oyez_v1_RepairRequest){.epoch = recorder->welcome.epoch, .from = 1, .to = 6};
    peer_say(recorder, &repair);
    assert_int_equal(peer_hear(recorder, oyez_v1_FromBroker_repair_tag)->body.repair.through, 6);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 6);
    decide(&confirm, peer, 1, 6);
    peer_say(recorder, &confirm);
    assert_int_equal(peer_await_receipt(peer, 6)->lost_count, 0);
    pthread_join(closing.thread, NULL);
    peer_close(peer);
    peer_close(recorder);
    bus_close(bus);
}

static void test_closing_does_not_wait_long_for_a_recorder_that_says_nothing(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 6);
    peer_await_mark(peer, 6, 0);
    oyez_broker_close(&bus->broker);
    assert_null(bus->broker);
    peer_close(peer);
    peer_close(recorder);
}

static void test_receipts_begin_anew_with_an_epoch(void **state)
{
    struct bus *bus = *state;
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 6);
    peer_await_mark(peer, 6, 0);
    oyez_v1_ToBroker confirm = confirm_of(recorder, 4);
    decide(&confirm, peer, 1, 4);
    peer_say(recorder, &confirm);
    peer_await_receipt(peer, 4);
    oyez_v1_ToBroker hello = hello_of(recorder);
    hello.body.hello.role = oyez_v1_Role_ROLE_RECORDER;
    hello.body.hello.highest_epoch = recorder->welcome.epoch + 1;
    peer_say(recorder, &hello);
    recorder->welcome = peer_hear(recorder, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    peer_hear(peer, oyez_v1_FromBroker_hello_needed_tag);
    hello = hello_of(peer);
    hello.body.hello.durable_floor = 5;
    peer_say(peer, &hello);
    peer->welcome = peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    assert_int_equal(peer->welcome.durable_expected, 5);
    peer_emit(peer, "plan.created", 5, OYEZ_FLAG_RESENT, 2);
    peer_await_mark(peer, 6, 0);
    confirm = confirm_of(recorder, 2);
    decide(&confirm, peer, 5, 6);
    peer_say(recorder, &confirm);
    assert_int_equal(peer_await_receipt(peer, 6)->lost_count, 0);
    (void)recorder_health(peer); // the state of now
    assert_int_equal(broker_counter(bus->broker, "recorded_position"), 2);
    peer_close(peer);
    peer_close(recorder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_recorder_attaches_and_everyone_is_told),
        cmocka_unit_test(test_a_starting_broker_waits_for_its_recorder),
        TEST(test_there_is_one_primary_and_its_reconnect_is_no_second_one),
        TEST(test_a_refused_primary_moves_no_epoch),
        TEST(test_a_role_that_does_not_exist_is_refused),
        TEST(test_the_recorder_moves_the_epoch_as_far_as_it_must),
        TEST(test_confirms_become_receipts_of_each_emitter),
        cmocka_unit_test(test_a_refused_type_is_settled_like_any_number),
        TEST(test_the_recorded_mark_travels_in_heartbeats),
        TEST(test_the_recorded_mark_comes_at_once_to_who_asks_for_it),
        TEST(test_confirms_that_cannot_be_true_move_nothing),
        TEST(test_who_is_no_recorder_says_nothing_of_one),
        cmocka_unit_test(test_closing_tells_the_end_and_waits_for_its_confirm),
        TEST(test_closing_does_not_wait_long_for_a_recorder_that_says_nothing),
        TEST(test_receipts_begin_anew_with_an_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

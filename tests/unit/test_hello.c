// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker_peer.h"
#include "hello.h"

static const struct oyez_broker_limits limits_of_all = {.drain_ms = 100};

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

static void test_a_hello_is_welcomed_with_all_a_client_needs(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.request_id = 4711;
    peer_say(peer, &hello);
    const oyez_v1_FromBroker *answer = peer_hear(peer, oyez_v1_FromBroker_welcome_tag);
    const oyez_v1_Welcome *welcome = &answer->body.welcome;
    assert_int_equal(answer->request_id, 4711);
    assert_true(welcome->epoch > UINT64_C(1600000000000000) && welcome->epoch < 1ull << 53);
    assert_true(welcome->instance != 0);
    assert_string_equal(welcome->control_endpoint, oyez_broker_endpoint(bus->broker));
    assert_int_equal(welcome->durable_expected, 1);
    assert_int_equal(welcome->fast_expected, 1);
    assert_int_equal(welcome->position, 0);
    assert_int_equal(welcome->heartbeat_ms, 50);
    assert_false(welcome->recorder_expected);
    assert_false(welcome->advertised);
    assert_string_equal(welcome->version, OYEZ_VERSION);
    peer_close(peer);
}

static void test_advertised_endpoints_are_told_as_they_stand(void **state)
{
    (void)state;
    struct bus bus = {.context = zmq_ctx_new()};
    struct oyez_broker_options options = {.listen = "inproc://told",
                                          .zmq_context = bus.context,
                                          .advertise = "tcp://h:7,tcp://h:80,tcp://h:9"};
    assert_int_equal(oyez_broker_open(&bus.broker, &options), OYEZ_OK);
    struct peer *peer = peer_open(bus.context, bus.broker, 1);
    assert_true(peer_hello(peer)->advertised);
    assert_string_equal(peer->welcome.control_endpoint, "tcp://h:7");
    assert_string_equal(peer->welcome.ingress_endpoint, "tcp://h:80");
    assert_string_equal(peer->welcome.egress_endpoint, "tcp://h:9");
    peer_close(peer);
    oyez_broker_close(&bus.broker);
    zmq_ctx_term(bus.context);
}

static void test_a_second_hello_keeps_the_numbers_and_raises_them_to_the_floor(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 4);
    peer_await_mark(peer, 4, 0);
    assert_int_equal(peer_hello(peer)->durable_expected, 5);
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.body.hello.durable_floor = 9;
    hello.body.hello.fast_floor = 3;
    peer_say(peer, &hello);
    const oyez_v1_Welcome *welcome = &peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    assert_int_equal(welcome->durable_expected, 9);
    assert_int_equal(welcome->fast_expected, 3);
    assert_int_equal(welcome->position, 4);
    assert_int_equal(broker_counter(bus->broker, "takeovers"), 0);
    peer_close(peer);
}

static void expect_refusal(struct peer *peer, const oyez_v1_ToBroker *message,
                           oyez_v1_RefusalReason reason)
{
    peer_say(peer, message);
    const oyez_v1_Refusal *refusal = &peer_hear(peer, oyez_v1_FromBroker_refusal_tag)->body.refusal;
    assert_int_equal(refusal->reason, reason);
    assert_true(strlen(refusal->text) > 20);
}

static void test_one_connection_has_one_client_id(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_hello(peer);
    oyez_v1_ToBroker other = hello_of(peer);
    other.body.hello.client_id[0] = 2;
    expect_refusal(peer, &other, oyez_v1_RefusalReason_REFUSAL_REASON_IN_USE);
    assert_int_equal(broker_counter(bus->broker, "refused_in_use"), 1);
    peer_ping_pong(peer);
    peer_close(peer);
}

static void test_a_recorder_is_refused_by_name(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.body.hello.role = oyez_v1_Role_ROLE_RECORDER;
    expect_refusal(peer, &hello, oyez_v1_RefusalReason_REFUSAL_REASON_ROLE);
    hello.body.hello.role = oyez_v1_Role_ROLE_MIRROR;
    expect_refusal(peer, &hello, oyez_v1_RefusalReason_REFUSAL_REASON_ROLE);
    assert_int_equal(broker_counter(bus->broker, "refused_roles"), 2);
    peer_close(peer);
}

static void test_a_new_connection_of_a_client_takes_over_from_the_old(void **state)
{
    struct bus *bus = *state;
    struct peer *old = peer_open(bus->context, bus->broker, 1);
    struct peer *new = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(old);
    peer_emit(old, "plan.created", 1, 0, 2);
    peer_await_mark(old, 2, 0);
    assert_int_equal(peer_hello(new)->durable_expected, 3);
    assert_int_equal(broker_counter(bus->broker, "takeovers"), 1);
    peer_ping(old);
    peer_hear(old, oyez_v1_FromBroker_hello_needed_tag);
    peer_emit(old, "plan.created", 3, 0, 1);
    peer_await_mark(new, 3, 0); // marks go to where the session is now
    peer_close(old);
    peer_close(new);
}

static void test_who_has_no_session_is_asked_for_a_hello(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_ping(peer);
    const oyez_v1_HelloNeeded needed =
        peer_hear(peer, oyez_v1_FromBroker_hello_needed_tag)->body.hello_needed;
    peer_hello(peer);
    assert_true(needed.epoch == peer->welcome.epoch && needed.instance == peer->welcome.instance);
    peer_ping_pong(peer);
    assert_true(peer->heard.body.pong.instance == needed.instance);
    peer_close(peer);
}

static void test_a_goodbye_frees_the_session_and_keeps_the_numbers(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 2);
    peer_await_mark(peer, 2, 0);
    oyez_v1_ToBroker goodbye = oyez_v1_ToBroker_init_zero;
    goodbye.which_body = oyez_v1_ToBroker_goodbye_tag;
    peer_say(peer, &goodbye);
    peer_ping(peer);
    peer_hear(peer, oyez_v1_FromBroker_hello_needed_tag);
    assert_int_equal(broker_counter(bus->broker, "goodbyes"), 1);
    assert_int_equal(peer_hello(peer)->durable_expected, 3);
    peer_close(peer);
}

static void test_a_silent_session_is_dropped_and_one_that_pings_is_not(void **state)
{
    (void)state;
    const struct oyez_broker_limits limits = {.session_timeout_ms = 300, .drain_ms = 100};
    struct bus *bus = bus_open("tcp://127.0.0.1:0", &limits);
    struct peer *silent = peer_open(bus->context, bus->broker, 1);
    struct peer *lively = peer_open(bus->context, bus->broker, 2);
    peer_hello(silent);
    peer_hello(lively);
    struct timespec pause = {0, 20000000};
    while (broker_counter(bus->broker, "timeouts") == 0) {
        peer_ping_pong(lively);
        nanosleep(&pause, NULL);
    }
    peer_ping_pong(lively);
    peer_ping(silent);
    peer_hear(silent, oyez_v1_FromBroker_hello_needed_tag);
    assert_int_equal(broker_counter(bus->broker, "timeouts"), 1);
    peer_close(silent);
    peer_close(lively);
    bus_close(bus);
}

static void test_a_full_session_table_refuses_until_one_leaves(void **state)
{
    (void)state;
    const struct oyez_broker_limits limits = {.sessions = 1, .drain_ms = 100};
    struct bus *bus = bus_open("tcp://127.0.0.1:0", &limits);
    struct peer *first = peer_open(bus->context, bus->broker, 1);
    struct peer *second = peer_open(bus->context, bus->broker, 2);
    struct peer *again = peer_open(bus->context, bus->broker, 1);
    peer_hello(first);
    oyez_v1_ToBroker hello = hello_of(second);
    expect_refusal(second, &hello, oyez_v1_RefusalReason_REFUSAL_REASON_SESSIONS);
    assert_int_equal(broker_counter(bus->broker, "refused_sessions"), 1);
    peer_hello(again); // a takeover needs no room
    oyez_v1_ToBroker goodbye = oyez_v1_ToBroker_init_zero;
    goodbye.which_body = oyez_v1_ToBroker_goodbye_tag;
    peer_say(again, &goodbye);
    await_counter(bus->broker, "goodbyes", 1);
    peer_hello(second);
    peer_close(first);
    peer_close(second);
    peer_close(again);
    bus_close(bus);
}

static void test_a_full_emitter_table_gives_up_idle_ones_only(void **state)
{
    (void)state;
    const struct oyez_broker_limits limits = {.emitters = 1, .drain_ms = 100};
    struct bus *bus = bus_open("tcp://127.0.0.1:0", &limits);
    struct peer *first = peer_open(bus->context, bus->broker, 1);
    struct peer *second = peer_open(bus->context, bus->broker, 2);
    peer_open_ingress(first);
    peer_emit(first, "plan.created", 1, 0, 1);
    peer_await_mark(first, 1, 0);
    oyez_v1_ToBroker hello = hello_of(second);
    expect_refusal(second, &hello, oyez_v1_RefusalReason_REFUSAL_REASON_EMITTERS);
    assert_int_equal(broker_counter(bus->broker, "refused_emitters"), 1);
    oyez_v1_ToBroker goodbye = oyez_v1_ToBroker_init_zero;
    goodbye.which_body = oyez_v1_ToBroker_goodbye_tag;
    peer_say(first, &goodbye);
    await_counter(bus->broker, "goodbyes", 1);
    assert_int_equal(peer_hello(second)->durable_expected, 1);
    assert_int_equal(broker_counter(bus->broker, "emitters_evicted"), 1);
    peer_close(first);
    peer_close(second);
    bus_close(bus);
}

// No sockets are needed to say hello: the answer stands in the broker.
static void test_a_new_emitter_inherits_nothing_from_the_one_it_replaces(void **state)
{
    (void)state;
    struct oyez_broker *broker = calloc(1, sizeof *broker);
    oyez_sessions_init(&broker->sessions, 2);
    assert_int_equal(
        oyez_ingress_open(&broker->ingress, &broker->counters, OYEZ_RING_BYTES_MIN, 2, 1), OYEZ_OK);
    oyez_v1_Hello hello = {.client_id = {1}};
    assert_true(oyez_hello_answer(broker, "first", 5, &hello));
    struct oyez_emitter *entry = &broker->ingress.emitters.entries[0];
    const struct oyez_tell tell = {.count = 1, .emitter_seq = 1, .position = 1};
    oyez_debts_tell(&broker->ingress.debts, 0, &tell);
    oyez_hello_leave(broker, 0, true);
    hello.client_id[0] = 2;
    assert_true(oyez_hello_answer(broker, "second", 6, &hello));
    assert_int_equal(broker->answer.which_body, oyez_v1_FromBroker_welcome_tag);
    assert_int_equal(entry->id[0], 2);
    assert_int_equal(entry->stamps.count, 0);
    assert_int_equal(broker->ingress.debts.queue_count, 0);
    assert_int_not_equal(broker->ingress.debts.tells_free, OYEZ_NONE); // its place is free again
    oyez_ingress_close(&broker->ingress);
    oyez_sessions_free(&broker->sessions);
    free(broker);
}

static void test_another_protocol_version_is_told_ours(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.protocol_version = OYEZ_PROTOCOL_VERSION + 1;
    expect_refusal(peer, &hello, oyez_v1_RefusalReason_REFUSAL_REASON_VERSION);
    assert_int_equal(peer->heard.protocol_version, OYEZ_PROTOCOL_VERSION);
    assert_int_equal(broker_counter(bus->broker, "wrong_version"), 1);
    assert_int_equal(broker_counter(bus->broker, "hellos"), 0);
    peer_close(peer);
}

static void test_a_later_epoch_makes_everyone_say_hello_again_above_it(void **state)
{
    struct bus *bus = *state;
    struct peer *there = peer_open(bus->context, bus->broker, 1);
    struct peer *comes = peer_open(bus->context, bus->broker, 2);
    peer_open_ingress(there);
    peer_emit(there, "plan.created", 1, 0, 3);
    peer_await_mark(there, 3, 0);
    uint64_t old_epoch = there->welcome.epoch, old_instance = there->welcome.instance;
    oyez_v1_ToBroker hello = hello_of(comes);
    hello.body.hello.highest_epoch = old_epoch + UINT64_C(3600000000);
    peer_say(comes, &hello);
    comes->welcome = peer_hear(comes, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    assert_true(comes->welcome.epoch == old_epoch + UINT64_C(3600000000) + 1);
    assert_true(comes->welcome.instance != old_instance);
    assert_int_equal(comes->welcome.position, 0);
    const oyez_v1_HelloNeeded *needed =
        &peer_hear(there, oyez_v1_FromBroker_hello_needed_tag)->body.hello_needed;
    assert_true(needed->epoch == comes->welcome.epoch);
    peer_emit(there, "plan.created", 4, 0, 1);
    await_counter(bus->broker, "no_hello", 1);
    assert_int_equal(peer_hello(there)->durable_expected, 1);
    peer_emit(there, "plan.created", 1, OYEZ_FLAG_TELL, 1);
    assert_int_equal(peer_await_mark(there, 1, 0)->stamps[0].position, 1);
    assert_int_equal(broker_counter(bus->broker, "rollovers"), 1);
    peer_close(there);
    peer_close(comes);
}

static void test_an_epoch_beyond_belief_moves_nothing(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    uint64_t epoch = peer_hello(peer)->epoch;
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.body.hello.highest_epoch = epoch + UINT64_C(2) * 86400000000u;
    peer_say(peer, &hello);
    assert_true(peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome.epoch == epoch);
    hello.body.hello.highest_epoch = UINT64_MAX;
    peer_say(peer, &hello);
    assert_true(peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome.epoch == epoch);
    hello.body.hello.highest_epoch = epoch; // that is ours
    peer_say(peer, &hello);
    assert_true(peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome.epoch == epoch);
    assert_int_equal(broker_counter(bus->broker, "bad_epoch"), 2);
    assert_int_equal(broker_counter(bus->broker, "rollovers"), 0);
    peer_close(peer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_hello_is_welcomed_with_all_a_client_needs),
        cmocka_unit_test(test_advertised_endpoints_are_told_as_they_stand),
        TEST(test_a_second_hello_keeps_the_numbers_and_raises_them_to_the_floor),
        TEST(test_one_connection_has_one_client_id),
        TEST(test_a_recorder_is_refused_by_name),
        TEST(test_a_new_connection_of_a_client_takes_over_from_the_old),
        TEST(test_who_has_no_session_is_asked_for_a_hello),
        TEST(test_a_goodbye_frees_the_session_and_keeps_the_numbers),
        cmocka_unit_test(test_a_silent_session_is_dropped_and_one_that_pings_is_not),
        cmocka_unit_test(test_a_full_session_table_refuses_until_one_leaves),
        cmocka_unit_test(test_a_full_emitter_table_gives_up_idle_ones_only),
        cmocka_unit_test(test_a_new_emitter_inherits_nothing_from_the_one_it_replaces),
        TEST(test_another_protocol_version_is_told_ours),
        TEST(test_a_later_epoch_makes_everyone_say_hello_again_above_it),
        TEST(test_an_epoch_beyond_belief_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

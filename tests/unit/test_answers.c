// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker_peer.h"

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

static void test_a_status_needs_no_session_and_tells_components_and_counters(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    oyez_v1_ToBroker request = oyez_v1_ToBroker_init_zero;
    request.which_body = oyez_v1_ToBroker_status_request_tag;
    request.request_id = 5;
    peer_say(peer, &request);
    const oyez_v1_FromBroker *answer = peer_hear(peer, oyez_v1_FromBroker_status_tag);
    const oyez_v1_Status *status = &answer->body.status;
    assert_int_equal(answer->request_id, 5);
    assert_int_equal(status->components_count, 2);
    assert_string_equal(status->components[0].name, "broker");
    assert_int_equal(status->components[0].status, oyez_v1_Health_HEALTH_HEALTHY);
    assert_non_null(strstr(status->components[0].message, oyez_broker_endpoint(bus->broker)));
    assert_string_equal(status->components[1].name, "recorder");
    assert_int_equal(status->components[1].status, oyez_v1_Health_HEALTH_HEALTHY);
    assert_non_null(strstr(status->components[1].message, "none by policy"));
    assert_true(status->components[0].last_check >= status->started_at);
    assert_int_equal(status->counters_count, OYEZ_COUNTER_COUNT);
    assert_string_equal(status->counters[0].name, "events");
    assert_string_equal(status->version, OYEZ_VERSION);
    peer_close(peer);
}

static void test_the_states_among_the_counters_are_of_now(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 3);
    peer_await_mark(peer, 3, 0);
    oyez_v1_ToBroker request = oyez_v1_ToBroker_init_zero;
    request.which_body = oyez_v1_ToBroker_status_request_tag;
    peer_say(peer, &request);
    assert_int_equal(peer_hear(peer, oyez_v1_FromBroker_status_tag)->body.status.position, 3);
    assert_int_equal(broker_counter(bus->broker, "sessions"), 1);
    assert_int_equal(broker_counter(bus->broker, "emitters"), 1);
    assert_int_equal(broker_counter(bus->broker, "types"), 1);
    assert_int_equal(broker_counter(bus->broker, "ring_first_position"), 1);
    assert_int_equal(broker_counter(bus->broker, "events"), 3);
    assert_int_equal(broker_counter(bus->broker, "bytes_in"), peer->frame.size);
    peer_close(peer);
}

static void test_rubbish_on_control_is_counted_and_gets_no_answer(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    zmq_send(peer->control, "", 0, 0);
    zmq_send(peer->control, "\xff\xff\xff\xff", 4, 0);
    zmq_send(peer->control, "", 0, ZMQ_SNDMORE); // as a REQ socket would
    oyez_v1_ToBroker second_frame = hello_of(peer);
    peer_say(peer, &second_frame);
    oyez_v1_ToBroker nothing = oyez_v1_ToBroker_init_zero;
    peer_say(peer, &nothing); // no body
    oyez_v1_ToBroker nobody = hello_of(peer);
    memset(nobody.body.hello.client_id, 0, sizeof nobody.body.hello.client_id);
    peer_say(peer, &nobody);
    peer_ping(peer);
    uint8_t bytes[1024];
    int size = zmq_recv(peer->control, bytes, sizeof bytes, 0);
    assert_int_equal(oyez_from_broker_decode(&peer->heard, bytes, (size_t)size), OYEZ_OK);
    // An empty message names version 0, and is told ours; the rest is passed over in silence.
    while (peer->heard.which_body == oyez_v1_FromBroker_refusal_tag) {
        assert_int_equal(peer->heard.body.refusal.reason,
                         oyez_v1_RefusalReason_REFUSAL_REASON_VERSION);
        size = zmq_recv(peer->control, bytes, sizeof bytes, 0);
        assert_int_equal(oyez_from_broker_decode(&peer->heard, bytes, (size_t)size), OYEZ_OK);
    }
    assert_int_equal(peer->heard.which_body, oyez_v1_FromBroker_hello_needed_tag);
    assert_int_equal(broker_counter(bus->broker, "bad_control") +
                         broker_counter(bus->broker, "wrong_version"),
                     5);
    assert_int_equal(broker_counter(bus->broker, "sessions"), 0);
    peer_close(peer);
}

static void test_a_peer_that_does_not_read_its_answers_holds_up_nobody(void **state)
{
    struct bus *bus = *state;
    struct peer *deaf = peer_open(bus->context, bus->broker, 1);
    struct peer *other = peer_open(bus->context, bus->broker, 2);
    const int small = 10;
    zmq_close(deaf->control);
    deaf->control = zmq_socket(bus->context, ZMQ_DEALER);
    zmq_setsockopt(deaf->control, ZMQ_RCVHWM, &small, sizeof small);
    zmq_setsockopt(deaf->control, ZMQ_RCVBUF, &small, sizeof small);
    const int none = 0;
    zmq_setsockopt(deaf->control, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal(zmq_connect(deaf->control, oyez_broker_endpoint(bus->broker)), 0);
    oyez_v1_ToBroker request = oyez_v1_ToBroker_init_zero;
    request.which_body = oyez_v1_ToBroker_status_request_tag;
    while (broker_counter(bus->broker, "control_unsent") == 0)
        peer_say(deaf, &request);
    peer_hello(other);
    peer_ping_pong(other);
    peer_close(deaf);
    peer_close(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_status_needs_no_session_and_tells_components_and_counters),
        TEST(test_the_states_among_the_counters_are_of_now),
        TEST(test_rubbish_on_control_is_counted_and_gets_no_answer),
        TEST(test_a_peer_that_does_not_read_its_answers_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

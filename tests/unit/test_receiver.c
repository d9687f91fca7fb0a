// SPDX-License-Identifier: MIT
// How a subscriber finds out that its connection is dead, and what it does then.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "client_fixture.h"
#include "conversation.h"
#include "oyez/limits.h"
#include "receiver_state.h"
#include "sockets.h"
#include "stepped_clock.h"

// A receiver without its thread: the test is the thread, and says what time it is.
struct desk {
    struct fake_broker broker;
    struct oyez_client client;
    struct receiver *receiver;
    void *egress;      // as it was opened
    uint64_t heard_ms; // when the connection began
};

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    struct oyez_client *client = &desk->client;
    fake_broker_open(&desk->broker);
    client->zmq_context = desk->broker.context;
    client->session.open = true;
    snprintf(client->reach.egress, sizeof client->reach.egress, "%s", desk->broker.egress_endpoint);
    pthread_mutex_init(&client->lock, NULL);
    pthread_mutex_init(&client->inbox_lock, NULL);
    assert_int_equal(receiver_open(&desk->receiver, client), OYEZ_OK);
    client->receiver = desk->receiver;
    assert_int_equal(conversation_listen(client), OYEZ_OK);
    desk->egress = client->egress;
    desk->heard_ms = desk->receiver->heard_ms;
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    socket_close(&desk->client.egress);
    receiver_close(&desk->receiver);
    pthread_mutex_destroy(&desk->client.lock);
    pthread_mutex_destroy(&desk->client.inbox_lock);
    fake_broker_close(&desk->broker);
    free(desk);
    return 0;
}

static void test_a_connection_heard_of_just_within_the_limit_stays(void **state)
{
    struct desk *desk = *state;
    receiver_tick(desk->receiver, desk->heard_ms + OYEZ_TRANSPORT_TIMEOUT_MS - 1);
    assert_ptr_equal(desk->client.egress, desk->egress);
}

static void test_a_connection_without_a_word_is_closed_at_the_limit(void **state)
{
    struct desk *desk = *state;
    receiver_tick(desk->receiver, desk->heard_ms + OYEZ_TRANSPORT_TIMEOUT_MS);
    assert_null(desk->client.egress);
}

static void test_while_control_is_lost_egress_is_left_alone(void **state)
{
    struct desk *desk = *state;
    desk->client.session.open = false;
    receiver_tick(desk->receiver, desk->heard_ms + 10 * OYEZ_TRANSPORT_TIMEOUT_MS);
    assert_ptr_equal(desk->client.egress, desk->egress);
}

// A process that was stopped for a minute and goes on.
static void test_what_waits_unread_proves_the_connection_alive(void **state)
{
    struct desk *desk = *state;
    fake_broker_await_topic(&desk->broker, OYEZ_TOPIC_HEARTBEAT, sizeof OYEZ_TOPIC_HEARTBEAT);
    fake_broker_heartbeat(&desk->broker, NULL, 0);
    zmq_pollitem_t item = {.socket = desk->egress, .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, 20000), 1);
    stepped_ms += 60000;
    uint64_t now_ms = oyez_clock_monotonic_ms();
    receiver_tick(desk->receiver, now_ms);
    assert_ptr_equal(desk->client.egress, desk->egress);
    // Reading it is what counts from then on.
    receiver_read(desk->receiver);
    assert_true(desk->receiver->heard_ms >= now_ms);
    desk->heard_ms = desk->receiver->heard_ms;
    receiver_tick(desk->receiver, desk->heard_ms + OYEZ_TRANSPORT_TIMEOUT_MS - 1);
    assert_ptr_equal(desk->client.egress, desk->egress);
    receiver_tick(desk->receiver, desk->heard_ms + OYEZ_TRANSPORT_TIMEOUT_MS);
    assert_null(desk->client.egress);
}

static void test_a_silent_connection_is_opened_anew_and_events_flow_again(void **state)
{
    struct client_fixture *fixture = *state;
    struct fake_broker *broker = &fixture->broker;
    fake_broker_watch_egress(broker);
    struct oyez_head heads[] = {head("plan.created", 4)};
    listen_to(fixture, "plan.*", heads, 1);
    fake_broker_await_connection(broker);
    fake_broker_publish(broker, "plan.created", 5, "{}", NULL);
    await_seen(fixture, 1);
    stepped_clock_pass(broker, OYEZ_TRANSPORT_TIMEOUT_MS / 1000);
    fake_broker_await_connection(broker);
    // Its beacon tells what was published while nothing came through.
    heads[0] = head("plan.created", 7);
    fake_broker_beacon(broker, heads, 1);
    struct oyez_notice gap = await_notice(fixture, OYEZ_NOTICE_GAP, "plan.created");
    assert_int_equal(gap.first, 6);
    assert_int_equal(gap.last, 7);
    fake_broker_publish(broker, "plan.created", 8, "{}", NULL);
    await_seen(fixture, 2);
    // Only egress was silent: the session is the same one.
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.sessions, 1);
    assert_int_equal(counters.gaps, 2);
    assert_true(fake_broker_has_no_connection(broker));
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_DESK(test_a_connection_heard_of_just_within_the_limit_stays),
        AT_DESK(test_a_connection_without_a_word_is_closed_at_the_limit),
        AT_DESK(test_while_control_is_lost_egress_is_left_alone),
        AT_DESK(test_what_waits_unread_proves_the_connection_alive),
        cmocka_unit_test_setup_teardown(
            test_a_silent_connection_is_opened_anew_and_events_flow_again, client_fixture_welcomed,
            client_fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

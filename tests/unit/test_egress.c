// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "egress.h"
#include "oyez/limits.h"

enum { LARGE = OYEZ_EGRESS_LARGE_FRAME_SIZE + 1, ROOM = 3 * LARGE };

// An egress socket and a subscriber, or a peer that is not one, over inproc.
struct fixture {
    void *context;
    void *xpub;
    struct oyez_counters counters;
    struct oyez_egress egress;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->context = zmq_ctx_new();
    f->xpub = zmq_socket(f->context, ZMQ_XPUB);
    const int yes = 1;
    zmq_setsockopt(f->xpub, ZMQ_XPUB_VERBOSE, &yes, sizeof yes);
    assert_int_equal(zmq_bind(f->xpub, "inproc://egress"), 0);
    assert_int_equal(oyez_egress_open(&f->egress, f->xpub, &f->counters, ROOM), OYEZ_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    oyez_egress_close(&f->egress);
    if (f->xpub != NULL)
        zmq_close(f->xpub);
    zmq_ctx_term(f->context);
    free(f);
    return 0;
}

static void *open_peer(struct fixture *f, int type)
{
    void *peer = zmq_socket(f->context, type);
    const int none = 0, patience = 10000;
    zmq_setsockopt(peer, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(peer, ZMQ_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(zmq_connect(peer, "inproc://egress"), 0);
    return peer;
}

static uint64_t counted(const struct fixture *f, enum oyez_counter counter)
{
    return oyez_counter_get(&f->counters, counter);
}

// Reads notices until the counters have seen that many.
static void read_notices(struct fixture *f, uint64_t count)
{
    zmq_pollitem_t item = {.socket = f->xpub, .events = ZMQ_POLLIN};
    while (counted(f, OYEZ_COUNT_SUBSCRIPTIONS) + counted(f, OYEZ_COUNT_BAD_SUBSCRIPTION) +
               counted(f, OYEZ_COUNT_BEACONS_DROPPED) <
           count) {
        assert_int_equal(zmq_poll(&item, 1, 10000), 1);
        oyez_egress_read_notices(&f->egress, 1000);
    }
}

static void publish(struct fixture *f, size_t size)
{
    zmq_msg_t message;
    zmq_msg_init_size(&message, size);
    memset(zmq_msg_data(&message), 'e', size);
    oyez_egress_publish(&f->egress, &message);
    assert_int_equal(zmq_msg_size(&message), 0);
    zmq_msg_close(&message);
}

static void *subscribe(struct fixture *f)
{
    void *peer = open_peer(f, ZMQ_SUB);
    zmq_setsockopt(peer, ZMQ_SUBSCRIBE, "e", 1);
    read_notices(f, 1);
    return peer;
}

static void test_large_frames_arrive_whole_and_give_their_bytes_back(void **state)
{
    struct fixture *f = *state;
    void *peer = subscribe(f);
    publish(f, LARGE);
    publish(f, LARGE - 1);
    assert_int_equal(oyez_egress_large_bytes(&f->egress), LARGE);
    char *bytes = malloc(LARGE);
    assert_int_equal(zmq_recv(peer, bytes, LARGE, 0), LARGE);
    assert_int_equal(bytes[0], 'e');
    assert_int_equal(bytes[LARGE - 1], 'e');
    assert_int_equal(zmq_recv(peer, bytes, LARGE, 0), LARGE - 1);
    assert_int_equal(oyez_egress_large_bytes(&f->egress), 0);
    free(bytes);
    zmq_close(peer);
}

static void test_large_frames_beyond_the_bound_are_dropped_and_counted(void **state)
{
    struct fixture *f = *state;
    void *peer = subscribe(f);
    for (unsigned i = 0; i < 5; i++)
        publish(f, LARGE);
    publish(f, 100); // small ones still go
    assert_int_equal(counted(f, OYEZ_COUNT_EGRESS_LARGE_DROPPED), 2);
    assert_int_equal(oyez_egress_large_bytes(&f->egress), ROOM);
    char *bytes = malloc(LARGE);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(zmq_recv(peer, bytes, LARGE, 0), LARGE);
    assert_int_equal(zmq_recv(peer, bytes, LARGE, 0), 100);
    publish(f, LARGE);
    assert_int_equal(zmq_recv(peer, bytes, LARGE, 0), LARGE);
    free(bytes);
    zmq_close(peer);
}

static void test_a_large_frame_without_subscribers_costs_nothing(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 10; i++)
        publish(f, LARGE);
    assert_int_equal(oyez_egress_large_bytes(&f->egress), 0);
    assert_int_equal(counted(f, OYEZ_COUNT_EGRESS_LARGE_DROPPED), 0);
}

static void test_a_large_frame_may_outlive_the_broker(void **state)
{
    struct fixture *f = *state;
    void *peer = subscribe(f);
    publish(f, LARGE);
    oyez_egress_close(&f->egress);
    char *bytes = malloc(LARGE);
    assert_int_equal(zmq_recv(peer, bytes, LARGE, 0), LARGE);
    free(bytes);
    zmq_close(peer);
}

static void test_a_frame_that_cannot_be_sent_is_counted_and_freed(void **state)
{
    struct fixture *f = *state;
    f->egress.socket = open_peer(f, ZMQ_SUB); // a SUB does not send
    publish(f, 100);
    publish(f, LARGE);
    assert_int_equal(counted(f, OYEZ_COUNT_EGRESS_SEND_FAILED), 2);
    assert_int_equal(oyez_egress_large_bytes(&f->egress), 0);
    zmq_close(f->egress.socket);
}

static void test_only_a_well_formed_nonce_asks_for_a_beacon(void **state)
{
    struct fixture *f = *state;
    void *peer = open_peer(f, ZMQ_XSUB);
    static const struct {
        const char *text;
        size_t size;
    } notices[] = {
#define NOTICE(text) {text, sizeof(text) - 1}
        NOTICE("\1oyez.beacon.0123456789abcdef\0"),  // the only right one
        NOTICE("\1oyez.beacon.0123456789abcdef"),    // no NUL
        NOTICE("\1oyez.beacon.0123456789ABCDEF\0"),  // upper case
        NOTICE("\1oyez.beacon.0123456789abcde\0"),   // short
        NOTICE("\1oyez.beacon.0123456789abcdef0\0"), // long
        NOTICE("\1oyez.beacon."),                    // a prefix: whoever likes to look on
        NOTICE("\1oyez."),
        NOTICE("\1plan.created\0"),
        NOTICE("garbage"),
    };
    const size_t count = sizeof notices / sizeof notices[0];
    for (size_t i = 0; i < count; i++)
        assert_int_equal(zmq_send(peer, notices[i].text, notices[i].size, 0), notices[i].size);
    read_notices(f, count);
    assert_int_equal(f->egress.nonces_count, 1);
    assert_memory_equal(f->egress.nonces[0], "0123456789abcdef", OYEZ_BEACON_NONCE_SIZE);
    assert_int_equal(counted(f, OYEZ_COUNT_BAD_SUBSCRIPTION), 5);
    assert_int_equal(counted(f, OYEZ_COUNT_SUBSCRIPTIONS), 4);
    zmq_close(peer);
}

static void test_more_beacons_than_are_taken_at_once_are_counted(void **state)
{
    struct fixture *f = *state;
    void *peer = open_peer(f, ZMQ_SUB);
    for (unsigned i = 0; i < OYEZ_BEACONS_MAX + 7; i++) {
        char topic[64];
        int size = snprintf(topic, sizeof topic, "oyez.beacon.%016x", i) + 1;
        zmq_setsockopt(peer, ZMQ_SUBSCRIBE, topic, (size_t)size);
    }
    read_notices(f, OYEZ_BEACONS_MAX + 7);
    assert_int_equal(f->egress.nonces_count, OYEZ_BEACONS_MAX);
    assert_int_equal(counted(f, OYEZ_COUNT_BEACONS_DROPPED), 7);
    zmq_close(peer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_large_frames_arrive_whole_and_give_their_bytes_back),
        TEST(test_large_frames_beyond_the_bound_are_dropped_and_counted),
        TEST(test_a_large_frame_without_subscribers_costs_nothing),
        TEST(test_a_large_frame_may_outlive_the_broker),
        TEST(test_a_frame_that_cannot_be_sent_is_counted_and_freed),
        TEST(test_only_a_well_formed_nonce_asks_for_a_beacon),
        TEST(test_more_beacons_than_are_taken_at_once_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <zmq.h>

#include "client/lib/sockets.h"
#include "oyez/limits.h"

static int option_of(void *socket, int option)
{
    int value = -1;
    size_t size = sizeof value;
    assert_int_equal(zmq_getsockopt(socket, option, &value, &size), 0);
    return value;
}

// A server behind mapped ports that moves leaves an address that answers nothing: without a limit the
// system tries that one for two minutes.
static void test_no_connection_is_tried_for_longer_than_its_limit(void **state)
{
    (void)state;
    static const int types[] = {ZMQ_DEALER, ZMQ_XPUB, ZMQ_SUB};
    void *context = zmq_ctx_new();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        void *socket = NULL;
        assert_int_equal(socket_open(&socket, context, types[i]), OYEZ_OK);
        assert_int_equal(option_of(socket, ZMQ_CONNECT_TIMEOUT), OYEZ_TRANSPORT_CONNECT_MS);
        socket_close(&socket);
    }
    zmq_ctx_term(context);
}

// An aborted connection whose queue is full ends the process in libzmq 4.3.4 at its next ping.
static void test_a_subscriber_sends_no_pings(void **state)
{
    (void)state;
    void *context = zmq_ctx_new();
    void *socket = NULL;
    assert_int_equal(socket_open(&socket, context, ZMQ_SUB), OYEZ_OK);
    assert_int_equal(option_of(socket, ZMQ_HEARTBEAT_IVL), 0);
    assert_int_equal(socket_open(&socket, context, ZMQ_DEALER), OYEZ_OK);
    assert_int_equal(option_of(socket, ZMQ_HEARTBEAT_IVL), OYEZ_TRANSPORT_HEARTBEAT_MS);
    socket_close(&socket);
    zmq_ctx_term(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_connection_is_tried_for_longer_than_its_limit),
        cmocka_unit_test(test_a_subscriber_sends_no_pings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

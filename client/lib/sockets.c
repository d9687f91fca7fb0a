// SPDX-License-Identifier: MIT
#include "sockets.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <zmq.h>

#include "oyez/limits.h"

#define RECONNECT_MS 50
#define RECONNECT_MS_MAX 1000
// What is queued at close was accepted already, or is a goodbye: it gets a moment, no more.
#define LINGER_MS 200

void socket_set(void *socket, int option, int value)
{
    int failed = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(failed == 0);
}

void socket_set_max_size(void *socket, size_t bytes)
{
    int64_t value = (int64_t)bytes;
    int failed = zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &value, sizeof value);
    assert(failed == 0);
}

// The first socket of a context starts libzmq's threads. They block signals themselves, but only once
// they run: until then a signal that the application's threads block would end the process.
static void *open_without_signals(void *zmq_context, int type)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    void *socket = zmq_socket(zmq_context, type);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return socket;
}

oyez_err socket_open(void **socket, void *zmq_context, int type)
{
    socket_close(socket);
    *socket = open_without_signals(zmq_context, type);
    if (*socket == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no ZeroMQ socket: %s", zmq_strerror(errno));
    socket_set(*socket, ZMQ_LINGER, LINGER_MS);
    socket_set(*socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    socket_set(*socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX);
    socket_set(*socket, ZMQ_CONNECT_TIMEOUT, OYEZ_TRANSPORT_CONNECT_MS);
    // Before connect: libzmq takes these only for connections made afterwards. No TTL: it would make
    // the broker keep a timer for each connection, whose cost in libzmq 4.3.4 grows with the square
    // of their number.
    //
    // A connection whose queue is full has stopped reading; if it breaks then, libzmq 4.3.4 aborts the
    // process at its next ping (libzmq issue 4841). So what may fill up sends none: a subscriber
    // knows a dead connection by the broker's heartbeat events, and the others' queues have no limit
    // here, because what the broker puts into them has one.
    if (type == ZMQ_SUB)
        return OYEZ_OK;
    socket_set(*socket, ZMQ_RCVHWM, 0);
    socket_set(*socket, ZMQ_HEARTBEAT_IVL, OYEZ_TRANSPORT_HEARTBEAT_MS);
    socket_set(*socket, ZMQ_HEARTBEAT_TIMEOUT, OYEZ_TRANSPORT_TIMEOUT_MS);
    return OYEZ_OK;
}

oyez_err socket_connect(void *socket, const char *endpoint)
{
    if (zmq_connect(socket, endpoint) != 0)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: %s", endpoint, zmq_strerror(errno));
    return OYEZ_OK;
}

void socket_close(void **socket)
{
    if (*socket == NULL)
        return;
    zmq_close(*socket);
    *socket = NULL;
}

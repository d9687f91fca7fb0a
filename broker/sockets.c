// SPDX-License-Identifier: MIT
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "oyez/limits.h"

enum {
    INGRESS_MESSAGES_MAX = 1000, // waiting per emitter; beyond it the emitter feels it
    CONTROL_MESSAGES_MAX = 100,  // waiting per client; an answer is one message of many frames
    HANDSHAKE_MS = 10000,        // for a peer that connects and says nothing
    KEEPALIVE_S = 10,            // a peer whose machine is gone is noticed after about 40 s
    KEEPALIVE_COUNT = 3,
    BACKLOG = 1024, // connections not yet accepted: bursts of one-shot emitters
};

struct option {
    int name;
    int value;
};

static oyez_err set_options(void *socket, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof options[i].value) !=
            0)
            return oyez_fail(OYEZ_ERR_SYSTEM, "socket option %d: %s", options[i].name,
                             zmq_strerror(errno));
    }
    return OYEZ_OK;
}

// Transport heartbeats find the peers that vanished without a word; they must be set before bind.
static oyez_err set_transport_options(void *socket, bool is_ipv6)
{
    const struct option options[] = {
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_S},
        {ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_S},
        {ZMQ_TCP_KEEPALIVE_CNT, KEEPALIVE_COUNT},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_BACKLOG, BACKLOG},
        {ZMQ_IPV6, is_ipv6},
    };
    return set_options(socket, options, sizeof options / sizeof options[0]);
}

static oyez_err make_socket(void **out, void *context, int type, int64_t message_size_max,
                            bool is_ipv6)
{
    *out = zmq_socket(context, type);
    if (*out == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "cannot make a socket: %s", zmq_strerror(errno));
    if (zmq_setsockopt(*out, ZMQ_MAXMSGSIZE, &message_size_max, sizeof message_size_max) != 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "cannot bound a socket's messages: %s",
                         zmq_strerror(errno));
    return set_transport_options(*out, is_ipv6);
}

static oyez_err make_sockets(struct oyez_sockets *sockets, bool is_ipv6)
{
    const struct option control[] = {
        {ZMQ_ROUTER_MANDATORY, 1},
        {ZMQ_SNDHWM, CONTROL_MESSAGES_MAX},
        {ZMQ_RCVHWM, CONTROL_MESSAGES_MAX},
    };
    const struct option ingress[] = {{ZMQ_RCVHWM, INGRESS_MESSAGES_MAX}};
    // Verbose: a subscriber that reconnects before its old connection is known to be dead asks for
    // its beacon a second time, and must get it.
    // Heartbeats here alone: they cut off a subscriber that is stuck, whose queue costs memory. Their
    // timers cost libzmq 4.3.4 with the square of the connections (16,000 idle ones: a whole core),
    // so control relies on its sessions' pings, and the rest on TCP keepalive. A connection with
    // heartbeats must never stop reading: if it breaks then, libzmq 4.3.4 aborts the process at its
    // next ping (libzmq issue 4841). So subscriptions that wait to be read have no limit.
    const struct option egress[] = {
        {ZMQ_HEARTBEAT_IVL, OYEZ_TRANSPORT_HEARTBEAT_MS},
        {ZMQ_HEARTBEAT_TIMEOUT, OYEZ_TRANSPORT_TIMEOUT_MS},
        {ZMQ_SNDHWM, OYEZ_EGRESS_MESSAGES_MAX},
        {ZMQ_RCVHWM, 0},
        {ZMQ_XPUB_VERBOSE, 1},
    };
    // A frame of an answer may be an event.
    oyez_err err =
        make_socket(&sockets->control, sockets->context, ZMQ_ROUTER, OYEZ_FRAME_SIZE_MAX, is_ipv6);
    if (err == OYEZ_OK)
        err = make_socket(&sockets->ingress, sockets->context, ZMQ_XSUB, OYEZ_FRAME_SIZE_MAX,
                          is_ipv6);
    if (err == OYEZ_OK)
        err = make_socket(&sockets->egress, sockets->context, ZMQ_XPUB,
                          OYEZ_SUBSCRIPTION_FRAME_SIZE_MAX, is_ipv6);
    if (err == OYEZ_OK)
        err = set_options(sockets->control, control, sizeof control / sizeof control[0]);
    if (err == OYEZ_OK)
        err = set_options(sockets->ingress, ingress, sizeof ingress / sizeof ingress[0]);
    if (err == OYEZ_OK)
        err = set_options(sockets->egress, egress, sizeof egress / sizeof egress[0]);
    return err;
}

// libzmq silently takes over an ipc path that another process is bound to; the lock refuses.
static oyez_err lock_path(struct oyez_sockets *sockets, const char *path)
{
    snprintf(sockets->lock_path, sizeof sockets->lock_path, "%s.lock", path);
    for (;;) {
        int lock = open(sockets->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock < 0)
            return oyez_fail(OYEZ_ERR_SYSTEM, "cannot listen on ipc://%s: %s: %s", path,
                             sockets->lock_path, strerror(errno));
        if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
            int reason = errno;
            close(lock);
            if (reason != EWOULDBLOCK)
                return oyez_fail(OYEZ_ERR_SYSTEM, "%s: %s", sockets->lock_path, strerror(reason));
            return oyez_fail(OYEZ_ERR_IN_USE,
                             "ipc://%s is in use: another broker listens there (it holds %s)", path,
                             sockets->lock_path);
        }
        // The broker before us removes the file while it holds the lock: then ours is on a file
        // that nobody else can see.
        struct stat ours, visible;
        if (fstat(lock, &ours) == 0 && stat(sockets->lock_path, &visible) == 0 &&
            ours.st_ino == visible.st_ino && ours.st_dev == visible.st_dev) {
            sockets->lock = lock;
            return OYEZ_OK;
        }
        close(lock);
    }
}

// libzmq leaves its socket files behind; while we hold the lock they are nobody else's.
static void remove_files(const struct oyez_endpoints *bound)
{
    const char *const endpoints[] = {bound->control, bound->ingress, bound->egress};
    const size_t scheme = strlen("ipc://");
    for (size_t i = 0; i < 3; i++)
        if (strncmp(endpoints[i], "ipc://", scheme) == 0)
            unlink(endpoints[i] + scheme);
}

static void unlock_path(struct oyez_sockets *sockets)
{
    if (sockets->lock < 0)
        return;
    remove_files(&sockets->bound);
    unlink(sockets->lock_path);
    close(sockets->lock);
    sockets->lock = -1;
}

static oyez_err bind_socket(void *socket, const char *endpoint, char bound[OYEZ_ENDPOINT_SIZE_MAX])
{
    if (zmq_bind(socket, endpoint) != 0) {
        int reason = errno;
        if (reason == EADDRINUSE)
            return oyez_fail(OYEZ_ERR_IN_USE, "%s is in use", endpoint);
        return oyez_fail(OYEZ_ERR_SYSTEM, "cannot listen on %s: %s", endpoint,
                         zmq_strerror(reason));
    }
    size_t size = OYEZ_ENDPOINT_SIZE_MAX;
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "%s: %s", endpoint, zmq_strerror(errno));
    return OYEZ_OK;
}

static oyez_err bind_sockets(struct oyez_sockets *sockets, const struct oyez_endpoint *endpoint)
{
    struct oyez_endpoints wanted;
    oyez_err err = oyez_endpoints_derive(&wanted, endpoint);
    if (err == OYEZ_OK && endpoint->transport == OYEZ_TRANSPORT_IPC && endpoint->host[0] != '@')
        err = lock_path(sockets, endpoint->host);
    // Control first: when a broker is there already, the address named is the one asked for.
    if (err == OYEZ_OK)
        err = bind_socket(sockets->control, wanted.control, sockets->bound.control);
    if (err == OYEZ_OK)
        err = bind_socket(sockets->ingress, wanted.ingress, sockets->bound.ingress);
    if (err == OYEZ_OK)
        err = bind_socket(sockets->egress, wanted.egress, sockets->bound.egress);
    return err;
}

// Everything that emitters send.
static oyez_err subscribe_to_all(void *ingress)
{
    if (zmq_send(ingress, "\x01", 1, 0) != 1)
        return oyez_fail(OYEZ_ERR_SYSTEM, "cannot subscribe on ingress: %s", zmq_strerror(errno));
    return OYEZ_OK;
}

static oyez_err read_endpoint(struct oyez_endpoint *endpoint, const char *listen,
                              bool insecure_listen, const void *context)
{
    oyez_err err = oyez_endpoint_parse(endpoint, listen);
    if (err != OYEZ_OK)
        return err;
    if (!insecure_listen && !oyez_endpoint_is_local(endpoint))
        return oyez_fail(OYEZ_ERR_FORBIDDEN,
                         "%s can be reached from other machines, and there are no keys yet: listen "
                         "on 127.0.0.1 or ipc, or allow it with --insecure-listen",
                         listen);
    if (endpoint->transport == OYEZ_TRANSPORT_INPROC && context == NULL)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "%s: nobody reaches inproc without a shared zmq_context in the options",
                         listen);
    // ZeroMQ binds addresses and interfaces, never host names.
    if (endpoint->transport == OYEZ_TRANSPORT_TCP && strcmp(endpoint->host, "localhost") == 0)
        strcpy(endpoint->host, "127.0.0.1");
    return OYEZ_OK;
}

oyez_err oyez_sockets_open(struct oyez_sockets *sockets, const char *listen, bool insecure_listen,
                           void *context)
{
    *sockets = (struct oyez_sockets){.context = context, .lock = -1};
    struct oyez_endpoint endpoint;
    oyez_err err = read_endpoint(&endpoint, listen, insecure_listen, context);
    if (err != OYEZ_OK)
        return err;
    if (context == NULL) {
        sockets->owns_context = true;
        sockets->context = zmq_ctx_new();
        if (sockets->context == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for ZeroMQ");
    }
    err = make_sockets(sockets, endpoint.host[0] == '[');
    if (err == OYEZ_OK)
        err = bind_sockets(sockets, &endpoint);
    if (err == OYEZ_OK)
        err = subscribe_to_all(sockets->ingress);
    if (err != OYEZ_OK)
        oyez_sockets_close(sockets, 0);
    return err;
}

static void close_socket(void **socket, int linger_ms)
{
    if (*socket == NULL)
        return;
    zmq_setsockopt(*socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_close(*socket);
    *socket = NULL;
}

void oyez_sockets_close(struct oyez_sockets *sockets, int linger_ms)
{
    close_socket(&sockets->ingress, 0);
    close_socket(&sockets->egress, linger_ms);
    close_socket(&sockets->control, linger_ms);
    if (sockets->owns_context && sockets->context != NULL)
        zmq_ctx_term(sockets->context);
    sockets->context = NULL;
    unlock_path(sockets);
}

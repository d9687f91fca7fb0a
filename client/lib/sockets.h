// SPDX-License-Identifier: MIT
// ZeroMQ sockets with the options that every socket of a client has.
#ifndef OYEZ_SOCKETS_H
#define OYEZ_SOCKETS_H

#include <stddef.h>

#include "oyez/error.h"

// socket_open makes a socket of a type with heartbeats, reconnection and a short LINGER. An older
// one in *socket is closed first. OYEZ_ERR_SYSTEM with ZeroMQ's word for it.
oyez_err socket_open(void **socket, void *zmq_context, int type);

// socket_set sets an int option that this libzmq is known to have.
void socket_set(void *socket, int option, int value);

void socket_set_max_size(void *socket, size_t bytes);

oyez_err socket_connect(void *socket, const char *endpoint);

// socket_close: NULL-safe, sets NULL.
void socket_close(void **socket);

#endif

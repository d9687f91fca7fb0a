// SPDX-License-Identifier: MIT
// The broker's three sockets: made, bound, named, closed.
#ifndef OYEZ_BROKER_SOCKETS_H
#define OYEZ_BROKER_SOCKETS_H

#include <stdbool.h>

#include "oyez/error.h"
#include "wire/endpoint.h"

struct oyez_sockets {
    void *context;
    bool owns_context;
    void *control; // ROUTER
    void *ingress; // XSUB
    void *egress;  // XPUB
    int lock;      // of an ipc path; -1 = none
    char lock_path[OYEZ_ENDPOINT_SIZE_MAX + 8];
    struct oyez_endpoints bound; // ports filled in
};

// oyez_sockets_open makes and binds the three sockets. `context` is borrowed; NULL = an own one.
// Errors as of oyez_broker_open; nothing stays open then. From here on the sockets belong to one
// thread at a time.
oyez_err oyez_sockets_open(struct oyez_sockets *sockets, const char *listen, bool insecure_listen,
                           void *context);

// oyez_sockets_close waits up to `linger_ms` for what is still on its way to peers.
void oyez_sockets_close(struct oyez_sockets *sockets, int linger_ms);

#endif

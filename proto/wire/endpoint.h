// SPDX-License-Identifier: MIT
// One address for the user, three sockets behind it (docs/wire.md, "Addresses").
#ifndef OYEZ_WIRE_ENDPOINT_H
#define OYEZ_WIRE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/limits.h"

enum oyez_transport { OYEZ_TRANSPORT_TCP, OYEZ_TRANSPORT_IPC, OYEZ_TRANSPORT_INPROC };

struct oyez_endpoint {
    enum oyez_transport transport;
    char host[OYEZ_ENDPOINT_SIZE_MAX]; // tcp: host, IPv6 in brackets; else path or name
    uint16_t port;                     // tcp; 0 = any free (tcp://host:* or :0), for listening only
};

struct oyez_endpoints {
    char control[OYEZ_ENDPOINT_SIZE_MAX];
    char ingress[OYEZ_ENDPOINT_SIZE_MAX];
    char egress[OYEZ_ENDPOINT_SIZE_MAX];
};

// oyez_endpoint_parse reads tcp://HOST:PORT, ipc://PATH, inproc://NAME.
// OYEZ_ERR_INVALID says what an endpoint looks like; ipc paths above 100 bytes are too long for
// the operating system once .in and .out are added.
oyez_err oyez_endpoint_parse(struct oyez_endpoint *out, const char *text);
void oyez_endpoint_format(const struct oyez_endpoint *endpoint, char out[OYEZ_ENDPOINT_SIZE_MAX]);

// oyez_endpoint_is_local: loopback, ipc or inproc.
bool oyez_endpoint_is_local(const struct oyez_endpoint *endpoint);

// oyez_endpoints_derive: N, N+1, N+2 for tcp; path, path.in, path.out else. For tcp with port 0
// all three are port 0. OYEZ_ERR_INVALID when N+2 is above 65535.
oyez_err oyez_endpoints_derive(struct oyez_endpoints *out, const struct oyez_endpoint *control);

// oyez_endpoints_reach: where a client connects, from the control endpoint that it reached and
// the three that the broker is bound to: for tcp the differences between the broker's ports are
// applied to the port reached; for ipc and inproc .in and .out are added.
oyez_err oyez_endpoints_reach(struct oyez_endpoints *out, const char *reached,
                              const struct oyez_endpoints *bound);

#endif

// SPDX-License-Identifier: MIT
// The proxy's insides, shared by its loop and its commands.
#ifndef OYEZ_ZMTP_PROXY_H
#define OYEZ_ZMTP_PROXY_H

#include "zmtp_rules.h"
#include "zmtp_way.h"

#define PROXY_SOCKETS 3u

struct proxy_connection {
    uint64_t id;
    unsigned socket;
    int near, far;           // client's, broker's; far = -1 in a black hole
    struct zmtp_way up;      // near to far
    struct zmtp_way down;    // far to near
    bool connecting;         // to the broker
    bool up_dead, down_dead; // bytes are taken and go nowhere
    bool frozen;             // nothing is taken
    bool doomed;
};

struct proxy {
    uint16_t listen_port, target_port;
    int listeners[PROXY_SOCKETS];
    struct proxy_connection **connections;
    size_t count, room;
    uint64_t last_id;
    struct zmtp_rules rules;
    uint64_t delay_ms[PROXY_SOCKETS];
    bool hole[PROXY_SOCKETS];
    // Of connections that are over too: [socket][up, down].
    uint64_t messages[PROXY_SOCKETS][2], dropped[PROXY_SOCKETS][2];
    uint64_t opened, cut;
    bool ended;
};

// proxy_command does what one line says, and answers on standard output.
void proxy_command(struct proxy *proxy, char *line);

#endif

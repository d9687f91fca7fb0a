// SPDX-License-Identifier: MIT
// What a client and its broker say to each other on the control socket (docs/wire.md, "Control").
// All of it runs on the session thread.
#ifndef OYEZ_CONVERSATION_H
#define OYEZ_CONVERSATION_H

#include "client_state.h"

// conversation_tick says hello while there is no session, pings while there is one, asks for the
// status when somebody wants it.
void conversation_tick(struct oyez_client *client, uint64_t now_ms);

// conversation_read takes everything the broker has said.
void conversation_read(struct oyez_client *client);

// conversation_listen opens the egress socket of the present session.
oyez_err conversation_listen(struct oyez_client *client);

// conversation_fail keeps an error for whoever waits for a session.
void conversation_fail(struct oyez_client *client, oyez_err err, const char *text);

void conversation_goodbye(struct oyez_client *client);

#endif

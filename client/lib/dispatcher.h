// SPDX-License-Identifier: MIT
// The thread that calls handlers: of events, subscription by subscription, and of notices.
#ifndef OYEZ_DISPATCHER_H
#define OYEZ_DISPATCHER_H

#include "client_state.h"

void *dispatcher_run(void *arg);

// Ends the thread after the call it is in. What it has not handed out is left.
void dispatcher_stop(struct oyez_client *client);

#endif

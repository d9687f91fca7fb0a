// SPDX-License-Identifier: MIT
// The thread that owns a client's sockets, and its conversation with the broker on control.
#ifndef OYEZ_SESSION_H
#define OYEZ_SESSION_H

#include "client_state.h"

// session_open makes the control socket. Before the thread starts.
oyez_err session_open(struct oyez_client *client);

void *session_run(void *arg);

// session_stop says goodbye and ends the thread.
void session_stop(struct oyez_client *client);

#endif

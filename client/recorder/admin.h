// SPDX-License-Identifier: MIT
// The Unix socket DIR/admin: what the operator of this machine may ask of the recorder that writes
// a directory, and nobody over the network. One request in, one line of JSON out, for the same user
// alone (admin_verb.h).
#ifndef OYEZ_RECORDER_ADMIN_H
#define OYEZ_RECORDER_ADMIN_H

#include "writer.h"

#define RECORDER_ADMIN_SOCKET "admin"

// recorder_admin_open listens and starts the thread that answers. What keeps it from that (a path
// too long for a socket) is told on the log: the recorder goes on without.
void recorder_admin_open(struct recorder_admin **out, struct oyez_recorder *recorder);
// recorder_admin_close: before the writer ends, or after; NULL-safe.
void recorder_admin_close(struct recorder_admin **closing);

#endif

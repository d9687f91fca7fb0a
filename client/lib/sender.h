// SPDX-License-Identifier: MIT
// The ingress side of a client: batches out of the windows to the broker, and the question that
// finds the loss of the last one. All of it runs on the session thread.
#ifndef OYEZ_SENDER_H
#define OYEZ_SENDER_H

#include "client_state.h"

// sender_connect opens the ingress socket where there is something to send; again after the
// broker's address changed. OYEZ_ERR_SYSTEM names what failed.
oyez_err sender_connect(struct oyez_client *client);

// sender_read takes what the broker's subscription says: whether sending means sending.
void sender_read(struct oyez_client *client);

// sender_send hands over a bounded run of batches. True when more could be sent at once.
bool sender_send(struct oyez_client *client, uint64_t now_ms);

// sender_tick asks about unaccepted events when it is time.
void sender_tick(struct oyez_client *client, uint64_t now_ms);

// sender_progress: something was accepted, so silence is counted from now.
void sender_progress(struct oyez_client *client, uint64_t now_ms);

// sender_can_send: there is something to send and a way to send it. Under lock.
bool sender_can_send(const struct oyez_client *client, uint64_t now_ms);

// sender_is_owed: events are out that the broker has not confirmed. Under lock.
bool sender_is_owed(const struct oyez_client *client);

#endif

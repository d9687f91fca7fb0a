// SPDX-License-Identifier: MIT
// One message to one connection, and the frames that follow it. Nothing here waits.
#ifndef OYEZ_BROKER_REPLY_H
#define OYEZ_BROKER_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <zmq.h>

#include "core.h"

// oyez_reply_send sends a message. `more`: frames follow; after OYEZ_PAID they must be given, down
// to one without more. Whether there is a way and room is decided here, for all of them.
enum oyez_payment oyez_reply_send(struct oyez_broker *broker, const void *routing_id,
                                  size_t routing_id_size, const oyez_v1_FromBroker *message,
                                  bool more);

// oyez_reply_send_to is the same to a session.
enum oyez_payment oyez_reply_send_to(struct oyez_broker *broker, uint32_t session,
                                     const oyez_v1_FromBroker *message, bool more);

// oyez_reply_copy sends a frame; oyez_reply_pass one that came as a message, which is empty then.
void oyez_reply_copy(struct oyez_broker *broker, const void *frame, size_t size, bool more);
void oyez_reply_pass(struct oyez_broker *broker, zmq_msg_t *frame, bool more);

#endif

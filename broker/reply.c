// SPDX-License-Identifier: MIT
#include "reply.h"

#include <assert.h>
#include <errno.h>

static int flags_of(bool more)
{
    return more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
}

enum oyez_payment oyez_reply_send(struct oyez_broker *broker, const void *routing_id,
                                  size_t routing_id_size, const oyez_v1_FromBroker *message,
                                  bool more)
{
    size_t size;
    oyez_err err =
        oyez_from_broker_encode(message, broker->answer_bytes, sizeof broker->answer_bytes, &size);
    assert(err == OYEZ_OK);
    (void)err;
    // With ROUTER_MANDATORY the first frame already says whether there is a way and room.
    void *socket = broker->sockets.control;
    if (zmq_send(socket, routing_id, routing_id_size, flags_of(true)) < 0)
        return errno == EAGAIN ? OYEZ_PAY_LATER : OYEZ_PAY_GONE;
    if (zmq_send(socket, broker->answer_bytes, size, flags_of(more)) < 0)
        return OYEZ_PAY_GONE;
    return OYEZ_PAID;
}

enum oyez_payment oyez_reply_send_to(struct oyez_broker *broker, uint32_t session,
                                     const oyez_v1_FromBroker *message, bool more)
{
    const struct oyez_session *entry = &broker->sessions.entries[session];
    return oyez_reply_send(broker, entry->routing_id, entry->routing_id_size, message, more);
}

// The frames after the first go where it went; where the connection ends meanwhile, the socket
// swallows them.
void oyez_reply_copy(struct oyez_broker *broker, const void *frame, size_t size, bool more)
{
    (void)zmq_send(broker->sockets.control, frame, size, flags_of(more));
}

void oyez_reply_pass(struct oyez_broker *broker, zmq_msg_t *frame, bool more)
{
    if (zmq_msg_send(frame, broker->sockets.control, flags_of(more)) < 0) {
        zmq_msg_close(frame);
        zmq_msg_init(frame);
    }
}

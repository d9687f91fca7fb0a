// SPDX-License-Identifier: MIT
// Questions of clients to the recorder, and its answers to them. The broker does not look inside:
// it checks sizes, passes on, and remembers who waits. One question at a time per client.
#ifndef OYEZ_BROKER_RELAY_H
#define OYEZ_BROKER_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

#include "oyez/limits.h"

struct oyez_broker;

// The frames behind a control message.
struct oyez_relay {
    zmq_msg_t frames[OYEZ_ANSWER_FRAMES_MAX];
    unsigned count;        // as many as came, at most one more than there is room for
    size_t size;           // bytes of all of them, and of those that a repair sent instead
    uint64_t asks;         // number of the question passed on last
    uint64_t asks_expired; // those up to here will get no answer: their recorder has left
};

void oyez_relay_open(struct oyez_relay *relay);
void oyez_relay_close(struct oyez_relay *relay);

// oyez_relay_read reads the frames that follow on a socket; what is too much is read and dropped.
void oyez_relay_read(struct oyez_relay *relay, void *socket);

// oyez_relay_drop gives back the frames that were not passed on.
void oyez_relay_drop(struct oyez_relay *relay);

// oyez_relay_ask passes on a question of this session. True: broker->answer holds the refusal.
bool oyez_relay_ask(struct oyez_broker *broker, uint32_t session);

// oyez_relay_answer passes on an answer of the primary.
void oyez_relay_answer(struct oyez_broker *broker);

// oyez_relay_expire: the recorder that was asked is gone; whoever waits may ask again.
void oyez_relay_expire(struct oyez_relay *relay);

#endif

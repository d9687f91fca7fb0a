// SPDX-License-Identifier: MIT
// What the broker has passed on of a replay, heard as any subscriber hears it: proof of arrival, and
// the pace at which the bus takes it. One thread.
#ifndef OYEZ_REPLAY_ECHO_H
#define OYEZ_REPLAY_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/uuid.h"

struct replay_echo {
    void *socket;
    char nonce_topic[64]; // of the beacon that proves it active
    bool active;
    uint8_t emitter_id[OYEZ_UUID_SIZE];
    uint64_t through; // number of the event heard last
    uint64_t lost;    // numbers jumped over
};

// replay_echo_open listens to what an emitter publishes under a topic prefix. OYEZ_ERR_SYSTEM, OYEZ_ERR_INVALID (endpoint).
oyez_err replay_echo_open(struct replay_echo *echo, void *zmq_context, const char *egress,
                          const char *prefix, const uint8_t emitter_id[OYEZ_UUID_SIZE]);
void replay_echo_close(struct replay_echo *echo);

// replay_echo_await waits until it is proved to hear everything published from now on. False: not
// until then (monotonic ms). Blocks.
bool replay_echo_await(struct replay_echo *echo, uint64_t deadline_ms);

// replay_echo_hear reads what has come, waiting up to `timeout_ms` for the first.
void replay_echo_hear(struct replay_echo *echo, uint32_t timeout_ms);

#endif

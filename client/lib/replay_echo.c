// SPDX-License-Identifier: MIT
#include "replay_echo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <zmq.h>

#include "client_state.h"
#include "sockets.h"
#include "wire/batch.h"
#include "wire/clock.h"
#include "wire/topic.h"

#define BEACON_RETRY_MS 1000u

oyez_err replay_echo_open(struct replay_echo *echo, void *zmq_context, const char *egress,
                          const char *prefix, const uint8_t emitter_id[OYEZ_UUID_SIZE])
{
    *echo = (struct replay_echo){0};
    memcpy(echo->emitter_id, emitter_id, sizeof echo->emitter_id);
    oyez_err err = socket_open(&echo->socket, zmq_context, ZMQ_SUB);
    if (err != OYEZ_OK)
        return err;
    socket_set_max_size(echo->socket, OYEZ_FRAME_SIZE_MAX);
    zmq_setsockopt(echo->socket, ZMQ_SUBSCRIBE, prefix, strlen(prefix));
    return socket_connect(echo->socket, egress);
}

void replay_echo_close(struct replay_echo *echo)
{
    socket_close(&echo->socket);
}

static void take(struct replay_echo *echo, const void *frame, size_t size)
{
    struct oyez_batch batch;
    if (oyez_batch_walk(&batch, frame, size) != OYEZ_BATCH_OK)
        return;
    if (strcmp(batch.event_type, echo->nonce_topic) == 0) {
        echo->active = true;
        return;
    }
    // Another one may replay under the same name.
    if (memcmp(batch.emitter_id, echo->emitter_id, sizeof echo->emitter_id) != 0 ||
        batch.emitter_seq <= echo->through)
        return;
    echo->lost += batch.emitter_seq - echo->through - 1;
    echo->through = batch.emitter_seq + batch.event_count - 1;
}

void replay_echo_hear(struct replay_echo *echo, uint32_t timeout_ms)
{
    zmq_msg_t message;
    zmq_pollitem_t item = {.socket = echo->socket, .events = ZMQ_POLLIN};
    if (timeout_ms > 0 && zmq_poll(&item, 1, (long)timeout_ms) <= 0)
        return;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, echo->socket, ZMQ_DONTWAIT) >= 0)
        take(echo, zmq_msg_data(&message), zmq_msg_size(&message));
    zmq_msg_close(&message);
}

static void ask_beacon(struct replay_echo *echo)
{
    uint64_t nonce = 0;
    // Without entropy a used nonce would only be asked again a second later.
    if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        nonce = oyez_clock_monotonic_ms();
    snprintf(echo->nonce_topic, sizeof echo->nonce_topic, "%s%016" PRIx64, OYEZ_TOPIC_BEACON_PREFIX,
             nonce);
    zmq_setsockopt(echo->socket, ZMQ_SUBSCRIBE, echo->nonce_topic, strlen(echo->nonce_topic) + 1);
}

static void forget_beacon(struct replay_echo *echo)
{
    zmq_setsockopt(echo->socket, ZMQ_UNSUBSCRIBE, echo->nonce_topic, strlen(echo->nonce_topic) + 1);
}

bool replay_echo_await(struct replay_echo *echo, uint64_t deadline_ms)
{
    uint64_t asked_ms = oyez_clock_monotonic_ms();
    ask_beacon(echo);
    for (uint64_t now_ms = asked_ms; !echo->active && now_ms < deadline_ms;
         now_ms = oyez_clock_monotonic_ms()) {
        if (now_ms - asked_ms >= BEACON_RETRY_MS) {
            forget_beacon(echo);
            ask_beacon(echo);
            asked_ms = now_ms;
        }
        uint64_t left_ms = deadline_ms - now_ms;
        replay_echo_hear(echo, left_ms < BEACON_RETRY_MS ? (uint32_t)left_ms : BEACON_RETRY_MS);
    }
    forget_beacon(echo);
    return echo->active;
}

// SPDX-License-Identifier: MIT
// A peer of a broker made of bare sockets, so that tests can say what no client would say. Every
// wait has a deadline; running into it fails the test.
#ifndef OYEZ_BROKER_PEER_H
#define OYEZ_BROKER_PEER_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "broker_frames.h"
#include "core.h"
#include "oyez/broker.h"
#include "wire/batch.h"
#include "wire/control.h"
#include "wire/envelope.h"
#include "wire/topic.h"

#define PATIENCE_MS 20000L

struct peer {
    void *context;
    void *control;
    void *ingress;
    void *egress;
    uint8_t id[OYEZ_UUID_SIZE];
    oyez_v1_Welcome welcome;
    oyez_v1_FromBroker heard;
    struct test_frame frame;
    uint8_t received[OYEZ_FRAME_SIZE_MAX];
    struct oyez_batch batch; // the last one received
};

static inline void *peer_socket(struct peer *peer, int type, const char *endpoint)
{
    void *socket = zmq_socket(peer->context, type);
    assert_non_null(socket);
    const int none = 0, yes = 1, patience = (int)PATIENCE_MS;
    zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt(socket, ZMQ_SNDTIMEO, &patience, sizeof patience);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none);
    if (type == ZMQ_XPUB)
        zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &yes, sizeof yes);
    assert_int_equal(zmq_connect(socket, endpoint), 0);
    return socket;
}

static inline struct peer *peer_open(void *context, const oyez_broker *broker, uint8_t number)
{
    struct peer *peer = calloc(1, sizeof *peer);
    assert_non_null(peer);
    peer->context = context;
    peer->id[0] = number;
    peer->control = peer_socket(peer, ZMQ_DEALER, oyez_broker_endpoint(broker));
    return peer;
}

static inline void peer_close(struct peer *peer)
{
    zmq_close(peer->control);
    if (peer->ingress != NULL)
        zmq_close(peer->ingress);
    if (peer->egress != NULL)
        zmq_close(peer->egress);
    free(peer);
}

static inline void peer_say(struct peer *peer, const oyez_v1_ToBroker *message)
{
    uint8_t bytes[8192];
    size_t size;
    assert_int_equal(oyez_to_broker_encode(message, bytes, sizeof bytes, &size), OYEZ_OK);
    assert_int_equal(zmq_send(peer->control, bytes, size, 0), (int)size);
}

// Says a message that `count` frames of `size` bytes follow.
static inline void peer_say_with(struct peer *peer, const oyez_v1_ToBroker *message, unsigned count,
                                 const void *frame, size_t frame_size)
{
    uint8_t bytes[8192];
    size_t size;
    assert_int_equal(oyez_to_broker_encode(message, bytes, sizeof bytes, &size), OYEZ_OK);
    assert_int_equal(zmq_send(peer->control, bytes, size, count > 0 ? ZMQ_SNDMORE : 0), (int)size);
    for (; count > 0; count--)
        assert_int_equal(zmq_send(peer->control, frame, frame_size, count > 1 ? ZMQ_SNDMORE : 0),
                         (int)frame_size);
}

// The next frame behind the message heard last; -1 when there is none.
static inline int peer_next_frame(struct peer *peer)
{
    int more = 0;
    size_t size = sizeof more;
    zmq_getsockopt(peer->control, ZMQ_RCVMORE, &more, &size);
    return more ? zmq_recv(peer->control, peer->received, sizeof peer->received, 0) : -1;
}

// The next message of a kind (oyez_v1_FromBroker_..._tag); others are passed over.
static inline const oyez_v1_FromBroker *peer_hear(struct peer *peer, pb_size_t body)
{
    static uint8_t bytes[OYEZ_CONTROL_SIZE_MAX];
    do {
        while (peer_next_frame(peer) >= 0)
            ; // of a message that was passed over
        int size = zmq_recv(peer->control, bytes, sizeof bytes, 0);
        assert_true(size >= 0);
        assert_int_equal(oyez_from_broker_decode(&peer->heard, bytes, (size_t)size), OYEZ_OK);
    } while (peer->heard.which_body != body);
    return &peer->heard;
}

static inline oyez_v1_ToBroker hello_of(const struct peer *peer)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_hello_tag;
    message.body.hello.durable_floor = message.body.hello.fast_floor = 1;
    memcpy(message.body.hello.client_id, peer->id, sizeof peer->id);
    return message;
}

static inline const oyez_v1_Welcome *peer_hello(struct peer *peer)
{
    oyez_v1_ToBroker hello = hello_of(peer);
    peer_say(peer, &hello);
    peer->welcome = peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome;
    return &peer->welcome;
}

static inline void peer_ping(struct peer *peer)
{
    oyez_v1_ToBroker ping = oyez_v1_ToBroker_init_zero;
    ping.which_body = oyez_v1_ToBroker_ping_tag;
    peer_say(peer, &ping);
}

// Whatever was said on control before this has been heard once it returns.
static inline void peer_ping_pong(struct peer *peer)
{
    peer_ping(peer);
    peer_hear(peer, oyez_v1_FromBroker_pong_tag);
}

// Says hello, connects to ingress and waits until the broker listens there.
static inline void peer_open_ingress(struct peer *peer)
{
    char notice[8];
    peer_hello(peer);
    peer->ingress = peer_socket(peer, ZMQ_XPUB, peer->welcome.ingress_endpoint);
    assert_int_equal(zmq_recv(peer->ingress, notice, sizeof notice, 0), 1);
    assert_int_equal(notice[0], 1);
}

static inline void peer_send(struct peer *peer)
{
    assert_int_equal(zmq_send(peer->ingress, peer->frame.bytes, peer->frame.size, 0),
                     (int)peer->frame.size);
}

static inline void peer_emit(struct peer *peer, const char *event_type, uint64_t seq,
                             uint32_t flags, uint32_t count)
{
    make_frame(&peer->frame, event_type, peer->id, seq, flags, count, 10);
    peer_send(peer);
}

// Waits for the mark that accepts up to these numbers.
static inline const oyez_v1_AcceptMark *peer_await_mark(struct peer *peer, uint64_t durable,
                                                        uint64_t fast)
{
    const oyez_v1_AcceptMark *mark;
    do {
        mark = &peer_hear(peer, oyez_v1_FromBroker_accept_mark_tag)->body.accept_mark;
    } while (mark->durable_through < durable || mark->fast_through < fast);
    return mark;
}

// The next frame on egress, walked.
static inline const struct oyez_batch *peer_receive(struct peer *peer)
{
    int size = zmq_recv(peer->egress, peer->received, sizeof peer->received, 0);
    assert_true(size > 0);
    assert_int_equal(oyez_batch_walk(&peer->batch, peer->received, (size_t)size), OYEZ_BATCH_OK);
    return &peer->batch;
}

static inline bool is_type(const struct oyez_batch *batch, const char *event_type)
{
    return batch->event_type_size == strlen(event_type) &&
           memcmp(batch->event_type, event_type, batch->event_type_size) == 0;
}

// The next frame of a type; others are passed over.
static inline const struct oyez_batch *peer_receive_type(struct peer *peer, const char *event_type)
{
    while (!is_type(peer_receive(peer), event_type))
        ;
    return &peer->batch;
}

// Asks for a beacon and waits for it: every subscription made before is active then.
static inline const struct oyez_batch *peer_await_beacon(struct peer *peer, const char *nonce)
{
    char event_type[64];
    snprintf(event_type, sizeof event_type, "oyez.beacon.%s", nonce);
    zmq_setsockopt(peer->egress, ZMQ_SUBSCRIBE, event_type, strlen(event_type) + 1);
    return peer_receive_type(peer, event_type);
}

static inline void peer_subscribe(struct peer *peer, const char *prefix)
{
    if (peer->egress == NULL)
        peer->egress = peer_socket(peer, ZMQ_SUB, peer->welcome.egress_endpoint);
    zmq_setsockopt(peer->egress, ZMQ_SUBSCRIBE, prefix, strlen(prefix));
    peer_await_beacon(peer, "00000000000000aa");
}

// Details of the only event of the last frame.
static inline struct oyez_event_parts peer_details(const struct peer *peer)
{
    const uint8_t *cursor = peer->batch.events, *event;
    size_t size;
    struct oyez_event_parts parts;
    assert_int_equal(peer->batch.event_count, 1);
    assert_true(oyez_batch_next_event(&peer->batch, &cursor, &event, &size));
    assert_int_equal(oyez_event_split(&parts, event, size), OYEZ_OK);
    return parts;
}

static inline uint64_t broker_counter(const oyez_broker *broker, const char *name)
{
    struct oyez_broker_counter counters[96];
    size_t count = oyez_broker_counters(broker, counters, 96);
    for (size_t i = 0; i < count; i++)
        if (strcmp(counters[i].name, name) == 0)
            return counters[i].value;
    fail_msg("no counter %s", name);
    return 0;
}

static inline void await_counter(const oyez_broker *broker, const char *name, uint64_t least)
{
    struct timespec pause = {0, 1000000};
    for (long waited_ms = 0; broker_counter(broker, name) < least; waited_ms++) {
        if (waited_ms > PATIENCE_MS)
            fail_msg("%s stays below %llu", name, (unsigned long long)least);
        nanosleep(&pause, NULL);
    }
}

// A broker on free ports with small limits where a test needs them; the context is the peers'.
struct bus {
    void *context;
    oyez_broker *broker;
};

static inline struct bus *bus_open(const char *listen, const struct oyez_broker_limits *limits)
{
    struct bus *bus = calloc(1, sizeof *bus);
    assert_non_null(bus);
    bus->context = zmq_ctx_new();
    struct oyez_broker_options options = {.listen = listen,
                                          .heartbeat_ms = 50,
                                          .ring_bytes = OYEZ_RING_BYTES_MIN,
                                          .zmq_context = bus->context};
    if (oyez_broker_open_limited(&bus->broker, &options, limits) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return bus;
}

// A broker that expects a recorder; `options` may bring hold_max_ms and on_log.
static inline struct bus *bus_open_waiting(const struct oyez_broker_limits *limits,
                                           struct oyez_broker_options options)
{
    struct bus *bus = calloc(1, sizeof *bus);
    assert_non_null(bus);
    bus->context = zmq_ctx_new();
    options.listen = "tcp://127.0.0.1:0";
    options.heartbeat_ms = 50;
    options.ring_bytes = OYEZ_RING_BYTES_MIN;
    options.zmq_context = bus->context;
    options.recorder = OYEZ_BROKER_RECORDER_WAIT;
    if (oyez_broker_open_limited(&bus->broker, &options, limits) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return bus;
}

static inline void peer_hello_as(struct peer *peer, oyez_v1_Role role)
{
    oyez_v1_ToBroker hello = hello_of(peer);
    hello.body.hello.role = role;
    peer_say(peer, &hello);
    peer->welcome = peer_hear(peer, oyez_v1_FromBroker_welcome_tag)->body.welcome;
}

// The primary, attached.
static inline struct peer *recorder_open(struct bus *bus, uint8_t number)
{
    struct peer *peer = peer_open(bus->context, bus->broker, number);
    peer_hello_as(peer, oyez_v1_Role_ROLE_RECORDER);
    return peer;
}

static inline void peer_goodbye(struct peer *peer)
{
    oyez_v1_ToBroker goodbye = oyez_v1_ToBroker_init_zero;
    goodbye.which_body = oyez_v1_ToBroker_goodbye_tag;
    peer_say(peer, &goodbye);
}

static inline oyez_v1_ToBroker confirm_of(const struct peer *recorder, uint64_t position)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_confirm_tag;
    message.body.confirm.epoch = recorder->welcome.epoch;
    message.body.confirm.position = position;
    message.body.confirm.complete = true;
    return message;
}

static inline oyez_v1_Decided *decide(oyez_v1_ToBroker *message, const struct peer *emitter,
                                      uint64_t first, uint64_t through)
{
    oyez_v1_Confirm *confirm = &message->body.confirm;
    oyez_v1_Decided *decided = &confirm->decided[confirm->decided_count++];
    *decided = (oyez_v1_Decided){.first = first, .through = through};
    memcpy(decided->emitter_id, emitter->id, sizeof emitter->id);
    return decided;
}

// Waits for the receipt up to this number.
static inline const oyez_v1_Receipt *peer_await_receipt(struct peer *peer, uint64_t through)
{
    const oyez_v1_Receipt *receipt;
    do
        receipt = &peer_hear(peer, oyez_v1_FromBroker_receipt_tag)->body.receipt;
    while (receipt->durable_through < through);
    return receipt;
}

static inline void bus_close(struct bus *bus)
{
    oyez_broker_close(&bus->broker);
    assert_null(bus->broker);
    zmq_ctx_term(bus->context);
    free(bus);
}

#endif

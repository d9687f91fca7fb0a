// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "fake_broker.h"
#include "wire/envelope.h"
#include "wire/topic.h"

#define PATIENCE_MS 20000L

static void bind_any(void *socket, char endpoint[256])
{
    assert_int_equal(zmq_bind(socket, "tcp://127.0.0.1:*"), 0);
    size_t size = 256;
    assert_int_equal(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
}

void fake_broker_open(struct fake_broker *broker)
{
    *broker = (struct fake_broker){.epoch = 1000, .instance = 7};
    broker->context = zmq_ctx_new();
    broker->control = zmq_socket(broker->context, ZMQ_ROUTER);
    broker->ingress = zmq_socket(broker->context, ZMQ_XSUB);
    broker->egress = zmq_socket(broker->context, ZMQ_XPUB);
    int none = 0;
    zmq_setsockopt(broker->control, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(broker->ingress, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(broker->egress, ZMQ_LINGER, &none, sizeof none);
    bind_any(broker->control, broker->control_endpoint);
    bind_any(broker->ingress, broker->ingress_endpoint);
    bind_any(broker->egress, broker->egress_endpoint);
}

void fake_broker_close(struct fake_broker *broker)
{
    zmq_close(broker->control);
    zmq_close(broker->ingress);
    zmq_close(broker->egress);
    if (broker->egress_watch != NULL)
        zmq_close(broker->egress_watch);
    zmq_ctx_term(broker->context);
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// One frame from a socket before the deadline; -1 when none came.
static int receive(void *socket, void *out, size_t capacity, uint64_t deadline_ms)
{
    uint64_t now = now_ms();
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    if (zmq_poll(&item, 1, deadline_ms > now ? (long)(deadline_ms - now) : 0) <= 0)
        return -1;
    int size = zmq_recv(socket, out, capacity, 0);
    assert_true(size >= 0 && (size_t)size <= capacity);
    return size;
}

void fake_broker_say(struct fake_broker *broker, const oyez_v1_FromBroker *message)
{
    static uint8_t frame[OYEZ_CONTROL_SIZE_MAX];
    size_t size;
    assert_int_equal(oyez_from_broker_encode(message, frame, sizeof frame, &size), OYEZ_OK);
    assert_true(zmq_send(broker->control, broker->peer, broker->peer_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, frame, size, 0) >= 0);
}

void fake_broker_answer_ping(struct fake_broker *broker)
{
    static oyez_v1_FromBroker pong;
    pong.which_body = oyez_v1_FromBroker_pong_tag;
    pong.body.pong.epoch = broker->epoch;
    pong.body.pong.instance = broker->instance;
    fake_broker_say(broker, &pong);
}

static void drop_rest(void *socket)
{
    int more = 0;
    size_t size = sizeof more;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more) {
        uint8_t byte;
        assert_true(zmq_recv(socket, &byte, sizeof byte, 0) >= 0);
    }
}

static bool hear_until(struct fake_broker *broker, pb_size_t body, oyez_v1_ToBroker *message,
                       uint64_t deadline_ms)
{
    static uint8_t frame[OYEZ_CONTROL_SIZE_MAX];
    for (;;) {
        int peer_size = receive(broker->control, broker->peer, sizeof broker->peer, deadline_ms);
        if (peer_size < 0)
            return false;
        broker->peer_size = (size_t)peer_size;
        int size = zmq_recv(broker->control, frame, sizeof frame, 0);
        assert_true(size > 0);
        assert_int_equal(oyez_to_broker_decode(message, frame, (size_t)size), OYEZ_OK);
        if (message->which_body == body)
            return true;
        drop_rest(broker->control);
        if (message->which_body == oyez_v1_ToBroker_ping_tag)
            fake_broker_answer_ping(broker);
    }
}

void fake_broker_hear(struct fake_broker *broker, pb_size_t body, oyez_v1_ToBroker *message)
{
    assert_true(hear_until(broker, body, message, now_ms() + PATIENCE_MS));
}

bool fake_broker_hears_within(struct fake_broker *broker, pb_size_t body, long ms)
{
    oyez_v1_ToBroker message;
    return hear_until(broker, body, &message, now_ms() + (uint64_t)ms);
}

void fake_broker_welcome(struct fake_broker *broker, uint64_t durable_expected)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_welcome_tag;
    oyez_v1_Welcome *welcome = &message.body.welcome;
    welcome->epoch = broker->epoch;
    welcome->instance = broker->instance;
    snprintf(welcome->control_endpoint, sizeof welcome->control_endpoint, "%s",
             broker->control_endpoint);
    snprintf(welcome->ingress_endpoint, sizeof welcome->ingress_endpoint, "%s",
             broker->ingress_endpoint);
    snprintf(welcome->egress_endpoint, sizeof welcome->egress_endpoint, "%s",
             broker->egress_endpoint);
    welcome->durable_expected = durable_expected;
    welcome->fast_expected = 1;
    welcome->heartbeat_ms = 1000;
    welcome->recorder_expected = welcome->recorder_attached = broker->recorder;
    fake_broker_say(broker, &message);
}

void fake_broker_mark(struct fake_broker *broker, uint64_t durable_through, uint64_t fast_through)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_accept_mark_tag;
    message.body.accept_mark.epoch = broker->epoch;
    message.body.accept_mark.instance = broker->instance;
    message.body.accept_mark.durable_through = durable_through;
    message.body.accept_mark.fast_through = fast_through;
    fake_broker_say(broker, &message);
}

void fake_broker_nack(struct fake_broker *broker, uint64_t expected)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_nack_tag;
    message.body.nack.epoch = broker->epoch;
    message.body.nack.instance = broker->instance;
    message.body.nack.expected = expected;
    fake_broker_say(broker, &message);
}

void fake_broker_receipt(struct fake_broker *broker, const oyez_v1_Receipt *receipt)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_receipt_tag;
    message.body.receipt = *receipt;
    message.body.receipt.epoch = broker->epoch;
    message.body.receipt.instance = broker->instance;
    fake_broker_say(broker, &message);
}

size_t fake_broker_hear_question(struct fake_broker *broker, uint8_t *question, size_t capacity,
                                 uint64_t *request_id)
{
    static oyez_v1_ToBroker message;
    fake_broker_hear(broker, oyez_v1_ToBroker_ask_tag, &message);
    *request_id = message.request_id;
    int size = zmq_recv(broker->control, question, capacity, ZMQ_DONTWAIT);
    assert_true(size > 0 && (size_t)size <= capacity);
    return (size_t)size;
}

void fake_broker_answer(struct fake_broker *broker, const struct oyez_query_frame *frames,
                        size_t count)
{
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_answered_tag};
    uint8_t frame[64];
    size_t size;
    assert_int_equal(oyez_from_broker_encode(&message, frame, sizeof frame, &size), OYEZ_OK);
    assert_true(zmq_send(broker->control, broker->peer, broker->peer_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, frame, size, count > 0 ? ZMQ_SNDMORE : 0) >= 0);
    for (size_t i = 0; i < count; i++)
        assert_true(zmq_send(broker->control, frames[i].bytes, frames[i].size,
                             i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
}

void fake_broker_open_ingress(struct fake_broker *broker)
{
    assert_true(zmq_send(broker->ingress, "\x01", 1, 0) == 1);
}

static bool take_until(struct fake_broker *broker, struct fake_batch *out, bool sync,
                       uint64_t deadline_ms)
{
    for (;;) {
        int size = receive(broker->ingress, out->frame, sizeof out->frame, deadline_ms);
        if (size < 0)
            return false;
        out->size = (size_t)size;
        assert_int_equal(oyez_batch_walk(&out->batch, out->frame, out->size), OYEZ_BATCH_OK);
        if ((out->batch.event_count == 0) == sync)
            return true;
    }
}

void fake_broker_take(struct fake_broker *broker, struct fake_batch *out, bool sync)
{
    // An XSUB sends its subscription to a new peer only when its owner calls into it.
    assert_true(take_until(broker, out, sync, now_ms() + PATIENCE_MS));
}

bool fake_broker_hears_no_batch(struct fake_broker *broker, long ms)
{
    static struct fake_batch batch;
    return !take_until(broker, &batch, false, now_ms() + (uint64_t)ms);
}

void fake_broker_watch_egress(struct fake_broker *broker)
{
    static const char endpoint[] = "inproc://egress-watch";
    assert_int_equal(zmq_socket_monitor(broker->egress, endpoint, ZMQ_EVENT_ACCEPTED), 0);
    broker->egress_watch = zmq_socket(broker->context, ZMQ_PAIR);
    assert_int_equal(zmq_connect(broker->egress_watch, endpoint), 0);
}

static bool connects_within(struct fake_broker *broker, uint64_t ms)
{
    uint8_t event[64];
    if (receive(broker->egress_watch, event, sizeof event, now_ms() + ms) < 0)
        return false;
    drop_rest(broker->egress_watch);
    return true;
}

void fake_broker_await_connection(struct fake_broker *broker)
{
    assert_true(connects_within(broker, PATIENCE_MS));
}

bool fake_broker_has_no_connection(struct fake_broker *broker)
{
    return !connects_within(broker, 0);
}

static size_t next_subscription(struct fake_broker *broker, uint8_t topic[512])
{
    int size = receive(broker->egress, topic, 512, now_ms() + PATIENCE_MS);
    assert_true(size > 0);
    return (size_t)size;
}

void fake_broker_await_topic(struct fake_broker *broker, const char *topic, size_t size)
{
    uint8_t got[512];
    size_t got_size;
    do {
        got_size = next_subscription(broker, got);
    } while (got[0] != 1 || got_size != size + 1 || memcmp(got + 1, topic, size) != 0);
}

void fake_broker_await_nonce(struct fake_broker *broker, char nonce_topic[64])
{
    uint8_t got[512];
    size_t size;
    size_t prefix = strlen(OYEZ_TOPIC_BEACON_PREFIX);
    do {
        size = next_subscription(broker, got);
    } while (got[0] != 1 || size != prefix + OYEZ_BEACON_NONCE_SIZE + 2 ||
             memcmp(got + 1, OYEZ_TOPIC_BEACON_PREFIX, prefix) != 0);
    memcpy(nonce_topic, got + 1, size - 1);
}

static void publish(struct fake_broker *broker, const struct oyez_event *event, const char *topic,
                    uint64_t position, uint64_t type_seq)
{
    static uint8_t frame[OYEZ_FRAME_SIZE_MAX];
    static const uint8_t emitter_id[OYEZ_UUID_SIZE] = {1};
    size_t size = oyez_batch_begin(frame, topic, strlen(topic), emitter_id, 1, 0);
    size_t header_size;
    size_t event_size = oyez_event_measure(event, &header_size);
    size += oyez_batch_begin_event(frame + size, event_size);
    size += oyez_event_encode(event, header_size, frame + size);
    oyez_batch_stamp(frame, strlen(topic) + 1, broker->epoch, position, type_seq, 1);
    fake_broker_publish_raw(broker, frame, size);
}

void fake_broker_publish_raw(struct fake_broker *broker, const void *frame, size_t size)
{
    assert_true(zmq_send(broker->egress, frame, size, 0) >= 0);
}

void fake_broker_publish(struct fake_broker *broker, const char *event_type, uint64_t type_seq,
                         const char *details, const char *header_type)
{
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .event_type = header_type != NULL ? header_type : event_type,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = details,
                               .details_size = strlen(details)};
    publish(broker, &event, event_type, ++broker->position, type_seq);
}

static void publish_heads(struct fake_broker *broker, const char *topic, const uint8_t *details,
                          size_t size, uint64_t number)
{
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .event_type = topic,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = details,
                               .details_size = size};
    publish(broker, &event, topic, 0, number);
}

void fake_broker_beacon(struct fake_broker *broker, const struct oyez_head *heads, size_t count)
{
    char topic[64];
    fake_broker_await_nonce(broker, topic);
    uint8_t details[4096];
    size_t size;
    struct oyez_heads_message message = {.instance = broker->instance, .heads_complete = true};
    assert_int_equal(oyez_beacon_encode(&message, heads, count, details, sizeof details, &size),
                     OYEZ_OK);
    publish_heads(broker, topic, details, size, 0);
}

void fake_broker_heartbeat(struct fake_broker *broker, const struct oyez_head *heads, size_t count)
{
    uint8_t details[4096];
    size_t size;
    struct oyez_heads_message message = {.instance = broker->instance, .heads_complete = true};
    assert_int_equal(oyez_heartbeat_encode(&message, heads, count, details, sizeof details, &size),
                     OYEZ_OK);
    publish_heads(broker, OYEZ_TOPIC_HEARTBEAT, details, size, ++broker->heartbeat);
}

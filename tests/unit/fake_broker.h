// SPDX-License-Identifier: MIT
// A broker played by a test, word by word: so that a client meets every answer, also those that a
// real broker gives once a year. Every wait has a deadline; running into it fails the test.
#ifndef OYEZ_FAKE_BROKER_H
#define OYEZ_FAKE_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"
#include "oyez/query_page.h"
#include "wire/batch.h"
#include "wire/control.h"

struct fake_broker {
    void *context;
    void *control;
    void *ingress;
    void *egress;
    void *egress_watch; // tells connections; NULL until fake_broker_watch_egress
    char control_endpoint[256];
    char ingress_endpoint[256];
    char egress_endpoint[256];
    uint8_t peer[16]; // routing id of whoever spoke last
    size_t peer_size;
    uint64_t epoch;
    uint64_t instance;
    uint64_t position;
    uint64_t heartbeat;
    bool recorder; // welcomes tell of one
};

// A batch as it came in on ingress.
struct fake_batch {
    uint8_t frame[300000];
    size_t size;
    struct oyez_batch batch;
};

void fake_broker_open(struct fake_broker *broker);
void fake_broker_close(struct fake_broker *broker);

// Waits for a message of that kind (oyez_v1_ToBroker_…_tag); pings between are answered.
void fake_broker_hear(struct fake_broker *broker, pb_size_t body, oyez_v1_ToBroker *message);
// True if a message of that kind comes within `ms`; pings are answered.
bool fake_broker_hears_within(struct fake_broker *broker, pb_size_t body, long ms);
// Answers the ping that was heard last.
void fake_broker_answer_ping(struct fake_broker *broker);
void fake_broker_say(struct fake_broker *broker, const oyez_v1_FromBroker *message);
void fake_broker_welcome(struct fake_broker *broker, uint64_t durable_expected);
void fake_broker_mark(struct fake_broker *broker, uint64_t durable_through, uint64_t fast_through);
void fake_broker_nack(struct fake_broker *broker, uint64_t expected);
// Sends a receipt of this epoch and instance.
void fake_broker_receipt(struct fake_broker *broker, const oyez_v1_Receipt *receipt);

// Waits for a question, and copies it. Returns its size. *request_id is that of the Ask.
size_t fake_broker_hear_question(struct fake_broker *broker, uint8_t *question, size_t capacity,
                                 uint64_t *request_id);
// Sends an Answered with these frames behind it.
void fake_broker_answer(struct fake_broker *broker, const struct oyez_query_frame *frames,
                        size_t count);

// Subscribes to everything on ingress, as a broker does.
void fake_broker_open_ingress(struct fake_broker *broker);
// Waits for a batch; sync batches are passed over unless asked for.
void fake_broker_take(struct fake_broker *broker, struct fake_batch *out, bool sync);
// True if no batch (syncs apart) comes within `ms`.
bool fake_broker_hears_no_batch(struct fake_broker *broker, long ms);

// From now on connections to egress are told.
void fake_broker_watch_egress(struct fake_broker *broker);
// Waits until one more peer has connected to egress.
void fake_broker_await_connection(struct fake_broker *broker);
// True if none has connected that was not awaited.
bool fake_broker_has_no_connection(struct fake_broker *broker);

// Waits for a subscription (or its end) to exactly this topic; others are passed over.
void fake_broker_await_topic(struct fake_broker *broker, const char *topic, size_t size);
// Waits for a beacon's nonce topic and copies it.
void fake_broker_await_nonce(struct fake_broker *broker, char nonce_topic[64]);
// Waits for a nonce, and answers it with heads.
void fake_broker_beacon(struct fake_broker *broker, const struct oyez_head *heads, size_t count);
void fake_broker_heartbeat(struct fake_broker *broker, const struct oyez_head *heads, size_t count);
// Publishes one event; `header_type` NULL = the topic's.
void fake_broker_publish(struct fake_broker *broker, const char *event_type, uint64_t type_seq,
                         const char *details, const char *header_type);
// Publishes raw bytes.
void fake_broker_publish_raw(struct fake_broker *broker, const void *frame, size_t size);

#endif

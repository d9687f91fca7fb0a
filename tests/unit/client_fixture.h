// SPDX-License-Identifier: MIT
// A client and the fake broker that it talks to.
#ifndef OYEZ_CLIENT_FIXTURE_H
#define OYEZ_CLIENT_FIXTURE_H

#include <pthread.h>
#include <semaphore.h>

#include "fake_broker.h"
#include "oyez/client.h"

#define FIXTURE_KEPT 64u

struct client_fixture {
    struct fake_broker broker;
    oyez_client *client;
    oyez_subscription *subscription;
    oyez_v1_ToBroker heard;  // the last thing heard on control
    struct fake_batch taken; // the last batch taken from ingress

    pthread_mutex_t lock;
    pthread_cond_t changed; // CLOCK_REALTIME
    struct oyez_notice notices[FIXTURE_KEPT];
    char notice_types[FIXTURE_KEPT][64];
    size_t notice_count;
    char seen[FIXTURE_KEPT][64]; // event types handed to the handler
    size_t seen_count;
    bool handler_waits; // each call of the handler waits for a post
    sem_t handler_may_go;
    bool close_inside; // the handler closes its own subscription
    bool closed_inside;
};

// cmocka set-up: a client that has not been answered yet.
int client_fixture_open(void **state);
// cmocka set-up: a client that has a session.
int client_fixture_welcomed(void **state);
int client_fixture_tear_down(void **state);

// Waits for a hello and answers it.
void welcome(struct client_fixture *fixture, uint64_t durable_expected);
void emit(struct client_fixture *fixture, const char *type);
// Waits for a batch that begins with this number.
void take(struct client_fixture *fixture, uint64_t seq);
// A session in which `count` events, each a batch of its own, have come in and none is accepted.
void send_some(struct client_fixture *fixture, uint64_t count);

// The fixture's handler: keeps the event type.
void handle(void *arg, const struct oyez_event *event);
void subscribe(struct client_fixture *fixture, const char *pattern, bool pull);
// A handler's subscription that a beacon has proved, with these heads before it.
void listen_to(struct client_fixture *fixture, const char *pattern, const struct oyez_head *heads,
               size_t count);
struct oyez_head head(const char *event_type, uint64_t type_seq);

void await_seen(struct client_fixture *fixture, size_t count);
void await_closed_inside(struct client_fixture *fixture);
// Waits for a notice of a kind and event type ("" = none), and copies it.
struct oyez_notice await_notice(struct client_fixture *fixture, enum oyez_notice_kind kind,
                                const char *event_type);
struct timespec deadline(void);

#endif

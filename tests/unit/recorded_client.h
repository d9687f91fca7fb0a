// SPDX-License-Identifier: MIT
// A client on a bus with a recorder, whose words the test says.
#ifndef OYEZ_RECORDED_CLIENT_H
#define OYEZ_RECORDED_CLIENT_H

#include <pthread.h>

#include "client_fixture.h"

// cmocka set-up: a client that has not been answered yet; its broker will tell of a recorder.
int recording_fixture_open(void **state);

// One thread that emits and waits until its event is recorded.
struct recording {
    struct client_fixture *fixture;
    pthread_t thread;
    oyez_err err;
    struct oyez_receipt receipt;
};

// Begins one, whose event has come in with this number, into fixture->taken.
void recording_start(struct recording *recording, struct client_fixture *fixture, uint64_t seq);

void receipt(struct client_fixture *fixture, uint64_t through);
void receipt_with_lost(struct client_fixture *fixture, uint64_t through, uint64_t first,
                       uint64_t last);

// What the client calls its lowest unreceipted number. It waits for a welcome then.
uint64_t floor_told(struct client_fixture *fixture);

struct oyez_client_counters counters_of(struct client_fixture *fixture);

// A session, and a way to send.
void open_session(struct client_fixture *fixture);

#endif

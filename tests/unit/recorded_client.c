// SPDX-License-Identifier: MIT
#include "recorded_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int recording_fixture_open(void **state)
{
    client_fixture_open(state);
    struct client_fixture *fixture = *state;
    fixture->broker.recorder = true;
    return 0;
}

static void *record(void *arg)
{
    struct recording *recording = arg;
    struct oyez_event event = {.event_type = "session.created"};
    recording->err = oyez_client_emit_wait(recording->fixture->client, &event, OYEZ_LEVEL_RECORDED,
                                           20000, &recording->receipt);
    return NULL;
}

void recording_start(struct recording *recording, struct client_fixture *fixture, uint64_t seq)
{
    *recording = (struct recording){.fixture = fixture};
    assert_int_equal(pthread_create(&recording->thread, NULL, record, recording), 0);
    take(fixture, seq);
    assert_int_equal(fixture->taken.batch.flags, OYEZ_FLAG_TELL | OYEZ_FLAG_CHECKED);
}

void receipt(struct client_fixture *fixture, uint64_t through)
{
    fake_broker_receipt(&fixture->broker, &(oyez_v1_Receipt){.durable_through = through});
}

void receipt_with_lost(struct client_fixture *fixture, uint64_t through, uint64_t first,
                       uint64_t last)
{
    fake_broker_receipt(
        &fixture->broker,
        &(oyez_v1_Receipt){.durable_through = through, .lost_count = 1, .lost = {{first, last}}});
}

uint64_t floor_told(struct client_fixture *fixture)
{
    oyez_v1_FromBroker needed = {.which_body = oyez_v1_FromBroker_hello_needed_tag};
    fake_broker_say(&fixture->broker, &needed);
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    return fixture->heard.body.hello.durable_floor;
}

struct oyez_client_counters counters_of(struct client_fixture *fixture)
{
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    return counters;
}

void open_session(struct client_fixture *fixture)
{
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
}

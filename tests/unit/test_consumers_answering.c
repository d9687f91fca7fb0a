// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "query.pb.h"
#include "recorder_fixture.h"

#define OPEN oyez_v1_ConsumerVerb_CONSUMER_VERB_OPEN
#define COMMIT oyez_v1_ConsumerVerb_CONSUMER_VERB_COMMIT
#define LIST oyez_v1_ConsumerVerb_CONSUMER_VERB_LIST
#define NONE oyez_v1_QueryFault_QUERY_FAULT_NONE

static oyez_v1_QueryRequest request;
static oyez_v1_QueryAnswer answer;
static oyez_v1_Consumer consumers[8];

// Sends a question as the broker relays it, from a client of the consumer's name.
static void ask(struct recorder_fixture *fixture, oyez_v1_ConsumerVerb verb, const char *name,
                uint64_t epoch, uint64_t position)
{
    struct fake_broker *broker = &fixture->broker;
    static oyez_v1_FromBroker message;
    uint8_t frame[256], bytes[1024];
    size_t frame_size;
    memset(&request, 0, sizeof request);
    request.request_id = 42;
    request.which_body = oyez_v1_QueryRequest_consumer_tag;
    request.body.consumer.verb = verb;
    if (verb != LIST)
        snprintf(request.body.consumer.name, sizeof request.body.consumer.name, "%s", name);
    request.body.consumer.holder[0] = 1;
    request.body.consumer.epoch = epoch;
    request.body.consumer.position = position;
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, sizeof bytes);
    assert_true(pb_encode(&stream, oyez_v1_QueryRequest_fields, &request));
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_asked_tag;
    message.body.asked.client.size = (pb_size_t)strlen(name);
    memcpy(message.body.asked.client.bytes, name, strlen(name));
    assert_int_equal(oyez_from_broker_encode(&message, frame, sizeof frame, &frame_size), OYEZ_OK);
    assert_true(zmq_send(broker->control, broker->peer, broker->peer_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, frame, frame_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, bytes, stream.bytes_written, 0) >= 0);
}

// Waits for the answer to a name's question: reads it, and the consumers that it tells of. Returns
// their number.
static size_t hear(struct recorder_fixture *fixture, const char *name)
{
    uint8_t frame[4096];
    int more = 1;
    size_t more_size = sizeof more, frames = 0;
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_answer_tag, &fixture->heard);
    assert_int_equal(fixture->heard.body.answer.client.size, strlen(name));
    assert_memory_equal(fixture->heard.body.answer.client.bytes, name, strlen(name));
    for (;;) {
        zmq_getsockopt(fixture->broker.control, ZMQ_RCVMORE, &more, &more_size);
        if (!more)
            break;
        int size = zmq_recv(fixture->broker.control, frame, sizeof frame, 0);
        assert_true(size >= 0 && size <= (int)sizeof frame && frames <= 8);
        pb_istream_t stream = pb_istream_from_buffer(frame, (size_t)size);
        if (frames == 0)
            memset(&answer, 0, sizeof answer);
        else
            memset(&consumers[frames - 1], 0, sizeof consumers[0]);
        assert_true(frames == 0
                        ? pb_decode(&stream, oyez_v1_QueryAnswer_fields, &answer)
                        : pb_decode(&stream, oyez_v1_Consumer_fields, &consumers[frames - 1]));
        frames++;
    }
    assert_true(frames >= 1);
    assert_int_equal(answer.request_id, 42);
    return frames - 1;
}

static void begin(struct recorder_fixture *fixture)
{
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
}

static void test_an_open_and_a_commit_are_answered_with_the_consumer(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin(fixture);
    ask(fixture, OPEN, "billing", 1000, 2);
    assert_int_equal(hear(fixture, "billing"), 1);
    assert_int_equal(answer.fault, NONE);
    assert_int_equal(consumers[0].position, 2);
    ask(fixture, COMMIT, "billing", 1000, 3);
    assert_int_equal(hear(fixture, "billing"), 1);
    assert_int_equal(consumers[0].position, 3);
    assert_int_equal(consumers[0].last_seen, FIXTURE_NOW);
    assert_true(consumers[0].held);
    ask(fixture, COMMIT, "other", 1000, 3);
    assert_int_equal(hear(fixture, "other"), 0);
    assert_int_equal(answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND);
}

static void test_nothing_is_answered_before_it_is_on_disk_and_many_share_one_sync(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin(fixture);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    ask(fixture, OPEN, "a", 0, 0);
    recorder_await_syncs(fixture, syncs + 1);
    ask(fixture, OPEN, "b", 0, 0);
    ask(fixture, OPEN, "c", 0, 0);
    ask(fixture, OPEN, "d", 0, 0);
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_answer_tag, 100));
    recorder_let_one_sync(fixture);
    hear(fixture, "a");
    recorder_await_syncs(fixture, syncs + 2);
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_answer_tag, 100));
    recorder_let_one_sync(fixture);
    hear(fixture, "b");
    hear(fixture, "c");
    hear(fixture, "d");
    assert_int_equal(recorder_syncs(fixture), syncs + 2);
}

static void test_a_waiting_sync_holds_up_no_question(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin(fixture);
    recorder_hold_syncs(fixture, true);
    unsigned syncs = recorder_syncs(fixture);
    ask(fixture, OPEN, "a", 0, 0);
    recorder_await_syncs(fixture, syncs + 1);
    ask(fixture, LIST, "lister", 0, 0);
    assert_int_equal(hear(fixture, "lister"), 1);
    recorder_hold_syncs(fixture, false);
    hear(fixture, "a");
}

static void test_they_are_listed_with_their_lag_after_a_restart(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin(fixture);
    recorder_publish_run(fixture, 1, 5);
    recorder_await_confirm(fixture, 5);
    ask(fixture, OPEN, "b", 0, 0);
    hear(fixture, "b");
    ask(fixture, COMMIT, "b", 1000, 2);
    hear(fixture, "b");
    ask(fixture, OPEN, "a", 0, 0);
    hear(fixture, "a");
    recorder_kill(fixture);
    recorder_start(fixture);
    recorder_attach(fixture, 5);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    ask(fixture, LIST, "lister", 0, 0);
    assert_int_equal(hear(fixture, "lister"), 2);
    assert_int_equal(answer.next_index, 0);
    assert_string_equal(consumers[0].name, "a");
    assert_int_equal(consumers[0].lag, 5);
    assert_string_equal(consumers[1].name, "b");
    assert_int_equal(consumers[1].lag, 3);
    assert_false(consumers[1].lag_is_bound);
    assert_true(consumers[1].held); // its lease begins anew
}

static void test_a_commit_that_the_disk_refuses_is_refused_and_the_next_is_tried(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin(fixture);
    ask(fixture, OPEN, "a", 0, 0);
    hear(fixture, "a");
    pthread_mutex_lock(&fixture->lock);
    fixture->write_error = ENOSPC;
    pthread_mutex_unlock(&fixture->lock);
    ask(fixture, COMMIT, "a", 1000, 1);
    assert_int_equal(hear(fixture, "a"), 0);
    assert_int_equal(answer.fault, oyez_v1_QueryFault_QUERY_FAULT_IO);
    assert_non_null(strstr(answer.text, "consumers.state"));
    pthread_mutex_lock(&fixture->lock);
    fixture->write_error = 0;
    pthread_mutex_unlock(&fixture->lock);
    ask(fixture, COMMIT, "a", 1000, 2);
    assert_int_equal(hear(fixture, "a"), 1);
    assert_int_equal(answer.fault, NONE);
    assert_int_equal(consumers[0].position, 2);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_an_open_and_a_commit_are_answered_with_the_consumer),
        FIXED(test_nothing_is_answered_before_it_is_on_disk_and_many_share_one_sync),
        FIXED(test_a_waiting_sync_holds_up_no_question),
        FIXED(test_they_are_listed_with_their_lag_after_a_restart),
        FIXED(test_a_commit_that_the_disk_refuses_is_refused_and_the_next_is_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

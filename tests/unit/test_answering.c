// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>
#include <zmq.h>

#include "query.pb.h"
#include "recorder_fixture.h"

// Sends a question of a client, as the broker relays it.
static void ask(struct recorder_fixture *fixture, const char *client, const void *request,
                size_t size)
{
    struct fake_broker *broker = &fixture->broker;
    static oyez_v1_FromBroker message;
    uint8_t frame[256];
    size_t frame_size;
    memset(&message, 0, sizeof message);
    message.which_body = oyez_v1_FromBroker_asked_tag;
    message.body.asked.client.size = (pb_size_t)strlen(client);
    memcpy(message.body.asked.client.bytes, client, strlen(client));
    assert_int_equal(oyez_from_broker_encode(&message, frame, sizeof frame, &frame_size), OYEZ_OK);
    assert_true(zmq_send(broker->control, broker->peer, broker->peer_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, frame, frame_size, ZMQ_SNDMORE) >= 0);
    assert_true(zmq_send(broker->control, request, size, 0) >= 0);
}

static void ask_for(struct recorder_fixture *fixture, const char *client, struct oyez_uuid id)
{
    static oyez_v1_QueryRequest request;
    uint8_t bytes[256];
    memset(&request, 0, sizeof request);
    request.request_id = 42;
    request.which_body = oyez_v1_QueryRequest_get_tag;
    memcpy(request.body.get.event_id, id.bytes, OYEZ_UUID_SIZE);
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, sizeof bytes);
    assert_true(pb_encode(&stream, oyez_v1_QueryRequest_fields, &request));
    ask(fixture, client, bytes, stream.bytes_written);
}

// Waits for the answer to a client: the number of its frames, and the first one read.
static unsigned hear_answer(struct recorder_fixture *fixture, const char *client,
                            oyez_v1_QueryAnswer *answer)
{
    static uint8_t frame[OYEZ_FRAME_SIZE_MAX];
    int more = 1;
    size_t more_size = sizeof more;
    unsigned frames = 0;
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_answer_tag, &fixture->heard);
    assert_int_equal(fixture->heard.body.answer.client.size, strlen(client));
    assert_memory_equal(fixture->heard.body.answer.client.bytes, client, strlen(client));
    for (;;) {
        zmq_getsockopt(fixture->broker.control, ZMQ_RCVMORE, &more, &more_size);
        if (!more)
            return frames;
        int size = zmq_recv(fixture->broker.control, frame, sizeof frame, 0);
        assert_true(size >= 0);
        pb_istream_t stream = pb_istream_from_buffer(frame, (size_t)size);
        memset(answer, 0, frames == 0 ? sizeof *answer : 0);
        if (frames++ == 0)
            assert_true(pb_decode(&stream, oyez_v1_QueryAnswer_fields, answer));
    }
}

static void test_a_question_is_answered_to_its_asker(void **state)
{
    struct recorder_fixture *fixture = *state;
    static oyez_v1_QueryAnswer answer;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_await_confirm(fixture, 2);
    ask_for(fixture, "first", recorder_event_id(1, 2));
    ask_for(fixture, "second", recorder_event_id(9, 9));
    assert_int_equal(hear_answer(fixture, "first", &answer), 2);
    assert_int_equal(answer.request_id, 42);
    assert_int_equal(answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NONE);
    assert_int_equal(answer.indexes_count, 1);
    assert_int_equal(answer.indexes[0], 2); // a catalog stands before the first event
    assert_int_equal(hear_answer(fixture, "second", &answer), 1);
    assert_int_equal(answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND);
}

static void test_what_is_no_question_is_answered_too(void **state)
{
    struct recorder_fixture *fixture = *state;
    static oyez_v1_QueryAnswer answer;
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    ask(fixture, "c", "\xff\xff\xff", 3);
    assert_int_equal(hear_answer(fixture, "c", &answer), 1);
    assert_int_equal(answer.fault, oyez_v1_QueryFault_QUERY_FAULT_INVALID);
    assert_true(answer.text[0] != '\0');
}

static void test_a_mirror_answers_nothing(void **state)
{
    struct recorder_fixture *fixture = *state;
    fixture->options.mirror = true;
    recorder_begin(fixture);
    ask_for(fixture, "c", recorder_event_id(1, 1));
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_answer_tag, 200));
}

static void test_closing_does_not_wait_for_questions(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    for (int i = 0; i < 100; i++)
        ask_for(fixture, "c", recorder_event_id(1, 1));
    recorder_stop(fixture);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_question_is_answered_to_its_asker),
        FIXED(test_what_is_no_question_is_answered_too),
        FIXED(test_a_mirror_answers_nothing),
        FIXED(test_closing_does_not_wait_for_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

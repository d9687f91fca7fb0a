// SPDX-License-Identifier: MIT
// Questions over the broker: one at a time, said again where they may be lost, answers known by
// their number.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pb_encode.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "client/lib/ask.h"
#include "client_fixture.h"
#include "scripted_recorder.h"

// A thread that asks one question.
struct asking {
    struct asker asker;
    uint64_t request_id;
    uint32_t timeout_ms;
    pthread_t thread;
    oyez_err err;
    char detail[256];
    struct oyez_query_page page;
};

static void *ask(void *arg)
{
    struct asking *asking = arg;
    static _Thread_local oyez_v1_QueryRequest request;
    uint8_t bytes[64];
    request.request_id = asking->request_id;
    request.which_body = oyez_v1_QueryRequest_get_tag;
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, sizeof bytes);
    assert_true(pb_encode(&stream, oyez_v1_QueryRequest_fields, &request));
    asking->err = ask_recorder(&asking->asker, bytes, stream.bytes_written, &asking->page,
                               asking->timeout_ms);
    if (asking->err != OYEZ_OK)
        strncpy(asking->detail, oyez_error_detail(), sizeof asking->detail - 1);
    return NULL;
}

static struct asking *start_for(struct client_fixture *fixture, uint64_t request_id,
                                uint32_t timeout_ms)
{
    struct asking *asking = calloc(1, sizeof *asking);
    assert_non_null(asking);
    asking->asker.client = fixture->client;
    asking->request_id = request_id;
    asking->timeout_ms = timeout_ms;
    assert_int_equal(pthread_create(&asking->thread, NULL, ask, asking), 0);
    return asking;
}

static struct asking *start(struct client_fixture *fixture, uint64_t request_id)
{
    return start_for(fixture, request_id, 20000);
}

static void finish(struct asking *asking, oyez_err err)
{
    pthread_join(asking->thread, NULL);
    assert_int_equal(asking->err, err);
}

static void forget(struct asking *asking)
{
    ask_page_free(&asking->asker.page);
    free(asking);
}

// The broker is asked this question.
static void hear(struct client_fixture *fixture, uint64_t request_id)
{
    uint8_t question[256];
    uint64_t told;
    size_t size = fake_broker_hear_question(&fixture->broker, question, sizeof question, &told);
    assert_int_equal(told, request_id);
    assert_true(size > 2);
    assert_int_equal(question[0], 0x08); // field 1, as a varint
    assert_int_equal(question[1], request_id);
}

// Two frames in answer to this question: its number, and a body.
static void answer(struct client_fixture *fixture, uint64_t request_id, const char *body)
{
    const uint8_t first[2] = {0x08, (uint8_t)request_id};
    const struct oyez_query_frame frames[2] = {{first, sizeof first},
                                               {(const uint8_t *)body, strlen(body)}};
    fake_broker_answer(&fixture->broker, frames, 2);
}

static void expect_body(const struct asking *asking, const char *body)
{
    assert_int_equal(asking->page.count, 2);
    assert_int_equal(asking->page.frames[0].size, 2);
    assert_int_equal(asking->page.frames[1].size, strlen(body));
    assert_memory_equal(asking->page.frames[1].bytes, body, strlen(body));
}

static void refuse(struct client_fixture *fixture, uint64_t request_id,
                   oyez_v1_RefusalReason reason)
{
    oyez_v1_FromBroker message = {.request_id = request_id,
                                  .which_body = oyez_v1_FromBroker_refusal_tag};
    message.body.refusal.reason = reason;
    strcpy(message.body.refusal.text, "as the test says");
    fake_broker_say(&fixture->broker, &message);
}

static uint64_t malformed(struct client_fixture *fixture)
{
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    return counters.malformed;
}

static void test_an_answer_comes_to_who_asked_frame_by_frame(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    answer(fixture, 1, "hello");
    finish(asking, OYEZ_OK);
    expect_body(asking, "hello");
    forget(asking);
}

static void test_a_question_is_kept_until_there_is_a_session(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start(fixture, 1);
    welcome(fixture, 1);
    hear(fixture, 1);
    answer(fixture, 1, "hello");
    finish(asking, OYEZ_OK);
    forget(asking);
}

static void test_another_question_s_answer_is_dropped(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start_for(fixture, 1, 100);
    hear(fixture, 1);
    finish(asking, OYEZ_ERR_TIMEOUT);
    forget(asking);
    asking = start(fixture, 2);
    hear(fixture, 2);
    answer(fixture, 1, "late");
    hear(fixture, 2); // at once: the broker takes one at a time, and may have dropped it
    answer(fixture, 2, "right");
    finish(asking, OYEZ_OK);
    expect_body(asking, "right");
    answer(fixture, 2, "twice");
    forget(asking);
    asking = start(fixture, 3);
    hear(fixture, 3);
    answer(fixture, 3, "next");
    finish(asking, OYEZ_OK);
    expect_body(asking, "next");
    forget(asking);
    assert_int_equal(malformed(fixture), 0);
}

static void test_threads_take_turns(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *first = start(fixture, 1);
    hear(fixture, 1);
    struct asking *second = start(fixture, 2);
    struct asking *hasty = start_for(fixture, 3, 50);
    finish(hasty, OYEZ_ERR_TIMEOUT);
    assert_non_null(strstr(hasty->detail, "other threads' questions come first"));
    answer(fixture, 1, "one");
    hear(fixture, 2);
    answer(fixture, 2, "two");
    finish(first, OYEZ_OK);
    finish(second, OYEZ_OK);
    expect_body(first, "one"); // the next answer does not touch it
    expect_body(second, "two");
    forget(first);
    forget(second);
    forget(hasty);
}

static void test_a_question_is_said_again_in_a_new_session(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    oyez_v1_FromBroker needed = {.which_body = oyez_v1_FromBroker_hello_needed_tag};
    fake_broker_say(&fixture->broker, &needed);
    welcome(fixture, 1);
    hear(fixture, 1);
    answer(fixture, 1, "again");
    finish(asking, OYEZ_OK);
    expect_body(asking, "again");
    forget(asking);
}

static void test_a_question_without_an_answer_is_said_again(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    hear(fixture, 1);
    hear(fixture, 1);
    answer(fixture, 1, "at last");
    finish(asking, OYEZ_OK);
    forget(asking);
}

static void test_without_a_recorder_the_question_ends_at_once(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    refuse(fixture, 1, oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER);
    finish(asking, OYEZ_ERR_NO_RECORDER);
    assert_string_equal(asking->detail, "as the test says");
    forget(asking);
    asking = start_for(fixture, 2, 3600000);
    hear(fixture, 2);
    refuse(fixture, 1, oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER); // late
    refuse(fixture, 2, oyez_v1_RefusalReason_REFUSAL_REASON_SESSIONS);
    finish(asking, OYEZ_ERR_REFUSED);
    forget(asking);
    // The session has nothing to do with it.
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_ping_tag, &fixture->heard);
}

static void test_without_a_broker_a_question_ends_unreachable(void **state)
{
    struct client_fixture *fixture = *state;
    struct asking *asking = start_for(fixture, 1, 30);
    finish(asking, OYEZ_ERR_UNREACHABLE);
    forget(asking);
}

static void test_a_question_needs_its_number_in_front(void **state)
{
    struct client_fixture *fixture = *state;
    struct asker asker = {.client = fixture->client};
    struct oyez_query_page page;
    const uint8_t none[] = {0x12, 0x00};
    assert_int_equal(ask_recorder(&asker, none, sizeof none, &page, 1000), OYEZ_ERR_INVALID);
    assert_int_equal(ask_recorder(&asker, none, 0, &page, 1000), OYEZ_ERR_INVALID);
}

static void test_a_large_event_comes_in_an_answer(void **state)
{
    struct client_fixture *fixture = *state;
    const size_t size = OYEZ_FRAME_SIZE_MAX;
    uint8_t *large = malloc(size);
    assert_non_null(large);
    memset(large, 7, size);
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    const uint8_t first[2] = {0x08, 1};
    const struct oyez_query_frame frames[2] = {{first, sizeof first}, {large, size}};
    fake_broker_answer(&fixture->broker, frames, 2);
    finish(asking, OYEZ_OK);
    assert_int_equal(asking->page.frames[1].size, size);
    assert_memory_equal(asking->page.frames[1].bytes, large, size);
    forget(asking);
    free(large);
}

static void test_an_answer_above_its_limit_is_malformed(void **state)
{
    struct client_fixture *fixture = *state;
    const uint8_t first[2] = {0x08, 1};
    static struct oyez_query_frame frames[OYEZ_ANSWER_FRAMES_MAX + 1];
    for (size_t i = 0; i < OYEZ_ANSWER_FRAMES_MAX + 1; i++)
        frames[i] = (struct oyez_query_frame){first, sizeof first};
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    fake_broker_answer(&fixture->broker, frames, OYEZ_ANSWER_FRAMES_MAX + 1);
    finish(asking, OYEZ_ERR_MALFORMED);
    forget(asking);

    static uint8_t large[OYEZ_FRAME_SIZE_MAX] = {0x08, 2};
    for (size_t i = 0; i < 3; i++)
        frames[i] = (struct oyez_query_frame){large, sizeof large};
    asking = start(fixture, 2);
    hear(fixture, 2);
    fake_broker_answer(&fixture->broker, frames, 3);
    finish(asking, OYEZ_ERR_MALFORMED);
    assert_non_null(strstr(asking->detail, "above its limit"));
    forget(asking);
}

static void test_what_is_no_answer_is_counted_and_the_session_goes_on(void **state)
{
    struct client_fixture *fixture = *state;
    fake_broker_open_ingress(&fixture->broker);
    emit(fixture, "session.created");
    take(fixture, 1);
    fake_broker_answer(&fixture->broker, NULL, 0);
    const struct oyez_query_frame numberless[2] = {{(const uint8_t *)"x", 1},
                                                   {(const uint8_t *)"y", 1}};
    fake_broker_answer(&fixture->broker, numberless, 2);
    // An accept mark with something behind it is still an accept mark.
    oyez_v1_FromBroker message = {.which_body = oyez_v1_FromBroker_accept_mark_tag};
    message.body.accept_mark.epoch = fixture->broker.epoch;
    message.body.accept_mark.instance = fixture->broker.instance;
    message.body.accept_mark.durable_through = 1;
    uint8_t frame[256];
    size_t size;
    assert_int_equal(oyez_from_broker_encode(&message, frame, sizeof frame, &size), OYEZ_OK);
    zmq_send(fixture->broker.control, fixture->broker.peer, fixture->broker.peer_size, ZMQ_SNDMORE);
    zmq_send(fixture->broker.control, frame, size, ZMQ_SNDMORE);
    zmq_send(fixture->broker.control, "more", 4, 0);
    assert_int_equal(oyez_client_flush(fixture->client, OYEZ_LEVEL_SENT, 20000), OYEZ_OK);
    struct asking *asking = start(fixture, 1);
    hear(fixture, 1);
    answer(fixture, 1, "fine");
    finish(asking, OYEZ_OK);
    forget(asking);
    assert_int_equal(malformed(fixture), 3);
}

static void test_query_get_and_stats_ask_over_the_client(void **state)
{
    struct client_fixture *fixture = *state;
    oyez_query *query = NULL;
    const struct oyez_event *event = NULL;
    struct oyez_event *got = NULL;
    struct oyez_stats_group *groups = NULL;
    size_t count = 0;
    const struct oyez_stats_options by_type = {.by = OYEZ_STATS_BY_TYPE};
    fake_broker_close(&fixture->broker);
    oyez_client_close(&fixture->client);
    struct oyez_client_options options = {.endpoint = "tcp://127.0.0.1:1", .close_timeout_ms = 1};
    assert_int_equal(oyez_client_open(&fixture->client, &options, 0), OYEZ_OK);
    assert_int_equal(oyez_query_open(&query, fixture->client, NULL), OYEZ_OK);
    assert_int_equal(oyez_query_next(query, &event, 10), OYEZ_ERR_UNREACHABLE);
    oyez_query_close(&query);
    assert_int_equal(oyez_client_get(fixture->client, oyez_uuid_new(), &got, 10),
                     OYEZ_ERR_UNREACHABLE);
    assert_int_equal(oyez_client_stats(fixture->client, &by_type, &groups, &count, 10),
                     OYEZ_ERR_UNREACHABLE);
    fake_broker_open(&fixture->broker);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_welcomed, client_fixture_tear_down)
#define TEST_ALONE(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, client_fixture_open, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_an_answer_comes_to_who_asked_frame_by_frame),
        TEST_ALONE(test_a_question_is_kept_until_there_is_a_session),
        TEST(test_another_question_s_answer_is_dropped),
        TEST(test_threads_take_turns),
        TEST(test_a_question_is_said_again_in_a_new_session),
        TEST(test_a_question_without_an_answer_is_said_again),
        TEST(test_without_a_recorder_the_question_ends_at_once),
        TEST_ALONE(test_without_a_broker_a_question_ends_unreachable),
        TEST_ALONE(test_a_question_needs_its_number_in_front),
        TEST(test_a_large_event_comes_in_an_answer),
        TEST(test_an_answer_above_its_limit_is_malformed),
        TEST(test_what_is_no_answer_is_counted_and_the_session_goes_on),
        TEST_ALONE(test_query_get_and_stats_ask_over_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

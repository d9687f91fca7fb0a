// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "broker_peer.h"

static const struct oyez_broker_limits quick = {
    .drain_ms = 100, .recorder_wait_ms = 1, .final_confirm_ms = 1};

struct fixture {
    struct bus *bus;
    struct peer *recorder;
    struct peer *client;
};

static const struct oyez_broker_limits impatient = {
    .drain_ms = 100, .recorder_wait_ms = 1, .final_confirm_ms = 1, .ask_timeout_ms = 20};

static int set_up_with(void **state, const struct oyez_broker_limits *limits)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->bus = bus_open_waiting(limits, (struct oyez_broker_options){0});
    f->recorder = recorder_open(f->bus, 9);
    f->client = peer_open(f->bus->context, f->bus->broker, 1);
    peer_hello(f->client);
    *state = f;
    return 0;
}

static int set_up(void **state)
{
    return set_up_with(state, &quick);
}

static int set_up_impatient(void **state)
{
    return set_up_with(state, &impatient);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    peer_close(f->client);
    peer_close(f->recorder);
    bus_close(f->bus);
    free(f);
    return 0;
}

static uint64_t counter(const struct fixture *f, const char *name)
{
    return broker_counter(f->bus->broker, name);
}

static oyez_v1_ToBroker ask_of(uint64_t request_id)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_ask_tag;
    message.request_id = request_id;
    return message;
}

static void ask(struct peer *peer, uint64_t request_id, const char *question)
{
    oyez_v1_ToBroker message = ask_of(request_id);
    peer_say_with(peer, &message, 1, question, strlen(question));
}

// The recorder hears a question; what it must give back.
static oyez_v1_ToBroker hear_question(struct fixture *f, const char *question)
{
    oyez_v1_ToBroker answer = oyez_v1_ToBroker_init_zero;
    const oyez_v1_FromBroker *asked = peer_hear(f->recorder, oyez_v1_FromBroker_asked_tag);
    answer.which_body = oyez_v1_ToBroker_answer_tag;
    assert_true(asked->body.asked.client.size > 0);
    answer.body.answer.client.size = asked->body.asked.client.size;
    memcpy(answer.body.answer.client.bytes, asked->body.asked.client.bytes,
           asked->body.asked.client.size);
    int size = peer_next_frame(f->recorder);
    assert_int_equal(size, (int)strlen(question));
    assert_memory_equal(f->recorder->received, question, (size_t)size);
    assert_int_equal(peer_next_frame(f->recorder), -1);
    return answer;
}

static void expect_answer(struct peer *peer, uint64_t request_id, unsigned frames,
                          const void *frame, size_t frame_size)
{
    const oyez_v1_FromBroker *answered = peer_hear(peer, oyez_v1_FromBroker_answered_tag);
    assert_int_equal(answered->request_id, request_id);
    for (unsigned i = 0; i < frames; i++) {
        assert_int_equal(peer_next_frame(peer), (int)frame_size);
        assert_memory_equal(peer->received, frame, frame_size);
    }
    assert_int_equal(peer_next_frame(peer), -1);
}

static void expect_no_recorder(struct peer *peer, uint64_t request_id)
{
    const oyez_v1_FromBroker *answer = peer_hear(peer, oyez_v1_FromBroker_refusal_tag);
    assert_int_equal(answer->request_id, request_id);
    assert_int_equal(answer->body.refusal.reason, oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER);
}

static void test_questions_and_answers_find_their_way(void **state)
{
    struct fixture *f = *state;
    struct peer *other = peer_open(f->bus->context, f->bus->broker, 2);
    peer_hello(other);
    ask(f->client, 11, "what?");
    oyez_v1_ToBroker first = hear_question(f, "what?");
    ask(other, 22, "when?");
    oyez_v1_ToBroker second = hear_question(f, "when?");
    peer_say_with(f->recorder, &second, 3, "then", 4);
    expect_answer(other, 22, 3, "then", 4);
    peer_say_with(f->recorder, &first, 1, "", 0);
    expect_answer(f->client, 11, 1, "", 0);
    ask(f->client, 12, "and?");
    oyez_v1_ToBroker third = hear_question(f, "and?");
    peer_say_with(f->recorder, &third, 1, "so", 2);
    expect_answer(f->client, 12, 1, "so", 2);
    assert_int_equal(counter(f, "asks"), 3);
    assert_int_equal(counter(f, "answers"), 3);
    assert_int_equal(counter(f, "bad_control"), 0);
    peer_close(other);
}

static void test_a_page_of_the_largest_kind_passes(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[OYEZ_FRAME_SIZE_MAX];
    memset(bytes, 7, sizeof bytes);
    ask(f->client, 1, "much?");
    oyez_v1_ToBroker answer = hear_question(f, "much?");
    peer_say_with(f->recorder, &answer, OYEZ_ANSWER_FRAMES_MAX, bytes, 600);
    expect_answer(f->client, 1, OYEZ_ANSWER_FRAMES_MAX, bytes, 600);
    ask(f->client, 2, "more?");
    answer = hear_question(f, "more?");
    peer_say_with(f->recorder, &answer, 1, bytes, sizeof bytes);
    expect_answer(f->client, 2, 1, bytes, sizeof bytes);
}

static void test_one_question_at_a_time(void **state)
{
    struct fixture *f = *state;
    ask(f->client, 1, "one?");
    ask(f->client, 2, "two?");
    oyez_v1_ToBroker answer = hear_question(f, "one?");
    await_counter(f->bus->broker, "asks_dropped", 1);
    peer_say_with(f->recorder, &answer, 1, "a", 1);
    expect_answer(f->client, 1, 1, "a", 1);
    peer_say_with(f->recorder, &answer, 1, "a", 1); // a second time
    await_counter(f->bus->broker, "answers_dropped", 1);
    ask(f->client, 3, "three?");
    answer = hear_question(f, "three?");
    peer_say_with(f->recorder, &answer, 1, "c", 1);
    expect_answer(f->client, 3, 1, "c", 1);
}

// A recorder that takes longer than the time after which a client may ask again.
static void test_a_late_answer_reaches_who_asks_the_same_again(void **state)
{
    struct fixture *f = *state;
    ask(f->client, 7, "slow?");
    oyez_v1_ToBroker first = hear_question(f, "slow?");
    struct timespec pause = {.tv_nsec = 1000000};
    for (uint64_t asks = 1; asks < 2; nanosleep(&pause, NULL)) {
        ask(f->client, 7, "slow?");
        peer_ping_pong(f->client);
        asks = counter(f, "asks");
    }
    oyez_v1_ToBroker second = hear_question(f, "slow?");
    peer_say_with(f->recorder, &first, 1, "late", 4);
    expect_answer(f->client, 7, 1, "late", 4);
    peer_say_with(f->recorder, &second, 1, "late", 4);
    await_counter(f->bus->broker, "answers_dropped", 1);
    // What was asked before is nothing to who asks something else.
    ask(f->client, 8, "new?");
    oyez_v1_ToBroker third = hear_question(f, "new?");
    peer_say_with(f->recorder, &first, 1, "late", 4);
    await_counter(f->bus->broker, "answers_dropped", 2);
    peer_say_with(f->recorder, &third, 1, "new", 3);
    expect_answer(f->client, 8, 1, "new", 3);
}

// Its own socket takes one answer, so that the others stay in the broker.
static void test_who_never_reads_has_few_answers_waiting(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[1000000];
    int one = 1, small = 4096;
    struct peer *deaf = peer_open(f->bus->context, f->bus->broker, 3);
    zmq_setsockopt(deaf->control, ZMQ_RCVHWM, &one, sizeof one);
    zmq_setsockopt(deaf->control, ZMQ_RCVBUF, &small, sizeof small);
    zmq_disconnect(deaf->control, oyez_broker_endpoint(f->bus->broker));
    zmq_connect(deaf->control, oyez_broker_endpoint(f->bus->broker));
    peer_hello(deaf);
    unsigned answers = 0;
    while (counter(f, "asks_dropped") == 0 && answers < 60) {
        uint64_t asks = counter(f, "asks");
        ask(deaf, answers + 1u, "more?");
        while (counter(f, "asks") == asks && counter(f, "asks_dropped") == 0)
            continue;
        if (counter(f, "asks") == asks)
            break;
        oyez_v1_ToBroker answer = hear_question(f, "more?");
        peer_say_with(f->recorder, &answer, 2, bytes, sizeof bytes);
        answers++;
        await_counter(f->bus->broker, "answers", answers);
    }
    // Some lie in the sockets, four in the broker.
    assert_true(answers >= OYEZ_ANSWERS_QUEUED_MAX);
    assert_in_range(counter(f, "asks_dropped"), 1, 1);
    for (unsigned i = 0; i < answers; i++)
        expect_answer(deaf, i + 1u, 2, bytes, sizeof bytes);
    // Who has read is answered again.
    ask(deaf, 100, "and?");
    oyez_v1_ToBroker answer = hear_question(f, "and?");
    peer_say_with(f->recorder, &answer, 1, "so", 2);
    expect_answer(deaf, 100, 1, "so", 2);
    peer_close(deaf);
}

static void test_who_asks_of_nobody_is_told(void **state)
{
    struct fixture *f = *state;
    ask(f->client, 1, "lost?");
    hear_question(f, "lost?");
    peer_goodbye(f->recorder);
    await_counter(f->bus->broker, "goodbyes", 1);
    ask(f->client, 2, "anyone?");
    expect_no_recorder(f->client, 2);
    assert_int_equal(counter(f, "asks_refused"), 1);
    // What the recorder that left was asked will get no answer: the next may be asked at once.
    peer_hello_as(f->recorder, oyez_v1_Role_ROLE_RECORDER);
    ask(f->client, 3, "now?");
    oyez_v1_ToBroker answer = hear_question(f, "now?");
    peer_say_with(f->recorder, &answer, 1, "y", 1);
    expect_answer(f->client, 3, 1, "y", 1);
}

static void test_a_broker_without_recorder_has_nobody_to_ask(void **state)
{
    (void)state;
    struct bus *bus = bus_open("tcp://127.0.0.1:0", &quick);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    ask(peer, 1, "early?");
    peer_hear(peer, oyez_v1_FromBroker_hello_needed_tag); // a session is needed
    peer_hello(peer);
    ask(peer, 2, "anyone?");
    expect_no_recorder(peer, 2);
    peer_close(peer);
    bus_close(bus);
}

static void test_a_recorder_whose_connection_is_cut_is_nobody(void **state)
{
    struct fixture *f = *state;
    zmq_close(f->recorder->control);
    f->recorder->control =
        peer_socket(f->recorder, ZMQ_DEALER, oyez_broker_endpoint(f->bus->broker));
    // The session is still there; that nobody is behind it shows when something is sent.
    for (uint8_t i = 20; counter(f, "asks_refused") == 0; i = i < 200 ? (uint8_t)(i + 1) : 20) {
        struct peer *peer = peer_open(f->bus->context, f->bus->broker, i);
        peer_hello(peer);
        ask(peer, 1, "anyone?");
        peer_ping_pong(peer);
        peer_close(peer);
    }
    struct peer *last = peer_open(f->bus->context, f->bus->broker, 2);
    peer_hello(last);
    ask(last, 7, "anyone?");
    expect_no_recorder(last, 7);
    peer_close(last);
}

static void test_an_asker_that_is_gone_is_counted(void **state)
{
    struct fixture *f = *state;
    ask(f->client, 1, "bye?");
    oyez_v1_ToBroker answer = hear_question(f, "bye?");
    peer_goodbye(f->client);
    await_counter(f->bus->broker, "goodbyes", 1);
    peer_say_with(f->recorder, &answer, 1, "x", 1);
    await_counter(f->bus->broker, "answers_dropped", 1);
    // Whoever stands in its place now did not ask.
    struct peer *other = peer_open(f->bus->context, f->bus->broker, 2);
    peer_hello(other);
    peer_say_with(f->recorder, &answer, 1, "x", 1);
    await_counter(f->bus->broker, "answers_dropped", 2);
    ask(other, 5, "mine?");
    oyez_v1_ToBroker mine = hear_question(f, "mine?");
    peer_say_with(f->recorder, &answer, 1, "x", 1); // to the question before
    peer_say_with(f->recorder, &mine, 1, "m", 1);
    expect_answer(other, 5, 1, "m", 1);
    assert_int_equal(counter(f, "answers_dropped"), 3);
    peer_close(other);
}

static void test_names_that_no_asker_has_are_dropped(void **state)
{
    struct fixture *f = *state;
    oyez_v1_ToBroker answer = oyez_v1_ToBroker_init_zero;
    answer.which_body = oyez_v1_ToBroker_answer_tag;
    for (unsigned size = 0; size <= sizeof answer.body.answer.client.bytes; size++) {
        answer.body.answer.client.size = (pb_size_t)size;
        peer_say_with(f->recorder, &answer, 1, "x", 1);
    }
    memset(answer.body.answer.client.bytes, 0xff, sizeof answer.body.answer.client.bytes);
    answer.body.answer.client.size = 12;
    peer_say_with(f->recorder, &answer, 1, "x", 1);
    peer_ping_pong(f->recorder);
    assert_int_equal(counter(f, "answers_dropped"), 26);
}

static void test_frames_that_nobody_takes_are_rubbish(void **state)
{
    struct fixture *f = *state;
    static uint8_t bytes[OYEZ_FRAME_SIZE_MAX];
    oyez_v1_ToBroker message = ask_of(1);
    peer_say_with(f->client, &message, 0, NULL, 0);
    peer_say_with(f->client, &message, 2, "x", 1);
    peer_say_with(f->client, &message, 1, bytes, OYEZ_ASK_SIZE_MAX + 1);
    oyez_v1_ToBroker ping = oyez_v1_ToBroker_init_zero;
    ping.which_body = oyez_v1_ToBroker_ping_tag;
    peer_say_with(f->client, &ping, 1, "x", 1);
    peer_say_with(f->client, &ping, 1000, "x", 1);
    peer_ping_pong(f->client);
    assert_int_equal(counter(f, "bad_control"), 5);
    ask(f->client, 2, "fine?");
    oyez_v1_ToBroker answer = hear_question(f, "fine?");
    peer_say_with(f->recorder, &answer, 0, NULL, 0);
    peer_say_with(f->recorder, &answer, OYEZ_ANSWER_FRAMES_MAX + 1, "x", 1);
    peer_say_with(f->recorder, &answer, 3, bytes, 1000000);
    peer_ping_pong(f->recorder);
    assert_int_equal(counter(f, "bad_control"), 8);
    peer_say_with(f->recorder, &answer, 1, "x", 1);
    expect_answer(f->client, 2, 1, "x", 1);
}

// The largest question passes; large answers to many do not keep pings from being answered.
static void test_many_large_answers_at_once(void **state)
{
    enum { ASKERS = 8 };
    struct fixture *f = *state;
    static char question[OYEZ_ASK_SIZE_MAX + 1];
    static uint8_t bytes[1000000];
    memset(question, 'q', sizeof question - 1);
    struct peer *askers[ASKERS];
    oyez_v1_ToBroker answers[ASKERS];
    for (unsigned i = 0; i < ASKERS; i++) {
        askers[i] = peer_open(f->bus->context, f->bus->broker, (uint8_t)(20 + i));
        peer_hello(askers[i]);
        ask(askers[i], i + 1u, question);
        answers[i] = hear_question(f, question);
    }
    for (unsigned i = 0; i < ASKERS; i++)
        peer_say_with(f->recorder, &answers[i], 2, bytes, sizeof bytes);
    peer_ping_pong(f->client);
    for (unsigned i = 0; i < ASKERS; i++) {
        expect_answer(askers[i], i + 1u, 2, bytes, sizeof bytes);
        peer_close(askers[i]);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_questions_and_answers_find_their_way),
        TEST(test_a_page_of_the_largest_kind_passes),
        TEST(test_one_question_at_a_time),
        cmocka_unit_test_setup_teardown(test_a_late_answer_reaches_who_asks_the_same_again,
                                        set_up_impatient, tear_down),
        TEST(test_who_never_reads_has_few_answers_waiting),
        TEST(test_who_asks_of_nobody_is_told),
        cmocka_unit_test(test_a_broker_without_recorder_has_nobody_to_ask),
        TEST(test_a_recorder_whose_connection_is_cut_is_nobody),
        TEST(test_an_asker_that_is_gone_is_counted),
        TEST(test_names_that_no_asker_has_are_dropped),
        TEST(test_frames_that_nobody_takes_are_rubbish),
        TEST(test_many_large_answers_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "client/recorder/intake.h"
#include "oyez/limits.h"
#include "recorder_fixture.h"
#include "stepped_clock.h"

static void say(struct recorder_fixture *fixture, pb_size_t body, const char *refusal)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.which_body = body;
    if (body == oyez_v1_FromBroker_refusal_tag) {
        message.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_ROLE;
        strcpy(message.body.refusal.text, refusal);
    }
    fake_broker_say(&fixture->broker, &message);
}

static void hear_hello(struct recorder_fixture *fixture)
{
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
}

static void test_a_recorder_says_what_it_is_and_has(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_start(fixture);
    hear_hello(fixture);
    const oyez_v1_Hello *hello = &fixture->heard.body.hello;
    assert_int_equal(hello->role, oyez_v1_Role_ROLE_RECORDER);
    assert_int_equal(hello->highest_epoch, 0);
    assert_int_equal(hello->recorded_epoch, 0);
    assert_int_equal(hello->recorded_position, 0);
    assert_int_equal(hello->durable_floor, 1);
    assert_string_equal(hello->name, "recorder");
}

static void test_a_recorder_that_comes_back_has_the_same_id_and_a_mirror_has_not(void **state)
{
    struct recorder_fixture *fixture = *state;
    uint8_t id[OYEZ_UUID_SIZE];
    recorder_start(fixture);
    hear_hello(fixture);
    memcpy(id, fixture->heard.body.hello.client_id, sizeof id);
    recorder_stop(fixture);
    recorder_start(fixture);
    hear_hello(fixture);
    assert_memory_equal(id, fixture->heard.body.hello.client_id, sizeof id);
    recorder_stop(fixture);
    fixture->options.mirror = true;
    recorder_start(fixture);
    do {
        hear_hello(fixture);
    } while (fixture->heard.body.hello.role != oyez_v1_Role_ROLE_MIRROR);
    assert_memory_not_equal(id, fixture->heard.body.hello.client_id, sizeof id);
}

// Copies a directory of one segment to a new one.
static void copy_journal(const char *from, char to[64])
{
    static char bytes[1024 * 1024];
    char path[128];
    snprintf(to, 64, "/tmp/oyez-recorder-XXXXXX");
    assert_non_null(mkdtemp(to));
    snprintf(path, sizeof path, "%s/%020d.seg", from, 0);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    snprintf(path, sizeof path, "%s/%020d.seg", to, 0);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void test_a_copy_of_a_journal_has_an_id_of_its_own(void **state)
{
    struct recorder_fixture *fixture = *state;
    uint8_t id[OYEZ_UUID_SIZE];
    char first[64], copy[64];
    recorder_start(fixture);
    hear_hello(fixture);
    memcpy(id, fixture->heard.body.hello.client_id, sizeof id);
    recorder_stop(fixture);
    copy_journal(fixture->directory, copy);
    memcpy(first, fixture->directory, sizeof first);
    memcpy(fixture->directory, copy, sizeof copy);
    recorder_start(fixture);
    while (fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_hello_tag, 20))
        ; // of the first one
    hear_hello(fixture);
    assert_memory_not_equal(id, fixture->heard.body.hello.client_id, sizeof id);
    recorder_stop(fixture);
    recorder_remove_directory(copy);
    memcpy(fixture->directory, first, sizeof first);
}

static void test_hellos_are_repeated_until_one_is_answered(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_start(fixture);
    hear_hello(fixture);
    uint64_t first = fixture->heard.request_id;
    recorder_attach(fixture, 0);
    assert_int_equal(fixture->heard.request_id, first + 1);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    assert_false(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_hello_tag, 400));
}

static void test_a_refusal_is_told_and_hellos_go_on(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_start(fixture);
    hear_hello(fixture);
    say(fixture, oyez_v1_FromBroker_refusal_tag, "there is a recorder");
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_ERR_REFUSED);
    assert_string_equal(oyez_error_detail(), "there is a recorder");
    recorder_attach(fixture, 0);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
}

static void test_a_broker_of_the_past_is_not_listened_to(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_await_confirm(fixture, 1);
    say(fixture, oyez_v1_FromBroker_hello_needed_tag, NULL);
    fixture->broker.epoch = 900;
    recorder_welcome(fixture, 5);
    hear_hello(fixture);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, 1000);
    // It rolls over.
    fixture->broker.epoch = 1001;
    recorder_attach(fixture, 0);
    recorder_publish(fixture, &(struct recorder_batch){.position = 1, .emitter = 1, .seq = 2});
    recorder_await_confirm(fixture, 1);
}

static void test_another_broker_with_our_epoch_is_made_to_roll_over(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 3);
    recorder_await_confirm(fixture, 3);
    say(fixture, oyez_v1_FromBroker_hello_needed_tag, NULL);
    recorder_welcome(fixture, 2);
    hear_hello(fixture);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, 1001);
}

static void test_what_egress_brings_after_the_hello_makes_no_broker_a_stranger(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 3);
    recorder_await_confirm(fixture, 3);
    say(fixture, oyez_v1_FromBroker_hello_needed_tag, NULL);
    hear_hello(fixture);
    assert_int_equal(fixture->heard.body.hello.recorded_position, 3);
    recorder_publish_run(fixture, 4, 3);
    do // the hello after that tells that they have come
        hear_hello(fixture);
    while (fixture->heard.body.hello.recorded_position != 6);
    recorder_attach(fixture, 3);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, 1000);
    recorder_await_confirm(fixture, 6);
}

static void test_a_broker_that_forgot_the_session_gets_a_hello(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    // The next pong is of another instance.
    fixture->broker.instance++;
    hear_hello(fixture);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_false(counters.attached);
}

static void test_closing_says_goodbye_behind_the_last_confirm(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    recorder_publish_run(fixture, 1, 5);
    recorder_await_confirm(fixture, 5);
    recorder_publish_run(fixture, 6, 1);
    struct oyez_recorder_counters counters;
    do {
        oyez_recorder_get_counters(fixture->recorder, &counters);
    } while (counters.events < 6);
    recorder_stop(fixture);
    recorder_await_confirm(fixture, 6);
    assert_true(fake_broker_hears_within(&fixture->broker, oyez_v1_ToBroker_goodbye_tag, 20000));
}

// Intake without its thread: the test is the thread, and says what time it is.
struct desk {
    struct recorder_fixture *fixture;
    struct oyez_recorder recorder;
    struct recorder_intake intake;
    uint64_t now_ms;
    void *egress; // as it was opened
};

static void tick(struct desk *desk, uint64_t ms)
{
    stepped_ms += ms;
    desk->now_ms += ms;
    desk->intake.heard_ms = desk->now_ms; // control is answered all the while
    recorder_control_tick(&desk->intake, desk->now_ms);
}

static void attach_at_desk(struct desk *desk)
{
    struct fake_broker *broker = &desk->fixture->broker;
    struct recorder_intake *intake = &desk->intake;
    assert_int_equal(recorder_control_open(intake), OYEZ_OK);
    do // not before it is connected
        recorder_control_tick(intake, oyez_clock_monotonic_ms());
    while (!fake_broker_hears_within(broker, oyez_v1_ToBroker_hello_tag, 5));
    recorder_answer_hello(desk->fixture, intake->hello_last, 0);
    zmq_pollitem_t item = {.socket = intake->control, .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, 20000), 1);
    recorder_control_read(intake, oyez_clock_monotonic_ms());
    assert_true(intake->open);
    fake_broker_await_connection(broker);
    desk->egress = intake->egress;
    desk->now_ms = intake->ticked_ms = intake->egress_heard_ms;
}

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    struct oyez_recorder *recorder = &desk->recorder;
    recorder_fixture_open(state);
    struct recorder_fixture *fixture = *state;
    desk->fixture = fixture;
    *state = desk;
    snprintf(recorder->endpoint, sizeof recorder->endpoint, "%s", fixture->broker.control_endpoint);
    recorder->on_log = fixture->options.on_log;
    recorder->arg = fixture;
    recorder->zmq_context = fixture->broker.context;
    pthread_mutex_init(&recorder->lock, NULL);
    pthread_cond_init(&recorder->for_write, NULL);
    desk->intake.recorder = recorder;
    desk->intake.hello_first = 1;
    fake_broker_watch_egress(&fixture->broker);
    attach_at_desk(desk);
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    *state = desk->fixture;
    zmq_close(desk->intake.control);
    zmq_close(desk->intake.egress);
    pthread_mutex_destroy(&desk->recorder.lock);
    pthread_cond_destroy(&desk->recorder.for_write);
    free(desk);
    return recorder_fixture_close(state);
}

static void test_an_egress_without_a_word_is_opened_anew_and_brings_events(void **state)
{
    struct desk *desk = *state;
    struct recorder_fixture *fixture = desk->fixture;
    char nonce[2][64];
    recorder_stream_ask_beacon(&desk->intake, desk->now_ms);
    fake_broker_await_nonce(&fixture->broker, nonce[0]);
    for (unsigned i = 0; i < OYEZ_TRANSPORT_TIMEOUT_MS / 1000 - 1; i++)
        tick(desk, 1000);
    tick(desk, 999);
    assert_ptr_equal(desk->intake.egress, desk->egress);
    assert_string_equal(strstr(fixture->log, "epoch 1000"), "epoch 1000\n");
    tick(desk, 1);
    assert_non_null(strstr(fixture->log, "connecting again"));
    fake_broker_await_connection(&fixture->broker);
    // What was lost meanwhile is in the answer to a new beacon.
    recorder_stream_ask_beacon(&desk->intake, desk->now_ms);
    fake_broker_await_nonce(&fixture->broker, nonce[1]);
    assert_string_not_equal(nonce[0], nonce[1]);
    recorder_publish_run(fixture, 1, 1);
    zmq_pollitem_t item = {.socket = desk->intake.egress, .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, 20000), 1);
    // It has its 15 s, like the one before it.
    desk->egress = desk->intake.egress;
    tick(desk, 1000);
    assert_ptr_equal(desk->intake.egress, desk->egress);
}

static void test_a_recorder_that_was_stopped_does_not_take_it_for_silence(void **state)
{
    struct desk *desk = *state;
    struct recorder_fixture *fixture = desk->fixture;
    tick(desk, 4 * OYEZ_TRANSPORT_TIMEOUT_MS);
    tick(desk, 1000);
    assert_ptr_equal(desk->intake.egress, desk->egress);
    assert_null(strstr(fixture->log, "connecting again"));
}

static void test_without_a_session_egress_is_left_alone(void **state)
{
    struct desk *desk = *state;
    struct recorder_fixture *fixture = desk->fixture;
    desk->intake.open = false;
    for (unsigned i = 0; i < 2 * OYEZ_TRANSPORT_TIMEOUT_MS / 1000; i++)
        tick(desk, 1000);
    assert_ptr_equal(desk->intake.egress, desk->egress);
    assert_null(strstr(fixture->log, "connecting again"));
}

static unsigned count_silences(const struct recorder_fixture *fixture)
{
    unsigned count = 0;
    for (const char *at = fixture->log; (at = strstr(at, "does not answer; trying on")); at++)
        count++;
    return count;
}

static void pass_in_silence(struct desk *desk, unsigned seconds)
{
    for (unsigned i = 0; i < 2 * seconds; i++) {
        stepped_ms += 500;
        desk->now_ms += 500;
        recorder_control_tick(&desk->intake, desk->now_ms);
    }
}

static void test_a_broker_that_falls_silent_is_told_once(void **state)
{
    struct desk *desk = *state;
    desk->intake.heard_ms = desk->now_ms;
    pass_in_silence(desk, 2);
    assert_int_equal(count_silences(desk->fixture), 0);
    pass_in_silence(desk, 10);
    assert_false(desk->intake.open);
    assert_int_equal(count_silences(desk->fixture), 1);
}

static void test_a_broker_that_never_was_is_told_once(void **state)
{
    struct desk *desk = *state;
    desk->intake.open = false;
    desk->intake.heard_ms = desk->now_ms;
    pass_in_silence(desk, 12);
    assert_int_equal(count_silences(desk->fixture), 1);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_recorder_says_what_it_is_and_has),
        FIXED(test_a_recorder_that_comes_back_has_the_same_id_and_a_mirror_has_not),
        FIXED(test_a_copy_of_a_journal_has_an_id_of_its_own),
        FIXED(test_hellos_are_repeated_until_one_is_answered),
        FIXED(test_a_refusal_is_told_and_hellos_go_on),
        FIXED(test_a_broker_of_the_past_is_not_listened_to),
        FIXED(test_another_broker_with_our_epoch_is_made_to_roll_over),
        FIXED(test_what_egress_brings_after_the_hello_makes_no_broker_a_stranger),
        FIXED(test_a_broker_that_forgot_the_session_gets_a_hello),
        FIXED(test_closing_says_goodbye_behind_the_last_confirm),
        AT_DESK(test_an_egress_without_a_word_is_opened_anew_and_brings_events),
        AT_DESK(test_a_recorder_that_was_stopped_does_not_take_it_for_silence),
        AT_DESK(test_without_a_session_egress_is_left_alone),
        AT_DESK(test_a_broker_that_falls_silent_is_told_once),
        AT_DESK(test_a_broker_that_never_was_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

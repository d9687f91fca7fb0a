// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/control.h"

static uint8_t frame[OYEZ_CONTROL_SIZE_MAX + 1];
static size_t frame_size;

static oyez_v1_ToBroker make_hello(void)
{
    oyez_v1_ToBroker message = {.request_id = 7, .which_body = oyez_v1_ToBroker_hello_tag};
    oyez_v1_Hello *hello = &message.body.hello;
    for (size_t i = 0; i < sizeof hello->client_id; i++)
        hello->client_id[i] = (uint8_t)(i + 1);
    hello->role = oyez_v1_Role_ROLE_RECORDER;
    hello->highest_epoch = UINT64_MAX;
    hello->durable_floor = 11;
    hello->fast_floor = 12;
    strcpy(hello->name, "planner");
    hello->process_id = 4711;
    return message;
}

static void encode_to_broker(const oyez_v1_ToBroker *message)
{
    assert_int_equal(oyez_to_broker_encode(message, frame, sizeof frame, &frame_size), OYEZ_OK);
}

static void encode_from_broker(const oyez_v1_FromBroker *message)
{
    assert_int_equal(oyez_from_broker_encode(message, frame, sizeof frame, &frame_size), OYEZ_OK);
}

static void test_a_hello_arrives_as_it_was_sent(void **state)
{
    (void)state;
    oyez_v1_ToBroker message = make_hello();
    encode_to_broker(&message);
    oyez_v1_ToBroker out;
    assert_int_equal(oyez_to_broker_decode(&out, frame, frame_size), OYEZ_OK);
    assert_int_equal(out.protocol_version, OYEZ_PROTOCOL_VERSION);
    assert_int_equal(out.request_id, 7);
    assert_int_equal(out.which_body, oyez_v1_ToBroker_hello_tag);
    const oyez_v1_Hello *hello = &out.body.hello;
    assert_memory_equal(hello->client_id, message.body.hello.client_id, 16);
    assert_int_equal(hello->role, oyez_v1_Role_ROLE_RECORDER);
    assert_true(hello->highest_epoch == UINT64_MAX);
    assert_int_equal(hello->durable_floor, 11);
    assert_int_equal(hello->fast_floor, 12);
    assert_string_equal(hello->name, "planner");
    assert_int_equal(hello->process_id, 4711);
}

static void test_a_ping_has_these_bytes(void **state)
{
    (void)state;
    const oyez_v1_ToBroker ping = {.which_body = oyez_v1_ToBroker_ping_tag,
                                   .body.ping.epoch = 0x0102030405060708};
    static const uint8_t expected[] = {0x08, 0x01, 0x22, 0x09, 0x09, 0x08, 0x07,
                                       0x06, 0x05, 0x04, 0x03, 0x02, 0x01};
    encode_to_broker(&ping);
    assert_int_equal(frame_size, sizeof expected);
    assert_memory_equal(frame, expected, sizeof expected);
}

static void test_every_message_without_fields_still_has_its_body(void **state)
{
    (void)state;
    static const pb_size_t bodies[] = {oyez_v1_ToBroker_goodbye_tag,
                                       oyez_v1_ToBroker_status_request_tag};
    for (size_t i = 0; i < 2; i++) {
        const oyez_v1_ToBroker message = {.which_body = bodies[i]};
        oyez_v1_ToBroker out;
        encode_to_broker(&message);
        assert_int_equal(oyez_to_broker_decode(&out, frame, frame_size), OYEZ_OK);
        assert_int_equal(out.which_body, bodies[i]);
    }
}

static void test_a_frame_cut_anywhere_is_malformed(void **state)
{
    (void)state;
    oyez_v1_ToBroker message = make_hello();
    encode_to_broker(&message);
    for (size_t size = 0; size < frame_size; size++) {
        oyez_v1_ToBroker out;
        uint8_t *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut, frame, size);
        assert_int_equal(oyez_to_broker_decode(&out, cut, size), OYEZ_ERR_MALFORMED);
        free(cut);
    }
}

static void test_another_version_is_named_whatever_stands_behind_it(void **state)
{
    (void)state;
    static const uint8_t future[] = {0x08, 0x29, 0xff, 0xff, 0xff, 0x07, 0x1a};
    oyez_v1_ToBroker to;
    assert_int_equal(oyez_to_broker_decode(&to, future, sizeof future), OYEZ_ERR_VERSION);
    assert_int_equal(to.protocol_version, 0x29);
    assert_int_equal(to.which_body, 0);
    oyez_v1_FromBroker from;
    assert_int_equal(oyez_from_broker_decode(&from, future, sizeof future), OYEZ_ERR_VERSION);
    assert_int_equal(from.protocol_version, 0x29);
    assert_non_null(strstr(oyez_error_detail(), "41"));
}

static void test_a_given_version_is_kept(void **state)
{
    (void)state;
    oyez_v1_FromBroker message = {.protocol_version = 9,
                                  .which_body = oyez_v1_FromBroker_refusal_tag};
    encode_from_broker(&message);
    assert_int_equal(frame[0], 0x08);
    assert_int_equal(frame[1], 9);
}

static void test_a_frame_without_a_version_in_front_is_malformed(void **state)
{
    (void)state;
    static const uint8_t late[] = {0x10, 0x07, 0x08, 0x01, 0x2a, 0x00};
    static const uint8_t odd[] = {0x0a, 0x01, 0x01, 0x2a, 0x00};
    oyez_v1_ToBroker out;
    assert_int_equal(oyez_to_broker_decode(&out, late, sizeof late), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_to_broker_decode(&out, odd, sizeof odd), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_to_broker_decode(&out, late, 0), OYEZ_ERR_MALFORMED);
}

static void test_a_second_version_is_malformed(void **state)
{
    (void)state;
    static const uint8_t twice[] = {0x08, 0x01, 0x2a, 0x00, 0x08, 0x02};
    oyez_v1_ToBroker out;
    assert_int_equal(oyez_to_broker_decode(&out, twice, sizeof twice), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_to_broker_decode(&out, twice, 4), OYEZ_OK);
}

static void test_a_message_without_a_known_body_is_malformed(void **state)
{
    (void)state;
    static const uint8_t none[] = {0x08, 0x01, 0x10, 0x05};
    static const uint8_t unknown[] = {0x08, 0x01, 0xfa, 0x01, 0x00};
    oyez_v1_ToBroker to;
    assert_int_equal(oyez_to_broker_decode(&to, none, sizeof none), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_to_broker_decode(&to, unknown, sizeof unknown), OYEZ_ERR_MALFORMED);
    oyez_v1_FromBroker from;
    assert_int_equal(oyez_from_broker_decode(&from, none, sizeof none), OYEZ_ERR_MALFORMED);
}

static void test_a_client_id_has_sixteen_bytes(void **state)
{
    (void)state;
    for (uint8_t size = 1; size <= 17; size++) {
        uint8_t hello[32] = {0x08, 0x01, 0x1a, (uint8_t)(size + 2), 0x0a, size};
        oyez_v1_ToBroker out;
        oyez_err err = oyez_to_broker_decode(&out, hello, 6u + size);
        assert_int_equal(err, size == 16 ? OYEZ_OK : OYEZ_ERR_MALFORMED);
    }
}

static void test_a_text_above_its_room_is_malformed(void **state)
{
    (void)state;
    for (uint8_t size = 64; size <= 65; size++) {
        uint8_t hello[80] = {0x08, 0x01, 0x1a, (uint8_t)(size + 2), 0x32, size};
        memset(hello + 6, 'n', size);
        oyez_v1_ToBroker out;
        oyez_err err = oyez_to_broker_decode(&out, hello, 6u + size);
        assert_int_equal(err, size == 64 ? OYEZ_OK : OYEZ_ERR_MALFORMED);
        if (!err)
            assert_int_equal(strlen(out.body.hello.name), 64);
    }
}

static void test_a_message_that_does_not_fit_is_too_large(void **state)
{
    (void)state;
    oyez_v1_ToBroker message = make_hello();
    encode_to_broker(&message);
    size_t size;
    for (size_t capacity = 0; capacity < frame_size; capacity++) {
        uint8_t *small = malloc(capacity + 1);
        assert_non_null(small);
        assert_int_equal(oyez_to_broker_encode(&message, small, capacity, &size),
                         OYEZ_ERR_TOO_LARGE);
        free(small);
    }
    assert_int_equal(oyez_to_broker_encode(&message, frame, frame_size, &size), OYEZ_OK);
}

static void test_a_frame_above_the_limit_is_malformed(void **state)
{
    (void)state;
    for (size_t size = OYEZ_CONTROL_SIZE_MAX; size <= OYEZ_CONTROL_SIZE_MAX + 1; size++) {
        // A known body, and an unknown field of bytes that fills the frame.
        static const uint8_t begin[] = {0x08, 0x01, 0x2a, 0x00, 0x7a};
        size_t rest = size - sizeof begin - 3;
        memcpy(frame, begin, sizeof begin);
        frame[5] = (uint8_t)(rest | 0x80);
        frame[6] = (uint8_t)(rest >> 7 | 0x80);
        frame[7] = (uint8_t)(rest >> 14);
        oyez_v1_ToBroker out;
        assert_int_equal(oyez_to_broker_decode(&out, frame, size),
                         size > OYEZ_CONTROL_SIZE_MAX ? OYEZ_ERR_MALFORMED : OYEZ_OK);
    }
}

static void test_an_accept_mark_carries_up_to_64_stamps(void **state)
{
    (void)state;
    static oyez_v1_FromBroker message;
    message = (oyez_v1_FromBroker){.which_body = oyez_v1_FromBroker_accept_mark_tag};
    oyez_v1_AcceptMark *mark = &message.body.accept_mark;
    mark->durable_through = 99;
    mark->refused = 3;
    mark->stamps_count = 64;
    for (size_t i = 0; i < 64; i++)
        mark->stamps[i] = (oyez_v1_Stamp){.emitter_seq = i + 1, .count = 2, .position = 1000 + i};
    encode_from_broker(&message);
    static oyez_v1_FromBroker out;
    assert_int_equal(oyez_from_broker_decode(&out, frame, frame_size), OYEZ_OK);
    assert_int_equal(out.body.accept_mark.durable_through, 99);
    assert_int_equal(out.body.accept_mark.refused, 3);
    assert_int_equal(out.body.accept_mark.stamps_count, 64);
    for (size_t i = 0; i < 64; i++) {
        const oyez_v1_Stamp *stamp = &out.body.accept_mark.stamps[i];
        assert_int_equal(stamp->emitter_seq, i + 1);
        assert_int_equal(stamp->count, 2);
        assert_int_equal(stamp->position, 1000 + i);
    }
}

static void test_more_stamps_than_there_is_room_for_are_malformed(void **state)
{
    (void)state;
    uint8_t many[4 + 3 + 65 * 2] = {0x08, 0x01, 0x32, 0x82, 0x01};
    for (size_t i = 0; i < 65; i++)
        many[5 + 2 * i] = 0x3a;
    static oyez_v1_FromBroker out;
    assert_int_equal(oyez_from_broker_decode(&out, many, 5 + 130), OYEZ_ERR_MALFORMED);
    many[3] = 0x80;
    assert_int_equal(oyez_from_broker_decode(&out, many, 5 + 128), OYEZ_OK);
    assert_int_equal(out.body.accept_mark.stamps_count, 64);
}

static void test_the_fullest_status_arrives(void **state)
{
    (void)state;
    static oyez_v1_FromBroker message;
    message = (oyez_v1_FromBroker){.request_id = 5, .which_body = oyez_v1_FromBroker_status_tag};
    oyez_v1_Status *status = &message.body.status;
    status->components_count = 16;
    status->counters_count = 96;
    for (size_t i = 0; i < 16; i++) {
        memset(status->components[i].name, 'c', 32);
        memset(status->components[i].message, 'm', 200);
        status->components[i].status = oyez_v1_Health_HEALTH_DEGRADED;
    }
    for (size_t i = 0; i < 96; i++) {
        memset(status->counters[i].name, 'n', 48);
        status->counters[i].value = UINT64_MAX - i;
    }
    encode_from_broker(&message);
    static oyez_v1_FromBroker out;
    assert_int_equal(oyez_from_broker_decode(&out, frame, frame_size), OYEZ_OK);
    assert_int_equal(out.body.status.components_count, 16);
    assert_int_equal(strlen(out.body.status.components[15].message), 200);
    assert_int_equal(out.body.status.counters_count, 96);
    assert_true(out.body.status.counters[95].value == UINT64_MAX - 95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hello_arrives_as_it_was_sent),
        cmocka_unit_test(test_a_ping_has_these_bytes),
        cmocka_unit_test(test_every_message_without_fields_still_has_its_body),
        cmocka_unit_test(test_a_frame_cut_anywhere_is_malformed),
        cmocka_unit_test(test_another_version_is_named_whatever_stands_behind_it),
        cmocka_unit_test(test_a_given_version_is_kept),
        cmocka_unit_test(test_a_frame_without_a_version_in_front_is_malformed),
        cmocka_unit_test(test_a_second_version_is_malformed),
        cmocka_unit_test(test_a_message_without_a_known_body_is_malformed),
        cmocka_unit_test(test_a_client_id_has_sixteen_bytes),
        cmocka_unit_test(test_a_text_above_its_room_is_malformed),
        cmocka_unit_test(test_a_message_that_does_not_fit_is_too_large),
        cmocka_unit_test(test_a_frame_above_the_limit_is_malformed),
        cmocka_unit_test(test_an_accept_mark_carries_up_to_64_stamps),
        cmocka_unit_test(test_more_stamps_than_there_is_room_for_are_malformed),
        cmocka_unit_test(test_the_fullest_status_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/lib/consumer_wake.h"
#include "wire/batch.h"
#include "wire/control.h"
#include "wire/envelope.h"
#include "wire/topic.h"

// The broker's word of an epoch that the record has come so far.
static size_t make_word(uint8_t *out, uint64_t epoch, uint64_t recorded)
{
    static const uint8_t instance[OYEZ_UUID_SIZE] = {1};
    uint8_t details[256];
    size_t details_size, header_size;
    const struct oyez_heads_message message = {.position = recorded + 5,
                                               .recorded_position = recorded};
    assert_int_equal(
        oyez_heartbeat_encode(&message, NULL, 0, details, sizeof details, &details_size), OYEZ_OK);
    struct oyez_event event = {.event_type = OYEZ_TOPIC_RECORDED,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = details,
                               .details_size = details_size};
    size_t event_size = oyez_event_measure(&event, &header_size);
    size_t size = oyez_batch_begin(out, OYEZ_TOPIC_RECORDED, sizeof OYEZ_TOPIC_RECORDED - 1,
                                   instance, 0, OYEZ_FLAG_FAST);
    oyez_batch_stamp(out, sizeof OYEZ_TOPIC_RECORDED, epoch, 0, 0, 1);
    size += oyez_batch_begin_event(out + size, event_size);
    return size + oyez_event_encode(&event, header_size, out + size);
}

static void take(struct consumer_wake *wake, uint64_t epoch, uint64_t recorded)
{
    uint8_t frame[512];
    consumer_wake_take(wake, frame, make_word(frame, epoch, recorded));
}

static void test_the_record_is_beyond_a_cursor_once_it_was_heard_to_be(void **state)
{
    (void)state;
    struct consumer_wake wake = {0};
    assert_false(consumer_wake_is_beyond(&wake, 0, 0));
    take(&wake, 1000, 7);
    assert_true(consumer_wake_is_beyond(&wake, 0, 0));
    assert_true(consumer_wake_is_beyond(&wake, 1000, 6));
    assert_true(consumer_wake_is_beyond(&wake, 999, UINT64_MAX));
    assert_false(consumer_wake_is_beyond(&wake, 1000, 7));
    assert_false(consumer_wake_is_beyond(&wake, 1001, 1));
}

static void test_a_word_of_the_past_takes_nothing_back(void **state)
{
    (void)state;
    struct consumer_wake wake = {0};
    take(&wake, 1000, 7);
    take(&wake, 1000, 6);
    take(&wake, 999, 20);
    take(&wake, 2000, 0); // nothing of that epoch is recorded
    assert_false(consumer_wake_is_beyond(&wake, 1000, 7));
    assert_true(consumer_wake_is_beyond(&wake, 1000, 6));
    take(&wake, 2000, 1);
    assert_true(consumer_wake_is_beyond(&wake, 1000, 7));
}

static void test_rubbish_says_nothing(void **state)
{
    (void)state;
    struct consumer_wake wake = {0};
    uint8_t frame[512];
    size_t size = make_word(frame, 1000, 7);
    for (size_t cut = 0; cut < size; cut++)
        consumer_wake_take(&wake, frame, cut);
    memset(frame + size - 20, 0xff, 20);
    consumer_wake_take(&wake, frame, size);
    assert_false(consumer_wake_is_beyond(&wake, 0, 0));
}

static void test_a_sleep_ends_when_it_is_told_to(void **state)
{
    (void)state;
    struct consumer_wake wake;
    assert_int_equal(consumer_wake_open(&wake, NULL), OYEZ_OK);
    assert_int_equal(consumer_wake_reach(&wake, ""), OYEZ_OK); // not known yet
    consumer_wake_hear(&wake);
    consumer_wake_up(&wake);
    consumer_wake_sleep(&wake, 60000, true);
    consumer_wake_up(&wake);
    consumer_wake_sleep(&wake, 60000, false);
    consumer_wake_sleep(&wake, 1, true);
    consumer_wake_close(&wake);
    consumer_wake_close(&wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_record_is_beyond_a_cursor_once_it_was_heard_to_be),
        cmocka_unit_test(test_a_word_of_the_past_takes_nothing_back),
        cmocka_unit_test(test_rubbish_says_nothing),
        cmocka_unit_test(test_a_sleep_ends_when_it_is_told_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "held.h"
#include "oyez/limits.h"

static void put_number(struct held *held, unsigned number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    assert_true(held_put(held, text, strlen(text) + 1));
}

static void expect_number(struct held *held, unsigned number)
{
    const uint8_t *frame;
    size_t size;
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    assert_true(held_first(held, &frame, &size));
    assert_string_equal((const char *)frame, text);
    assert_int_equal(size, strlen(text) + 1);
    held_drop_first(held);
}

static void test_frames_leave_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct held held = {0};
    const uint8_t *frame;
    size_t size;
    unsigned in = 0;
    unsigned out = 0;
    assert_false(held_first(&held, &frame, &size));
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 37; i++)
            put_number(&held, in++);
        for (int i = 0; i < 31; i++)
            expect_number(&held, out++);
    }
    while (out < in)
        expect_number(&held, out++);
    assert_false(held_first(&held, &frame, &size));
    held_free(&held);
}

static void test_the_oldest_stay_when_there_is_no_room(void **state)
{
    (void)state;
    struct held held = {0};
    const uint8_t *frame;
    size_t size;
    static uint8_t bytes[100000];
    size_t count = 0;
    for (; held_put(&held, bytes, sizeof bytes); count++)
        bytes[0]++;
    assert_in_range(count * sizeof bytes, OYEZ_HELD_BYTES_MAX * 9 / 10, OYEZ_HELD_BYTES_MAX);
    assert_true(held_first(&held, &frame, &size));
    assert_int_equal(frame[0], 0);
    held_drop_first(&held);
    assert_true(held_put(&held, bytes, sizeof bytes));
    assert_true(held.capacity <= 2 * OYEZ_HELD_BYTES_MAX);
    held_free(&held);
}

static void test_the_largest_frame_is_held_alone(void **state)
{
    (void)state;
    struct held held = {0};
    static uint8_t bytes[OYEZ_FRAME_SIZE_MAX];
    assert_true(held_put(&held, bytes, sizeof bytes));
    held_free(&held);
    assert_true(held_put(&held, "again", 6));
    held_free(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_leave_in_the_order_in_which_they_came),
        cmocka_unit_test(test_the_oldest_stay_when_there_is_no_room),
        cmocka_unit_test(test_the_largest_frame_is_held_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

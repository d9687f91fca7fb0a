// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "inbox.h"
#include "oyez/limits.h"

static bool put(struct inbox *inbox, const void *frame, size_t size)
{
    return inbox_put(inbox, &(struct inbox_entry){.kind = INBOX_FRAME, .size = size}, frame);
}

static bool next(struct inbox *inbox, const uint8_t **frame, size_t *size)
{
    struct inbox_entry entry;
    if (!inbox_next(inbox, &entry, frame))
        return false;
    assert_int_equal(entry.kind, INBOX_FRAME);
    *size = entry.size;
    return true;
}

static void test_frames_come_out_whole_and_in_order(void **state)
{
    (void)state;
    struct inbox inbox = {0};
    const uint8_t *frame;
    size_t size;
    assert_false(next(&inbox, &frame, &size));
    for (int lot = 0; lot < 3; lot++) {
        assert_true(put(&inbox, "one", 3));
        assert_true(put(&inbox, "", 0));
        assert_true(put(&inbox, "three", 5));
        assert_true(inbox_has_waiting(&inbox));
        inbox_take(&inbox);
        assert_false(inbox_has_waiting(&inbox));
        assert_true(next(&inbox, &frame, &size));
        assert_int_equal(size, 3);
        assert_memory_equal(frame, "one", 3);
        assert_true(next(&inbox, &frame, &size));
        assert_int_equal(size, 0);
        assert_true(next(&inbox, &frame, &size));
        assert_memory_equal(frame, "three", 5);
        assert_false(next(&inbox, &frame, &size));
    }
    inbox_free(&inbox);
}

static void test_what_is_put_while_reading_waits_for_the_next_take(void **state)
{
    (void)state;
    struct inbox inbox = {0};
    const uint8_t *frame;
    size_t size;
    put(&inbox, "a", 1);
    inbox_take(&inbox);
    put(&inbox, "b", 1);
    assert_true(inbox_has_taken(&inbox));
    assert_true(next(&inbox, &frame, &size));
    assert_memory_equal(frame, "a", 1);
    assert_false(next(&inbox, &frame, &size));
    inbox_take(&inbox);
    assert_true(next(&inbox, &frame, &size));
    assert_memory_equal(frame, "b", 1);
    inbox_free(&inbox);
}

static void test_a_full_inbox_refuses_and_both_halves_stay_within_the_bound(void **state)
{
    (void)state;
    struct inbox inbox = {0};
    static uint8_t frame[100000];
    size_t count = 0;
    for (int half = 0; half < 2; half++) {
        while (put(&inbox, frame, sizeof frame))
            count++;
        assert_false(put(&inbox, frame, sizeof frame));
        if (half == 0)
            inbox_take(&inbox);
    }
    assert_true(count * sizeof frame <= OYEZ_SUBSCRIPTION_BYTES_MAX);
    assert_true(count * sizeof frame > OYEZ_SUBSCRIPTION_BYTES_MAX * 9 / 10);
    inbox_free(&inbox);
}

static void test_an_empty_inbox_takes_the_largest_frame(void **state)
{
    (void)state;
    struct inbox inbox = {0};
    static uint8_t frame[OYEZ_FRAME_SIZE_MAX];
    assert_true(put(&inbox, frame, sizeof frame));
    inbox_free(&inbox);
}

static void test_what_is_told_finds_room_in_a_full_inbox(void **state)
{
    (void)state;
    struct inbox inbox = {0};
    struct inbox_entry entry = {.kind = INBOX_CURSOR, .size = 4};
    const uint8_t *bytes;
    static uint8_t frame[100000];
    while (put(&inbox, frame, sizeof frame))
        assert_true(inbox_has_waiting(&inbox));
    assert_false(inbox_has_room(&inbox, sizeof frame));
    assert_true(inbox_put(&inbox, &entry, "told"));
    inbox_take(&inbox);
    assert_true(inbox_has_room(&inbox, sizeof frame));
    while (inbox_next(&inbox, &entry, &bytes) && entry.kind == INBOX_FRAME)
        assert_int_equal(entry.size, sizeof frame);
    assert_int_equal(entry.kind, INBOX_CURSOR);
    assert_memory_equal(bytes, "told", 4);
    inbox_free(&inbox);
}

static void test_what_is_told_behind_a_full_half_is_bounded_by_who_asks(void **state)
{
    (void)state;
    static const uint8_t gap[4096];
    const struct inbox_entry told = {.kind = INBOX_GAP, .size = sizeof gap};
    struct inbox inbox = {0};
    size_t count = 0;
    while (!inbox_is_flooded(&inbox)) {
        assert_true(inbox_put(&inbox, &told, gap)); // it is small, and not to be lost
        assert_true(++count * sizeof gap < OYEZ_SUBSCRIPTION_BYTES_MAX);
    }
    assert_true(count * sizeof gap > OYEZ_SUBSCRIPTION_BYTES_MAX / 2);
    inbox_take(&inbox);
    assert_false(inbox_is_flooded(&inbox));
    inbox_free(&inbox);
}

static void test_who_watches_is_told_once_until_it_has_looked(void **state)
{
    (void)state;
    struct inbox_watch watch = {.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct inbox inbox = {.watch = &watch};
    uint64_t count;
    assert_true(watch.fd >= 0);
    for (int round = 0; round < 2; round++) {
        assert_true(put(&inbox, "one", 3));
        assert_true(put(&inbox, "two", 3));
        assert_int_equal(read(watch.fd, &count, sizeof count), sizeof count);
        assert_int_equal(count, 1);
        assert_true(put(&inbox, "three", 5));
        assert_int_equal(read(watch.fd, &count, sizeof count), -1);
        atomic_store(&watch.told, false);
    }
    close(watch.fd);
    inbox_free(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_watches_is_told_once_until_it_has_looked),
        cmocka_unit_test(test_frames_come_out_whole_and_in_order),
        cmocka_unit_test(test_what_is_put_while_reading_waits_for_the_next_take),
        cmocka_unit_test(test_a_full_inbox_refuses_and_both_halves_stay_within_the_bound),
        cmocka_unit_test(test_an_empty_inbox_takes_the_largest_frame),
        cmocka_unit_test(test_what_is_told_finds_room_in_a_full_inbox),
        cmocka_unit_test(test_what_is_told_behind_a_full_half_is_bounded_by_who_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

enum { PAGE = 65536, CAPACITY = 8 * PAGE };

// A frame whose bytes tell its position.
static void append(struct oyez_ring *ring, size_t size, uint64_t position, uint32_t count)
{
    uint8_t *frame = malloc(size + 1);
    memset(frame, (int)(position % 251), size);
    oyez_ring_append(ring, frame, size, position, count);
    free(frame);
}

static void check_frame(const struct oyez_ring_frame *frame)
{
    static uint8_t expected[CAPACITY];
    memset(expected, (int)(frame->position % 251), frame->size);
    assert_memory_equal(frame->data, expected, frame->size);
}

// Reads from a position to the head; returns the number of frames.
static unsigned read_from(const struct oyez_ring *ring, uint64_t position)
{
    struct oyez_ring_cursor cursor;
    struct oyez_ring_frame frame;
    unsigned frames = 0;
    assert_true(oyez_ring_find(ring, position, &cursor));
    for (uint64_t next = position; oyez_ring_next(ring, &cursor, &frame); frames++) {
        assert_true(frame.position <= next && next < frame.position + frame.count);
        next = frame.position + frame.count;
        check_frame(&frame);
    }
    return frames;
}

static void test_an_empty_ring_holds_no_position(void **state)
{
    (void)state;
    struct oyez_ring ring;
    struct oyez_ring_cursor cursor = {0};
    struct oyez_ring_frame frame;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    assert_int_equal(oyez_ring_first_position(&ring), 0);
    assert_false(oyez_ring_find(&ring, 1, &cursor));
    assert_false(oyez_ring_next(&ring, &cursor, &frame));
    oyez_ring_close(&ring);
}

static void test_frames_come_back_as_they_went_in(void **state)
{
    (void)state;
    struct oyez_ring ring;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    append(&ring, 100, 1, 1);
    append(&ring, 0, 2, 3);
    append(&ring, CAPACITY / 4, 5, 1);
    assert_int_equal(oyez_ring_first_position(&ring), 1);
    assert_int_equal(read_from(&ring, 1), 3);
    assert_int_equal(read_from(&ring, 5), 1);
    oyez_ring_close(&ring);
}

static void test_a_position_inside_a_batch_is_found_with_its_batch(void **state)
{
    (void)state;
    struct oyez_ring ring;
    struct oyez_ring_cursor cursor;
    struct oyez_ring_frame frame;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    append(&ring, 10, 1, 4);
    append(&ring, 10, 5, 4);
    for (uint64_t position = 5; position < 9; position++) {
        assert_true(oyez_ring_find(&ring, position, &cursor));
        assert_true(oyez_ring_next(&ring, &cursor, &frame));
        assert_int_equal(frame.position, 5);
    }
    assert_false(oyez_ring_find(&ring, 9, &cursor));
    assert_false(oyez_ring_find(&ring, 0, &cursor));
    oyez_ring_close(&ring);
}

// Sizes from nothing to a quarter of the ring: every way to meet the end of the buffer and the
// edges of its pages.
static void test_it_keeps_the_latest_frames_and_finds_each_of_them(void **state)
{
    (void)state;
    struct oyez_ring ring;
    struct oyez_ring_cursor cursor;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    unsigned seed = 7;
    uint64_t position = 1;
    for (unsigned i = 0; i < 2000; i++) {
        unsigned kind = (unsigned)rand_r(&seed) % 8;
        size_t size = (unsigned)rand_r(&seed) % (kind == 0 ? CAPACITY / 4 + 1 : 3000);
        uint32_t count = 1 + (unsigned)rand_r(&seed) % 5;
        append(&ring, size, position, count);
        position += count;
        uint64_t first = oyez_ring_first_position(&ring);
        uint64_t kept = position - first;
        assert_true(ring.head - ring.tail <= ring.capacity);
        assert_false(oyez_ring_find(&ring, first - 1, &cursor));
        assert_false(oyez_ring_find(&ring, position, &cursor));
        assert_true(read_from(&ring, first) > 0);
        assert_true(read_from(&ring, first + (unsigned)rand_r(&seed) % kept) > 0);
        assert_true(read_from(&ring, position - 1) == 1);
    }
    assert_true(oyez_ring_first_position(&ring) > 1);
    oyez_ring_close(&ring);
}

static void test_a_cursor_overtaken_by_the_ring_says_so(void **state)
{
    (void)state;
    struct oyez_ring ring;
    struct oyez_ring_cursor cursor;
    struct oyez_ring_frame frame;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    append(&ring, 1000, 1, 1);
    append(&ring, 1000, 2, 1);
    assert_true(oyez_ring_find(&ring, 1, &cursor));
    assert_true(oyez_ring_next(&ring, &cursor, &frame));
    for (uint64_t position = 3; oyez_ring_first_position(&ring) < 3; position++)
        append(&ring, PAGE, position, 1);
    assert_false(oyez_ring_next(&ring, &cursor, &frame));
    oyez_ring_close(&ring);
}

static void test_a_cursor_at_the_head_goes_on_with_what_comes(void **state)
{
    (void)state;
    struct oyez_ring ring;
    struct oyez_ring_cursor cursor;
    struct oyez_ring_frame frame;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    append(&ring, 10, 1, 1);
    assert_true(oyez_ring_find(&ring, 1, &cursor));
    for (uint64_t position = 2; position < 2000; position++) {
        assert_true(oyez_ring_next(&ring, &cursor, &frame));
        assert_int_equal(frame.position, position - 1);
        assert_false(oyez_ring_next(&ring, &cursor, &frame));
        append(&ring, 5000, position, 1);
    }
    oyez_ring_close(&ring);
}

static void test_a_cleared_ring_begins_a_new_numbering(void **state)
{
    (void)state;
    struct oyez_ring ring;
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    for (uint64_t position = 1; position < 100; position++)
        append(&ring, 20000, position, 1);
    oyez_ring_clear(&ring);
    assert_int_equal(oyez_ring_first_position(&ring), 0);
    append(&ring, 10, 1, 2);
    append(&ring, 70000, 3, 2);
    assert_int_equal(oyez_ring_first_position(&ring), 1);
    assert_int_equal(read_from(&ring, 4), 1);
    assert_int_equal(read_from(&ring, 1), 2);
    oyez_ring_close(&ring);
}

static void
test_room_is_what_can_be_had_without_pushing_out_what_stands_behind_a_cursor(void **state)
{
    (void)state;
    struct oyez_ring ring;
    struct oyez_ring_cursor cursor = {0};
    assert_int_equal(oyez_ring_open(&ring, CAPACITY), OYEZ_OK);
    unsigned seed = 3;
    uint64_t position = 1, passed = 0;
    for (unsigned i = 0; i < 3000; i++) {
        size_t size = (unsigned)rand_r(&seed) % (CAPACITY / 4 + 1);
        uint32_t count = 1 + (unsigned)rand_r(&seed) % 3;
        bool has_room = oyez_ring_has_room(&ring, &cursor, size);
        append(&ring, size, position, count);
        position += count;
        bool is_kept = oyez_ring_first_position(&ring) <= passed + 1;
        assert_int_equal(is_kept, has_room || passed + 1 == position - count);
        if (!is_kept || (unsigned)rand_r(&seed) % 2 == 0)
            passed = position - 1 - (unsigned)rand_r(&seed) % 2;
        oyez_ring_pass(&ring, &cursor, passed);
        assert_true(cursor.offset >= ring.tail && cursor.offset <= ring.head);
        // Whole batches only: what ends behind `passed` stays in front of the cursor.
        struct oyez_ring_cursor next = cursor;
        struct oyez_ring_frame frame;
        if (oyez_ring_next(&ring, &next, &frame)) {
            assert_true(frame.position + frame.count - 1 > passed);
            passed = frame.position - 1;
        }
    }
    oyez_ring_close(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_ring_holds_no_position),
        cmocka_unit_test(test_frames_come_back_as_they_went_in),
        cmocka_unit_test(test_a_position_inside_a_batch_is_found_with_its_batch),
        cmocka_unit_test(test_it_keeps_the_latest_frames_and_finds_each_of_them),
        cmocka_unit_test(test_a_cursor_overtaken_by_the_ring_says_so),
        cmocka_unit_test(test_a_cursor_at_the_head_goes_on_with_what_comes),
        cmocka_unit_test(test_a_cleared_ring_begins_a_new_numbering),
        cmocka_unit_test(
            test_room_is_what_can_be_had_without_pushing_out_what_stands_behind_a_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

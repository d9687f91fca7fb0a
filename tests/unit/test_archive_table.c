// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/journal/archive_table.h"
#include "oyez/little_endian.h"

#define FRAMES 3u
#define FRAMES_BYTES 60u // packed

static uint8_t bytes[256];
static size_t size;

static int set_up(void **state)
{
    struct oyez_archive_table table = {0};

    (void)state;
    for (uint32_t i = 1; i <= FRAMES; i++)
        if (oyez_archive_table_add(&table, i * 10, i * 100, 0xAABBCC00u + i) != OYEZ_OK)
            return -1;
    size = oyez_archive_table_measure(table.count);
    oyez_archive_table_encode(&table, bytes);
    oyez_archive_table_clear(&table);
    return 0;
}

static bool decode(struct oyez_archive_table *table, uint64_t file_size)
{
    bool good = oyez_archive_table_decode(table, bytes, size, file_size);

    return good;
}

static bool is_good(void)
{
    struct oyez_archive_table table;
    bool good = decode(&table, FRAMES_BYTES + size);

    oyez_archive_table_clear(&table);
    return good;
}

static void test_a_table_comes_back(void **state)
{
    (void)state;
    struct oyez_archive_table table;
    size_t told;

    assert_true(decode(&table, FRAMES_BYTES + size));
    assert_int_equal(table.count, FRAMES);
    assert_int_equal(table.size, 600);
    assert_int_equal(table.packed, FRAMES_BYTES);
    assert_int_equal(table.largest, 300);
    assert_int_equal(table.largest_packed, 30);
    assert_int_equal(table.frames[2].at, 30);
    assert_int_equal(table.frames[2].offset, 300);
    assert_int_equal(table.frames[2].sum, 0xAABBCC03u);
    oyez_archive_table_clear(&table);
    assert_true(oyez_archive_table_read_footer(bytes + size - OYEZ_ARCHIVE_FOOTER_SIZE,
                                               FRAMES_BYTES + size, &told));
    assert_int_equal(told, size);
}

static void test_each_byte_is_in_one_frame(void **state)
{
    (void)state;
    struct oyez_archive_table table;

    assert_true(decode(&table, FRAMES_BYTES + size));
    for (uint64_t offset = 0; offset < table.size; offset++) {
        const struct oyez_archive_frame *frame =
            &table.frames[oyez_archive_table_find(&table, offset)];
        assert_true(offset >= frame->offset && offset < frame->offset + frame->size);
    }
    oyez_archive_table_clear(&table);
}

static void test_the_bytes_are_those_of_the_format(void **state)
{
    (void)state;

    assert_int_equal(size, 8 + 12 * FRAMES + 9);
    assert_int_equal(get_u32(bytes), 0x184D2A5E);
    assert_int_equal(get_u32(bytes + 4), size - 8);
    assert_int_equal(get_u32(bytes + 8), 10);
    assert_int_equal(get_u32(bytes + 12), 100);
    assert_int_equal(get_u32(bytes + size - 9), FRAMES);
    assert_int_equal(bytes[size - 5], 0x80);
    assert_int_equal(get_u32(bytes + size - 4), 0x8F92EAB1);
}

static void test_a_table_that_does_not_fit_its_file_is_none(void **state)
{
    (void)state;
    struct oyez_archive_table table;

    for (uint64_t file = 0; file < 3 * size; file++) {
        bool good = decode(&table, file);
        oyez_archive_table_clear(&table);
        assert_int_equal(good, file == FRAMES_BYTES + size);
    }
}

static void test_a_table_that_is_cut_is_none(void **state)
{
    (void)state;
    struct oyez_archive_table table;

    for (size_t kept = 0; kept < size; kept++) {
        assert_false(oyez_archive_table_decode(&table, bytes, kept, FRAMES_BYTES + size));
        oyez_archive_table_clear(&table);
        assert_false(
            oyez_archive_table_decode(&table, bytes + size - kept, kept, FRAMES_BYTES + kept));
        oyez_archive_table_clear(&table);
    }
}

// Sums and sizes of frames have their own judge: the bytes that are read with them.
static void test_what_the_table_says_of_itself_is_checked(void **state)
{
    (void)state;

    for (size_t at = 0; at < size; at++) {
        bool of_frame = at >= 8 && at < size - OYEZ_ARCHIVE_FOOTER_SIZE && (at - 8) % 12 >= 4;
        bool unused = at == size - 5;
        bytes[at] ^= 0x44;
        if (!of_frame || (at - 8) % 12 == 7)
            assert_false(is_good());
        bytes[at] ^= 0x44 ^ 0x01;
        assert_int_equal(is_good(), unused || (of_frame && (at - 8) % 12 != 7));
        bytes[at] ^= 0x01;
        assert_true(is_good());
    }
}

static void test_frames_have_bounds(void **state)
{
    (void)state;
    struct oyez_archive_table table = {0};

    assert_int_equal(oyez_archive_table_add(&table, 1, OYEZ_ARCHIVE_FRAME_MAX + 1, 0),
                     OYEZ_ERR_TOO_LARGE);
    for (size_t i = 0; i < OYEZ_ARCHIVE_FRAMES_MAX; i++)
        if (oyez_archive_table_add(&table, 1, OYEZ_ARCHIVE_FRAME_MAX, 0) != OYEZ_OK)
            fail();
    assert_int_equal(oyez_archive_table_add(&table, 1, 1, 0), OYEZ_ERR_TOO_LARGE);
    assert_int_equal(table.size, (uint64_t)OYEZ_ARCHIVE_FRAMES_MAX * OYEZ_ARCHIVE_FRAME_MAX);
    oyez_archive_table_clear(&table);
    put_u32(bytes + 12, 0); // a frame of nothing
    assert_false(is_good());
    put_u32(bytes + 12, OYEZ_ARCHIVE_FRAME_MAX + 1);
    assert_false(is_good());
}

#define TABLE(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TABLE(test_a_table_comes_back),
        TABLE(test_each_byte_is_in_one_frame),
        TABLE(test_the_bytes_are_those_of_the_format),
        TABLE(test_a_table_that_does_not_fit_its_file_is_none),
        TABLE(test_a_table_that_is_cut_is_none),
        TABLE(test_what_the_table_says_of_itself_is_checked),
        TABLE(test_frames_have_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

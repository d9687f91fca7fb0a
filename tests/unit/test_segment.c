// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/journal/segment.h"
#include "journal_directory.h"

static uint8_t bytes[OYEZ_SEGMENT_HEADER_SIZE];
static struct oyez_segment_header header = {
    .journal_id = {1, 2, 3}, .first_index = 77, .created = 99, .chain = 5};

static void test_a_name_is_twenty_digits(void **state)
{
    (void)state;
    char name[OYEZ_SEGMENT_NAME_SIZE];

    oyez_segment_name(name, 0, ".seg");
    assert_string_equal(name, "00000000000000000000.seg");
    oyez_segment_name(name, UINT64_MAX, ".ids.new");
    assert_string_equal(name, "18446744073709551615.ids.new");
}

static void test_a_header_comes_back(void **state)
{
    (void)state;
    struct oyez_segment_header out;

    oyez_segment_header_encode(bytes, &header);
    assert_int_equal(oyez_segment_header_decode(&out, bytes, sizeof(bytes), "x.seg"), OYEZ_OK);
    assert_memory_equal(out.journal_id, header.journal_id, sizeof(header.journal_id));
    assert_int_equal(out.first_index, 77);
    assert_int_equal(out.created, 99);
    assert_int_equal(out.chain, 5);
    assert_int_equal(out.sum, header.sum);
}

static void test_every_flipped_bit_of_a_header_is_named(void **state)
{
    (void)state;
    struct oyez_segment_header out;

    oyez_segment_header_encode(bytes, &header);
    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        assert_int_equal(oyez_segment_header_decode(&out, bytes, sizeof(bytes), "x.seg"),
                         OYEZ_ERR_CORRUPT);
        assert_non_null(strstr(oyez_error_detail(), "x.seg: offset "));
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
    }
    assert_int_equal(oyez_segment_header_decode(&out, bytes, 63, "x.seg"), OYEZ_ERR_CORRUPT);
}

static void test_a_seal_is_found_before_zeros_that_a_crash_left(void **state)
{
    (void)state;
    struct fake_disk *fake = fake_disk_new();
    oyez_journal *journal = open_small(fake, NULL);
    struct oyez_segment segment;
    struct oyez_mark seal;
    uint64_t offset, again;
    size_t size;

    commit_events(journal, 1, 30);
    const struct oyez_disk *disk = fake_disk_table(fake);
    for (size_t zeros = 0; zeros < 3 * 4096; zeros = zeros * 2 + 1) {
        assert_int_equal(oyez_segment_open(&segment, disk, "journal", 0, 0), OYEZ_OK);
        assert_int_equal(oyez_segment_read_seal(&segment, disk, &seal, &offset), OYEZ_OK);
        assert_true(seal.clean);
        if (zeros == 0)
            again = offset;
        assert_int_equal(offset, again);
        oyez_segment_close(&segment, disk);
        fake_disk_file(fake, FIRST_SEGMENT, &size);
        fake_disk_resize(fake, FIRST_SEGMENT, size + zeros + 1);
    }
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_free(fake);
}

// Cuts the file between the question for its size and the first reading.
static off_t (*size_before)(void *context, int fd);

static off_t too_large(void *context, int fd)
{
    return size_before(context, fd) + 3 * 4096 + 5;
}

static void test_a_seal_is_found_where_the_file_is_cut_meanwhile(void **state)
{
    (void)state;
    struct fake_disk *fake = fake_disk_new();
    oyez_journal *journal = open_small(fake, NULL);
    struct oyez_disk disk = *fake_disk_table(fake);
    struct oyez_segment segment;
    struct oyez_mark seal;
    uint64_t offset;

    commit_events(journal, 1, 30);
    size_before = disk.size;
    disk.size = too_large;
    assert_int_equal(oyez_segment_open(&segment, &disk, "journal", 0, 0), OYEZ_OK);
    assert_int_equal(oyez_segment_read_seal(&segment, &disk, &seal, &offset), OYEZ_OK);
    assert_true(seal.clean);
    oyez_segment_close(&segment, &disk);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_free(fake);
}

static void test_a_segment_must_continue_the_one_before_it(void **state)
{
    (void)state;
    struct oyez_mark seal = {.index = 77, .chain = 5};
    struct oyez_segment next = {.name = "next.seg", .header = header};

    assert_int_equal(oyez_segment_check_next(&header, &seal, &next), OYEZ_OK);
    next.header.chain = 6;
    assert_int_equal(oyez_segment_check_next(&header, &seal, &next), OYEZ_ERR_CORRUPT);
    next.header = header;
    seal.index = 78;
    assert_int_equal(oyez_segment_check_next(&header, &seal, &next), OYEZ_ERR_CORRUPT);
    seal.index = 77;
    next.header.journal_id[4] = 1;
    assert_int_equal(oyez_segment_check_next(&header, &seal, &next), OYEZ_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_twenty_digits),
        cmocka_unit_test(test_a_header_comes_back),
        cmocka_unit_test(test_every_flipped_bit_of_a_header_is_named),
        cmocka_unit_test(test_a_seal_is_found_before_zeros_that_a_crash_left),
        cmocka_unit_test(test_a_seal_is_found_where_the_file_is_cut_meanwhile),
        cmocka_unit_test(test_a_segment_must_continue_the_one_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

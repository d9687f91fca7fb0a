// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/journal/event_ids.h"
#include "journal_directory.h"

#define RECORDS 20000u
#define FINGERPRINT_OF_COUNTING UINT64_C(0x77696C56D5B75675) // by hand, in Python
#define NAME "00000000000000000005.ids"

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static struct oyez_segment_map map;
static struct oyez_segment_header header = {.first_index = 5, .sum = 0xAAAA};

static struct oyez_journal_record numbered(uint32_t i)
{
    static uint8_t bytes[SAMPLE_HEADER_SIZE];

    return sample_numbered(i + 1, bytes);
}

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    for (uint32_t i = 0; i < RECORDS; i++) {
        struct oyez_journal_record record = numbered(i);
        if (oyez_segment_map_add(&map, &record, 64 + i * 240u) != OYEZ_OK)
            return -1;
    }
    return oyez_event_ids_write(disk, "journal", &header, 0xBBBB, &map) == OYEZ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    oyez_segment_map_clear(&map);
    fake_disk_free(fake);
    return 0;
}

static void test_file_and_map_find_every_id_and_no_other(void **state)
{
    (void)state;
    struct oyez_event_ids ids;

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB, true), OYEZ_OK);
    assert_int_equal(ids.records, RECORDS);
    assert_int_equal(ids.entries, RECORDS);
    for (uint32_t i = 0; i < RECORDS + 500; i++) {
        uint64_t print = oyez_journal_fingerprint(numbered(i).event_id);
        size_t cursor = 0, map_cursor = 0;
        uint32_t record = 0;
        bool expected = i < RECORDS;
        assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &record),
                         expected ? OYEZ_OK : OYEZ_ERR_NOT_FOUND);
        assert_int_equal(oyez_segment_map_find(&map, print, &map_cursor, &record), expected);
        if (!expected)
            continue;
        assert_int_equal(record, i);
        assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &record),
                         OYEZ_ERR_NOT_FOUND);
        assert_false(oyez_segment_map_find(&map, print, &map_cursor, &record));
    }
    oyez_event_ids_close(&ids, disk);
}

static void test_every_place_is_told(void **state)
{
    (void)state;
    struct oyez_event_ids ids;
    uint64_t offset;

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB, true), OYEZ_OK);
    for (uint32_t i = 0; i < RECORDS; i += 77) {
        assert_int_equal(oyez_event_ids_offset(&ids, disk, i, &offset), OYEZ_OK);
        assert_int_equal(offset, 64 + i * 240u);
    }
    assert_int_equal(oyez_event_ids_offset(&ids, disk, RECORDS, &offset), OYEZ_ERR_NOT_FOUND);
    oyez_event_ids_close(&ids, disk);
}

static void test_ids_of_one_fingerprint_are_all_given(void **state)
{
    (void)state;
    struct oyez_event_ids ids;
    struct oyez_journal_record record = numbered(3);
    uint64_t print = oyez_journal_fingerprint(record.event_id);
    size_t cursor = 0;
    uint32_t found;

    for (int i = 0; i < 20; i++)
        assert_int_equal(oyez_segment_map_add(&map, &record, 64), OYEZ_OK);
    assert_int_equal(oyez_event_ids_write(disk, "journal", &header, 0xBBBB, &map), OYEZ_OK);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB, true), OYEZ_OK);
    for (uint32_t i = 0; i <= 20; i++) {
        assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &found), OYEZ_OK);
        assert_int_equal(found, i == 0 ? 3 : RECORDS + i - 1);
    }
    assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &found), OYEZ_ERR_NOT_FOUND);
    oyez_event_ids_close(&ids, disk);
}

static void test_a_damaged_or_foreign_file_is_as_good_as_none(void **state)
{
    (void)state;
    struct oyez_event_ids ids;
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, NAME, &size);

    for (size_t at = 0; at < size; at += at < 64 ? 1 : 4001) {
        bytes[at] ^= 16;
        assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB, true),
                         OYEZ_ERR_NOT_FOUND);
        bytes[at] ^= 16;
    }
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBC, true),
                     OYEZ_ERR_NOT_FOUND);
    fake_disk_resize(fake, NAME, size - 1);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB, true),
                     OYEZ_ERR_NOT_FOUND);
    fake_disk_remove(fake, NAME);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB, true),
                     OYEZ_ERR_NOT_FOUND);
}

// Fixed with the format: other values would make the files of others useless.
static void test_a_fingerprint_is_the_specifications(void **state)
{
    (void)state;
    struct oyez_uuid id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

    assert_int_equal(oyez_journal_fingerprint((struct oyez_uuid){{0}}), 0);
    assert_true(oyez_journal_fingerprint(id) == FINGERPRINT_OF_COUNTING);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_file_and_map_find_every_id_and_no_other),
        IN_MEMORY(test_every_place_is_told),
        IN_MEMORY(test_ids_of_one_fingerprint_are_all_given),
        IN_MEMORY(test_a_damaged_or_foreign_file_is_as_good_as_none),
        cmocka_unit_test(test_a_fingerprint_is_the_specifications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

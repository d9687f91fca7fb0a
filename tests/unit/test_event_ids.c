// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "client/journal/crc32c.h"
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
    struct oyez_event_ids ids = {.fd = -1};

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    assert_int_equal(ids.records, RECORDS);
    assert_int_equal(ids.entries, RECORDS);
    for (uint32_t i = 0; i < RECORDS + 500; i++) {
        if (i == RECORDS / 2) // the second half by a filter in memory
            assert_int_equal(oyez_event_ids_load_filter(&ids, disk), OYEZ_OK);
        uint64_t print = oyez_journal_fingerprint(numbered(i).event_id);
        size_t cursor = 0, map_cursor = 0;
        uint32_t record = 0;
        bool expected = i < RECORDS, perhaps = false;
        assert_int_equal(oyez_event_ids_may_have(&ids, disk, print, &perhaps), OYEZ_OK);
        assert_true(perhaps || !expected);
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
    oyez_event_ids_free(&ids, disk);
}

static void test_every_place_is_told(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    uint64_t offset;

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    for (uint32_t i = 0; i < RECORDS; i += 77) {
        assert_int_equal(oyez_event_ids_offset(&ids, disk, i, &offset), OYEZ_OK);
        assert_int_equal(offset, 64 + i * 240u);
    }
    assert_int_equal(oyez_event_ids_offset(&ids, disk, RECORDS, &offset), OYEZ_ERR_NOT_FOUND);
    oyez_event_ids_free(&ids, disk);
}

static void test_ids_of_one_fingerprint_are_all_given(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    struct oyez_journal_record record = numbered(3);
    uint64_t print = oyez_journal_fingerprint(record.event_id);
    size_t cursor = 0;
    uint32_t found;

    for (int i = 0; i < 20; i++)
        assert_int_equal(oyez_segment_map_add(&map, &record, 64), OYEZ_OK);
    assert_int_equal(oyez_event_ids_write(disk, "journal", &header, 0xBBBB, &map), OYEZ_OK);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    for (uint32_t i = 0; i <= 20; i++) {
        assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &found), OYEZ_OK);
        assert_int_equal(found, i == 0 ? 3 : RECORDS + i - 1);
    }
    assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &found), OYEZ_ERR_NOT_FOUND);
    oyez_event_ids_free(&ids, disk);
}

static void test_a_file_that_does_not_fit_the_filter_at_hand_is_bad(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    bool perhaps;

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    assert_int_equal(oyez_event_ids_load_filter(&ids, disk), OYEZ_OK);
    oyez_event_ids_close(&ids, disk);
    for (uint32_t i = 0; i < RECORDS; i++) {
        struct oyez_journal_record record = numbered(RECORDS + i);
        assert_int_equal(oyez_segment_map_add(&map, &record, 64), OYEZ_OK);
    }
    assert_int_equal(oyez_event_ids_write(disk, "journal", &header, 0xBBBB, &map), OYEZ_OK);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB),
                     OYEZ_ERR_NOT_FOUND);
    assert_true(ids.bad);
    for (uint32_t i = 0; i < RECORDS; i++) // within the filter at hand
        assert_int_equal(oyez_event_ids_may_have(
                             &ids, disk, oyez_journal_fingerprint(numbered(i).event_id), &perhaps),
                         OYEZ_OK);
    oyez_event_ids_free(&ids, disk);
}

static void test_a_filter_denies_most_of_what_is_not_there(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    unsigned wrong = 0;

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    for (uint32_t i = 0; i < 10000; i++) {
        uint64_t print = oyez_journal_fingerprint(numbered(RECORDS + i).event_id);
        bool perhaps = true;
        if (i == 5000)
            assert_int_equal(oyez_event_ids_load_filter(&ids, disk), OYEZ_OK);
        assert_int_equal(oyez_event_ids_may_have(&ids, disk, print, &perhaps), OYEZ_OK);
        wrong += perhaps;
    }
    assert_in_range(wrong, 1, 200);
    oyez_event_ids_free(&ids, disk);
}

static void assert_right_or_bad(oyez_err err, bool right)
{
    assert_true(err == OYEZ_ERR_CORRUPT || (err == OYEZ_OK && right));
}

// Asks for everything. Each answer has to be right, or said to be none. Returns whether one was none.
static bool ask_for_everything(struct oyez_event_ids *ids)
{
    uint64_t offset = 0;
    bool perhaps = false, loaded = oyez_event_ids_load_filter(ids, disk) == OYEZ_OK;

    for (uint32_t i = 0; i < RECORDS; i += 13) {
        uint64_t print = oyez_journal_fingerprint(numbered(i).event_id);
        uint32_t record = 0;
        size_t cursor = 0;
        oyez_err err = oyez_event_ids_may_have(ids, disk, print, &perhaps);
        assert_right_or_bad(err, perhaps);
        err = oyez_event_ids_find(ids, disk, print, &cursor, &record);
        assert_right_or_bad(err, record == i);
        err = oyez_event_ids_offset(ids, disk, i, &offset);
        assert_right_or_bad(err, offset == 64 + i * 240u);
    }
    assert_int_equal(loaded, ids->filter != NULL);
    return ids->bad;
}

static void test_damage_anywhere_is_found_and_changes_no_answer(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, NAME, &size);

    for (size_t at = 0; at < size; at += at < 80 ? 1 : 2111) {
        bytes[at] ^= 16;
        oyez_err err = oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB);
        assert_int_equal(err, at < 4096 ? OYEZ_ERR_NOT_FOUND : OYEZ_OK);
        assert_true(err == OYEZ_OK ? ask_for_everything(&ids) : ids.bad);
        oyez_event_ids_free(&ids, disk);
        bytes[at] ^= 16;
    }
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    assert_false(ask_for_everything(&ids));
    oyez_event_ids_free(&ids, disk);
}

static void test_two_pages_in_each_others_places_are_damage(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    uint8_t page[4096];
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, NAME, &size);

    memcpy(page, bytes + 20 * sizeof(page), sizeof(page));
    memcpy(bytes + 20 * sizeof(page), bytes + 21 * sizeof(page), sizeof(page));
    memcpy(bytes + 21 * sizeof(page), page, sizeof(page));
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    assert_true(ask_for_everything(&ids));
    oyez_event_ids_free(&ids, disk);
}

static void test_a_disk_that_fails_makes_it_bad(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    uint64_t offset;

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    fake_disk_fail(fake, FAKE_READ, 1, EIO, false);
    assert_int_equal(oyez_event_ids_offset(&ids, disk, 7, &offset), OYEZ_ERR_CORRUPT);
    assert_true(ids.bad);
    oyez_event_ids_free(&ids, disk);
}

// With a checksum that is right.
static void set_version(uint8_t *bytes, uint8_t version)
{
    bytes[8] = version;
    uint32_t sum = oyez_journal_crc32c(oyez_journal_crc32c(0, bytes, 12), bytes + 16, 4096 - 16);
    for (unsigned i = 0; i < 4; i++)
        bytes[12 + i] = (uint8_t)(sum >> 8 * i);
}

static void test_a_foreign_old_or_cut_file_is_as_good_as_none(void **state)
{
    (void)state;
    struct oyez_event_ids ids = {.fd = -1};
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, NAME, &size);

    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBC),
                     OYEZ_ERR_NOT_FOUND);
    for (uint8_t version = 1; version <= 3; version += 2) {
        set_version(bytes, version);
        assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB),
                         OYEZ_ERR_NOT_FOUND);
    }
    set_version(bytes, 2);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    oyez_event_ids_free(&ids, disk);
    fake_disk_resize(fake, NAME, size - 1);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB),
                     OYEZ_ERR_NOT_FOUND);
    fake_disk_resize(fake, NAME, 63);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB),
                     OYEZ_ERR_NOT_FOUND);
    fake_disk_remove(fake, NAME);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB),
                     OYEZ_ERR_NOT_FOUND);
    assert_int_equal(ids.fd, -1);
}

// Whoever makes ids up can choose their fingerprints: the search must end all the same.
static void test_fingerprints_that_do_not_spread_are_found(void **state)
{
    (void)state;
    struct oyez_segment_map crowded = {0};
    struct oyez_event_ids ids = {.fd = -1};
    uint32_t record;

    for (uint32_t i = 0; i < 5000; i++) {
        struct oyez_journal_record event = numbered(i);
        assert_int_equal(oyez_segment_map_add(&crowded, &event, 64 + i * 240u), OYEZ_OK);
    }
    for (size_t i = 0; i < crowded.slots_room; i++)
        if (crowded.slots[i].record != 0)
            crowded.slots[i].fingerprint = crowded.slots[i].record * 2u +
                                           (crowded.slots[i].record > 2500 ? UINT64_MAX / 2 : 0);
    assert_int_equal(oyez_event_ids_write(disk, "journal", &header, 0xBBBB, &crowded), OYEZ_OK);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    for (uint64_t i = 1; i <= 5000; i++) {
        uint64_t print = i * 2u + (i > 2500 ? UINT64_MAX / 2 : 0);
        size_t cursor = 0;
        assert_int_equal(oyez_event_ids_find(&ids, disk, print, &cursor, &record), OYEZ_OK);
        assert_int_equal(record, i - 1);
        cursor = 0;
        assert_int_equal(oyez_event_ids_find(&ids, disk, print + 1, &cursor, &record),
                         OYEZ_ERR_NOT_FOUND);
    }
    oyez_event_ids_free(&ids, disk);
    oyez_segment_map_clear(&crowded);
}

static void test_a_table_of_no_event_is_good(void **state)
{
    (void)state;
    struct oyez_segment_map acts = {0};
    struct oyez_event_ids ids = {.fd = -1};
    const struct oyez_journal_record act = sample_act();
    bool perhaps = true;
    uint64_t offset;
    uint32_t record;
    size_t cursor = 0;

    assert_int_equal(oyez_segment_map_add(&acts, &act, 64), OYEZ_OK);
    assert_int_equal(oyez_event_ids_write(disk, "journal", &header, 0xBBBB, &acts), OYEZ_OK);
    assert_int_equal(oyez_event_ids_open(&ids, disk, "journal", &header, 0xBBBB), OYEZ_OK);
    assert_int_equal(oyez_event_ids_may_have(&ids, disk, 77, &perhaps), OYEZ_OK);
    assert_false(perhaps);
    assert_int_equal(oyez_event_ids_find(&ids, disk, 77, &cursor, &record), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_event_ids_offset(&ids, disk, 0, &offset), OYEZ_OK);
    assert_int_equal(offset, 64);
    oyez_event_ids_free(&ids, disk);
    oyez_segment_map_clear(&acts);
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
        IN_MEMORY(test_a_file_that_does_not_fit_the_filter_at_hand_is_bad),
        IN_MEMORY(test_a_filter_denies_most_of_what_is_not_there),
        IN_MEMORY(test_damage_anywhere_is_found_and_changes_no_answer),
        IN_MEMORY(test_two_pages_in_each_others_places_are_damage),
        IN_MEMORY(test_a_disk_that_fails_makes_it_bad),
        IN_MEMORY(test_a_foreign_old_or_cut_file_is_as_good_as_none),
        IN_MEMORY(test_fingerprints_that_do_not_spread_are_found),
        IN_MEMORY(test_a_table_of_no_event_is_good),
        cmocka_unit_test(test_a_fingerprint_is_the_specifications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "client/journal/segments.h"
#include "journal_directory.h"

#define EVENTS 60u

static struct fake_disk *fake;
static oyez_journal *journal;
static struct oyez_segments segments;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    journal = open_small(fake, NULL);
    commit_events(journal, 1, EVENTS);
    return oyez_segments_open(&segments, fake_disk_table(fake), "journal", false) == OYEZ_OK ? 0
                                                                                             : -1;
}

static int tear_down(void **state)
{
    (void)state;
    oyez_segments_close(&segments);
    (void)oyez_journal_close(&journal);
    fake_disk_free(fake);
    return 0;
}

static void open_anew(bool writable)
{
    oyez_segments_close(&segments);
    assert_int_equal(oyez_segments_open(&segments, fake_disk_table(fake), "journal", writable),
                     OYEZ_OK);
}

static oyez_err find(uint64_t number, uint64_t *index)
{
    uint8_t header[SAMPLE_HEADER_SIZE];

    return oyez_segments_find(&segments, UINT64_MAX, sample_numbered(number, header).event_id,
                              index);
}

// Often enough that the filters are read page by page first, and are in memory then.
static void assert_all_is_found(void)
{
    struct oyez_journal_record record;
    uint64_t found;

    for (uint64_t index = 0; index < EVENTS; index++) {
        assert_int_equal(find(index + 1, &found), OYEZ_OK);
        assert_int_equal(found, index);
        assert_int_equal(find(1000 + index, &found), OYEZ_ERR_NOT_FOUND);
        assert_int_equal(oyez_segments_read(&segments, index, &record), OYEZ_OK);
        assert_int_equal(record.position, index + 1);
    }
    assert_int_equal(oyez_segments_read(&segments, EVENTS, &record), OYEZ_ERR_NOT_FOUND);
}

static size_t sealed(void)
{
    return segments.count - 1;
}

static void test_filters_come_into_memory_and_are_counted(void **state)
{
    (void)state;
    uint64_t index;
    size_t sum = 0;

    assert_true(sealed() >= 3);
    assert_int_equal(find(1000, &index), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(segments.filters, 0);
    assert_all_is_found();
    for (size_t i = 0; i < sealed(); i++) {
        assert_non_null(segments.items[i]->ids.filter);
        sum += segments.items[i]->ids.filter_size;
    }
    assert_int_equal(segments.filters, sum);
    fake_disk_remove(fake, fake_disk_name(fake, ".seg", 0));
    assert_int_equal(oyez_segments_refresh(&segments), OYEZ_OK);
    assert_true(segments.filters < sum);
}

static void test_what_a_filter_denies_is_denied_without_reading(void **state)
{
    (void)state;
    uint64_t index;
    unsigned denied = 0;

    assert_all_is_found();
    for (uint64_t number = 2000; number < 2100; number++) {
        unsigned before = fake_disk_calls(fake, FAKE_READ);
        assert_int_equal(find(number, &index), OYEZ_ERR_NOT_FOUND);
        denied += fake_disk_calls(fake, FAKE_READ) <= before + 2; // the open segment's end
    }
    assert_in_range(denied, 80, 100);
}

static void test_without_room_a_page_of_the_filter_is_read(void **state)
{
    (void)state;
    segments.filters = OYEZ_SEGMENTS_FILTERS_MAX - 10; // as if others were there
    assert_all_is_found();
    for (size_t i = 0; i < sealed(); i++)
        assert_null(segments.items[i]->ids.filter);
    assert_int_equal(segments.filters, OYEZ_SEGMENTS_FILTERS_MAX - 10);
}

static void test_a_damaged_table_changes_no_answer(void **state)
{
    (void)state;
    size_t size;
    const char *name = fake_disk_name(fake, ".ids", 1);
    uint8_t *bytes = fake_disk_file(fake, name, &size);

    for (size_t at = 0; at < size; at += at < 64 ? 5 : 37) {
        bytes[at] ^= 1;
        open_anew(false);
        assert_all_is_found();
        bytes[at] ^= 1;
    }
}

static void test_a_table_damaged_while_in_use_changes_no_answer(void **state)
{
    (void)state;
    uint64_t index;
    size_t size;

    for (unsigned asked = 0; asked < 5; asked++) { // before and behind the loading of its filter
        open_anew(false);
        for (unsigned i = 0; i < asked; i++)
            assert_int_equal(find(1000, &index), OYEZ_ERR_NOT_FOUND);
        if (asked == 0) {
            for (size_t i = 0; i < sealed(); i++)
                assert_int_equal(oyez_segments_prepare(&segments, i), OYEZ_OK);
        }
        for (unsigned i = 0; i < sealed(); i++)
            fake_disk_file(fake, fake_disk_name(fake, ".ids", i), &size)[200] ^= 1;
        assert_all_is_found();
        for (unsigned i = 0; i < sealed(); i++)
            fake_disk_file(fake, fake_disk_name(fake, ".ids", i), &size)[200] ^= 1;
    }
}

static void test_a_bad_or_old_table_is_made_anew_by_the_writer(void **state)
{
    (void)state;
    static const size_t places[] = {8, 20, 200};
    size_t size, size_after;
    const char *name = fake_disk_name(fake, ".ids", 0);
    uint8_t *bytes = fake_disk_file(fake, name, &size);
    uint8_t *good = malloc(size);

    assert_non_null(good);
    memcpy(good, bytes, size);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        fake_disk_file(fake, name, &size)[places[i]] ^= 3;
        open_anew(true);
        assert_all_is_found();
        assert_true(segments.items[0]->has_ids);
        assert_int_equal(segments.items[0]->map.records, 0);
        bytes = fake_disk_file(fake, name, &size_after);
        assert_int_equal(size_after, size);
        assert_memory_equal(bytes, good, size);
    }
    free(good);
}

// What a reader learnt of the open segment it would keep for each segment, for as long as it lives.
static void test_a_map_is_forgotten_once_there_is_a_table(void **state)
{
    (void)state;
    struct oyez_journal_segment told;
    size_t open = sealed();

    assert_int_equal(oyez_segments_describe(&segments, open, &told), OYEZ_OK);
    assert_true(segments.items[open]->map.records > 0);
    commit_events(journal, EVENTS + 1, EVENTS + 40);
    assert_int_equal(oyez_segments_refresh(&segments), OYEZ_OK);
    assert_true(sealed() > open);
    assert_int_equal(oyez_segments_prepare(&segments, open), OYEZ_OK);
    assert_true(segments.items[open]->has_ids);
    assert_int_equal(segments.items[open]->map.records, 0);
    assert_null(segments.items[open]->map.slots);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_filters_come_into_memory_and_are_counted),
        IN_MEMORY(test_what_a_filter_denies_is_denied_without_reading),
        IN_MEMORY(test_without_room_a_page_of_the_filter_is_read),
        IN_MEMORY(test_a_damaged_table_changes_no_answer),
        IN_MEMORY(test_a_table_damaged_while_in_use_changes_no_answer),
        IN_MEMORY(test_a_bad_or_old_table_is_made_anew_by_the_writer),
        IN_MEMORY(test_a_map_is_forgotten_once_there_is_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

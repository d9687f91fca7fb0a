// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "journal_directory.h"

static struct fake_disk *fake;
static oyez_journal *journal;
static oyez_journal_reader *reader;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    journal = open_small(fake, NULL);
    return oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)) == OYEZ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    oyez_journal_reader_close(&reader);
    oyez_journal_reader_close(&reader);
    (void)oyez_journal_close(&journal);
    fake_disk_free(fake);
    return 0;
}

static void append(struct oyez_journal_record record)
{
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

// Events with the positions from..to, from an index on.
static void commit_from(uint64_t index, uint64_t from, uint64_t to)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t taken;

    for (uint64_t position = from; position <= to; position++) {
        struct oyez_journal_record record = sample_numbered(position, header);
        assert_int_equal(oyez_journal_append(journal, &record, &taken), OYEZ_OK);
        assert_int_equal(taken, index++);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
}

static void assert_next(uint64_t index)
{
    struct oyez_journal_record record;

    assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
    assert_int_equal(record.index, index);
}

static void assert_waits(void)
{
    struct oyez_journal_record record;

    assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_ERR_NOT_FOUND);
}

static oyez_err find(uint64_t number)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    const struct oyez_journal_record record = sample_numbered(number, header);
    uint64_t index;
    oyez_err err = oyez_journal_reader_find_event_id(reader, record.event_id, &index);

    if (err == OYEZ_OK)
        assert_int_equal(index, number - 1);
    return err;
}

static void read_anew(void)
{
    oyez_journal_reader_close(&reader);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
}

// What the seals and the open segment's scan tell has to be what the records themselves tell.
static void test_a_segment_is_told_as_its_records_are(void **state)
{
    (void)state;
    struct oyez_journal_segment segment;
    struct oyez_journal_record record;
    size_t segments = 0;
    uint64_t index = 0;

    append(sample_gap(1, 4));
    append(sample_act());
    commit_from(2, 5, 60);
    for (int run = 0; run < 2; run++) { // while the last one is open, and when all are closed
        index = 0;
        assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
        assert_int_equal(segments, fake_disk_count(fake, ".seg"));
        assert_true(segments >= 3);
        for (size_t i = 0; i < segments; i++) {
            assert_int_equal(oyez_journal_reader_segment(reader, i, &segment), OYEZ_OK);
            assert_int_equal(segment.first_index, index);
            assert_int_equal(segment.sealed, i + 1 < segments);
            assert_true(segment.header_sum != 0);
            assert_int_equal(segment.seal_chain != 0, segment.sealed);
            uint64_t last = index + segment.records - 1;
            assert_int_equal(oyez_journal_reader_read(reader, last, &record), OYEZ_OK);
            assert_int_equal(segment.time_max, record.broker_time);
            assert_int_equal(segment.last_epoch, SAMPLE_EPOCH);
            assert_int_equal(segment.last_position, record.position);
            assert_int_equal(oyez_journal_reader_read(reader, i == 0 ? 2 : index, &record),
                             OYEZ_OK);
            assert_int_equal(segment.time_min, record.broker_time);
            assert_int_equal(segment.first_epoch, SAMPLE_EPOCH);
            assert_int_equal(segment.first_position, i == 0 ? 1 : record.position);
            index += segment.records;
        }
        assert_int_equal(oyez_journal_reader_segment(reader, segments, &segment),
                         OYEZ_ERR_NOT_FOUND);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
        read_anew();
    }
    assert_int_equal(index, 58);
}

static void test_the_open_segment_grows_with_each_commit(void **state)
{
    (void)state;
    struct oyez_journal_segment segment;

    for (uint64_t number = 1; number <= 5; number++) {
        assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_OK);
        assert_int_equal(segment.records, number - 1);
        assert_false(segment.sealed);
        assert_int_equal(segment.time_max, number == 1 ? 0 : SAMPLE_TIME + (number - 1) * 1000);
        commit_events(journal, number, number);
    }
}

static void test_damage_hides_what_the_open_segment_holds(void **state)
{
    (void)state;
    struct oyez_journal_segment segment;
    size_t size;

    commit_events(journal, 1, 5);
    fake_disk_file(fake, FIRST_SEGMENT, &size)[64 + 150] ^= 4;
    assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_ERR_CORRUPT);
    fake_disk_file(fake, FIRST_SEGMENT, &size)[64 + 150] ^= 4;
    assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_OK);
    assert_int_equal(segment.records, 5);
}

static uint64_t tell_nothing(void *context, const char *path)
{
    (void)context;
    (void)path;
    return 0;
}

static unsigned listings;

static int count_listing(void *context, const char *path, oyez_disk_name *name, void *arg)
{
    listings += strcmp(path, "journal") == 0 ? 1 : 0;
    return fake_disk_table(context)->list(context, path, name, arg);
}

static void test_the_directory_is_listed_only_when_a_name_changed(void **state)
{
    (void)state;
    static struct oyez_disk counting; // the reader outlives the test
    struct oyez_journal_segment segment;
    size_t segments, before;
    uint64_t end;

    counting = *fake_disk_table(fake);
    counting.list = count_listing;
    oyez_journal_reader_close(&reader);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", &counting), OYEZ_OK);
    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_reader_refresh(reader, &before), OYEZ_OK);
    listings = 0;
    for (uint64_t number = 4; number <= 8; number++) {
        commit_events(journal, number, number);
        assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
        assert_int_equal(segments, before);
        assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_OK);
        assert_int_equal(segment.records, number);
        assert_int_equal(find(number), OYEZ_OK);
        assert_int_equal(find(1000), OYEZ_ERR_NOT_FOUND);
        assert_int_equal(oyez_journal_reader_end(reader, &end), OYEZ_OK);
        assert_int_equal(end, number);
    }
    assert_int_equal(listings, 0);
    commit_events(journal, 9, 40);
    assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
    assert_int_equal(segments, fake_disk_count(fake, ".seg"));
    assert_int_equal(listings, 1);
}

static void test_where_names_tell_nothing_the_directory_is_listed(void **state)
{
    (void)state;
    static struct oyez_disk mute;
    size_t segments;

    mute = *fake_disk_table(fake);
    mute.names = tell_nothing;
    oyez_journal_reader_close(&reader);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", &mute), OYEZ_OK);
    commit_events(journal, 1, 60);
    assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
    assert_int_equal(segments, fake_disk_count(fake, ".seg"));
}

static void test_segments_that_are_gone_are_forgotten(void **state)
{
    (void)state;
    struct oyez_journal_segment segment = {0};
    struct oyez_journal_record record;
    size_t segments, before;

    commit_events(journal, 1, 100);
    assert_next(0);
    assert_int_equal(oyez_journal_reader_refresh(reader, &before), OYEZ_OK);
    assert_true(before >= 5);
    for (size_t i = 0; i < before; i++)
        assert_int_equal(oyez_journal_reader_segment(reader, i, &segment), OYEZ_OK);
    uint64_t last = segment.first_index;
    assert_int_equal(oyez_journal_reader_segment(reader, 2, &segment), OYEZ_OK);
    uint64_t third = segment.first_index;
    for (int i = 0; i < 2; i++)
        fake_disk_remove(fake, fake_disk_name(fake, ".seg", 0));
    assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
    assert_int_equal(segments, before - 2);
    assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_OK);
    assert_int_equal(segment.first_index, third);
    assert_int_equal(oyez_journal_reader_segment(reader, segments - 1, &segment), OYEZ_OK);
    assert_int_equal(segment.first_index, last);
    assert_int_equal(oyez_journal_reader_read(reader, third, &record), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_read(reader, third - 1, &record), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(find(1), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(find(third + 1), OYEZ_OK);
}

static void test_an_empty_segment_that_was_made_anew_is_followed(void **state)
{
    (void)state;
    struct fake_disk *later = fake_disk_copy(fake);
    struct oyez_journal_segment segment;
    oyez_journal *recovered;
    size_t size, segments;

    assert_waits();
    assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_OK);
    assert_int_equal(segment.records, 0);
    fake_disk_set_clock(later, 2000);
    recovered = open_small(later, NULL); // after a crash
    commit_events(recovered, 1, 3);
    const uint8_t *bytes = fake_disk_file(later, FIRST_SEGMENT, &size);
    fake_disk_remove(fake, FIRST_SEGMENT);
    fake_disk_put(fake, FIRST_SEGMENT, bytes, size);
    assert_next(0);
    assert_next(1);
    assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_segment(reader, 0, &segment), OYEZ_OK);
    assert_int_equal(segment.records, 3);
    assert_int_equal(oyez_journal_close(&recovered), OYEZ_OK);
    fake_disk_free(later);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_a_segment_is_told_as_its_records_are),
        IN_MEMORY(test_the_open_segment_grows_with_each_commit),
        IN_MEMORY(test_damage_hides_what_the_open_segment_holds),
        IN_MEMORY(test_the_directory_is_listed_only_when_a_name_changed),
        IN_MEMORY(test_where_names_tell_nothing_the_directory_is_listed),
        IN_MEMORY(test_segments_that_are_gone_are_forgotten),
        IN_MEMORY(test_an_empty_segment_that_was_made_anew_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

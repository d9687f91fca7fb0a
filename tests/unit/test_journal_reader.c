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

static size_t size_of_used(const char *name)
{
    size_t size;
    const uint8_t *bytes = fake_disk_file(fake, name, &size);

    while (bytes[size - 1] == 0)
        size--;
    return size;
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

// All `records` are found by their ids; what is not among them is `absent`, and so is the end
// unless that is plain.
static void assert_ends_with(uint64_t records, oyez_err absent)
{
    struct oyez_journal_record record;
    uint64_t end = UINT64_MAX;
    oyez_err err = oyez_journal_reader_end(reader, &end);

    assert_int_equal(err, absent == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : absent);
    if (err == OYEZ_OK)
        assert_int_equal(end, records);
    for (uint64_t number = 1; number <= records; number++)
        assert_int_equal(find(number), OYEZ_OK);
    assert_int_equal(find(records + 1), absent);
    assert_int_equal(find(1000), absent);
    if (records > 0)
        assert_int_equal(oyez_journal_reader_read(reader, records - 1, &record), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_read(reader, records, &record), absent);
}

static void read_anew(void)
{
    oyez_journal_reader_close(&reader);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
}

static uint64_t problems(void)
{
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake)};
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    return verdict.problems;
}

static void test_a_directory_without_a_journal_is_said_so(void **state)
{
    (void)state;
    struct fake_disk *empty = fake_disk_new();
    oyez_journal_reader *none = NULL;

    assert_int_equal(oyez_journal_reader_open(&none, "journal", fake_disk_table(empty)),
                     OYEZ_ERR_NO_JOURNAL);
    assert_null(none);
    assert_int_equal(oyez_journal_reader_open(&none, "/nonexistent/journal", NULL),
                     OYEZ_ERR_NO_JOURNAL);
    fake_disk_free(empty);
}

static void test_a_reader_follows_a_live_journal_over_segments(void **state)
{
    (void)state;
    assert_waits();
    for (uint64_t number = 1; number <= 60; number++) {
        commit_events(journal, number, number);
        assert_next(number - 1);
        assert_waits();
        assert_waits();
    }
    assert_true(fake_disk_count(fake, ".seg") >= 3);
}

static void test_a_group_that_is_half_there_is_waited_for(void **state)
{
    (void)state;
    size_t size;
    uint8_t late[100];

    commit_events(journal, 1, 2);
    assert_next(0);
    assert_next(1);
    size_t start = size_of_used(FIRST_SEGMENT);
    commit_events(journal, 3, 3);
    uint8_t *bytes = fake_disk_file(fake, FIRST_SEGMENT, &size) + start + 150;
    memcpy(late, bytes, sizeof(late));
    memset(bytes, 0, sizeof(late));
    assert_waits();
    assert_ends_with(2, OYEZ_ERR_NOT_FOUND);
    memcpy(bytes, late, sizeof(late));
    assert_next(2);
}

static void test_damage_is_named_and_stays(void **state)
{
    (void)state;
    struct oyez_journal_record record;
    size_t size;

    commit_events(journal, 1, 5);
    assert_next(0);
    oyez_journal_reader_close(&reader);
    fake_disk_file(fake, FIRST_SEGMENT, &size)[64 + 150] ^= 4;
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_ERR_CORRUPT);
        assert_non_null(strstr(oyez_error_detail(), FIRST_SEGMENT ": offset 64"));
    }
    fake_disk_file(fake, FIRST_SEGMENT, &size)[64 + 150] ^= 4;
}

static void test_the_end_is_told_or_the_damage_before_it_wherever_a_byte_changed(void **state)
{
    (void)state;
    unsigned damaged = 0, torn = 0;
    oyez_err err;
    size_t size;

    commit_events(journal, 1, 12);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    size_t used = size_of_used(FIRST_SEGMENT);
    for (size_t at = 64; at < used; at += 3) {
        fake_disk_file(fake, FIRST_SEGMENT, &size)[at] ^= 0x10;
        uint64_t readable = count_records(fake, &err);
        assert_int_equal(err, problems() > 0 ? OYEZ_ERR_CORRUPT : OYEZ_ERR_NOT_FOUND);
        read_anew();
        assert_ends_with(readable, err);
        assert_int_equal(oyez_journal_reader_seek_cursor(reader, SAMPLE_EPOCH, 1),
                         readable > 0 ? OYEZ_OK : err);
        fake_disk_file(fake, FIRST_SEGMENT, &size)[at] ^= 0x10;
        damaged += err == OYEZ_ERR_CORRUPT;
        torn += err == OYEZ_ERR_NOT_FOUND;
    }
    assert_true(damaged > 10 * torn && torn > 0); // the close is all that nothing vouches for
    read_anew();
    assert_ends_with(12, OYEZ_ERR_NOT_FOUND);
}

static void test_a_torn_tail_is_the_end(void **state)
{
    (void)state;
    uint8_t header[SAMPLE_HEADER_SIZE];
    size_t size;

    commit_events(journal, 1, 7);
    for (uint64_t number = 8; number <= 11; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
    }
    size_t used = size_of_used(FIRST_SEGMENT);
    oyez_journal_reader_close(&reader); // the cut closes all files
    abandon(fake, &journal);
    memset(fake_disk_file(fake, FIRST_SEGMENT, &size) + used - 400, 0x5A, 100);
    assert_int_equal(problems(), 0);
    read_anew();
    assert_ends_with(9, OYEZ_ERR_NOT_FOUND);
}

static void test_damage_in_several_segments_hides_what_is_behind_it_alone(void **state)
{
    (void)state;
    struct oyez_journal_record record;
    uint64_t second, end, readable = 0;
    size_t size;

    commit_events(journal, 1, 60);
    assert_int_equal(oyez_journal_reader_end(reader, &end), OYEZ_OK);
    second = strtoull(fake_disk_name(fake, ".seg", 1), NULL, 10);
    for (unsigned i = 0; i < 2; i++)
        fake_disk_file(fake, fake_disk_name(fake, ".seg", i), &size)[2000] ^= 1;
    while (fake_disk_count(fake, ".ids") > 0)
        fake_disk_remove(fake, fake_disk_name(fake, ".ids", 0));
    read_anew();
    for (uint64_t number = 1; number <= 60; number++)
        readable += find(number) == OYEZ_OK;
    assert_int_equal(find(1), OYEZ_OK);
    assert_int_equal(find(second), OYEZ_ERR_CORRUPT);
    assert_int_equal(find(second + 1), OYEZ_OK);
    assert_int_equal(find(60), OYEZ_OK);
    assert_true(readable > 30 && readable < 55);
    assert_int_equal(find(1000), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), FIRST_SEGMENT));
    assert_int_equal(oyez_journal_reader_end(reader, &end), OYEZ_OK);
    assert_int_equal(end, 60);
    while (oyez_journal_reader_read(reader, end - 1, &record) == OYEZ_OK)
        end--;
    assert_true(end > second && end < 60);
    assert_int_equal(oyez_journal_reader_read(reader, end - 1, &record), OYEZ_ERR_CORRUPT);
}

static void test_every_index_is_found_in_open_and_sealed_segments(void **state)
{
    (void)state;
    struct oyez_journal_record record;
    uint64_t end;

    commit_events(journal, 1, 60);
    for (int run = 0; run < 2; run++) {
        assert_int_equal(oyez_journal_reader_end(reader, &end), OYEZ_OK);
        assert_int_equal(end, 60);
        for (uint64_t index = 60; index-- > 0;) {
            assert_int_equal(oyez_journal_reader_seek_index(reader, index), OYEZ_OK);
            assert_next(index);
            assert_int_equal(oyez_journal_reader_read(reader, 59 - index, &record), OYEZ_OK);
            assert_int_equal(record.index, 59 - index);
            if (index < 59)
                assert_next(index + 1);
        }
        assert_int_equal(oyez_journal_reader_read(reader, 60, &record), OYEZ_ERR_NOT_FOUND);
        fake_disk_remove(fake, "00000000000000000000.ids"); // read anew, without the table
        oyez_journal_reader_close(&reader);
        assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)),
                         OYEZ_OK);
    }
}

static void test_a_seek_behind_the_end_waits_there(void **state)
{
    (void)state;
    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_reader_seek_index(reader, 5), OYEZ_OK);
    assert_waits();
    commit_events(journal, 4, 5);
    assert_waits();
    commit_events(journal, 6, 7);
    assert_next(5);
    assert_next(6);
}

static void test_every_cursor_is_found(void **state)
{
    (void)state;
    commit_events(journal, 1, 150);
    for (uint64_t position = 1; position <= 150; position += 7) {
        assert_int_equal(oyez_journal_reader_seek_cursor(reader, SAMPLE_EPOCH, position), OYEZ_OK);
        assert_next(position - 1);
    }
    assert_int_equal(oyez_journal_reader_seek_cursor(reader, 1, 99), OYEZ_OK);
    assert_next(0);
    assert_int_equal(oyez_journal_reader_seek_cursor(reader, SAMPLE_EPOCH, 151), OYEZ_OK);
    assert_waits();
    assert_int_equal(oyez_journal_reader_seek_cursor(reader, SAMPLE_EPOCH + 1, 1), OYEZ_OK);
    assert_waits();
}

static void test_gaps_epoch_ends_and_acts_stand_where_they_belong(void **state)
{
    (void)state;
    struct oyez_journal_record next = sample_event(1);

    append(sample_event(1));      // 0
    append(sample_gap(2, 9));     // 1
    append(sample_act());         // 2
    append(sample_event(10));     // 3
    append(sample_epoch_end(10)); // 4
    next.epoch += 1000000;
    append(next); // 5
    static const struct {
        uint64_t epoch, position, index;
    } cases[] = {
        {SAMPLE_EPOCH, 1, 0},           {SAMPLE_EPOCH, 2, 1},  {SAMPLE_EPOCH, 9, 1},
        {SAMPLE_EPOCH, 10, 3},          {SAMPLE_EPOCH, 11, 4}, {SAMPLE_EPOCH, 99, 4},
        {SAMPLE_EPOCH + 1000000, 0, 5},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(oyez_journal_reader_seek_cursor(reader, cases[i].epoch, cases[i].position),
                         OYEZ_OK);
        assert_next(cases[i].index);
    }
}

static void test_every_time_is_found_also_where_the_clock_stepped_back(void **state)
{
    (void)state;
    struct oyez_journal_record early = sample_event(1);

    commit_events(journal, 1, 100);
    for (uint64_t number = 1; number <= 100; number += 9) {
        uint64_t time = SAMPLE_TIME + number * 1000;
        assert_int_equal(oyez_journal_reader_seek_time(reader, time), OYEZ_OK);
        assert_next(number - 1);
        assert_int_equal(oyez_journal_reader_seek_time(reader, time - 1), OYEZ_OK);
        assert_next(number - 1);
    }
    append(sample_epoch_end(100)); // 100
    early.epoch += 1000000;
    early.broker_time = SAMPLE_TIME - 5000;
    append(early); // 101
    early.position = 2;
    early.broker_time = SAMPLE_TIME + 500000;
    append(early); // 102
    assert_int_equal(oyez_journal_reader_seek_time(reader, SAMPLE_TIME + 1000), OYEZ_OK);
    assert_next(0);
    assert_int_equal(oyez_journal_reader_seek_time(reader, SAMPLE_TIME + 100001), OYEZ_OK);
    assert_next(102);
    assert_int_equal(oyez_journal_reader_seek_time(reader, UINT64_MAX), OYEZ_OK);
    assert_waits();
}

static void test_event_ids_are_found_up_to_the_last_commit(void **state)
{
    (void)state;
    uint8_t header[SAMPLE_HEADER_SIZE];
    struct oyez_journal_record record;
    uint64_t index;

    commit_events(journal, 1, 40);
    for (uint64_t number = 1; number <= 40; number++) {
        record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_reader_find_event_id(reader, record.event_id, &index),
                         OYEZ_OK);
        assert_int_equal(index, number - 1);
    }
    record = sample_numbered(41, header);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_find_event_id(reader, record.event_id, &index),
                     OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_find_event_id(reader, record.event_id, &index), OYEZ_OK);
    assert_int_equal(index, 40);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_a_directory_without_a_journal_is_said_so),
        IN_MEMORY(test_a_reader_follows_a_live_journal_over_segments),
        IN_MEMORY(test_a_group_that_is_half_there_is_waited_for),
        IN_MEMORY(test_damage_is_named_and_stays),
        IN_MEMORY(test_the_end_is_told_or_the_damage_before_it_wherever_a_byte_changed),
        IN_MEMORY(test_a_torn_tail_is_the_end),
        IN_MEMORY(test_damage_in_several_segments_hides_what_is_behind_it_alone),
        IN_MEMORY(test_every_index_is_found_in_open_and_sealed_segments),
        IN_MEMORY(test_a_seek_behind_the_end_waits_there),
        IN_MEMORY(test_every_cursor_is_found),
        IN_MEMORY(test_gaps_epoch_ends_and_acts_stand_where_they_belong),
        IN_MEMORY(test_every_time_is_found_also_where_the_clock_stepped_back),
        IN_MEMORY(test_event_ids_are_found_up_to_the_last_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

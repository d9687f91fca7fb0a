// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "archived_journal.h"

#define EVENTS 200u
#define SIZE (300u * 1024u) // more than two frames

static struct fake_disk *fake;
static oyez_journal *journal;
static uint8_t bytes[SIZE];

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    journal = open_small(fake, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)oyez_journal_close(&journal);
    fake_disk_free(fake);
    return 0;
}

static oyez_err read_bytes(void *arg, void *data, size_t size, uint64_t offset, size_t *got)
{
    *got = offset >= SIZE ? 0 : SIZE - (size_t)offset < size ? SIZE - (size_t)offset : size;
    memcpy(data, (uint8_t *)arg + offset, *got);
    return OYEZ_OK;
}

// A file that is no segment: only its bytes count.
static struct oyez_archive *open_bytes(int *fd)
{
    const struct oyez_disk *disk = fake_disk_table(fake);
    struct oyez_archive *archive = NULL;
    uint64_t packed;
    char path[OYEZ_JOURNAL_PATH_SIZE];

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i % 7 == 0 ? i >> 8 : 'a');
    assert_int_equal(oyez_archive_write(disk, "journal", 7, read_bytes, bytes, SIZE, &packed),
                     OYEZ_OK);
    assert_int_equal(oyez_archive_put(disk, "journal", 7), OYEZ_OK);
    assert_int_equal(oyez_archive_path(path, "journal", 7, ""), OYEZ_OK);
    *fd = disk->open(disk->context, path, 0, 0);
    assert_int_equal(disk->size(disk->context, *fd), packed);
    assert_int_equal(oyez_archive_open(&archive, disk, *fd, "it"), OYEZ_OK);
    return archive;
}

static void test_any_bytes_can_be_read_in_any_order(void **state)
{
    (void)state;
    static uint8_t out[SIZE];
    int fd;
    struct oyez_archive *archive = open_bytes(&fd);
    size_t got;
    unsigned seed = 1;

    assert_int_equal(oyez_archive_size(archive), SIZE);
    for (unsigned i = 0; i < 300; i++) {
        seed = seed * 1664525u + 1013904223u;
        size_t offset = seed % (SIZE + 100);
        size_t size = (seed >> 8) % (i % 10 == 0 ? SIZE : 2000);
        size_t there = offset >= SIZE ? 0 : SIZE - offset < size ? SIZE - offset : size;
        assert_int_equal(oyez_archive_read(archive, out, size, offset, &got), OYEZ_OK);
        assert_int_equal(got, there);
        assert_memory_equal(out, bytes + (there > 0 ? offset : 0), there);
        if (i % 5 == 0)
            oyez_archive_rest(archive);
    }
    oyez_archive_close(&archive);
    fake_disk_table(fake)->close(fake, fd);
}

static void test_a_frame_that_is_damaged_is_named_and_the_others_are_read(void **state)
{
    (void)state;
    static uint8_t out[SIZE];
    size_t size, got;
    int fd;
    struct oyez_archive *archive = open_bytes(&fd);
    uint8_t *file = fake_disk_file(fake, "00000000000000000007.seg.zst", &size);

    file[size / 2] ^= 1; // in the second of the large frames, behind the first
    assert_int_equal(oyez_archive_read(archive, out, SIZE, 0, &got), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "it: offset "));
    assert_int_equal(oyez_archive_read(archive, out, 64, 0, &got), OYEZ_OK);
    assert_int_equal(oyez_archive_read(archive, out, 4096, SIZE - 4096, &got), OYEZ_OK);
    assert_memory_equal(out, bytes + SIZE - 4096, 4096);
    oyez_archive_close(&archive);
    fake_disk_table(fake)->close(fake, fd);
}

// Whatever byte of the file is another, no other bytes are given for those that were.
static void test_no_flipped_bit_goes_unseen(void **state)
{
    (void)state;
    const struct oyez_disk *disk = fake_disk_table(fake);
    struct oyez_segment segment;
    static uint8_t out[16384], plain[16384];
    size_t size, plain_size, got;

    commit_events(journal, 1, EVENTS);
    const uint8_t *before = fake_disk_file(fake, FIRST_SEGMENT, &plain_size);
    memcpy(plain, before, plain_size);
    move_to_archive(fake, 0);
    uint8_t *file = fake_disk_file(fake, FIRST_ARCHIVED, &size);
    for (size_t bit = 0; bit < size * 8; bit++) {
        file[bit / 8] = (uint8_t)(file[bit / 8] ^ 1u << bit % 8);
        oyez_err err = oyez_segment_open(&segment, disk, "journal", 0, 0);
        if (err == OYEZ_OK)
            err = oyez_segment_read(&segment, disk, out, sizeof(out), 0, &got);
        if (err == OYEZ_OK) { // two bits of the table are not used
            assert_int_equal(got, plain_size);
            assert_memory_equal(out, plain, plain_size);
        } else {
            assert_int_equal(err, OYEZ_ERR_CORRUPT);
            assert_non_null(strstr(oyez_error_detail(), "archive/" FIRST_ARCHIVED));
            oyez_segment_close(&segment, disk);
        }
        if (err == OYEZ_OK)
            oyez_segment_close(&segment, disk);
        file[bit / 8] = (uint8_t)(file[bit / 8] ^ 1u << bit % 8);
    }
}

static void test_a_journal_is_read_as_before(void **state)
{
    (void)state;
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t index;
    oyez_err end;

    commit_events(journal, 1, EVENTS);
    assert_true(move_sealed_to_archive(fake) > 3);
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_int_equal(count_records(fake, &end), EVENTS);
    assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
    for (uint64_t number = EVENTS; number > 0; number--) {
        const struct oyez_journal_record event = sample_numbered(number, header);
        assert_int_equal(oyez_journal_reader_read(reader, number - 1, &record), OYEZ_OK);
        assert_int_equal(record.position, number);
        assert_int_equal(oyez_journal_reader_find_event_id(reader, event.event_id, &index),
                         OYEZ_OK);
        assert_int_equal(index, number - 1);
    }
    oyez_journal_reader_close(&reader);
    // The writer too.
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_small(fake, NULL);
    assert_int_equal(oyez_journal_next_index(journal), EVENTS);
    assert_int_equal(oyez_journal_read(journal, 0, &record), OYEZ_OK);
    commit_events(journal, EVENTS + 1, EVENTS + 20);
    assert_int_equal(count_records(fake, &end), EVENTS + 20);
}

static void test_a_reader_follows_segments_that_are_moved(void **state)
{
    (void)state;
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    size_t segments;

    commit_events(journal, 1, EVENTS);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
    for (uint64_t index = 0; index < EVENTS; index += 9)
        assert_int_equal(oyez_journal_reader_read(reader, index, &record), OYEZ_OK);
    for (uint64_t index = 0; index < EVENTS; index++) {
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
        assert_int_equal(record.index, index);
        if (index == 20)
            (void)move_sealed_to_archive(fake);
        if (index == 20 || index == 40)
            assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
        assert_int_equal(oyez_journal_reader_read(reader, EVENTS - index - 1, &record), OYEZ_OK);
        assert_int_equal(record.index, EVENTS - index - 1);
    }
    oyez_journal_reader_close(&reader);
}

// The first record has another byte in its body.
static oyez_err read_changed(void *arg, void *data, size_t size, uint64_t offset, size_t *got)
{
    struct plain_segment *plain = arg;
    uint64_t at = 64 + 96 + SAMPLE_HEADER_SIZE + 1;
    oyez_err err = read_segment(plain, data, size, offset, got);

    if (err == OYEZ_OK && at >= offset && at < offset + *got)
        ((uint8_t *)data)[at - offset] ^= 1;
    return err;
}

static void test_a_file_that_took_the_place_of_another_is_read(void **state)
{
    (void)state;
    struct plain_segment archived = {.disk = fake_disk_table(fake)};
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    size_t segments;

    commit_events(journal, 1, EVENTS);
    (void)move_sealed_to_archive(fake);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", archived.disk), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_read(reader, 0, &record), OYEZ_OK);
    assert_int_equal(oyez_segment_open(&archived.segment, archived.disk, "journal", 0, 0), OYEZ_OK);
    uint64_t size = (uint64_t)oyez_segment_size(&archived.segment, archived.disk);
    assert_int_equal(
        oyez_archive_write(archived.disk, "journal", 0, read_changed, &archived, size, NULL),
        OYEZ_OK);
    assert_int_equal(oyez_archive_put(archived.disk, "journal", 0), OYEZ_OK);
    oyez_segment_close(&archived.segment, archived.disk);
    assert_int_equal(oyez_journal_reader_refresh(reader, &segments), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_read(reader, 0, &record), OYEZ_ERR_CORRUPT);
    oyez_journal_reader_close(&reader);
}

static void test_a_segment_in_both_places_is_one(void **state)
{
    (void)state;
    struct oyez_segment segment;
    size_t size;
    oyez_err end;

    commit_events(journal, 1, EVENTS);
    uint8_t *plain = fake_disk_file(fake, FIRST_SEGMENT, &size);
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, plain, size);
    move_to_archive(fake, 0);
    fake_disk_put(fake, FIRST_SEGMENT, copy, size);
    assert_int_equal(count_records(fake, &end), EVENTS);
    assert_int_equal(oyez_segment_open(&segment, fake_disk_table(fake), "journal", 0, 0), OYEZ_OK);
    assert_null(segment.archive);
    oyez_segment_close(&segment, fake_disk_table(fake));
    free(copy);
}

static void test_a_file_that_is_no_archived_segment_is_named(void **state)
{
    (void)state;
    struct oyez_segment segment;

    for (size_t size = 0; size < 64; size++) {
        fake_disk_put(fake, "00000000000000000900.seg.zst", bytes, size);
        assert_int_equal(oyez_segment_open(&segment, fake_disk_table(fake), "journal", 900, 0),
                         OYEZ_ERR_CORRUPT);
        assert_string_equal(oyez_error_detail(),
                            "archive/00000000000000000900.seg.zst: no seek table at its end");
    }
    fake_disk_remove(fake, "00000000000000000900.seg.zst");
}

static char told[256];

static void keep_first(void *arg, const struct oyez_journal_problem *problem)
{
    (void)arg;
    if (told[0] == '\0')
        snprintf(told, sizeof(told), "%s: %s", problem->file, problem->what);
}

static void test_damage_to_an_archived_segment_is_verified_by_name(void **state)
{
    (void)state;
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake),
                                                        .problem = keep_first};
    struct oyez_journal_verdict verdict;
    size_t size;

    commit_events(journal, 1, EVENTS);
    (void)move_sealed_to_archive(fake);
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.records, EVENTS);
    uint8_t *file = fake_disk_file(fake, FIRST_ARCHIVED, &size);
    file[size / 3] ^= 1;
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 2); // and the next one does not continue it
    assert_string_equal(told, "archive/" FIRST_ARCHIVED
                              ": the compressed bytes are damaged; the rest of the segment is not "
                              "judged");
    file[size / 3] ^= 1;
}

#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_any_bytes_can_be_read_in_any_order),
        IN_MEMORY(test_a_frame_that_is_damaged_is_named_and_the_others_are_read),
        IN_MEMORY(test_no_flipped_bit_goes_unseen),
        IN_MEMORY(test_a_journal_is_read_as_before),
        IN_MEMORY(test_a_reader_follows_segments_that_are_moved),
        IN_MEMORY(test_a_file_that_took_the_place_of_another_is_read),
        IN_MEMORY(test_a_segment_in_both_places_is_one),
        IN_MEMORY(test_a_file_that_is_no_archived_segment_is_named),
        IN_MEMORY(test_damage_to_an_archived_segment_is_verified_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// Power cuts and damage: the only outcomes are those that docs/journal.md allows.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "journal_directory.h"

// One thread: the thread sanitizer has nothing to see here and makes it ten times slower, so it
// gets a sample.
#ifdef __SANITIZE_THREAD__
#define STEP 7
#else
#define STEP 1
#endif

static struct fake_disk *fake;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static void start_over(void)
{
    fake_disk_free(fake);
    fake = fake_disk_new();
}

static void flip(const char *name, size_t bit)
{
    size_t size;
    uint8_t *bytes = fake_disk_file(fake, name, &size);

    assert_true(bit / 8 < size);
    bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
}

static oyez_err reopen(struct oyez_journal_report *report)
{
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = NULL;
    oyez_err err = oyez_journal_open(&journal, "journal", &options, report);

    if (err == OYEZ_OK)
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    return err;
}

static void test_prefilled_zeros_are_no_torn_tail(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);
    size_t size;

    commit_events(journal, 1, 3);
    fake_disk_file(fake, FIRST_SEGMENT, &size);
    assert_true(size >= 256 * 1024);
    abandon(fake, &journal);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_false(report.clean);
    assert_int_equal(report.torn_bytes, 0);
    assert_int_equal(report.records, 3);
}

static void test_a_torn_tail_is_cut_and_told_in_bytes_and_records(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    uint8_t header[SAMPLE_HEADER_SIZE];
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;
    size_t size;

    commit_events(journal, 1, 2);
    uint8_t *bytes = fake_disk_file(fake, FIRST_SEGMENT, &size);
    size_t used = size;
    while (bytes[used - 1] == 0)
        used--;
    for (uint64_t number = 3; number <= 5; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    }
    size_t group = oyez_journal_group_size(journal);
    assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
    bytes = fake_disk_file(fake, FIRST_SEGMENT, &size);
    // The commit and the last record's end never reached the disk.
    size_t start = (used + 7) / 8 * 8;
    memset(bytes + start + group - 20, 0, 76);
    abandon(fake, &journal);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_false(report.clean);
    assert_int_equal(report.torn_records, 2);
    assert_true(report.torn_bytes > group - 40 && report.torn_bytes <= group - 20);
    assert_string_equal(report.torn_file, FIRST_SEGMENT);
    assert_int_equal(report.records, 2);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_true(report.clean);
    assert_int_equal(report.torn_bytes, 0);
    assert_int_equal(count_records(fake, &end), 2);
}

static void test_garbage_behind_a_clean_close_is_cut_and_told(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);
    size_t size;

    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_file(fake, FIRST_SEGMENT, &size);
    fake_disk_resize(fake, FIRST_SEGMENT, size + 100);
    memset(fake_disk_file(fake, FIRST_SEGMENT, &size) + size - 100, 'x', 77);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_false(report.clean);
    assert_int_equal(report.torn_bytes, 77);
    assert_int_equal(report.torn_records, 0);
    assert_int_equal(report.records, 3);
}

// Cut right behind an earlier close, a journal looks as it did when that was its end.
static void test_a_lost_tail_behind_an_earlier_close_is_told(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);
    size_t closed;

    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_file(fake, FIRST_SEGMENT, &closed);
    journal = open_small(fake, NULL);
    commit_events(journal, 4, 5);
    abandon(fake, &journal);
    fake_disk_resize(fake, FIRST_SEGMENT, closed);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_int_equal(report.records, 3);
    assert_false(report.clean);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_true(report.clean);
}

static void test_damage_before_what_was_synced_is_named_and_nothing_is_changed(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;
    size_t size;

    commit_events(journal, 1, 5);
    abandon(fake, &journal);
    flip(FIRST_SEGMENT, (64 + 100) * 8);
    uint8_t *bytes = fake_disk_file(fake, FIRST_SEGMENT, &size);
    uint8_t *before = malloc(size);
    assert_non_null(before);
    memcpy(before, bytes, size);
    assert_int_equal(reopen(&report), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), FIRST_SEGMENT ": offset 64: "));
    assert_memory_equal(fake_disk_file(fake, FIRST_SEGMENT, &size), before, size);
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_int_equal(count_records(fake, &end), 0);
    assert_int_equal(end, OYEZ_ERR_CORRUPT);
    free(before);
}

// Bytes of a page that read as zeros are damage too, if they were safe once.
static void test_zeros_where_something_was_safe_are_damage(void **state)
{
    (void)state;
    oyez_journal *journal = open_small(fake, NULL);
    oyez_err end;
    size_t size;

    commit_events(journal, 1, 8);
    abandon(fake, &journal);
    memset(fake_disk_file(fake, FIRST_SEGMENT, &size) + 64, 0, 448);
    assert_int_equal(reopen(NULL), OYEZ_ERR_CORRUPT);
    assert_int_equal(count_records(fake, &end), 0);
    assert_int_equal(end, OYEZ_ERR_CORRUPT);
}

static void test_a_missing_segment_is_named(void **state)
{
    (void)state;
    oyez_journal *journal = open_small(fake, NULL);
    char name[48];

    commit_events(journal, 1, 60);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_true(fake_disk_count(fake, ".seg") >= 4);
    strcpy(name, fake_disk_name(fake, ".seg", 1));
    fake_disk_remove(fake, name);
    assert_int_equal(reopen(NULL), OYEZ_ERR_CORRUPT);
    fake_disk_remove(fake, FIRST_SEGMENT);
    assert_int_equal(reopen(NULL), OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(oyez_error_detail(), "missing"));
}

static void test_an_unfinished_new_segment_is_removed(void **state)
{
    (void)state;
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);

    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_put(fake, "00000000000000000003.seg.new", "half", 4);
    assert_int_equal(reopen(&report), OYEZ_OK);
    assert_true(report.clean);
    assert_int_equal(fake_disk_count(fake, ".new"), 0);
}

// What a file looked like, to put it back.
struct picture {
    char name[48];
    uint8_t *bytes;
    size_t size;
};

static struct picture take_picture(const char *name)
{
    struct picture picture = {.name = ""};
    const uint8_t *bytes = fake_disk_file(fake, name, &picture.size);

    strcpy(picture.name, name);
    picture.bytes = malloc(picture.size);
    assert_non_null(picture.bytes);
    memcpy(picture.bytes, bytes, picture.size);
    return picture;
}

struct outcomes {
    unsigned named, tail, harmless;
};

// Opens a damaged journal of 10 records. Whatever is lost is named, or was a tail that is told.
static void judge_open(struct outcomes *outcomes)
{
    struct oyez_journal_report report;
    oyez_err end;
    oyez_err err = reopen(&report);

    if (err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION) {
        assert_non_null(strstr(oyez_error_detail(), ".seg"));
        outcomes->named++;
        return;
    }
    assert_int_equal(err, OYEZ_OK);
    uint64_t left = count_records(fake, &end);
    assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(left, report.records);
    if (report.clean) {
        assert_int_equal(left, 10);
        outcomes->harmless++;
    } else {
        outcomes->tail++;
    }
}

static void put_back(const struct picture *all, size_t count)
{
    start_over();
    for (size_t i = 0; i < count; i++)
        fake_disk_put(fake, all[i].name, all[i].bytes, all[i].size);
}

// A journal of 10 events in segments of this size, closed cleanly or not.
static size_t make_pictures(struct picture *all, uint64_t segment_size, bool close)
{
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = NULL;
    size_t count = 0;

    options.segment_size = segment_size;
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    commit_events(journal, 1, 10);
    if (close)
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    else
        abandon(fake, &journal);
    for (; fake_disk_name(fake, ".seg", (unsigned)count) != NULL; count++)
        all[count] = take_picture(fake_disk_name(fake, ".seg", (unsigned)count));
    if (!close) { // the zeros are 260 kB of nothing to see
        struct picture *last = &all[count - 1];
        while (last->size > 64 && last->bytes[last->size - 1] == 0)
            last->size--;
        last->size += 32;
    }
    return count;
}

static void free_pictures(struct picture *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(all[i].bytes);
}

static void run_cuts(uint64_t segment_size, bool close)
{
    struct picture all[16];
    size_t count = make_pictures(all, segment_size, close);
    struct outcomes outcomes = {0};

    for (size_t i = 0; i < count; i++)
        for (size_t size = 0; size < all[i].size; size += STEP) {
            put_back(all, count);
            fake_disk_resize(fake, all[i].name, size);
            judge_open(&outcomes);
        }
    print_message("cut, segments of %u, %s: %u named, %u tail, %u harmless\n",
                  (unsigned)segment_size, close ? "closed" : "unclosed", outcomes.named,
                  outcomes.tail, outcomes.harmless);
    free_pictures(all, count);
}

static void test_cut_at_every_byte_only_the_allowed_happens(void **state)
{
    (void)state;
    run_cuts(4096, true);
    start_over();
    run_cuts(4096, false);
    start_over();
    run_cuts(1024, true);
}

// A sealed segment is not read when a journal is opened; verify does read it.
static void judge_flip(struct outcomes *outcomes)
{
    struct oyez_journal_verdict verdict;
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake)};
    oyez_err err = oyez_journal_verify("journal", &options, &verdict);

    if (err == OYEZ_ERR_VERSION || (err == OYEZ_OK && verdict.problems > 0)) {
        outcomes->named++;
        return;
    }
    assert_int_equal(err, OYEZ_OK);
    assert_false(verdict.clean);
    outcomes->tail++;
    assert_true(verdict.torn_bytes > 0 || verdict.records == 10);
}

static void run_flips(uint64_t segment_size, bool close)
{
    struct picture all[16];
    size_t count = make_pictures(all, segment_size, close);
    struct outcomes opened = {0}, verified = {0};

    put_back(all, count);
    for (size_t i = 0; i < count;
         i += i == 0 && count > 1 ? count - 1 : 1) // a sealed one, the last
        for (size_t bit = 0; bit < all[i].size * 8; bit += STEP) {
            flip(all[i].name, bit);
            judge_flip(&verified);
            // Opening costs more: one bit of each byte, each time another.
            if (i + 1 == count && bit % 8 == bit / 8 % 8) {
                judge_open(&opened);
                put_back(all, count);
            } else {
                flip(all[i].name, bit);
            }
        }
    print_message("flip, segments of %u, %s: opened %u named, %u tail, %u harmless; verified %u "
                  "named, %u tail\n",
                  (unsigned)segment_size, close ? "closed" : "unclosed", opened.named, opened.tail,
                  opened.harmless, verified.named, verified.tail);
    free_pictures(all, count);
}

static void test_every_flipped_bit_is_named_or_a_tail(void **state)
{
    (void)state;
    run_flips(4096, true);
    start_over();
    run_flips(1024, false);
}

// Cuts the power after so many changes, with what was not synced lost in some way.
static void cut_power(unsigned changes, enum fake_cut cut, unsigned seed)
{
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = NULL;
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t durable = 0;
    oyez_err end;

    options.segment_size = 1500;
    fake_disk_stop_after(fake, changes);
    oyez_err err = oyez_journal_open(&journal, "journal", &options, NULL);
    for (uint64_t number = 1; number <= 12 && err == OYEZ_OK; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        err = oyez_journal_append(journal, &record, NULL);
        if (err == OYEZ_OK)
            err = oyez_journal_write(journal); // two groups may be on their way
        if (err == OYEZ_OK && number % 2 == 0)
            err = oyez_journal_sync(journal, &durable);
    }
    (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, cut, seed);
    // And once more while it recovers.
    fake_disk_stop_after(fake, seed % 9);
    journal = NULL;
    if (oyez_journal_open(&journal, "journal", &options, NULL) == OYEZ_OK)
        (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, cut, seed + 1);
    assert_int_equal(reopen(NULL), OYEZ_OK);
    assert_true(count_records(fake, &end) >= durable);
    assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
}

static void test_no_power_cut_loses_what_was_acknowledged(void **state)
{
    (void)state;
    for (unsigned changes = 1; changes < 75; changes++)
        for (unsigned seed = 0; seed < 24; seed += STEP) {
            start_over();
            cut_power(changes, seed < 2 ? (enum fake_cut)seed : FAKE_CUT_SOME, seed);
        }
}

// The pages of a failed sync are in memory and nowhere else; recovery must not say otherwise.
static void cut_while_recovering(unsigned changes, unsigned seed)
{
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = open_small(fake, NULL);
    uint8_t header[SAMPLE_HEADER_SIZE];
    oyez_err end;

    commit_events(journal, 1, 3);
    for (uint64_t number = 4; number <= 8; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_write(journal), OYEZ_OK);
    }
    if (seed % 2 == 0) {
        fake_disk_fail(fake, FAKE_SYNC, 1, 5, false);
        assert_int_equal(oyez_journal_sync(journal, NULL), OYEZ_ERR_IO);
    }
    abandon(fake, &journal);
    fake_disk_stop_after(fake, changes);
    oyez_err err = oyez_journal_open(&journal, "journal", &options, NULL);
    (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, FAKE_CUT_SOME, seed);
    assert_int_equal(reopen(NULL), OYEZ_OK);
    uint64_t left = count_records(fake, &end);
    assert_true(left >= 3 && (err != OYEZ_OK || left == 8));
    assert_int_equal(end, OYEZ_ERR_NOT_FOUND);
}

static void test_a_power_cut_while_recovering_does_no_harm(void **state)
{
    (void)state;
    for (unsigned changes = 1; changes < 16; changes++)
        for (unsigned seed = 0; seed < 60; seed += STEP) {
            start_over();
            cut_while_recovering(changes, seed);
        }
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_prefilled_zeros_are_no_torn_tail),
        IN_MEMORY(test_a_torn_tail_is_cut_and_told_in_bytes_and_records),
        IN_MEMORY(test_garbage_behind_a_clean_close_is_cut_and_told),
        IN_MEMORY(test_a_lost_tail_behind_an_earlier_close_is_told),
        IN_MEMORY(test_damage_before_what_was_synced_is_named_and_nothing_is_changed),
        IN_MEMORY(test_zeros_where_something_was_safe_are_damage),
        IN_MEMORY(test_a_missing_segment_is_named),
        IN_MEMORY(test_an_unfinished_new_segment_is_removed),
        IN_MEMORY(test_cut_at_every_byte_only_the_allowed_happens),
        IN_MEMORY(test_every_flipped_bit_is_named_or_a_tail),
        IN_MEMORY(test_no_power_cut_loses_what_was_acknowledged),
        IN_MEMORY(test_a_power_cut_while_recovering_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

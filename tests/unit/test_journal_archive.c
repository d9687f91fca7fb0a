// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "archived_journal.h"
#include "checkpointed_journal.h"
#include "client/journal/journal_state.h"
#include "oyez/archive.h"

#define EVENTS 40u
#define SEEDS 12u

static struct fake_disk *fake;
static oyez_journal *journal;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    journal = open_keyed(fake, NULL, NULL);
    commit_events(journal, 1, EVENTS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)oyez_journal_close(&journal);
    fake_disk_free(fake);
    return 0;
}

static oyez_err archive(uint64_t first_index, const char *by)
{
    struct oyez_archive_report report;
    oyez_err err = oyez_journal_archive_prepare(journal, first_index, &report);

    return err == OYEZ_OK ? oyez_journal_archive(journal, &report, by) : err;
}

static uint64_t verify(void)
{
    const struct oyez_journal_verify_options options = {.disk = fake_disk_table(fake)};
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.unread, 0);
    return verdict.records;
}

// Each event is where it was, for the writer and for readers.
static void assert_all_is_there(void)
{
    struct oyez_journal_record record;
    uint8_t header[SAMPLE_HEADER_SIZE];
    oyez_journal_reader *reader = NULL;
    uint64_t index;

    assert_int_equal(oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake)), OYEZ_OK);
    for (uint64_t number = 1; number <= EVENTS; number++) {
        const struct oyez_journal_record event = sample_numbered(number, header);
        assert_int_equal(oyez_journal_read(journal, number - 1, &record), OYEZ_OK);
        assert_int_equal(record.position, number);
        assert_int_equal(oyez_journal_find_event_id(journal, event.event_id, &index), OYEZ_OK);
        assert_int_equal(index, number - 1);
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
        assert_int_equal(record.position, number);
    }
    oyez_journal_reader_close(&reader);
}

static uint64_t second_segment(void)
{
    return strtoull(fake_disk_name(fake, ".seg", 1), NULL, 10);
}

static void test_an_archived_segment_is_read_as_before_and_the_act_says_so(void **state)
{
    (void)state;
    struct oyez_archive_report report;
    struct oyez_journal_record act;
    char expected[256];

    assert_all_is_there();
    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &report), OYEZ_OK);
    assert_int_equal(report.records, second_segment());
    assert_true(report.packed < report.size);
    assert_int_equal(oyez_journal_next_index(journal), EVENTS); // nothing changed yet
    assert_int_equal(oyez_journal_archive(journal, &report, "somebody"), OYEZ_OK);
    assert_null(fake_disk_file(fake, FIRST_SEGMENT, &(size_t){0}));
    assert_int_equal(fake_disk_count(fake, ".zst"), 1);
    assert_null(fake_disk_name(fake, ".new", 0));
    assert_null(fake_disk_file(fake, OYEZ_UNFINISHED_FILE, &(size_t){0}));
    assert_int_equal(oyez_journal_read(journal, EVENTS, &act), OYEZ_OK);
    assert_int_equal(act.kind, OYEZ_RECORD_ARCHIVED);
    snprintf(expected, sizeof(expected), "records 0 %u\nbytes %u %u\nby somebody\n",
             (unsigned)report.records - 1, (unsigned)report.size, (unsigned)report.packed);
    assert_int_equal(act.details_size, strlen(expected));
    assert_memory_equal(act.details, expected, strlen(expected));
    assert_all_is_there();
    assert_int_equal(verify(), EVENTS + 1);
    assert_int_equal(newest_of(fake_disk_table(fake)).size, EVENTS + 1);
}

static void test_all_sealed_segments_can_be_archived(void **state)
{
    (void)state;
    struct oyez_segment_list list;

    assert_int_equal(oyez_segment_list_read(&list, fake_disk_table(fake), "journal"), OYEZ_OK);
    for (size_t i = 0; i + 1 < list.count; i++)
        assert_int_equal(archive(list.first[i], "somebody"), OYEZ_OK);
    assert_int_equal(archive(list.first[list.count - 1], "somebody"), OYEZ_ERR_INVALID);
    assert_int_equal(archive(0, "somebody"), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(fake_disk_count(fake, ".seg"), 1);
    assert_all_is_there();
    uint64_t records = oyez_journal_next_index(journal);
    assert_int_equal(verify(), records);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_keyed(fake, NULL, NULL);
    assert_int_equal(oyez_journal_next_index(journal), records);
    assert_all_is_there();
    free(list.first);
}

static void test_without_a_name_there_is_no_act(void **state)
{
    (void)state;

    assert_int_equal(archive(0, NULL), OYEZ_OK);
    assert_null(fake_disk_file(fake, FIRST_SEGMENT, &(size_t){0}));
    assert_int_equal(oyez_journal_next_index(journal), EVENTS);
    assert_all_is_there();
    assert_int_equal(verify(), EVENTS);
}

static void test_by_whom_is_one_line(void **state)
{
    (void)state;
    struct oyez_archive_report report;

    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &report), OYEZ_OK);
    assert_int_equal(oyez_journal_archive(journal, &report, ""), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_journal_archive(journal, &report, "a\nb"), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_journal_archive(journal, &report, "a"), OYEZ_OK);
}

static void test_what_was_dropped_meanwhile_is_not_put_in_place(void **state)
{
    (void)state;
    struct oyez_archive_report report;

    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &report), OYEZ_OK);
    assert_int_equal(oyez_journal_forget_copies(journal, 0), OYEZ_OK);
    assert_int_equal(oyez_journal_archive(journal, &report, "somebody"), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_next_index(journal), EVENTS);
    assert_int_equal(fake_disk_count(fake, ".zst"), 0);
    assert_int_equal(archive(0, "somebody"), OYEZ_OK); // once more
    assert_all_is_there();
}

static void test_leaves_that_are_not_those_of_the_hash_files_are_not_archived(void **state)
{
    (void)state;
    struct oyez_archive_report report;
    size_t size;
    uint8_t *hashes = fake_disk_file(fake, "hash.L0", &size);

    hashes[5 * 32] ^= 1;
    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &report), OYEZ_ERR_CORRUPT);
    assert_non_null(
        strstr(oyez_error_detail(), "record 5: its leaf is not that of the hash files"));
    assert_int_equal(fake_disk_count(fake, ".new"), 0);
    hashes[5 * 32] ^= 1;
    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &report), OYEZ_OK);
    assert_int_equal(oyez_journal_archive_forget(journal, 0), OYEZ_OK);
    assert_int_equal(fake_disk_count(fake, ".new"), 0);
}

static void test_a_damaged_segment_is_not_archived(void **state)
{
    (void)state;
    struct oyez_archive_report report;
    size_t size;
    uint8_t *segment = fake_disk_file(fake, FIRST_SEGMENT, &size);

    segment[size / 2] ^= 1;
    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &report), OYEZ_ERR_CORRUPT);
    assert_int_equal(fake_disk_count(fake, ".new"), 0);
    segment[size / 2] ^= 1;
}

// Where the archive's disk fails, the journal is the same and goes on.
static void test_a_disk_that_refuses_harms_nothing(void **state)
{
    static const enum fake_call calls[] = {FAKE_OPEN,   FAKE_WRITE,          FAKE_SYNC,
                                           FAKE_RENAME, FAKE_SYNC_DIRECTORY, FAKE_READ};
    (void)state;
    unsigned refused = 0;

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        for (unsigned nth = 1; nth < 40; nth++) {
            struct oyez_archive_report report;
            fake_disk_fail(fake, calls[i], nth, EIO, false);
            oyez_err err = oyez_journal_archive_prepare(journal, 0, &report);
            if (err == OYEZ_OK)
                err = oyez_archive_put(fake_disk_table(fake), "journal", 0);
            fake_disk_fail(fake, FAKE_NONE, 0, 0, false);
            assert_int_equal(oyez_journal_forget_copies(journal, 0), OYEZ_OK);
            assert_int_equal(fake_disk_count(fake, ".zst") + fake_disk_count(fake, ".new"), 0);
            assert_int_equal(oyez_journal_next_index(journal), EVENTS);
            if (err == OYEZ_OK)
                break;
            refused++;
        }
    assert_true(refused > 12);
    assert_int_equal(archive(0, "somebody"), OYEZ_OK);
    assert_all_is_there();
    assert_int_equal(verify(), EVENTS + 1);
}

// The two states: not begun, and done.
static void assert_one_of_two(bool act_told)
{
    size_t size;

    journal = open_keyed(fake, NULL, NULL);
    uint64_t records = oyez_journal_next_index(journal);
    bool plain = fake_disk_file(fake, FIRST_SEGMENT, &size) != NULL;
    assert_true(records == EVENTS || records == EVENTS + 1);
    assert_int_equal(plain, records == EVENTS);
    assert_int_equal(fake_disk_count(fake, ".zst"), plain ? 0 : 1);
    assert_int_equal(fake_disk_count(fake, ".zst.new"), 0);
    assert_null(fake_disk_file(fake, OYEZ_UNFINISHED_FILE, &size));
    if (act_told)
        assert_int_equal(records, EVENTS + 1);
    assert_all_is_there();
    assert_int_equal(verify(), records);
}

static bool archive_until_the_power_goes(const struct fake_disk *base, unsigned changes,
                                         const char *by)
{
    fake = fake_disk_copy(base);
    journal = open_keyed(fake, NULL, NULL);
    fake_disk_stop_after(fake, changes);
    bool done = archive(0, by) == OYEZ_OK;
    fake_disk_stop_after(fake, 0);
    (void)oyez_journal_close(&journal);
    return done;
}

static void test_a_power_cut_at_any_step_leaves_one_of_two_states(void **state)
{
    struct fake_disk *base = fake;
    unsigned states[2] = {0, 0};
    bool done = false;

    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    for (unsigned changes = 1; !done; changes++)
        for (unsigned cut = 0; cut < SEEDS; cut++) {
            done = archive_until_the_power_goes(base, changes, "somebody");
            fake_disk_cut(fake, cut < 2 ? (enum fake_cut)cut : FAKE_CUT_SOME, cut + changes);
            assert_one_of_two(done);
            states[oyez_journal_next_index(journal) - EVENTS]++;
            assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
            fake_disk_free(fake);
        }
    assert_true(states[0] > 0 && states[1] > SEEDS);
    fake = base;
}

// Without an act: plain or archived, and each name that was on its way may have arrived or not.
static void test_a_power_cut_beside_a_mirror_loses_no_segment(void **state)
{
    struct fake_disk *base = fake;
    unsigned archived = 0, plain = 0;
    bool done = false;

    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    for (unsigned changes = 1; !done; changes++)
        for (unsigned seed = 0; seed < 2 * SEEDS; seed++) {
            done = archive_until_the_power_goes(base, changes, NULL);
            fake_disk_cut_anyhow(fake, seed * 31 + changes);
            journal = open_keyed(fake, NULL, NULL);
            assert_int_equal(oyez_journal_next_index(journal), EVENTS);
            assert_all_is_there();
            assert_int_equal(verify(), EVENTS);
            bool is_plain = fake_disk_file(fake, FIRST_SEGMENT, &(size_t){0}) != NULL;
            assert_int_equal(fake_disk_count(fake, ".zst"), is_plain ? 0 : 1);
            assert_true(!done || !is_plain);
            archived += is_plain ? 0 : 1;
            plain += is_plain ? 1 : 0;
            assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
            fake_disk_free(fake);
        }
    assert_true(archived > 0 && plain > 0);
    fake = base;
}

#define KEYED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEYED(test_an_archived_segment_is_read_as_before_and_the_act_says_so),
        KEYED(test_all_sealed_segments_can_be_archived),
        KEYED(test_without_a_name_there_is_no_act),
        KEYED(test_by_whom_is_one_line),
        KEYED(test_what_was_dropped_meanwhile_is_not_put_in_place),
        KEYED(test_leaves_that_are_not_those_of_the_hash_files_are_not_archived),
        KEYED(test_a_damaged_segment_is_not_archived),
        KEYED(test_a_disk_that_refuses_harms_nothing),
        KEYED(test_a_power_cut_at_any_step_leaves_one_of_two_states),
        KEYED(test_a_power_cut_beside_a_mirror_loses_no_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checkpointed_journal.h"
#include "client/journal/mark.h"
#include "oyez/tiles.h"

#ifdef __SANITIZE_ADDRESS__
#define STEP 5
#else
#define STEP 1
#endif

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static struct ledger ledger;

static void start_over(void)
{
    if (fake != NULL)
        fake_disk_free(fake);
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    ledger = (struct ledger){.count = 0};
}

static int set_up(void **state)
{
    (void)state;
    start_over();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    fake = NULL;
    return 0;
}

static void test_a_new_journal_gets_a_key_and_a_checkpoint_of_nothing(void **state)
{
    struct oyez_journal_report report;
    oyez_journal *journal = open_keyed(fake, &ledger, &report);
    struct oyez_note_verifier verifier;

    (void)state;
    assert_true(report.key_made);
    assert_int_equal(ledger.count, 1);
    assert_int_equal(newest_of(disk).size, 0);
    assert_int_equal(oyez_journal_verifier(journal, &verifier), OYEZ_OK);
    assert_memory_equal(verifier.name, "oyez/", 5);
    assert_string_equal(verifier.name, newest_of(disk).origin);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_keyed(fake, &ledger, &report);
    assert_false(report.key_made);
    assert_int_equal(ledger.count, 1); // nothing new to say
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_checkpoint_covers_what_is_safe_and_nothing_else(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    struct oyez_journal_record record = sample_event(4);

    (void)state;
    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_write(journal), OYEZ_OK); // not synced
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    assert_int_equal(newest_of(disk).size, 3);
    assert_int_equal(ledger.last.records, 3);
    assert_int_equal(ledger.last.epoch, SAMPLE_EPOCH);
    assert_int_equal(ledger.last.position, 3);
    assert_int_equal(oyez_journal_sync(journal, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    assert_int_equal(newest_of(disk).size, 4);
    size_t count = ledger.count;
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    assert_int_equal(ledger.count, count);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    check_ledger(disk, &ledger);
}

static void test_the_end_of_an_epoch_is_told_as_such(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    struct oyez_journal_record end = sample_epoch_end(2), act = sample_act();

    (void)state;
    commit_events(journal, 1, 2);
    assert_int_equal(oyez_journal_append(journal, &end, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    assert_int_equal(ledger.last.records, 4);
    assert_int_equal(ledger.last.epoch, SAMPLE_EPOCH);
    assert_true(ledger.last.position == OYEZ_POSITION_EPOCH_END);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_segments_end_and_journals_close_with_a_checkpoint(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    oyez_checkpoint_history *history = NULL;
    struct oyez_checkpoint_entry entry;
    uint64_t torn;
    size_t read = 0;

    (void)state;
    commit_events(journal, 1, 40);
    assert_true(fake_disk_count(fake, ".seg") >= 3);
    assert_int_equal(ledger.count, fake_disk_count(fake, ".seg")); // and that of nothing
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(newest_of(disk).size, 40);
    check_ledger(disk, &ledger);
    assert_int_equal(oyez_checkpoint_history_open(&history, "journal", disk), OYEZ_OK);
    while (oyez_checkpoint_history_next(history, &entry, &torn) == OYEZ_OK) {
        struct oyez_note note;
        struct oyez_checkpoint checkpoint;
        assert_int_equal(oyez_note_parse(&note, entry.note, entry.note_size), OYEZ_OK);
        assert_int_equal(oyez_checkpoint_read(&checkpoint, note.text, note.text_size), OYEZ_OK);
        assert_memory_equal(&checkpoint.root, &ledger.given[read].root, sizeof(struct oyez_hash));
        assert_int_equal(checkpoint.size, ledger.given[read++].size);
    }
    assert_int_equal(read, ledger.count);
    assert_int_equal(torn, 0);
    oyez_checkpoint_history_close(&history);
}

static void test_a_clean_opening_reads_no_record_again(void **state)
{
    struct oyez_journal_report report;
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);

    (void)state;
    commit_events(journal, 1, 40);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_keyed(fake, &ledger, &report);
    assert_int_equal(report.hashed, 0);
    assert_int_equal(report.checkpointed, 40);
    commit_events(journal, 41, 45);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    check_ledger(disk, &ledger);
}

static void test_after_a_crash_no_more_than_the_last_segment_is_read_again(void **state)
{
    struct oyez_journal_report report;
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);

    (void)state;
    commit_events(journal, 1, 40);
    const char *name = fake_disk_name(fake, ".seg", fake_disk_count(fake, ".seg") - 1);
    uint64_t first = strtoull(name, NULL, 10);
    abandon(fake, &journal);
    journal = open_keyed(fake, &ledger, &report);
    assert_true(first < 40 && report.hashed == 40 - first);
    assert_int_equal(newest_of(disk).size, 40);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    check_ledger(disk, &ledger);
}

static void test_hash_files_that_are_missing_or_wrong_are_made_again(void **state)
{
    static const char *const names[] = {"hash.L0", "hash.L1"};
    struct oyez_journal_report report;
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    size_t size;

    (void)state;
    commit_events(journal, 1, 300);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    for (unsigned i = 0; i < 4; i++) {
        uint8_t *bytes = fake_disk_file(fake, names[i % 2], &size);
        assert_int_equal(size, i % 2 == 0 ? 300 * 32 : 32);
        uint8_t *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, bytes, size);
        if (i < 2)
            fake_disk_remove(fake, names[i % 2]);
        else
            bytes[size - 5] ^= 1;
        journal = open_keyed(fake, &ledger, &report);
        assert_int_equal(report.hashed, 300);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
        assert_memory_equal(fake_disk_file(fake, names[i % 2], &size), copy, size);
        free(copy);
    }
}

static void test_a_journal_without_checkpoints_gets_them(void **state)
{
    struct oyez_journal_report report;
    oyez_journal *journal = open_small(fake, NULL);

    (void)state;
    commit_events(journal, 1, 40);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_null(fake_disk_name(fake, "hash.L0", 0));
    journal = open_keyed(fake, &ledger, &report);
    assert_int_equal(report.hashed, 40);
    assert_int_equal(newest_of(disk).size, 40);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    // Written without the key for a while, then with it again.
    journal = open_small(fake, NULL);
    commit_events(journal, 41, 80);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    journal = open_keyed(fake, &ledger, &report);
    assert_true(report.hashed < 60);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(newest_of(disk).size, 80);
    check_ledger(disk, &ledger);
}

static void assert_refused(oyez_err err, const char *saying)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    oyez_journal *journal = NULL;

    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), err);
    assert_null(journal);
    if (strstr(oyez_error_detail(), saying) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", oyez_error_detail(), saying);
}

static void test_a_cut_at_a_commit_is_refused_with_and_without_a_key(void **state)
{
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    size_t size;

    (void)state;
    commit_events(journal, 1, 3);
    (void)fake_disk_file(fake, FIRST_SEGMENT, &size);
    commit_events(journal, 4, 4);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    (void)fake_disk_file(fake, FIRST_SEGMENT, &size);
    // The close, the last event and its commit.
    fake_disk_resize(fake, FIRST_SEGMENT, size - OYEZ_MARK_SIZE - 192 - OYEZ_MARK_SIZE);
    assert_refused(OYEZ_ERR_CORRUPT, "holds 3 records, its checkpoint covers 4");
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_ERR_CORRUPT);
    fake_disk_remove(fake, FIRST_SEGMENT);
    assert_refused(OYEZ_ERR_CORRUPT, "holds 0 records, its checkpoint covers 4");
}

static void test_another_history_of_the_same_length_is_refused(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    struct oyez_journal_record record = sample_event(4);
    uint8_t *bytes;
    size_t size;

    (void)state;
    commit_events(journal, 1, 4);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    struct fake_disk *other = fake_disk_new();
    journal = open_small(other, NULL);
    commit_events(journal, 1, 3);
    record.type_seq = 5;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    bytes = fake_disk_file(other, FIRST_SEGMENT, &size);
    fake_disk_put(fake, FIRST_SEGMENT, bytes, size);
    fake_disk_free(other);
    // A clean opening reads no record again; without hash files, or after a crash, it has to.
    fake_disk_remove(fake, "hash.L0");
    assert_refused(OYEZ_ERR_CORRUPT, "something in them was changed");
}

static void test_hash_files_that_change_under_the_writer_stop_it(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    size_t size;

    (void)state;
    commit_events(journal, 1, 5);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    fake_disk_file(fake, "hash.L0", &size)[33] ^= 1;
    commit_events(journal, 6, 6);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_ERR_CORRUPT);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_ERR_CORRUPT);
    assert_int_equal(newest_of(disk).size, 5);
    abandon(fake, &journal);
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(newest_of(disk).size, 6);
    check_ledger(disk, &ledger);
}

static void test_either_file_of_checkpoints_is_made_again_from_the_other(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    size_t size;

    (void)state;
    commit_events(journal, 1, 5);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    fake_disk_remove(fake, "checkpoint");
    assert_int_equal(newest_of(disk).size, 5);
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_non_null(fake_disk_file(fake, "checkpoint", &size));
    fake_disk_file(fake, "checkpoint", &size)[4] = 1;
    assert_int_equal(newest_of(disk).size, 5);
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_not_equal(fake_disk_file(fake, "checkpoint", &size)[4], 1);
    // The last entry of the history, as if torn.
    (void)fake_disk_file(fake, "checkpoints", &size);
    fake_disk_resize(fake, "checkpoints", size - 9);
    assert_int_equal(newest_of(disk).size, 5);
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    size_t again;
    (void)fake_disk_file(fake, "checkpoints", &again);
    assert_int_equal(again, size);
    fake_disk_file(fake, "checkpoints", &size)[size - 20] ^= 1; // or damaged
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    (void)fake_disk_file(fake, "checkpoints", &again);
    assert_int_equal(again, size);
    fake_disk_file(fake, "checkpoints", &size)[13] ^= 1;
    assert_refused(OYEZ_ERR_CORRUPT, "checkpoints: offset 12");
}

// What is lost with earlier entries nothing can make again, so it is not passed over.
static void test_a_history_that_lost_more_than_the_newest_is_refused(void **state)
{
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    size_t ends[4], size;

    (void)state;
    for (uint64_t number = 1; number <= 4; number++) {
        commit_events(journal, number, number);
        assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
        (void)fake_disk_file(fake, "checkpoints", &ends[number - 1]);
    }
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    const uint8_t *bytes = fake_disk_file(fake, "checkpoints", &size);
    uint8_t *kept = malloc(size);
    assert_non_null(kept);
    assert_int_equal(size, ends[3]);
    memcpy(kept, bytes, size);
    for (size_t cut = 32; cut < ends[2] + 100; cut += 5) {
        fake_disk_put(fake, "checkpoints", kept, cut);
        assert_refused(OYEZ_ERR_CORRUPT, "/checkpoints: offset ");
        bytes = fake_disk_file(fake, "checkpoints", &size);
        assert_int_equal(size, cut);
        assert_memory_equal(bytes, kept, cut);
    }
    for (int last = 2; last >= 0; last--) { // the last entries damaged, no byte missing
        fake_disk_put(fake, "checkpoints", kept, ends[3]);
        for (int i = last; i < 4; i++)
            fake_disk_file(fake, "checkpoints", &size)[ends[i] - 20] ^= 1;
        assert_refused(OYEZ_ERR_CORRUPT, "`oyez repair`");
    }
    fake_disk_remove(fake, "checkpoints");
    assert_refused(OYEZ_ERR_CORRUPT, "/checkpoints: offset 0");
    fake_disk_put(fake, "checkpoints", kept, ends[3]);
    free(kept);
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

// Opens and writes with the power cut after so many changes; then all that was given out still is
// a beginning of what is there.
static void cut_power(unsigned changes, enum fake_cut cut, unsigned seed)
{
    struct oyez_journal_options options = keyed_journal(fake, &ledger);
    oyez_journal *journal = NULL;
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t durable = 0, records;

    options.segment_size = 1500;
    fake_disk_stop_after(fake, changes);
    oyez_err err = oyez_journal_open(&journal, "journal", &options, NULL);
    for (uint64_t number = 1; number <= 12 && err == OYEZ_OK; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        err = oyez_journal_append(journal, &record, NULL);
        if (err == OYEZ_OK)
            err = oyez_journal_write(journal);
        if (err == OYEZ_OK && number % 2 == 0)
            err = oyez_journal_sync(journal, &durable);
        if (err == OYEZ_OK && number % 3 == 0)
            err = oyez_journal_checkpoint(journal);
    }
    (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, cut, seed);
    fake_disk_stop_after(fake, seed % 13); // and once more while it recovers
    if (oyez_journal_open(&journal, "journal", &options, NULL) == OYEZ_OK)
        (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, cut, seed + 1);
    journal = open_keyed(fake, &ledger, NULL);
    assert_true(oyez_journal_next_index(journal) >= durable);
    records = oyez_journal_next_index(journal);
    commit_events(journal, records + 1, records + 1);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    check_ledger(disk, &ledger);
    check_history(disk, &ledger);
    assert_int_equal(newest_of(disk).size, records + 1);
}

static void test_no_power_cut_makes_a_liar_of_a_checkpoint(void **state)
{
    (void)state;
    for (unsigned changes = 1; changes < 140; changes++)
        for (unsigned seed = 0; seed < 16; seed += STEP) {
            start_over();
            cut_power(changes, seed < 2 ? (enum fake_cut)seed : FAKE_CUT_SOME, seed);
        }
}

// One call after another fails once: the journal stops, and goes on when it is opened again.
static void fail_calls(enum fake_call call, unsigned nth, int error)
{
    struct oyez_journal_options options = keyed_journal(fake, &ledger);
    oyez_journal *journal = NULL;
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t durable = 0;

    options.segment_size = 1500;
    fake_disk_fail(fake, call, nth, error, false);
    oyez_err err = oyez_journal_open(&journal, "journal", &options, NULL);
    for (uint64_t number = 1; number <= 12 && err == OYEZ_OK; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        err = oyez_journal_append(journal, &record, NULL);
        if (err == OYEZ_OK)
            err = oyez_journal_commit(journal, &durable);
        if (err == OYEZ_OK && number % 3 == 0)
            err = oyez_journal_checkpoint(journal);
    }
    (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, nth % 2 == 0 ? FAKE_CUT_ALL_LOST : FAKE_CUT_NOTHING_LOST, nth);
    journal = open_keyed(fake, &ledger, NULL);
    assert_true(oyez_journal_next_index(journal) >= durable);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    check_ledger(disk, &ledger);
}

static void test_no_failing_call_makes_a_liar_of_a_checkpoint(void **state)
{
    static const enum fake_call calls[] = {FAKE_OPEN,     FAKE_WRITE,  FAKE_SYNC,
                                           FAKE_TRUNCATE, FAKE_RENAME, FAKE_SYNC_DIRECTORY};

    (void)state;
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        for (unsigned nth = 1; nth < 70; nth++) {
            start_over();
            fail_calls(calls[i], nth, nth % 3 == 0 ? 28 : 5); // ENOSPC, EIO
        }
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_a_new_journal_gets_a_key_and_a_checkpoint_of_nothing),
        IN_MEMORY(test_a_checkpoint_covers_what_is_safe_and_nothing_else),
        IN_MEMORY(test_the_end_of_an_epoch_is_told_as_such),
        IN_MEMORY(test_segments_end_and_journals_close_with_a_checkpoint),
        IN_MEMORY(test_a_clean_opening_reads_no_record_again),
        IN_MEMORY(test_after_a_crash_no_more_than_the_last_segment_is_read_again),
        IN_MEMORY(test_hash_files_that_are_missing_or_wrong_are_made_again),
        IN_MEMORY(test_a_journal_without_checkpoints_gets_them),
        IN_MEMORY(test_a_cut_at_a_commit_is_refused_with_and_without_a_key),
        IN_MEMORY(test_another_history_of_the_same_length_is_refused),
        IN_MEMORY(test_hash_files_that_change_under_the_writer_stop_it),
        IN_MEMORY(test_either_file_of_checkpoints_is_made_again_from_the_other),
        IN_MEMORY(test_a_history_that_lost_more_than_the_newest_is_refused),
        IN_MEMORY(test_no_power_cut_makes_a_liar_of_a_checkpoint),
        IN_MEMORY(test_no_failing_call_makes_a_liar_of_a_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// What acts do to a journal, before and while it is backed up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backed_up_journal.h"
#include "oyez/archive.h"
#include "oyez/erase.h"

static void put_file(const char *name)
{
    char path[160];

    snprintf(path, sizeof(path), "%s/%s", journal_path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void test_an_act_that_is_under_way_is_waited_for(void **state)
{
    const struct oyez_backup_options options = {.wait_ms = 50};
    struct oyez_backup_report report;

    (void)state;
    add_and_close(1, 5);
    put_file("unfinished");
    assert_int_equal(oyez_backup_make(journal_path, backup_path, &options, &report),
                     OYEZ_ERR_TIMEOUT);
    assert_false(is_there(backup_path, "checkpoint"));
}

struct interference {
    oyez_journal *journal;
    unsigned acts; // to be made
    bool checkpoint;
};

static void add_act(void *arg)
{
    static const char text[] = "event 1763629200000000:9 01900000-0000-7000-8000-000000000007\n"
                               "by test\nwhy test\n";
    struct interference *interference = arg;
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_ERASED,
                                            .broker_time = SAMPLE_TIME,
                                            .details = (const uint8_t *)text,
                                            .details_size = sizeof(text) - 1};

    if (interference->acts == 0)
        return;
    interference->acts--;
    assert_int_equal(oyez_journal_append(interference->journal, &act, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(interference->journal, NULL), OYEZ_OK);
    if (interference->checkpoint)
        assert_int_equal(oyez_journal_checkpoint(interference->journal), OYEZ_OK);
}

static oyez_err back_up_with(struct interference *interference, struct oyez_backup_report *report)
{
    struct stopping_disk disk;
    struct oyez_backup_options options = {.disk = &disk.table, .wait_ms = 50};

    stopping_disk_init(&disk, 0);
    disk.watched = "journal/00000000000000000000.seg";
    disk.opening = add_act;
    disk.arg = interference;
    return oyez_backup_make(journal_path, backup_path, &options, report);
}

static void test_an_act_while_it_is_copied_is_in_the_backup(void **state)
{
    struct interference interference = {.acts = 2, .checkpoint = true};
    struct oyez_backup_report report;

    (void)state;
    interference.journal = open_journal(journal_path);
    add_events(interference.journal, 1, 20);
    assert_int_equal(oyez_journal_checkpoint(interference.journal), OYEZ_OK);
    assert_int_equal(back_up_with(&interference, &report), OYEZ_OK);
    assert_int_equal(report.records, 22);
    assert_int_equal(verify_path(backup_path).acts, 2);
    // Without a checkpoint over it, it is not known whether what it took away is in the copy.
    interference.acts = 1;
    interference.checkpoint = false;
    assert_int_equal(back_up_with(&interference, &report), OYEZ_ERR_TIMEOUT);
    assert_int_equal(verify_path(backup_path).acts, 2);
    assert_int_equal(oyez_journal_close(&interference.journal), OYEZ_OK);
    assert_int_equal(back_up().records, 23);
}

static void add_personal(uint64_t number)
{
    oyez_journal *journal = open_journal(journal_path);
    struct oyez_journal_record record = sample_personal(number);

    record.details = (const uint8_t *)"{\"secret\":\"SECRET\"}";
    record.details_size = 19;
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void erase(uint64_t index)
{
    const struct oyez_erasure erasure = {.kind = OYEZ_RECORD_ERASED, .by = "test", .why = "test"};
    oyez_journal *journal = open_journal(journal_path);

    assert_int_equal(oyez_journal_erase(journal, &erasure, &index, 1, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static bool has_secret(const char *directory)
{
    return run_command("grep -rq SECRET %s%s", directory, "") == 0;
}

static void test_what_was_erased_leaves_the_backup_with_the_next_one(void **state)
{
    (void)state;
    add_and_close(1, 5);
    add_personal(6);
    add_and_close(7, 60);
    back_up();
    usleep(100000);
    back_up();
    assert_true(has_secret(backup_path));
    erase(5);
    assert_false(has_secret(journal_path));
    struct oyez_backup_report report = back_up();
    assert_false(has_secret(backup_path));
    assert_true(report.copied < report.segments);
    assert_int_equal(good_records(backup_path), report.records);
    assert_int_equal(verify_path(backup_path).erased, 1);
}

static void archive_first(void)
{
    oyez_journal *journal = open_journal(journal_path);
    struct oyez_archive_report prepared;

    assert_int_equal(oyez_journal_archive_prepare(journal, 0, &prepared), OYEZ_OK);
    assert_int_equal(oyez_journal_archive(journal, &prepared, "test"), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_what_was_archived_is_archived_in_the_backup(void **state)
{
    struct oyez_restore_report restored;

    (void)state;
    add_and_close(1, 60);
    back_up();
    archive_first();
    struct oyez_backup_report report = back_up();
    assert_int_equal(report.records, 61);
    assert_false(is_there(backup_path, "00000000000000000000.seg"));
    assert_true(is_there(backup_path, "archive/00000000000000000000.seg.zst"));
    assert_int_equal(good_records(backup_path), 61);
    usleep(100000);
    back_up();
    assert_true(back_up().copied <= 1); // the last one, where it is not sealed
    assert_int_equal(oyez_backup_restore(backup_path, copy_path, NULL, NULL, &restored), OYEZ_OK);
    assert_int_equal(good_records(copy_path), 61);
    // And one that was archived before the first backup.
    assert_int_equal(run_command("rm -r %s%s", backup_path, ""), 0);
    assert_int_equal(back_up().records, 61);
    assert_int_equal(good_records(backup_path), 61);
}

static void archive_at_copying(void *arg)
{
    struct interference *interference = arg;
    struct oyez_archive_report prepared;

    // First it is listed, then it is copied.
    if (interference->acts == 0 || --interference->acts > 0)
        return;
    assert_int_equal(oyez_journal_archive_prepare(interference->journal, 0, &prepared), OYEZ_OK);
    assert_int_equal(oyez_journal_archive(interference->journal, &prepared, "test"), OYEZ_OK);
}

static void
test_a_segment_that_is_archived_before_it_is_copied_is_copied_from_the_archive(void **state)
{
    struct stopping_disk disk;
    const struct oyez_backup_options options = {.disk = &disk.table, .wait_ms = 50};
    struct oyez_backup_report report;
    struct interference interference = {.acts = 2};

    (void)state;
    interference.journal = open_journal(journal_path);
    add_events(interference.journal, 1, 60);
    assert_int_equal(oyez_journal_checkpoint(interference.journal), OYEZ_OK);
    stopping_disk_init(&disk, 0);
    disk.watched = "journal/00000000000000000000.seg";
    disk.opening = archive_at_copying;
    disk.arg = &interference;
    // No checkpoint has to cover the act: it takes nothing away.
    assert_int_equal(oyez_backup_make(journal_path, backup_path, &options, &report), OYEZ_OK);
    assert_int_equal(interference.acts, 0);
    assert_int_equal(report.records, 60);
    assert_int_equal(report.newer, 1);
    assert_true(is_there(backup_path, "archive/00000000000000000000.seg.zst"));
    assert_false(is_there(backup_path, "00000000000000000000.seg"));
    assert_int_equal(good_records(backup_path), 60);
    assert_int_equal(oyez_journal_close(&interference.journal), OYEZ_OK);
    assert_int_equal(back_up().records, 61);
}

static void test_what_has_expired_leaves_the_backup_too(void **state)
{
    struct oyez_restore_report restored;

    (void)state;
    add_and_close(1, 60);
    struct oyez_backup_report before = back_up();
    expire_below(40);
    struct oyez_backup_report report = back_up();
    assert_true(report.segments < before.segments);
    assert_int_equal(report.records, 61);
    assert_false(is_there(backup_path, "00000000000000000000.seg"));
    assert_int_equal(good_records(backup_path), 61);
    assert_true(verify_path(backup_path).records < 61);
    assert_int_equal(oyez_backup_restore(backup_path, copy_path, NULL, NULL, &restored), OYEZ_OK);
    assert_int_equal(restored.verdict.problems, 0);
    oyez_journal *journal = open_journal(copy_path);
    add_events(journal, 61, 70);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(verify_path(copy_path).problems, 0);
}

static void test_a_first_backup_has_the_hashes_of_what_has_expired(void **state)
{
    (void)state;
    add_and_close(1, 60);
    expire_below(40);
    struct oyez_backup_report report = back_up();
    assert_int_equal(report.records, 61);
    assert_int_equal(verify_path(backup_path).problems, 0);
    assert_memory_equal(verify_path(backup_path).root, verify_path(journal_path).root,
                        OYEZ_LEAF_HASH_SIZE);
    add_and_close(61, 90);
    assert_int_equal(back_up().records, 91);
    assert_int_equal(verify_path(backup_path).problems, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_directory, tear_down_directory)
        TEST(test_an_act_that_is_under_way_is_waited_for),
        TEST(test_an_act_while_it_is_copied_is_in_the_backup),
        TEST(test_what_was_erased_leaves_the_backup_with_the_next_one),
        TEST(test_what_was_archived_is_archived_in_the_backup),
        TEST(test_a_segment_that_is_archived_before_it_is_copied_is_copied_from_the_archive),
        TEST(test_what_has_expired_leaves_the_backup_too),
        TEST(test_a_first_backup_has_the_hashes_of_what_has_expired),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

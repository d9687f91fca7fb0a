// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backed_up_journal.h"
#include "oyez/checkpoint.h"
#include "oyez/repair.h"

static void test_a_backup_is_a_journal_closed_at_the_checkpoint(void **state)
{
    struct oyez_journal_verdict source;

    (void)state;
    add_and_close(1, 60);
    struct oyez_backup_report report = back_up();
    source = verify_path(journal_path);
    assert_int_equal(report.records, 60);
    assert_int_equal(report.before, 0);
    assert_int_equal(report.newer, 0);
    assert_int_equal(report.segments, source.segments);
    assert_true(report.segments > 3);
    assert_memory_equal(report.root, source.root, OYEZ_LEAF_HASH_SIZE);
    assert_int_equal(good_records(backup_path), 60);
    assert_memory_equal(verify_path(backup_path).root, source.root, OYEZ_LEAF_HASH_SIZE);
    assert_int_equal(verify_path(backup_path).checkpoints, source.checkpoints);
}

static void test_a_journal_that_is_written_is_copied_up_to_its_checkpoint(void **state)
{
    (void)state;
    oyez_journal *journal = open_journal(journal_path);
    add_events(journal, 1, 33);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    add_events(journal, 34, 36);
    struct oyez_backup_report report = back_up();
    // The end of a segment makes a checkpoint too.
    assert_in_range(report.records, 33, 36);
    assert_int_equal(report.records + report.newer, 36);
    assert_int_equal(good_records(backup_path), report.records);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_what_did_not_change_is_not_copied_again(void **state)
{
    (void)state;
    add_and_close(1, 60);
    uint64_t first = back_up().segments;
    // A file that has just been written may be written again within the same tick of the clock.
    usleep(100000);
    back_up();
    add_and_close(61, 70);
    struct oyez_backup_report report = back_up();
    assert_int_equal(report.before, 60);
    assert_int_equal(report.records, 70);
    assert_true(report.copied >= 1);
    assert_true(report.copied <= report.segments - first + 1);
    assert_int_equal(good_records(backup_path), 70);
}

static void test_a_segment_that_changed_is_copied_again(void **state)
{
    char path[128];

    (void)state;
    add_and_close(1, 60);
    back_up();
    usleep(100000);
    back_up();
    assert_int_equal(back_up().copied, 1); // the last one
    snprintf(path, sizeof(path), "%s/00000000000000000000.seg", journal_path);
    assert_int_equal(run_command("touch %s%s", path, ""), 0);
    assert_int_equal(back_up().copied, 2);
    assert_int_equal(good_records(backup_path), 60);
}

static void test_damage_does_not_reach_the_backup(void **state)
{
    struct oyez_backup_report report;
    char path[128];

    (void)state;
    add_and_close(1, 60);
    back_up();
    snprintf(path, sizeof(path), "%s/00000000000000000000.seg", journal_path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 150, SEEK_SET), 0);
    assert_int_equal(fputs("damage", file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report), OYEZ_ERR_CORRUPT);
    assert_int_equal(good_records(backup_path), 60);
}

static void test_another_segment_in_the_place_of_one_does_not_reach_the_backup(void **state)
{
    struct oyez_backup_report report;

    (void)state;
    // Of two that begin alike each event has another number, in frames of the same size.
    add_and_close(1, 5);
    assert_int_equal(run_command("cp -a %s %s.other", journal_path, journal_path), 0);
    add_and_close(6, 60);
    back_up();
    assert_int_equal(run_command("mv %s %s.one", journal_path, journal_path), 0);
    assert_int_equal(run_command("mv %s.other %s", journal_path, journal_path), 0);
    add_and_close(106, 160);
    assert_int_equal(
        run_command("cp %s/00000000000000000000.seg %s.one/", journal_path, journal_path), 0);
    assert_int_equal(run_command("rm -r %s%s", journal_path, ""), 0);
    assert_int_equal(run_command("mv %s.one %s", journal_path, journal_path), 0);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report), OYEZ_ERR_CORRUPT);
    assert_int_equal(good_records(backup_path), 60);
}

static void test_another_story_does_not_reach_the_backup(void **state)
{
    struct oyez_backup_report report;

    (void)state;
    add_and_close(1, 20);
    assert_int_equal(run_command("cp -a %s %s.other", journal_path, journal_path), 0);
    add_and_close(21, 30);
    back_up();
    // From 20 on the two have nothing in common but journal id and key.
    assert_int_equal(run_command("rm -r %s%s", journal_path, ""), 0);
    assert_int_equal(run_command("mv %s.other %s", journal_path, journal_path), 0);
    add_and_close(31, 50);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report), OYEZ_ERR_CORRUPT);
    assert_int_equal(good_records(backup_path), 30);
}

static void test_a_backup_is_not_replaced_by_less_or_by_another(void **state)
{
    struct oyez_backup_report report;

    (void)state;
    add_and_close(1, 20);
    assert_int_equal(run_command("cp -a %s %s.old", journal_path, journal_path), 0);
    add_and_close(21, 30);
    back_up();
    assert_int_equal(run_command("rm -r %s%s", journal_path, ""), 0);
    assert_int_equal(run_command("mv %s.old %s", journal_path, journal_path), 0);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report), OYEZ_ERR_REFUSED);
    assert_int_equal(run_command("rm -r %s %s", journal_path, key_path), 0);
    add_and_close(1, 40);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report), OYEZ_ERR_REFUSED);
    assert_int_equal(good_records(backup_path), 30);
}

static void test_only_a_directory_of_its_own_takes_a_backup(void **state)
{
    struct oyez_backup_report report;
    char within[160];

    (void)state;
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report),
                     OYEZ_ERR_NO_JOURNAL);
    add_and_close(1, 5);
    assert_int_equal(oyez_backup_make(journal_path, base, NULL, &report), OYEZ_ERR_REFUSED);
    assert_int_equal(oyez_backup_make(journal_path, journal_path, NULL, &report), OYEZ_ERR_REFUSED);
    snprintf(within, sizeof(within), "%s/backup", journal_path);
    assert_int_equal(oyez_backup_make(journal_path, within, NULL, &report), OYEZ_ERR_REFUSED);
    assert_false(is_there(base, "lock"));
}

static void test_a_journal_without_a_checkpoint_has_nothing_to_aim_at(void **state)
{
    const struct oyez_journal_options options = {.segment_size = 4096};
    struct oyez_backup_report report;
    oyez_journal *journal = NULL;

    (void)state;
    assert_int_equal(oyez_journal_open(&journal, journal_path, &options, NULL), OYEZ_OK);
    add_events(journal, 1, 5);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &report),
                     OYEZ_ERR_NOT_FOUND);
}

// Records were added, the first segment has expired, and the next has changed.
static void make_two_states(void)
{
    add_and_close(1, 30);
    back_up();
    usleep(100000);
    back_up();
    add_and_close(31, 49);
    expire_below(25);
    assert_int_equal(run_command("touch $(ls %s/*.seg | head -1)%s", journal_path, ""), 0);
    usleep(100000);
}

static void test_a_backup_interrupted_anywhere_is_the_old_one_or_the_new(void **state)
{
    struct oyez_backup_report report;
    struct oyez_restore_report restored;
    unsigned old = 0, fresh = 0;
    bool ended = false;

    (void)state;
    make_two_states();
    assert_int_equal(run_command("cp -a %s %s.saved", backup_path, backup_path), 0);
    for (unsigned stop = 1; !ended; stop++) {
        struct stopping_disk disk;
        struct oyez_backup_options options = {.disk = &disk.table};
        stopping_disk_init(&disk, stop);
        assert_int_equal(run_command("rm -rf %s %s", backup_path, copy_path), 0);
        assert_int_equal(run_command("cp -a %s.saved %s", backup_path, backup_path), 0);
        ended = oyez_backup_make(journal_path, backup_path, &options, &report) == OYEZ_OK;
        stopping_disk_init(&disk, 0);
        assert_int_equal(oyez_backup_restore(backup_path, copy_path, &options, NULL, &restored),
                         OYEZ_OK);
        assert_int_equal(restored.verdict.problems, 0);
        assert_int_equal(good_records(copy_path), restored.records);
        old += restored.records == 30;
        fresh += restored.records == 50;
        assert_int_equal(old + fresh, stop);
        assert_int_equal(back_up().records, 50);
        assert_int_equal(good_records(backup_path), 50);
        assert_false(is_there(backup_path, "backup.next"));
    }
    assert_true(old > 10 && fresh > 10);
}

static void test_a_first_backup_interrupted_anywhere_is_completed_by_the_next(void **state)
{
    struct oyez_backup_report report;
    bool ended = false;

    (void)state;
    add_and_close(1, 30);
    usleep(100000);
    for (unsigned stop = 1; !ended; stop++) {
        struct stopping_disk disk;
        struct oyez_backup_options options = {.disk = &disk.table};
        stopping_disk_init(&disk, stop);
        assert_int_equal(run_command("rm -rf %s%s", backup_path, ""), 0);
        ended = oyez_backup_make(journal_path, backup_path, &options, &report) == OYEZ_OK;
        assert_int_equal(back_up().records, 30);
        assert_int_equal(good_records(backup_path), 30);
    }
}

static void test_what_was_copied_before_an_interruption_is_not_copied_again(void **state)
{
    struct stopping_disk disk;
    struct oyez_backup_options options = {.disk = &disk.table};
    struct oyez_backup_report report;

    (void)state;
    add_and_close(1, 60);
    usleep(100000);
    stopping_disk_init(&disk, 20); // a segment takes four
    assert_int_not_equal(oyez_backup_make(journal_path, backup_path, &options, &report), OYEZ_OK);
    report = back_up();
    assert_true(report.copied < report.segments);
    assert_int_equal(good_records(backup_path), 60);
}

static void test_a_history_that_was_made_anew_is_copied_whole(void **state)
{
    char note[OYEZ_NOTE_SIZE_MAX];
    uint64_t kept = 0;
    size_t size;

    (void)state;
    add_and_close(1, 20);
    back_up();
    // Of a history that is lost the newest checkpoint is left: a shorter one.
    assert_int_equal(run_command("rm %s/%s", journal_path, OYEZ_CHECKPOINT_HISTORY_FILE), 0);
    assert_int_equal(oyez_repair_rebuild_checkpoints(journal_path, NULL, NULL, &kept), OYEZ_OK);
    add_and_close(21, 22);
    assert_int_equal(kept, 1);
    back_up();
    assert_int_equal(good_records(backup_path), 22);
    assert_int_equal(oyez_checkpoint_load(backup_path, NULL, note, &size), OYEZ_OK);
    assert_int_equal(verify_path(backup_path).checkpoints, verify_path(journal_path).checkpoints);
}

static void test_what_was_made_from_the_backup_goes_with_the_next(void **state)
{
    (void)state;
    add_and_close(1, 60);
    back_up();
    assert_int_equal(run_command("touch %s/00000000000000000000.idx%s", backup_path, ""), 0);
    back_up();
    assert_false(is_there(backup_path, "00000000000000000000.idx"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_directory, tear_down_directory)
        TEST(test_a_backup_is_a_journal_closed_at_the_checkpoint),
        TEST(test_a_journal_that_is_written_is_copied_up_to_its_checkpoint),
        TEST(test_what_did_not_change_is_not_copied_again),
        TEST(test_a_segment_that_changed_is_copied_again),
        TEST(test_damage_does_not_reach_the_backup),
        TEST(test_another_segment_in_the_place_of_one_does_not_reach_the_backup),
        TEST(test_another_story_does_not_reach_the_backup),
        TEST(test_a_backup_is_not_replaced_by_less_or_by_another),
        TEST(test_only_a_directory_of_its_own_takes_a_backup),
        TEST(test_a_journal_without_a_checkpoint_has_nothing_to_aim_at),
        TEST(test_a_backup_interrupted_anywhere_is_the_old_one_or_the_new),
        TEST(test_a_first_backup_interrupted_anywhere_is_completed_by_the_next),
        TEST(test_what_was_copied_before_an_interruption_is_not_copied_again),
        TEST(test_a_history_that_was_made_anew_is_copied_whole),
        TEST(test_what_was_made_from_the_backup_goes_with_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

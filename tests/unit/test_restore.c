// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/file.h>

#include "backed_up_journal.h"

static oyez_err restore(const struct oyez_disk *disk, struct oyez_restore_report *report)
{
    const struct oyez_backup_options options = {.disk = disk};

    return oyez_backup_restore(backup_path, copy_path, &options, NULL, report);
}

static void test_a_restored_journal_goes_on_behind_its_last_record(void **state)
{
    struct oyez_restore_report report;

    (void)state;
    add_and_close(1, 40);
    struct oyez_backup_report made = back_up();
    assert_int_equal(restore(NULL, &report), OYEZ_OK);
    assert_int_equal(report.records, 40);
    assert_int_equal(report.verdict.problems, 0);
    assert_memory_equal(report.root, made.root, OYEZ_LEAF_HASH_SIZE);
    assert_int_equal(report.epoch, SAMPLE_EPOCH);
    assert_int_equal(report.position, 40);
    assert_string_equal(report.origin, made.origin);
    assert_false(is_there(copy_path, "restoring"));

    struct oyez_journal_report opened;
    const struct oyez_journal_options options = {.key = key_path, .segment_size = 4096};
    oyez_journal *journal = NULL;
    assert_int_equal(oyez_journal_open(&journal, copy_path, &options, &opened), OYEZ_OK);
    assert_true(opened.clean);
    assert_int_equal(opened.hashed, 0);
    add_events(journal, 41, 50);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(good_records(copy_path), 50);
}

static void test_only_an_empty_directory_takes_a_journal(void **state)
{
    struct oyez_restore_report report;

    (void)state;
    add_and_close(1, 10);
    back_up();
    assert_int_equal(run_command("mkdir %s && touch %s/anything", copy_path, copy_path), 0);
    assert_int_equal(restore(NULL, &report), OYEZ_ERR_REFUSED);
    assert_int_equal(run_command("rm %s/anything%s", copy_path, ""), 0);
    assert_int_equal(restore(NULL, &report), OYEZ_OK);
    assert_int_equal(restore(NULL, &report), OYEZ_ERR_REFUSED);
    assert_int_equal(oyez_backup_restore(journal_path, base, NULL, NULL, &report),
                     OYEZ_ERR_NO_JOURNAL);
}

static int refuse_lock(void *context, const char *path, int flags, mode_t mode)
{
    const struct oyez_disk *system = oyez_disk_system();

    (void)context;
    if (stopping_disk_ends_with(path, "backup/lock")) {
        errno = EROFS;
        return -1;
    }
    return system->open(system->context, path, flags, mode);
}

static void test_a_backup_on_a_medium_that_is_read_only_is_restored(void **state)
{
    struct oyez_restore_report report;
    struct oyez_disk disk = *oyez_disk_system();

    (void)state;
    add_and_close(1, 10);
    back_up();
    disk.open = refuse_lock;
    assert_int_equal(restore(&disk, &report), OYEZ_OK);
    assert_int_equal(good_records(copy_path), 10);
}

static void test_a_backup_that_is_being_made_is_not_restored(void **state)
{
    struct oyez_restore_report report;
    char path[128];

    (void)state;
    add_and_close(1, 10);
    back_up();
    snprintf(path, sizeof(path), "%s/lock", backup_path);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(restore(NULL, &report), OYEZ_ERR_LOCKED);
    struct oyez_backup_report made;
    assert_int_equal(oyez_backup_make(journal_path, backup_path, NULL, &made), OYEZ_ERR_LOCKED);
    close(fd);
    assert_int_equal(restore(NULL, &report), OYEZ_OK);
}

static void test_a_damaged_backup_is_told_and_marked(void **state)
{
    struct oyez_restore_report report;
    char path[128];

    (void)state;
    add_and_close(1, 10);
    back_up();
    snprintf(path, sizeof(path), "%s/00000000000000000000.seg", backup_path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 150, SEEK_SET), 0);
    assert_int_equal(fputs("damage", file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(restore(NULL, &report), OYEZ_OK);
    assert_true(report.verdict.problems > 0);
    assert_true(is_there(copy_path, "restoring"));
    // The next one may use the directory.
    assert_int_equal(run_command("rm -r %s%s", backup_path, ""), 0);
    back_up();
    assert_int_equal(restore(NULL, &report), OYEZ_OK);
    assert_int_equal(report.verdict.problems, 0);
    assert_int_equal(good_records(copy_path), 10);
}

static void test_a_backup_that_lacks_a_segment_is_refused(void **state)
{
    struct oyez_restore_report report;

    (void)state;
    add_and_close(1, 40);
    back_up();
    assert_int_equal(run_command("rm %s/00000000000000000000.seg%s", backup_path, ""), 0);
    assert_int_equal(restore(NULL, &report), OYEZ_ERR_CORRUPT);
    assert_false(is_there(copy_path, "checkpoint"));
}

static void test_a_restore_interrupted_anywhere_is_no_journal_and_can_be_repeated(void **state)
{
    struct oyez_restore_report report;
    bool ended = false;

    (void)state;
    add_and_close(1, 30);
    back_up();
    for (unsigned stop = 1; !ended; stop++) {
        const struct oyez_journal_options options = {.key = key_path};
        struct oyez_journal_report opened;
        oyez_journal *journal = NULL;
        struct stopping_disk disk;
        stopping_disk_init(&disk, stop);
        assert_int_equal(run_command("rm -rf %s%s", copy_path, ""), 0);
        ended = restore(&disk.table, &report) == OYEZ_OK;
        // Whoever opens it in spite of all finds the whole journal or none, or is refused.
        if (is_there(copy_path, "restoring")) {
            assert_int_equal(run_command("cp -a %s %s.opened", copy_path, copy_path), 0);
            char path[128];
            snprintf(path, sizeof(path), "%s.opened", copy_path);
            if (oyez_journal_open(&journal, path, &options, &opened) == OYEZ_OK)
                assert_true(opened.records == 30 || opened.created);
            (void)oyez_journal_close(&journal);
            assert_int_equal(run_command("rm -r %s.opened%s", copy_path, ""), 0);
        }
        stopping_disk_init(&disk, 0);
        if (!ended && restore(&disk.table, &report) != OYEZ_OK)
            assert_false(is_there(copy_path, "restoring")); // nothing was left to be done
        assert_int_equal(good_records(copy_path), 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_directory, tear_down_directory)
        TEST(test_a_restored_journal_goes_on_behind_its_last_record),
        TEST(test_only_an_empty_directory_takes_a_journal),
        TEST(test_a_backup_on_a_medium_that_is_read_only_is_restored),
        TEST(test_a_backup_that_is_being_made_is_not_restored),
        TEST(test_a_damaged_backup_is_told_and_marked),
        TEST(test_a_backup_that_lacks_a_segment_is_refused),
        TEST(test_a_restore_interrupted_anywhere_is_no_journal_and_can_be_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/file.h>

#include "index_files.h"
#include "oyez/erase.h"

static int open_read_only(void *context, const char *name, int flags, mode_t mode)
{
    errno = EROFS;
    return flags & O_CREAT ? -1 : disk()->open(context, name, flags, mode);
}

static ssize_t write_nothing(void *context, int fd, const void *data, size_t size, off_t offset)
{
    (void)context, (void)fd, (void)data, (void)size, (void)offset;
    errno = ENOSPC;
    return -1;
}

static void test_a_file_that_cannot_be_written_leaves_nothing_behind(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100);
    struct oyez_journal_segment segment = segment_of(table);
    struct oyez_disk read_only = *disk(), full = *disk();
    char leftover[128];
    in_directory(leftover, ".idx.new");
    read_only.open = open_read_only;
    full.pwrite = write_nothing;
    assert_int_equal(oyez_index_file_write(&read_only, directory, &segment, table, 0), OYEZ_ERR_IO);
    assert_int_equal(oyez_index_file_write(&full, directory, &segment, table, 0),
                     OYEZ_ERR_NO_SPACE);
    assert_int_equal(access(leftover, F_OK), -1);
    assert_int_equal(access(path, F_OK), -1);
    oyez_index_table_close(&table);
}

static void test_what_a_killed_maker_left_is_written_over(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100);
    char leftover[128];
    in_directory(leftover, ".idx.new");
    int fd = open(leftover, O_CREAT | O_WRONLY, 0600);
    memset(bytes, 0x5A, sizeof bytes);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
    write_file(table);
    compare_all(table, WHOLE, 100);
    oyez_index_table_close(&table);
}

static void test_who_makes_it_at_the_same_time_is_told_so(void **state)
{
    (void)state;
    oyez_index_table *table = fill(100);
    struct oyez_journal_segment segment = segment_of(table);
    char segment_path[128];
    in_directory(segment_path, ".seg");
    int fd = open(segment_path, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(oyez_index_file_write(disk(), directory, &segment, table, 0), OYEZ_ERR_LOCKED);
    assert_int_equal(access(path, F_OK), -1);
    close(fd);
    write_file(table);
    compare_all(table, WHOLE, 100);
    oyez_index_table_close(&table);
}

// What it was made from may hold what has been erased since.
static void test_an_erasure_meanwhile_keeps_a_file_from_being_put_in_place(void **state)
{
    (void)state;
    static const char *const files[] = {"erased.state", "unfinished"};
    oyez_index_table *table = fill(100);
    struct oyez_journal_segment segment = segment_of(table);
    for (size_t i = 0; i < 2; i++) {
        char file[128];
        uint64_t before = oyez_journal_erasures(directory, NULL);
        snprintf(file, sizeof file, "%s/%s", directory, files[i]);
        int fd = open(file, O_CREAT | O_WRONLY, 0600);
        assert_int_equal(write(fd, "0\n", 2), 2);
        close(fd);
        assert_int_equal(oyez_index_file_write(disk(), directory, &segment, table, before),
                         OYEZ_ERR_BUSY);
        before = oyez_journal_erasures(directory, NULL);
        assert_int_equal(before == OYEZ_JOURNAL_ERASING, i == 1);
        assert_int_equal(oyez_index_file_write(disk(), directory, &segment, table, before),
                         i == 0 ? OYEZ_OK : OYEZ_ERR_BUSY);
        assert_int_equal(unlink(file), 0);
    }
    oyez_index_table_close(&table);
}

static void test_who_reads_a_file_is_not_disturbed_by_a_new_one(void **state)
{
    (void)state;
    oyez_index_table *table = fill(5000);
    write_file(table);
    oyez_index_file *file = open_good(table, 0);
    write_file(table);
    assert_int_equal(compare_key(file, table, key_of(OYEZ_INDEX_EVENT_TYPE, 1)), OYEZ_OK);
    assert_int_equal(oyez_index_file_check(file), OYEZ_OK);
    oyez_index_file_close(&file);
    oyez_index_table_close(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_that_cannot_be_written_leaves_nothing_behind),
        TEST(test_what_a_killed_maker_left_is_written_over),
        TEST(test_who_makes_it_at_the_same_time_is_told_so),
        TEST(test_an_erasure_meanwhile_keeps_a_file_from_being_put_in_place),
        TEST(test_who_reads_a_file_is_not_disturbed_by_a_new_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

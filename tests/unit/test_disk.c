// SPDX-License-Identifier: MIT
// The real disk's table, and whole reads and writes over one that stutters.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "oyez/journal.h"

static char directory[64];
static char path[OYEZ_JOURNAL_PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/oyez-test-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    return oyez_disk_path(path, directory, "file") == OYEZ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(directory);
}

static int note_name(void *arg, const char *name)
{
    if (strcmp(name, "file") == 0)
        ++*(int *)arg;
    return 0;
}

static void test_the_real_disk_does_what_it_says(void **state)
{
    (void)state;
    const struct oyez_disk *disk = oyez_disk_system();
    char other[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t data[8];
    size_t got;
    int names = 0;

    assert_int_equal(oyez_disk_path(other, directory, "other"), OYEZ_OK);
    int fd = disk->open(NULL, other, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(oyez_disk_write(disk, fd, other, "12345678", 8, 4), OYEZ_OK);
    assert_int_equal(disk->fdatasync(NULL, fd), 0);
    assert_int_equal(disk->size(NULL, fd), 12);
    assert_int_equal(disk->ftruncate(NULL, fd, 9), 0);
    assert_int_equal(oyez_disk_read(disk, fd, other, data, 8, 4, &got), OYEZ_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(data, "12345", 5);
    assert_int_equal(disk->flock(NULL, fd, LOCK_EX | LOCK_NB), 0);
    int second = disk->open(NULL, other, O_RDWR, 0);
    assert_int_equal(disk->flock(NULL, second, LOCK_EX | LOCK_NB), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    assert_int_equal(disk->close(NULL, second), 0);
    assert_int_equal(disk->rename(NULL, other, path), 0);
    assert_int_equal(disk->sync_directory(NULL, directory), 0);
    assert_int_equal(disk->list(NULL, directory, note_name, &names), 0);
    assert_int_equal(names, 1);
    assert_int_equal(disk->mkdir(NULL, directory, 0700), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(disk->close(NULL, fd), 0);
    assert_int_equal(disk->unlink(NULL, path), 0);
    assert_true(disk->now(NULL) > UINT64_C(1700000000000000000));
}

static void test_what_is_not_there_is_an_error(void **state)
{
    (void)state;
    const struct oyez_disk *disk = oyez_disk_system();

    assert_int_equal(disk->open(NULL, path, O_RDONLY, 0), -1);
    assert_int_equal(disk->list(NULL, path, note_name, NULL), -1);
    assert_int_equal(disk->sync_directory(NULL, path), -1);
    assert_int_equal(disk->size(NULL, -1), -1);
    assert_int_equal(oyez_disk_fail(path, "testing"), OYEZ_ERR_IO);
    assert_non_null(strstr(oyez_error_detail(), path));
    errno = ENOSPC;
    assert_int_equal(oyez_disk_fail(path, "testing"), OYEZ_ERR_NO_SPACE);
    errno = EDQUOT;
    assert_int_equal(oyez_disk_fail(path, "testing"), OYEZ_ERR_NO_SPACE);
}

static int interruptions;

static ssize_t stutter_read(void *context, int fd, void *data, size_t size, off_t offset)
{
    (void)context;
    if (interruptions++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return pread(fd, data, size > 3 ? 3 : size, offset);
}

static ssize_t stutter_write(void *context, int fd, const void *data, size_t size, off_t offset)
{
    (void)context;
    if (interruptions++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return pwrite(fd, data, size > 3 ? 3 : size, offset);
}

static void test_short_and_interrupted_calls_are_gone_on_with(void **state)
{
    (void)state;
    struct oyez_disk disk = *oyez_disk_system();
    char data[32] = "";
    size_t got;

    disk.pread = stutter_read;
    disk.pwrite = stutter_write;
    int fd = disk.open(NULL, path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(oyez_disk_write(&disk, fd, path, "the quick brown fox", 19, 0), OYEZ_OK);
    assert_int_equal(oyez_disk_read(&disk, fd, path, data, sizeof(data), 0, &got), OYEZ_OK);
    assert_int_equal(got, 19);
    assert_string_equal(data, "the quick brown fox");
    disk.close(NULL, fd);
}

static uint64_t settled(const struct oyez_disk *disk)
{
    uint64_t names;

    do
        names = disk->names(NULL, directory);
    while (names == 0); // just after a change it cannot be told
    return names;
}

static void test_a_directory_has_another_number_once_its_names_are_others(void **state)
{
    (void)state;
    const struct oyez_disk *disk = oyez_disk_system();
    char other[OYEZ_JOURNAL_PATH_SIZE];

    assert_int_equal(oyez_disk_path(other, directory, "other"), OYEZ_OK);
    uint64_t empty = settled(disk);
    assert_true(settled(disk) == empty);
    disk->close(NULL, disk->open(NULL, path, O_RDWR | O_CREAT, 0600));
    uint64_t made = settled(disk);
    assert_true(made != empty);
    int fd = disk->open(NULL, path, O_RDWR, 0);
    assert_int_equal(disk->pwrite(NULL, fd, "text", 4, 0), 4);
    assert_int_equal(disk->fdatasync(NULL, fd), 0);
    disk->close(NULL, fd);
    assert_true(disk->names(NULL, directory) == made); // files are their own affair
    assert_int_equal(disk->rename(NULL, path, other), 0);
    uint64_t renamed = settled(disk);
    assert_true(renamed != made);
    assert_int_equal(disk->unlink(NULL, other), 0);
    assert_true(settled(disk) != renamed);
    assert_int_equal(disk->names(NULL, "/nonexistent/journal"), 0);
}

static void test_a_file_is_replaced_whole_and_loaded_whole(void **state)
{
    (void)state;
    const struct oyez_disk *disk = oyez_disk_system();
    char left[OYEZ_JOURNAL_PATH_SIZE], text[8];
    uint8_t *bytes;
    size_t size;

    assert_int_equal(oyez_disk_path(left, directory, "file.new"), OYEZ_OK);
    disk->close(NULL, disk->open(NULL, left, O_RDWR | O_CREAT, 0644)); // of one that was killed
    assert_int_equal(oyez_disk_load_new(disk, path, 100, &bytes, &size), OYEZ_ERR_NOT_FOUND);
    assert_null(bytes);
    assert_int_equal(oyez_disk_replace(disk, path, "first", 5), OYEZ_OK);
    assert_int_equal(oyez_disk_replace_unsynced(disk, path, "second", 6), OYEZ_OK);
    assert_int_not_equal(access(left, F_OK), 0);
    int fd = disk->open(NULL, path, O_RDONLY, 0);
    assert_int_equal(disk->permissions(NULL, fd), 0600);
    disk->close(NULL, fd);
    assert_int_equal(oyez_disk_load(disk, path, text, 7, &size), OYEZ_OK);
    assert_string_equal(text, "second");
    assert_int_equal(oyez_disk_load(disk, path, text, 6, &size), OYEZ_ERR_TOO_LARGE);
    assert_int_equal(oyez_disk_load_new(disk, path, 6, &bytes, &size), OYEZ_OK);
    assert_int_equal(size, 6);
    assert_memory_equal(bytes, "second", 7); // and a NUL
    free(bytes);
    assert_int_equal(oyez_disk_load_new(disk, path, 5, &bytes, &size), OYEZ_ERR_TOO_LARGE);
    assert_null(bytes);
}

static void test_a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static char name[OYEZ_JOURNAL_PATH_SIZE];
    char out[OYEZ_JOURNAL_PATH_SIZE];

    memset(name, 'x', sizeof(name) - 1);
    assert_int_equal(oyez_disk_path(out, directory, name), OYEZ_ERR_INVALID);
}

int main(void)
{
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_the_real_disk_does_what_it_says),
        IN_DIRECTORY(test_what_is_not_there_is_an_error),
        IN_DIRECTORY(test_short_and_interrupted_calls_are_gone_on_with),
        IN_DIRECTORY(test_a_directory_has_another_number_once_its_names_are_others),
        IN_DIRECTORY(test_a_file_is_replaced_whole_and_loaded_whole),
        IN_DIRECTORY(test_a_path_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

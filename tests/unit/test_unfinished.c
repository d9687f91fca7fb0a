// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/journal/unfinished.h"
#include "tests/fault/fake_disk.h"

#define DIRECTORY "journal"
#define NAME OYEZ_UNFINISHED_FILE // of the disk in memory

static struct fake_disk *fake;
static const struct oyez_disk *disk;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    assert_int_equal(disk->mkdir(disk->context, DIRECTORY, 0700), 0);
    return disk->sync_directory(disk->context, ".");
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static struct oyez_unfinished make_erase(size_t count)
{
    struct oyez_unfinished unfinished = {.act = 77,
                                         .work = OYEZ_UNFINISHED_ERASE,
                                         .blanks = calloc(count, sizeof(*unfinished.blanks)),
                                         .count = count};

    assert_non_null(unfinished.blanks);
    for (size_t i = 0; i < count; i++) {
        unfinished.blanks[i].index = i * 3;
        memset(unfinished.blanks[i].commitment, (int)i, OYEZ_LEAF_HASH_SIZE);
    }
    return unfinished;
}

static void test_what_was_written_is_read(void **state)
{
    struct oyez_unfinished written = make_erase(OYEZ_UNFINISHED_BLANKS_MAX), read;

    (void)state;
    // The longest numbers too.
    written.act = UINT64_MAX;
    written.blanks[written.count - 1].index = UINT64_MAX;
    assert_int_equal(oyez_unfinished_write(disk, DIRECTORY, &written), OYEZ_OK);
    fake_disk_cut(fake, FAKE_CUT_ALL_LOST, 0);
    assert_int_equal(oyez_unfinished_load(disk, DIRECTORY, &read), OYEZ_OK);
    assert_int_equal(read.work, OYEZ_UNFINISHED_ERASE);
    assert_int_equal(read.act, UINT64_MAX);
    assert_int_equal(read.count, written.count);
    assert_memory_equal(read.blanks, written.blanks, read.count * sizeof(*read.blanks));
    oyez_unfinished_clear(&written);
    oyez_unfinished_clear(&read);
}

static void test_segments_are_named_too(void **state)
{
    static const enum oyez_unfinished_work works[] = {OYEZ_UNFINISHED_ARCHIVE,
                                                      OYEZ_UNFINISHED_EXPIRE};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct oyez_unfinished written = {.act = 5, .work = works[i], .segment = 4096}, read;
        assert_int_equal(oyez_unfinished_write(disk, DIRECTORY, &written), OYEZ_OK);
        assert_int_equal(oyez_unfinished_load(disk, DIRECTORY, &read), OYEZ_OK);
        assert_int_equal(read.work, works[i]);
        assert_int_equal(read.act, 5);
        assert_int_equal(read.segment, 4096);
        assert_int_equal(read.count, 0);
        oyez_unfinished_clear(&read);
        assert_int_equal(oyez_unfinished_remove(disk, DIRECTORY), OYEZ_OK);
        fake_disk_cut(fake, FAKE_CUT_ALL_LOST, 0);
        assert_int_equal(oyez_unfinished_load(disk, DIRECTORY, &read), OYEZ_ERR_NOT_FOUND);
    }
}

static void test_one_act_at_a_time(void **state)
{
    struct oyez_unfinished unfinished = {.work = OYEZ_UNFINISHED_ARCHIVE};

    (void)state;
    assert_int_equal(oyez_unfinished_write(disk, DIRECTORY, &unfinished), OYEZ_OK);
    assert_int_equal(oyez_unfinished_write(disk, DIRECTORY, &unfinished), OYEZ_ERR_INVALID);
}

static void test_too_many_records_are_refused(void **state)
{
    struct oyez_unfinished unfinished = make_erase(OYEZ_UNFINISHED_BLANKS_MAX + 1);

    (void)state;
    assert_int_equal(oyez_unfinished_write(disk, DIRECTORY, &unfinished), OYEZ_ERR_TOO_LARGE);
    oyez_unfinished_clear(&unfinished);
}

static void test_a_changed_byte_is_found(void **state)
{
    struct oyez_unfinished written = make_erase(3), read;
    size_t size;

    (void)state;
    assert_int_equal(oyez_unfinished_write(disk, DIRECTORY, &written), OYEZ_OK);
    uint8_t *bytes = fake_disk_file(fake, NAME, &size);
    assert_true(bytes != NULL && size > 100);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        assert_int_equal(oyez_unfinished_load(disk, DIRECTORY, &read), OYEZ_ERR_CORRUPT);
        bytes[i] ^= 1;
    }
    assert_int_equal(oyez_unfinished_load(disk, DIRECTORY, &read), OYEZ_OK);
    oyez_unfinished_clear(&read);
    oyez_unfinished_clear(&written);
}

static oyez_err load_text(const char *text)
{
    struct oyez_unfinished read;

    fake_disk_put(fake, NAME, text, strlen(text));
    oyez_err err = oyez_unfinished_load(disk, DIRECTORY, &read);
    oyez_unfinished_clear(&read);
    return err;
}

static void test_rubbish_is_refused(void **state)
{
    (void)state;
    assert_int_equal(load_text(""), OYEZ_ERR_CORRUPT);
    assert_int_equal(load_text("\n"), OYEZ_ERR_CORRUPT);
    assert_int_equal(load_text("oyez unfinished 1\n"), OYEZ_ERR_CORRUPT);
    assert_int_equal(load_text("oyez unfinished 1\nact 5\n"), OYEZ_ERR_CORRUPT);
}

static void test_a_record_is_found_by_its_index(void **state)
{
    struct oyez_unfinished unfinished = make_erase(5), none = {.act = 1};

    (void)state;
    assert_ptr_equal(oyez_unfinished_find(&unfinished, 6), unfinished.blanks[2].commitment);
    assert_null(oyez_unfinished_find(&unfinished, 7));
    assert_null(oyez_unfinished_find(&none, 0));
    oyez_unfinished_clear(&unfinished);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_what_was_written_is_read),
        IN_MEMORY(test_segments_are_named_too),
        IN_MEMORY(test_one_act_at_a_time),
        IN_MEMORY(test_too_many_records_are_refused),
        IN_MEMORY(test_a_changed_byte_is_found),
        IN_MEMORY(test_rubbish_is_refused),
        IN_MEMORY(test_a_record_is_found_by_its_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "new_file.h"

static char directory[] = "/tmp/oyez-test-XXXXXX";
static char path[64];
static char partial[80];

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void expect_text(const char *name, const char *text)
{
    char found[64] = "";
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    size_t size = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    assert_int_equal(size, strlen(text));
    assert_string_equal(found, text);
}

static void expect_none(const char *name)
{
    assert_int_not_equal(access(name, F_OK), 0);
}

static int clean(void **state)
{
    (void)state;
    unlink(path);
    unlink(partial);
    return 0;
}

static void test_a_file_gets_its_name_when_it_is_kept(void **state)
{
    (void)state;
    struct new_file file;
    assert_int_equal(new_file_open(&file, path), OYEZ_OK);
    assert_string_equal(file.partial, partial);
    expect_none(path);
    write_text(partial, "whole");
    assert_int_equal(new_file_keep(&file), OYEZ_OK);
    expect_none(partial);
    new_file_close(&file);
    expect_text(path, "whole");
}

static void test_what_is_not_kept_is_deleted(void **state)
{
    (void)state;
    struct new_file file;
    assert_int_equal(new_file_open(&file, path), OYEZ_OK);
    new_file_close(&file);
    expect_none(path);
    expect_none(partial);
}

static void test_no_file_is_replaced(void **state)
{
    (void)state;
    struct new_file file;
    write_text(path, "mine");
    assert_int_equal(new_file_open(&file, path), OYEZ_ERR_IN_USE);
    new_file_close(&file);
    expect_none(partial);
    unlink(path);
    // A link to nowhere is a name that is taken too.
    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(new_file_open(&file, path), OYEZ_ERR_IN_USE);
    new_file_close(&file);
    unlink(path);
    assert_int_equal(new_file_open(&file, path), OYEZ_OK);
    write_text(path, "mine");
    assert_int_equal(new_file_keep(&file), OYEZ_ERR_IN_USE);
    new_file_close(&file);
    expect_none(partial);
    expect_text(path, "mine");
}

static void test_what_a_killed_writer_left_is_written_over(void **state)
{
    (void)state;
    struct new_file file;
    write_text(partial, "half");
    assert_int_equal(new_file_open(&file, path), OYEZ_OK);
    assert_int_equal(new_file_keep(&file), OYEZ_OK);
    new_file_close(&file);
    expect_text(path, "");
}

static void test_two_writers_do_not_share_a_file(void **state)
{
    (void)state;
    struct new_file first;
    struct new_file second;
    assert_int_equal(new_file_open(&first, path), OYEZ_OK);
    write_text(partial, "first");
    assert_int_equal(new_file_open(&second, path), OYEZ_ERR_IN_USE);
    new_file_close(&second);
    assert_int_equal(new_file_keep(&first), OYEZ_OK);
    new_file_close(&first);
    expect_text(path, "first");
}

static void test_a_place_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct new_file file;
    assert_int_equal(new_file_open(&file, "/nowhere/x"), OYEZ_ERR_IO);
    assert_non_null(strstr(oyez_error_detail(), "/nowhere/x.partial: No such file"));
    new_file_close(&file);
}

static int open_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/a", directory);
    snprintf(partial, sizeof partial, "%s.partial", path);
    return 0;
}

static int close_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_file_gets_its_name_when_it_is_kept, clean),
        cmocka_unit_test_teardown(test_what_is_not_kept_is_deleted, clean),
        cmocka_unit_test_teardown(test_no_file_is_replaced, clean),
        cmocka_unit_test_teardown(test_what_a_killed_writer_left_is_written_over, clean),
        cmocka_unit_test_teardown(test_two_writers_do_not_share_a_file, clean),
        cmocka_unit_test_teardown(test_a_place_that_is_not_there_is_named, clean),
    };
    return cmocka_run_group_tests(tests, open_directory, close_directory);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command_call.h"
#include "recorded_events.h"

extern const struct command verify_command;

static struct recorded recorded;

static int begin(void **state)
{
    (void)state;
    recorded_open(&recorded);
    for (unsigned n = 0; n < 20; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        recorded_add(&recorded, &event);
        recorded_commit(&recorded);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    recorded_close(&recorded);
    return 0;
}

static int call(void)
{
    char text[512];
    snprintf(text, sizeof text, "verify %s", recorded.directory);
    return command_call(&verify_command, text);
}

static int open_segment(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/00000000000000000000.seg", recorded.directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void test_a_journal_is_good_while_it_is_written_and_after(void **state)
{
    (void)state;
    assert_int_equal(call(), EXIT_DONE);
    assert_non_null(strstr(command_out, ": good: 20 events; 20 records, 1 segment, "));
    assert_non_null(strstr(command_err, "being written"));
    assert_int_equal(oyez_journal_close(&recorded.journal), 0);
    assert_int_equal(call(), EXIT_DONE);
    assert_string_equal(command_err, "");
}

static void test_damage_is_named_and_is_1(void **state)
{
    (void)state;
    assert_int_equal(oyez_journal_close(&recorded.journal), 0);
    int fd = open_segment();
    assert_int_equal(pwrite(fd, "damage", 6, 64 + 700), 6);
    close(fd);
    assert_int_equal(call(), EXIT_CHECK_FAILED);
    assert_non_null(strstr(command_out, "00000000000000000000.seg: offset "));
    assert_non_null(strstr(command_out, "problem"));
}

static void test_a_torn_tail_is_told_and_is_0(void **state)
{
    (void)state;
    char copy[80];
    char command[512];
    // What a crash leaves: the files as they are, and nobody who holds the lock.
    snprintf(copy, sizeof copy, "%s-copy", recorded.directory);
    snprintf(command, sizeof command, "cp -r %s %s && printf garbage >>%s/00000000000000000000.seg",
             recorded.directory, copy, copy);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "verify %s", copy);
    assert_int_equal(command_call(&verify_command, command), EXIT_DONE);
    assert_non_null(strstr(command_err, "not closed cleanly: "));
    assert_non_null(strstr(command_err, " bytes and 0 whole uncommitted events follow the last "
                                        "commit in 00000000000000000000.seg\n"));
    assert_non_null(strstr(command_out, ": good: 20 events"));
    snprintf(command, sizeof command, "rm -r %s", copy);
    assert_int_equal(system(command), 0);
}

static void test_no_journal_is_5(void **state)
{
    (void)state;
    assert_int_equal(command_call(&verify_command, "verify /nonexistent"), EXIT_ENVIRONMENT);
    assert_int_equal(command_call(&verify_command, "verify a b"), EXIT_USAGE);
    setenv("OYEZ_DATA", recorded.directory, 1);
    assert_int_equal(command_call(&verify_command, "verify"), EXIT_DONE);
    assert_non_null(strstr(command_out, recorded.directory));
    unsetenv("OYEZ_DATA");
}

static void test_the_journal_is_named_by_dir_as_in_other_commands(void **state)
{
    (void)state;
    char text[512];
    snprintf(text, sizeof text, "verify --dir %s", recorded.directory);
    assert_int_equal(command_call(&verify_command, text), EXIT_DONE);
    assert_non_null(strstr(command_out, ": good: 20 events"));
    snprintf(text, sizeof text, "verify a --dir %s", recorded.directory);
    assert_int_equal(command_call(&verify_command, text), EXIT_USAGE);
    assert_non_null(strstr(command_err, "either DIR or --dir DIR"));
}

static void test_a_default_journal_that_is_not_there_says_how_to_name_another(void **state)
{
    (void)state;
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(recorded.directory), 0);
    int code = command_call(&verify_command, "verify");
    assert_int_equal(chdir(here), 0);
    assert_int_equal(code, EXIT_ENVIRONMENT);
    assert_string_equal(command_err,
                        "oyez verify: ./oyez-data: no such directory (name the journal "
                        "with --dir DIR, or set OYEZ_DATA)\n");
    assert_int_equal(command_call(&verify_command, "verify /nonexistent"), EXIT_ENVIRONMENT);
    assert_null(strstr(command_err, "--dir"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_journal_is_good_while_it_is_written_and_after, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_damage_is_named_and_is_1, begin, end),
        cmocka_unit_test_setup_teardown(test_a_torn_tail_is_told_and_is_0, begin, end),
        cmocka_unit_test_setup_teardown(test_no_journal_is_5, begin, end),
        cmocka_unit_test_setup_teardown(test_the_journal_is_named_by_dir_as_in_other_commands,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_a_default_journal_that_is_not_there_says_how_to_name_another, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

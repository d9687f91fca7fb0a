// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "output.h"

// Ends output on a full device, after a flush that has failed before the end.
static int finish_on_full(void)
{
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    dup2(full, STDOUT_FILENO);
    close(full);
    fputs("an event\n", stdout);
    assert_false(output_flush());
    int code = output_finish(EXIT_DONE);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    clearerr(stdout);
    return code;
}

static void test_what_was_all_written_ends_as_it_would(void **state)
{
    (void)state;
    assert_true(output_flush());
    assert_int_equal(output_finish(EXIT_DONE), EXIT_DONE);
    assert_int_equal(output_finish(EXIT_REFUSED), EXIT_REFUSED);
}

static void test_a_failure_before_the_end_is_not_forgotten(void **state)
{
    (void)state;
    assert_int_equal(finish_on_full(), EXIT_ENVIRONMENT);
    assert_int_equal(output_finish(EXIT_DONE), EXIT_ENVIRONMENT);
    assert_int_equal(output_finish(EXIT_REFUSED), EXIT_REFUSED);
}

static void test_a_later_reason_does_not_hide_the_first(void **state)
{
    (void)state;
    errno = EPIPE;
    assert_false(output_keep(false));
    assert_int_equal(output_finish(EXIT_DONE), EXIT_ENVIRONMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_all_written_ends_as_it_would),
        cmocka_unit_test(test_a_failure_before_the_end_is_not_forgotten),
        cmocka_unit_test(test_a_later_reason_does_not_hide_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "progress.h"

static void test_a_known_total_gives_a_bar_and_a_percentage(void **state)
{
    (void)state;
    char text[128];
    size_t size = progress_format(text, sizeof text, 50, 100, 7, "events");
    assert_int_equal(size, strlen("[###############---------------]  50 %  7 events"));
    assert_memory_equal(text, "[###############---------------]  50 %  7 events", size);
}

static void test_the_bar_is_never_more_than_full(void **state)
{
    (void)state;
    char text[128];
    size_t size = progress_format(text, sizeof text, 500, 100, 7, "events");
    assert_memory_equal(text, "[##############################] 100 %  7 events", size);
}

static void test_an_unknown_total_gives_the_count(void **state)
{
    (void)state;
    char text[128];
    size_t size = progress_format(text, sizeof text, 50, 0, 7, "events");
    assert_int_equal(size, 8);
    assert_memory_equal(text, "7 events", size);
}

static void test_what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    char text[4];
    assert_int_equal(progress_format(text, sizeof text, 50, 0, 7, "events"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_total_gives_a_bar_and_a_percentage),
        cmocka_unit_test(test_the_bar_is_never_more_than_full),
        cmocka_unit_test(test_an_unknown_total_gives_the_count),
        cmocka_unit_test(test_what_does_not_fit_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

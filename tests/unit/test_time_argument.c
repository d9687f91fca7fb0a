// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "time_argument.h"

#define SECOND INT64_C(1000000000)
#define NOW (INT64_C(1763629200) * SECOND)

static void test_so_long_ago_is_counted_back_from_now(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {{"0s", 0}, {"90s", 90}, {"15m", 900}, {"2h", 7200}, {"3d", 259200}, {"007m", 420}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t time = -1;
        assert_int_equal(time_argument_read(&time, cases[i].text, NOW), OYEZ_OK);
        assert_int_equal(time, NOW - cases[i].seconds * SECOND);
    }
}

static void test_rfc_3339_is_read_as_it_stands(void **state)
{
    (void)state;
    int64_t time;
    assert_int_equal(time_argument_read(&time, "2025-11-20T10:00:00+01:00", NOW), OYEZ_OK);
    assert_int_equal(time, NOW);
    assert_int_equal(time_argument_read(&time, "2025-11-20T09:00:00.000000001Z", NOW), OYEZ_OK);
    assert_int_equal(time, NOW + 1);
}

static void test_longer_ago_than_1970_is_no_limit(void **state)
{
    (void)state;
    int64_t time = -1;
    assert_int_equal(time_argument_read(&time, "90000d", NOW), OYEZ_OK);
    assert_int_equal(time, 0);
}

static void test_anything_else_is_refused_with_the_forms_there_are(void **state)
{
    (void)state;
    const char *const texts[] = {"",
                                 "15",
                                 "m",
                                 "15 m",
                                 "15M",
                                 "-15m",
                                 "1.5h",
                                 "15mm",
                                 "15w",
                                 "today",
                                 "2025-11-20",
                                 "15m ",
                                 "99999999999999999999d",
                                 "9999999999d"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t time = 77;
        assert_int_equal(time_argument_read(&time, texts[i], NOW), OYEZ_ERR_INVALID);
        assert_int_equal(time, 77);
        assert_non_null(strstr(oyez_error_detail(), "15m"));
    }
}

static void test_now_is_after_this_was_written(void **state)
{
    (void)state;
    assert_true(time_argument_now() > NOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_so_long_ago_is_counted_back_from_now),
        cmocka_unit_test(test_rfc_3339_is_read_as_it_stands),
        cmocka_unit_test(test_longer_ago_than_1970_is_no_limit),
        cmocka_unit_test(test_anything_else_is_refused_with_the_forms_there_are),
        cmocka_unit_test(test_now_is_after_this_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

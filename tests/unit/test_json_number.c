// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/json_number.h"

static void expect_integer(const char *text, bool negative, uint64_t magnitude)
{
    struct json_integer integer;
    assert_int_equal(json_integer_read(text, strlen(text), &integer), JSON_INTEGER_OK);
    assert_int_equal(integer.negative, negative);
    assert_true(integer.magnitude == magnitude);
}

static void expect_result(const char *text, enum json_integer_result result)
{
    struct json_integer integer;
    assert_int_equal(json_integer_read(text, strlen(text), &integer), result);
}

static void test_whole_numbers_are_exact_however_written(void **state)
{
    (void)state;
    expect_integer("0", false, 0);
    expect_integer("-0", false, 0);
    expect_integer("-0.000e99", false, 0);
    expect_integer("18446744073709551615", false, UINT64_MAX);
    expect_integer("-9223372036854775808", true, UINT64_C(9223372036854775808));
    expect_integer("1.8446744073709551615e19", false, UINT64_MAX);
    expect_integer("1200e-2", false, 12);
    expect_integer("0e999999999999999999", false, 0);
    expect_integer("0.0012E4", false, 12);
}

static void test_what_is_no_whole_number_is_told(void **state)
{
    (void)state;
    expect_result("18446744073709551616", JSON_INTEGER_TOO_LARGE);
    expect_result("1e20", JSON_INTEGER_TOO_LARGE);
    expect_result("1e999999999999999999999", JSON_INTEGER_TOO_LARGE);
    expect_result("0.5", JSON_INTEGER_NOT_WHOLE);
    expect_result("12e-1", JSON_INTEGER_NOT_WHOLE);
    expect_result("1e-999999999999999999999", JSON_INTEGER_NOT_WHOLE);
    static const char *const wrong[] = {"",   "-",   "01",  "+1", "1.", ".5",
                                        "1e", "1e+", "0x1", "1 ", " 1", "1e1.5"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double real;
        expect_result(wrong[i], JSON_INTEGER_NO_NUMBER);
        assert_false(json_number_is_valid(wrong[i], strlen(wrong[i])));
        assert_false(json_double_read(wrong[i], strlen(wrong[i]), &real));
    }
}

static void expect_double(const char *text)
{
    double real;
    assert_true(json_double_read(text, strlen(text), &real));
    double expected = strtod(text, NULL);
    if (memcmp((const char *)&real, (const char *)&expected, sizeof real) != 0)
        fail_msg("%s is read as %.17g", text, real);
}

static void test_doubles_are_the_nearest(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0.0",
        "0.1",
        "123456789012345",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.99999999999999999999999999999999999999999999999999999999999999999",
        "9007199254740993.00000000000000000000000000000000000000000000000000000000000000001",
        "1.7976931348623157e308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.2250738585072011e-308",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000001e75",
        "123456789.123456789e-300",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_double(texts[i]);
}

static void test_many_digits_are_rounded_once(void **state)
{
    (void)state;
    // The middle between two doubles, and a digit beyond what is looked at that decides.
    static char text[1200];
    int size = snprintf(text, sizeof text, "9007199254740993.");
    memset(text + size, '0', 1100);
    text[size + 1100] = '\0';
    expect_double(text);
    text[size + 1050] = '1';
    expect_double(text);
}

static void test_random_doubles_survive(void **state)
{
    (void)state;
    srand(1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = 0;
        for (int part = 0; part < 5; part++)
            bits = bits << 15 ^ (uint64_t)rand();
        double value;
        char text[64];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*g", 3 + rand() % 17, value);
        if (isinf(strtod(text, NULL)))
            continue;
        char *plus = strchr(text, '+');
        if (plus)
            memmove(plus, plus + 1, strlen(plus));
        expect_double(text);
    }
}

static void test_numbers_beyond_doubles_are_refused(void **state)
{
    (void)state;
    double real;
    assert_false(json_double_read("1e309", 5, &real));
    assert_false(json_double_read("-1.7976931348623159e308", 23, &real));
    assert_false(json_double_read("1e999999999999", 14, &real));
    assert_true(json_double_read("1e-999999999999", 15, &real));
    assert_true(real == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_numbers_are_exact_however_written),
        cmocka_unit_test(test_what_is_no_whole_number_is_told),
        cmocka_unit_test(test_doubles_are_the_nearest),
        cmocka_unit_test(test_many_digits_are_rounded_once),
        cmocka_unit_test(test_random_doubles_survive),
        cmocka_unit_test(test_numbers_beyond_doubles_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

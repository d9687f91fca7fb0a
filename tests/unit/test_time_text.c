// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oyez/json.h"

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)

static void expect_text(int64_t time, const char *expected)
{
    char text[OYEZ_TIME_TEXT_SIZE];
    memset(text, 'x', sizeof text);
    oyez_time_to_text(time, text);
    assert_string_equal(text, expected);
}

static void expect_time(const char *text, int64_t expected)
{
    int64_t time = -1;
    if (oyez_time_from_text(&time, text))
        fail_msg("%s: %s", text, oyez_error_detail());
    assert_int_equal(time, expected);
}

static void expect_refusal(const char *text)
{
    int64_t time = -1;
    if (oyez_time_from_text(&time, text) != OYEZ_ERR_INVALID)
        fail_msg("%s is accepted", text);
    assert_int_equal(time, -1);
}

static void test_times_have_nine_digits_and_a_z(void **state)
{
    (void)state;
    expect_text(0, "1970-01-01T00:00:00.000000000Z");
    expect_text(1, "1970-01-01T00:00:00.000000001Z");
    expect_text(1795164165 * SECOND + 120, "2026-11-20T08:42:45.000000120Z");
    expect_text(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
}

static void test_rubbish_before_1970_is_still_a_time(void **state)
{
    (void)state;
    expect_text(-1, "1969-12-31T23:59:59.999999999Z");
    expect_text(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
}

static void test_what_is_written_is_read_back(void **state)
{
    (void)state;
    // A step that meets every month, leap days and all digits.
    for (int64_t time = 0; time < INT64_MAX - 30 * DAY; time += 23 * DAY + 3723 * SECOND + 123457) {
        char text[OYEZ_TIME_TEXT_SIZE];
        oyez_time_to_text(time, text);
        expect_time(text, time);
    }
    expect_time("2262-04-11T23:47:16.854775807Z", INT64_MAX);
}

static void test_offsets_and_short_fractions_are_read(void **state)
{
    (void)state;
    expect_time("1970-01-01T00:00:00Z", 0);
    expect_time("1970-01-01t00:00:01.5z", SECOND * 3 / 2);
    expect_time("1970-01-01T01:00:00+01:00", 0);
    expect_time("1969-12-31T23:30:00-00:30", 0);
    expect_time("1969-12-31T00:01:00-23:59", 0);
    expect_time("2000-02-29T00:00:00-00:00", 11016 * DAY);
    expect_time("1970-01-01T00:00:00.000000009Z", 9);
}

static void test_a_leap_second_is_the_second_after_it(void **state)
{
    (void)state;
    int64_t next = 17167 * DAY;
    expect_time("2017-01-01T00:00:00Z", next);
    expect_time("2016-12-31T23:59:60Z", next);
    expect_time("2016-12-31T23:59:60.25Z", next + SECOND / 4);
    expect_time("2016-12-31T15:59:60-08:00", next);
    expect_refusal("2016-12-31T22:59:60Z");
    expect_refusal("2016-12-31T23:59:61Z");
}

static void test_everything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-20",
        "2026-11-20 08:42:45Z",
        "2026-11-20T08:42:45",
        "2026-11-20T08:42Z",
        "2026-11-20T08:42:45.Z",
        "2026-11-20T08:42:45.1234567890Z",
        "2026-11-20T08:42:45ZZ",
        "2026-11-20T08:42:45+0100",
        "2026-11-20T08:42:45+24:00",
        "2026-11-20T08:42:45+01:60",
        "2026-11-20T24:00:00Z",
        "2026-11-20T08:60:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-04-00T00:00:00Z",
        "+026-04-01T00:00:00Z",
        "2026-4-1T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+00:01",
        "1968-12-31T23:59:59Z",
        "2262-04-11T23:47:16.854775808Z",
        "2262-04-11T23:47:17Z",
        "2263-01-01T00:00:00Z",
        " 2026-11-20T08:42:45Z",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_refusal(texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_have_nine_digits_and_a_z),
        cmocka_unit_test(test_rubbish_before_1970_is_still_a_time),
        cmocka_unit_test(test_what_is_written_is_read_back),
        cmocka_unit_test(test_offsets_and_short_fractions_are_read),
        cmocka_unit_test(test_a_leap_second_is_the_second_after_it),
        cmocka_unit_test(test_everything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

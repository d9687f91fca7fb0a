// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "schema/well_known.h"

static void expect_time(const char *text, int64_t seconds, int32_t nanoseconds, const char *again)
{
    struct well_known time;
    char written[WELL_KNOWN_TEXT_SIZE];
    assert_true(timestamp_from_text(text, strlen(text), &time));
    assert_int_equal(time.seconds, seconds);
    assert_int_equal(time.nanoseconds, nanoseconds);
    assert_int_equal(timestamp_to_text(&time, written), strlen(again));
    assert_string_equal(written, again);
}

static void test_times_are_read_and_written(void **state)
{
    (void)state;
    expect_time("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z");
    expect_time("1969-12-31T23:59:59.5z", -1, 500000000, "1969-12-31T23:59:59.500Z");
    expect_time("0001-01-01T00:00:00Z", -62135596800, 0, "0001-01-01T00:00:00Z");
    expect_time("9999-12-31T23:59:59.999999999Z", 253402300799, 999999999,
                "9999-12-31T23:59:59.999999999Z");
    expect_time("2024-02-29T12:00:00.000001+05:30", 1709188200, 1000,
                "2024-02-29T06:30:00.000001Z");
    expect_time("2000-03-01t00:00:00-00:01", 951868860, 0, "2000-03-01T00:01:00Z");
    expect_time("0000-12-31T23:00:00-02:00", -62135593200, 0, "0001-01-01T01:00:00Z");
}

static void test_what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2026-11-20",
        "2026-11-20T08:42:45",
        "2026-11-20 08:42:45Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T08:42:60Z",
        "2026-11-20T08:42:45.Z",
        "2026-11-20T08:42:45.1234567890Z",
        "2026-11-20T08:42:45+24:00",
        "2026-11-20T08:42:45Z ",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct well_known time;
        if (timestamp_from_text(wrong[i], strlen(wrong[i]), &time))
            fail_msg("%s is accepted", wrong[i]);
    }
}

// Every day of the calendar, there and back: dates count up without a hole.
static void test_every_day_has_its_date(void **state)
{
    (void)state;
    char before[WELL_KNOWN_TEXT_SIZE] = "";
    for (int64_t day = -719162; day <= 2932896; day++) {
        struct well_known time = {.seconds = day * 86400};
        struct well_known again;
        char text[WELL_KNOWN_TEXT_SIZE];
        size_t size = timestamp_to_text(&time, text);
        assert_int_equal(size, 20);
        assert_true(strcmp(before, text) < 0);
        assert_true(timestamp_from_text(text, size, &again));
        assert_int_equal(again.seconds, time.seconds);
        memcpy(before, text, sizeof before);
    }
}

static void test_what_is_out_of_range_is_not_written(void **state)
{
    (void)state;
    char text[WELL_KNOWN_TEXT_SIZE];
    static const struct well_known times[] = {
        {-62135596801, 0}, {253402300800, 0}, {0, -1}, {0, 1000000000}, {INT64_MIN, 0}};
    static const struct well_known durations[] = {
        {315576000001, 0}, {-315576000001, 0}, {1, -1}, {-1, 1}, {0, 1000000000}, {INT64_MIN, 0}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_int_equal(timestamp_to_text(&times[i], text), 0);
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
        assert_int_equal(duration_to_text(&durations[i], text), 0);
}

static void expect_duration(const char *text, int64_t seconds, int32_t nanoseconds,
                            const char *again)
{
    struct well_known duration;
    char written[WELL_KNOWN_TEXT_SIZE];
    assert_true(duration_from_text(text, strlen(text), &duration));
    assert_int_equal(duration.seconds, seconds);
    assert_int_equal(duration.nanoseconds, nanoseconds);
    assert_int_equal(duration_to_text(&duration, written), strlen(again));
    assert_string_equal(written, again);
}

static void test_durations_are_read_and_written(void **state)
{
    (void)state;
    expect_duration("0s", 0, 0, "0s");
    expect_duration("-0.5s", 0, -500000000, "-0.500s");
    expect_duration("1.000001s", 1, 1000, "1.000001s");
    expect_duration("-315576000000.999999999s", -315576000000, -999999999,
                    "-315576000000.999999999s");
}

static void test_what_is_no_duration_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "s",
                                        "1",
                                        "-s",
                                        "1.s",
                                        "1.5",
                                        ".5s",
                                        "+1s",
                                        "1 s",
                                        "1.0000000000s",
                                        "1e3s",
                                        "--1s",
                                        "315576000001s",
                                        "99999999999999999999s"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct well_known duration;
        if (duration_from_text(wrong[i], strlen(wrong[i]), &duration))
            fail_msg("%s is accepted", wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_are_read_and_written),
        cmocka_unit_test(test_what_is_no_time_is_refused),
        cmocka_unit_test(test_every_day_has_its_date),
        cmocka_unit_test(test_what_is_out_of_range_is_not_written),
        cmocka_unit_test(test_durations_are_read_and_written),
        cmocka_unit_test(test_what_is_no_duration_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "place_text.h"

#define SECOND INT64_C(1000000000)
#define NOW (INT64_C(1795199455) * SECOND) // 2026-11-20T18:30:55Z

static int take_utc(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

static struct place_text read_place(const char *text)
{
    struct place_text place;
    assert_int_equal(place_text_read(&place, text, NOW), OYEZ_OK);
    return place;
}

static void test_places_are_times_cursors_and_ends(void **state)
{
    (void)state;
    assert_int_equal(read_place("first").time, 0);
    assert_int_equal(read_place("last").time, INT64_MAX);
    assert_int_equal(read_place("15m").time, NOW - 900 * SECOND);
    assert_int_equal(read_place("2026-11-20T18:30:00Z").time, NOW - 55 * SECOND);
    struct place_text place = read_place("1795199455215250:17");
    assert_true(place.by_cursor);
    assert_int_equal(place.epoch, UINT64_C(1795199455215250));
    assert_int_equal(place.position, 17);
}

static void test_a_time_of_day_is_of_today(void **state)
{
    (void)state;
    assert_int_equal(read_place("18:30").time, NOW - 55 * SECOND);
    assert_int_equal(read_place("18:30:54").time, NOW - SECOND);
    assert_int_equal(read_place("00:00:00").time, NOW - (18 * 3600 + 30 * 60 + 55) * SECOND);
}

static void test_what_is_no_place_is_refused_with_examples(void **state)
{
    (void)state;
    struct place_text place;
    const char *texts[] = {
        "", "noon", "1:2:3:4", "18:30:99", "1:", ":1", "18446744073709551616:1", "15x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(place_text_read(&place, texts[i], NOW), OYEZ_ERR_INVALID);
        assert_non_null(strstr(oyez_error_detail(), "EPOCH:POSITION"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_are_times_cursors_and_ends),
        cmocka_unit_test(test_a_time_of_day_is_of_today),
        cmocka_unit_test(test_what_is_no_place_is_refused_with_examples),
    };
    return cmocka_run_group_tests(tests, take_utc, NULL);
}

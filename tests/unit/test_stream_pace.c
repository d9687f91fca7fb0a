// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "stream_fixture.h"

static void
test_throttle_shows_the_first_at_once_and_the_last_at_the_end_of_the_interval(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    source->now_ms = 1000;
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_throttle(stream, 100), OYEZ_OK);
    give(source, 4);
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 99;
    give(source, 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 1;
    assert_int_equal(next_number(stream), 5);
    // That began an interval too.
    give(source, 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 100;
    assert_int_equal(next_number(stream), 6);
    source->now_ms += 100;
    give(source, 1);
    assert_int_equal(next_number(stream), 7);
    oyez_stream_close(&stream);
    free(source);
}

static void test_what_throttle_keeps_comes_before_the_end(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    source->now_ms = 1000;
    oyez_stream *stream = stream_of(source);
    oyez_stream_throttle(stream, 100);
    give(source, 3);
    source->end = OYEZ_ERR_CLOSED;
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_number(stream), 3);
    assert_int_equal(next_error(stream), OYEZ_ERR_CLOSED);
    oyez_stream_close(&stream);
    free(source);
}

static void test_debounce_waits_until_it_is_quiet(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    source->now_ms = 1000;
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_debounce(stream, 50), OYEZ_OK);
    for (int i = 0; i < 5; i++) {
        give(source, 1);
        assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
        source->now_ms += 49;
    }
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 1;
    assert_int_equal(next_number(stream), 5);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 1000;
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_what_debounce_keeps_comes_before_the_end(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_take(stream, 3);
    oyez_stream_debounce(stream, 50);
    give(source, 9);
    assert_int_equal(next_number(stream), 3);
    assert_int_equal(next_error(stream), OYEZ_ERR_NOT_FOUND);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_debounce_that_has_not_read_all_is_not_quiet(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_debounce(stream, 50);
    give(source, SOURCE_EVENTS_MAX);
    while (source->taken < SOURCE_EVENTS_MAX) {
        assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
        source->now_ms += 50;
    }
    assert_int_equal(next_number(stream), SOURCE_EVENTS_MAX);
    oyez_stream_close(&stream);
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_throttle_shows_the_first_at_once_and_the_last_at_the_end_of_the_interval),
        cmocka_unit_test(test_what_throttle_keeps_comes_before_the_end),
        cmocka_unit_test(test_debounce_waits_until_it_is_quiet),
        cmocka_unit_test(test_what_debounce_keeps_comes_before_the_end),
        cmocka_unit_test(test_a_debounce_that_has_not_read_all_is_not_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

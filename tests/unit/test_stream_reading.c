// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>

#include "stream_fixture.h"
#include "wire/clock.h"

#define PATIENCE_MS 20000u

static bool is_readable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    return poll(&ready, 1, 0) == 1;
}

static void test_the_descriptor_is_readable_while_there_is_something(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    int fd;
    assert_int_equal(oyez_stream_fd(stream, &fd), OYEZ_OK);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
        assert_false(is_readable(fd));
        give(source, 3);
        for (int i = 0; i < 3; i++) {
            assert_true(is_readable(fd));
            (void)next_number(stream);
        }
    }
    source->end = OYEZ_ERR_CLOSED;
    assert_int_equal(next_error(stream), OYEZ_ERR_CLOSED);
    assert_true(is_readable(fd));
    oyez_stream_close(&stream);
    free(source);
}

static void test_the_descriptor_stays_readable_when_a_look_was_too_short(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_skip(stream, SOURCE_EVENTS_MAX);
    int fd;
    assert_int_equal(oyez_stream_fd(stream, &fd), OYEZ_OK);
    give(source, SOURCE_EVENTS_MAX);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    assert_true(source->taken < source->given);
    assert_true(is_readable(fd));
    oyez_stream_close(&stream);
    free(source);
}

static void test_the_descriptor_tells_when_time_has_passed(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_set_clock(stream, NULL, NULL), OYEZ_OK);
    oyez_stream_debounce(stream, 30);
    int fd;
    assert_int_equal(oyez_stream_fd(stream, &fd), OYEZ_OK);
    give(source, 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, (int)PATIENCE_MS), 1);
    assert_int_equal(next_number(stream), 1);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_reader_that_waits_is_woken_by_time(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_set_clock(stream, NULL, NULL);
    oyez_stream_buffer(stream, 10, 20);
    give(source, 2);
    struct oyez_stream_item item;
    uint64_t began = oyez_clock_monotonic_ms();
    assert_int_equal(oyez_stream_next(stream, &item, PATIENCE_MS), OYEZ_OK);
    assert_int_equal(item.item_count, 2);
    assert_true(oyez_clock_monotonic_ms() - began < PATIENCE_MS);
    oyez_stream_close(&stream);
    free(source);
}

static void test_an_empty_stream_is_waited_for_and_no_longer(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    struct oyez_stream_item item;
    assert_int_equal(oyez_stream_next(stream, &item, 5), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_stream_that_has_been_read_takes_no_operator(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    give(source, 1);
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(oyez_stream_take(stream, 1), OYEZ_ERR_BUSY);
    assert_int_equal(oyez_stream_set_clock(stream, NULL, NULL), OYEZ_ERR_BUSY);
    give(source, 1);
    assert_int_equal(next_number(stream), 2); // and goes on as it was
    oyez_stream_close(&stream);
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_descriptor_is_readable_while_there_is_something),
        cmocka_unit_test(test_the_descriptor_stays_readable_when_a_look_was_too_short),
        cmocka_unit_test(test_the_descriptor_tells_when_time_has_passed),
        cmocka_unit_test(test_a_reader_that_waits_is_woken_by_time),
        cmocka_unit_test(test_an_empty_stream_is_waited_for_and_no_longer),
        cmocka_unit_test(test_a_stream_that_has_been_read_takes_no_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

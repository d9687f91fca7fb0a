// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "stream_fixture.h"

static size_t next_batch(oyez_stream *stream, uint64_t first)
{
    struct oyez_stream_item item;
    assert_int_equal(oyez_stream_next(stream, &item, 0), OYEZ_OK);
    assert_true(item.item_count != 0);
    for (size_t i = 0; i < item.item_count; i++)
        assert_int_equal(number_of(item.items[i].event), first + i);
    assert_ptr_equal(item.event, item.items[item.item_count - 1].event);
    return item.item_count;
}

static void test_a_batch_is_full_or_its_time_is_over(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    source->now_ms = 1000;
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_buffer(stream, 3, 100), OYEZ_OK);
    give(source, 8);
    assert_int_equal(next_batch(stream, 1), 3);
    assert_int_equal(next_batch(stream, 4), 3);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 99;
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 1;
    assert_int_equal(next_batch(stream, 7), 2);
    source->now_ms += 1000;
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_without_an_interval_a_batch_waits_until_it_is_full(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_buffer(stream, 3, 0);
    give(source, 2);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 1000000;
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    give(source, 1);
    assert_int_equal(next_batch(stream, 1), 3);
    oyez_stream_close(&stream);
    free(source);
}

static void test_the_end_brings_what_is_there(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_take(stream, 5);
    oyez_stream_buffer(stream, 4, 0);
    give(source, 9);
    assert_int_equal(next_batch(stream, 1), 4);
    assert_int_equal(next_batch(stream, 5), 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_NOT_FOUND);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_batch_ends_at_its_bytes(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    char *details = calloc(1, OYEZ_DETAILS_SIZE_MAX);
    oyez_stream_buffer(stream, 1000, 0);
    give(source, 40);
    for (size_t i = 0; i < source->given; i++) {
        source->events[i].details = details;
        source->events[i].details_size = OYEZ_DETAILS_SIZE_MAX;
    }
    // Sixteen would be exactly the limit without what else an event has.
    assert_int_equal(next_batch(stream, 1), 15);
    assert_int_equal(next_batch(stream, 16), 15);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->end = OYEZ_ERR_NOT_FOUND;
    assert_int_equal(next_batch(stream, 31), 10);
    assert_int_equal(next_error(stream), OYEZ_ERR_NOT_FOUND);
    oyez_stream_close(&stream);
    free(details);
    free(source);
}

static void test_an_item_kept_for_the_next_batch_waits_its_time(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    char *details = calloc(1, OYEZ_DETAILS_SIZE_MAX);
    oyez_stream_buffer(stream, 1000, 100);
    give(source, 16);
    for (size_t i = 0; i < source->given; i++) {
        source->events[i].details = details;
        source->events[i].details_size = OYEZ_DETAILS_SIZE_MAX;
    }
    source->now_ms += 50;
    assert_int_equal(next_batch(stream, 1), 15);
    source->now_ms += 99;
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    source->now_ms += 1;
    assert_int_equal(next_batch(stream, 16), 1);
    give(source, 16);
    for (size_t i = 16; i < source->given; i++) {
        source->events[i].details = details;
        source->events[i].details_size = OYEZ_DETAILS_SIZE_MAX;
    }
    assert_int_equal(next_batch(stream, 17), 15);
    oyez_stream_close(&stream);
    free(details);
    free(source);
}

static void test_no_operator_that_keeps_items_stands_behind_a_buffer(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_buffer(stream, 0, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_buffer(stream, OYEZ_STREAM_BUFFER_ITEMS_MAX + 1, 0),
                     OYEZ_ERR_TOO_LARGE);
    assert_int_equal(oyez_stream_buffer(stream, 2, 0), OYEZ_OK);
    assert_int_equal(oyez_stream_buffer(stream, 2, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_debounce(stream, 2), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_throttle(stream, 2), OYEZ_ERR_INVALID);
    oyez_stream_close(&stream);
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_is_full_or_its_time_is_over),
        cmocka_unit_test(test_without_an_interval_a_batch_waits_until_it_is_full),
        cmocka_unit_test(test_the_end_brings_what_is_there),
        cmocka_unit_test(test_a_batch_ends_at_its_bytes),
        cmocka_unit_test(test_an_item_kept_for_the_next_batch_waits_its_time),
        cmocka_unit_test(test_no_operator_that_keeps_items_stands_behind_a_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

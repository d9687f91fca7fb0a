// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "stream_fixture.h"

struct sum {
    uint64_t total;
    uint32_t items;
};

static oyez_err take_number(void *arg, const struct oyez_stream_item *item, void *value)
{
    uint64_t *number = value;
    assert_int_equal(*number, 0);
    *number = number_of(item->event);
    return *number == *(uint64_t *)arg ? OYEZ_ERR_TIMEOUT : OYEZ_OK;
}

static oyez_err add(void *arg, const struct oyez_stream_item *item, void *state)
{
    (void)arg;
    struct sum *sum = state;
    sum->total += *(const uint64_t *)item->value;
    sum->items++;
    return OYEZ_OK;
}

static bool is_large(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    return *(const uint64_t *)item->value > 1;
}

static void test_map_gives_a_value_that_later_operators_see(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    uint64_t none = 0;
    assert_int_equal(oyez_stream_map(stream, take_number, &none, sizeof none), OYEZ_OK);
    assert_int_equal(oyez_stream_filter(stream, is_large, NULL), OYEZ_OK);
    give(source, 2);
    struct oyez_stream_item item;
    assert_int_equal(oyez_stream_next(stream, &item, 0), OYEZ_OK);
    assert_int_equal(*(const uint64_t *)item.value, 2);
    assert_int_equal(item.value_size, sizeof(uint64_t));
    assert_int_equal(number_of(item.event), 2);
    oyez_stream_close(&stream);
    free(source);
}

static void test_an_error_of_a_callback_costs_one_item_and_is_counted(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    uint64_t bad = 2;
    oyez_stream_map(stream, take_number, &bad, sizeof bad);
    give(source, 3);
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    assert_non_null(strstr(oyez_error_detail(), "map left an item out"));
    assert_int_equal(next_number(stream), 3);
    struct oyez_stream_counters counters;
    oyez_stream_get_counters(stream, &counters);
    assert_int_equal(counters.received, 3);
    assert_int_equal(counters.items, 2);
    assert_int_equal(counters.failed, 1);
    oyez_stream_close(&stream);
    free(source);
}

static void test_scan_goes_on_from_its_initial_state(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    uint64_t none = 0;
    const struct sum initial = {.total = 100};
    oyez_stream_map(stream, take_number, &none, sizeof none);
    assert_int_equal(oyez_stream_scan(stream, add, NULL, &initial, sizeof initial), OYEZ_OK);
    give(source, 4);
    struct oyez_stream_item item;
    for (int i = 0; i < 4; i++)
        assert_int_equal(oyez_stream_next(stream, &item, 0), OYEZ_OK);
    const struct sum *sum = item.value;
    assert_int_equal(sum->total, 110);
    assert_int_equal(sum->items, 4);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_value_of_no_bytes_or_too_many_is_refused(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_map(stream, take_number, NULL, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_scan(stream, add, NULL, NULL, OYEZ_STREAM_VALUE_SIZE_MAX + 1),
                     OYEZ_ERR_TOO_LARGE);
    assert_int_equal(next_error(stream), OYEZ_ERR_INVALID);
    oyez_stream_close(&stream);
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_gives_a_value_that_later_operators_see),
        cmocka_unit_test(test_an_error_of_a_callback_costs_one_item_and_is_counted),
        cmocka_unit_test(test_scan_goes_on_from_its_initial_state),
        cmocka_unit_test(test_a_value_of_no_bytes_or_too_many_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

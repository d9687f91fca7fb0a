// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "stream_fixture.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 1
#endif

#if COUNTS_ALLOCATIONS
static size_t allocations;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
    allocations++;
    return __libc_calloc(nmemb, size);
}
#endif

static bool is_even(void *arg, const struct oyez_stream_item *item)
{
    (*(int *)arg)++;
    return number_of(item->event) % 2 == 0;
}

static void test_filter_lets_through_what_the_predicate_likes(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    int asked = 0;
    assert_int_equal(oyez_stream_filter(stream, is_even, &asked), OYEZ_OK);
    give(source, 5);
    assert_int_equal(next_number(stream), 2);
    assert_int_equal(asked, 2); // nobody has asked for more: it is lazy
    assert_int_equal(next_number(stream), 4);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    assert_int_equal(asked, 5);
    oyez_stream_close(&stream);
    assert_null(stream);
    assert_true(source->closed);
    free(source);
}

static void test_where_compares_fields(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    const char *conditions[] = {"plan_id=2", "type=plan.created"};
    assert_int_equal(oyez_stream_where(stream, conditions, 2), OYEZ_OK);
    give(source, 3);
    assert_int_equal(next_number(stream), 2);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_wrong_condition_is_told_to_the_reader_too(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    const char *conditions[] = {"plan=2"};
    assert_int_equal(oyez_stream_where(stream, conditions, 1), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_take(stream, 1), OYEZ_OK);
    give(source, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(next_error(stream), OYEZ_ERR_INVALID);
        assert_non_null(strstr(oyez_error_detail(), "plan"));
    }
    oyez_stream_close(&stream);
    free(source);
}

static void test_take_ends_the_stream_and_asks_for_no_more(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_take(stream, 2);
    give(source, 5);
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_number(stream), 2);
    assert_int_equal(next_error(stream), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(next_error(stream), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(source->taken, 2);
    oyez_stream_close(&stream);
    free(source);
}

static void test_skip_leaves_the_first_out(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_skip(stream, 3);
    give(source, 2);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    give(source, 3);
    assert_int_equal(next_number(stream), 4);
    assert_int_equal(next_number(stream), 5);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_chain_that_lets_nothing_through_comes_back_to_its_reader(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_skip(stream, SOURCE_EVENTS_MAX);
    give(source, SOURCE_EVENTS_MAX);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    assert_true(source->taken < SOURCE_EVENTS_MAX);
    while (source->taken < SOURCE_EVENTS_MAX)
        assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_selecting_allocates_nothing(void **state)
{
    (void)state;
#if COUNTS_ALLOCATIONS
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    int asked = 0;
    oyez_stream_filter(stream, is_even, &asked);
    oyez_stream_skip(stream, 10);
    oyez_stream_take(stream, 1000);
    give(source, SOURCE_EVENTS_MAX);
    size_t before = allocations;
    assert_true(before != 0);
    struct oyez_stream_item item;
    size_t count = 0;
    while (oyez_stream_next(stream, &item, 0) == OYEZ_OK)
        count++;
    assert_int_equal(count, 1000);
    assert_int_equal(allocations, before);
    oyez_stream_close(&stream);
    free(source);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter_lets_through_what_the_predicate_likes),
        cmocka_unit_test(test_where_compares_fields),
        cmocka_unit_test(test_a_wrong_condition_is_told_to_the_reader_too),
        cmocka_unit_test(test_take_ends_the_stream_and_asks_for_no_more),
        cmocka_unit_test(test_skip_leaves_the_first_out),
        cmocka_unit_test(test_a_chain_that_lets_nothing_through_comes_back_to_its_reader),
        cmocka_unit_test(test_selecting_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

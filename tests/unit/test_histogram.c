// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "wire/histogram.h"

static struct oyez_histogram histogram;

static int clear(void **state)
{
    (void)state;
    memset(&histogram, 0, sizeof histogram);
    return 0;
}

static void test_every_bucket_ends_where_the_next_begins(void **state)
{
    (void)state;
    for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
        assert_int_equal(oyez_histogram_bucket(oyez_histogram_bound(i)), i);
        assert_int_equal(oyez_histogram_bucket(oyez_histogram_bound(i) + 1), i + 1);
    }
    uint64_t longest = (UINT64_C(1) << HISTOGRAM_LOG2_MAX) - 1;
    assert_int_equal(oyez_histogram_bound(HISTOGRAM_BUCKETS - 1), longest);
}

static void test_no_bucket_is_wider_than_a_sixteenth_of_it(void **state)
{
    (void)state;
    for (unsigned i = HISTOGRAM_PARTS; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t width = oyez_histogram_bound(i) - oyez_histogram_bound(i - 1);
        assert_true(width * HISTOGRAM_PARTS <= oyez_histogram_bound(i));
    }
}

static void test_quantiles_are_those_of_the_sorted_durations(void **state)
{
    (void)state;
    struct oyez_times times;
    for (uint64_t i = 1; i <= 1000; i++) {
        oyez_histogram_add(&histogram, i * 1000);
    }
    oyez_histogram_read(&histogram, &times);
    assert_int_equal(times.count, 1000);
    assert_int_equal(times.sum_ns, UINT64_C(500500000));
    assert_int_equal(times.max_ns, 1000000);
    assert_in_range(times.p50_ns, 500000, 500000 + 500000 / 16);
    assert_in_range(times.p95_ns, 950000, 1000000);
    assert_in_range(times.p99_ns, 990000, 1000000);
}

static void test_of_one_duration_all_quantiles_are_it(void **state)
{
    (void)state;
    struct oyez_times times;
    oyez_histogram_add(&histogram, 123456789);
    oyez_histogram_read(&histogram, &times);
    assert_int_equal(times.p50_ns, 123456789);
    assert_int_equal(times.p99_ns, 123456789);
}

static void test_without_any_all_is_zero(void **state)
{
    (void)state;
    struct oyez_times times, zero;
    memset(&zero, 0, sizeof zero);
    oyez_histogram_read(&histogram, &times);
    assert_memory_equal(&times, &zero, sizeof zero);
}

static void test_what_is_too_long_counts_as_the_longest(void **state)
{
    (void)state;
    struct oyez_times times;
    oyez_histogram_add(&histogram, UINT64_MAX);
    oyez_histogram_read(&histogram, &times);
    assert_int_equal(times.count, 1);
    assert_int_equal(times.max_ns, (UINT64_C(1) << HISTOGRAM_LOG2_MAX) - 1);
}

static void *add_many(void *arg)
{
    for (uint64_t i = 0; i < 100000; i++) {
        oyez_histogram_add(arg, i);
    }
    return NULL;
}

static void test_threads_together_lose_nothing(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct oyez_times times;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &histogram), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    oyez_histogram_read(&histogram, &times);
    assert_int_equal(times.count, 400000);
    assert_int_equal(times.sum_ns, UINT64_C(4) * 99999 * 50000);
    assert_int_equal(times.max_ns, 99999);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, clear)
    const struct CMUnitTest tests[] = {
        CASE(test_every_bucket_ends_where_the_next_begins),
        CASE(test_no_bucket_is_wider_than_a_sixteenth_of_it),
        CASE(test_quantiles_are_those_of_the_sorted_durations),
        CASE(test_of_one_duration_all_quantiles_are_it),
        CASE(test_without_any_all_is_zero),
        CASE(test_what_is_too_long_counts_as_the_longest),
        CASE(test_threads_together_lose_nothing),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}

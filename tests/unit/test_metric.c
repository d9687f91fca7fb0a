// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "counters.h"
#include "oyez/metric.h"

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

static void test_everything_that_the_broker_counts_is_a_metric(void **state)
{
    (void)state;
    size_t rows = 0;
    for (unsigned i = 0; i < OYEZ_COUNTER_COUNT; i++) {
        const struct oyez_metric *metric = oyez_metric_find_counter(oyez_counter_name(i));
        if (metric == NULL) {
            fail_msg("%s is no metric", oyez_counter_name(i));
        }
    }
    const struct oyez_metric *metric;
    for (size_t i = 0; (metric = oyez_metric_at(i)) != NULL; i++) {
        rows += metric->counter != NULL;
    }
    assert_int_equal(rows, OYEZ_COUNTER_COUNT);
}

static void test_numbers_are_found_and_no_two_are_the_same(void **state)
{
    (void)state;
    const struct oyez_metric *metric;
    for (size_t i = 0; (metric = oyez_metric_at(i)) != NULL; i++) {
        assert_true((metric->number == 0) == (metric->counter != NULL));
        if (metric->number != 0) {
            assert_ptr_equal(oyez_metric_find(metric->number), metric);
        }
    }
    assert_null(oyez_metric_find(0));
    assert_null(oyez_metric_find(OYEZ_METRIC_NUMBER_MAX + 1));
    assert_null(oyez_metric_find_counter("no_such_counter"));
}

static void test_the_parts_of_a_family_stand_together_and_the_first_has_the_help(void **state)
{
    (void)state;
    const struct oyez_metric *metric;
    const char *family = "";
    for (size_t i = 0; (metric = oyez_metric_at(i)) != NULL; i++) {
        bool is_first = strcmp(family, metric->name) != 0;
        assert_true(is_first == (metric->help[0] != '\0'));
        family = metric->name;
        for (size_t k = 0; is_first && k < i; k++) {
            assert_string_not_equal(oyez_metric_at(k)->name, metric->name);
        }
    }
}

static void test_names_say_kind_and_unit_as_prometheus_wants_it(void **state)
{
    (void)state;
    const struct oyez_metric *metric;
    for (size_t i = 0; (metric = oyez_metric_at(i)) != NULL; i++) {
        bool is_counter = metric->kind == OYEZ_METRIC_KIND_COUNTER;
        bool is_scaled = metric->scale < 1.0;
        const char *name = metric->name;
        assert_int_equal(strncmp(name, "oyez_", 5), 0);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        assert_true(is_counter == ends_with(name, "_total"));
        assert_true(!is_scaled || ends_with(name, "_seconds") || ends_with(name, "_ratio") ||
                    ends_with(name, "_seconds_total"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_that_the_broker_counts_is_a_metric),
        cmocka_unit_test(test_numbers_are_found_and_no_two_are_the_same),
        cmocka_unit_test(test_the_parts_of_a_family_stand_together_and_the_first_has_the_help),
        cmocka_unit_test(test_names_say_kind_and_unit_as_prometheus_wants_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

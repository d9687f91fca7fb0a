// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"

#define SECOND UINT64_C(1000000000)

static void add(struct counts *counts, const char *type, uint64_t second)
{
    const struct oyez_event event = {.event_type = type,
                                     .stamp = {.broker_time = second * SECOND + 5}};
    counts_add(counts, &event);
}

static struct counts *open_counts(void)
{
    struct counts *counts = calloc(1, sizeof *counts);
    assert_non_null(counts);
    return counts;
}

static void close_counts(struct counts *counts)
{
    counts_clear(counts);
    free(counts);
}

static void test_domains_come_from_catalogs_and_else_from_names(void **state)
{
    (void)state;
    size_t order[COUNTS_DOMAINS_MAX];
    struct counts *counts = open_counts();
    add(counts, "plan.created", 1000);
    add(counts, "plan.errored", 1000);
    add(counts, "plan.created", 1001);
    add(counts, "nobody.knows.this", 1001);
    assert_int_equal(counts->total, 4);
    assert_int_equal(counts->failed, 1);
    assert_int_equal(counts_sort_domains(counts, order), 2);
    assert_string_equal(counts->domains[order[0]].name, "plan");
    assert_int_equal(counts->domains[order[0]].total, 3);
    assert_int_equal(counts->domains[order[0]].failed, 1);
    assert_string_equal(counts->domains[order[1]].name, "nobody");
    close_counts(counts);
}

static void test_more_domains_than_there_is_room_for_share_the_last(void **state)
{
    (void)state;
    char type[32];
    uint64_t sum = 0;
    struct counts *counts = open_counts();
    for (int i = 0; i < 5000; i++) {
        snprintf(type, sizeof type, "d%d.happened", i);
        add(counts, type, 1000);
    }
    assert_int_equal(counts->domain_count, COUNTS_DOMAINS_MAX);
    assert_string_equal(counts->domains[COUNTS_DOMAINS_MAX - 1].name, "others");
    for (size_t i = 0; i < counts->domain_count; i++) {
        sum += counts->domains[i].total;
    }
    assert_int_equal(sum, 5000);
    assert_true(counts->type_count <= COUNTS_TYPES_MAX / 2);
    close_counts(counts);
}

static void test_seconds_are_counted_by_broker_time(void **state)
{
    (void)state;
    struct counts *counts = open_counts();
    for (int i = 0; i < 10; i++) {
        add(counts, "plan.created", 1000);
    }
    add(counts, "plan.errored", 1001);
    add(counts, "plan.created", 1000); // late
    assert_int_equal(counts_second(counts, 1000).total, 11);
    assert_int_equal(counts_second(counts, 1001).failed, 1);
    assert_int_equal(counts_second(counts, 999).total, 0);
    assert_int_equal((int)counts_rate(counts, 1002, 2), 6);
    // So much later that the same slot is another second's.
    add(counts, "plan.created", 1000 + COUNTS_SECONDS);
    assert_int_equal(counts_second(counts, 1000).total, 0);
    add(counts, "plan.created", 1000); // too late to be remembered, but counted
    assert_int_equal(counts_second(counts, 1000 + COUNTS_SECONDS).total, 1);
    assert_int_equal(counts->total, 14);
    close_counts(counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domains_come_from_catalogs_and_else_from_names),
        cmocka_unit_test(test_more_domains_than_there_is_room_for_share_the_last),
        cmocka_unit_test(test_seconds_are_counted_by_broker_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

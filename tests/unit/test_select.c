// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/query/select.h"
#include "recorded_events.h"

static oyez_v1_Query query;
static struct oyez_event event;

static int begin(void **state)
{
    (void)state;
    memset(&query, 0, sizeof query);
    event = recorded_event("plan.created", "{\"n\":1}");
    event.plan_id = "p-1";
    event.stamp = (struct oyez_stamp){.epoch = 10, .position = 5, .broker_time = 1000};
    return 0;
}

static void add_pattern(const char *pattern)
{
    strcpy(query.patterns[query.patterns_count++], pattern);
}

static void add_condition(const char *condition)
{
    strcpy(query.conditions[query.conditions_count++], condition);
}

static bool selects(void)
{
    struct oyez_selection selection;
    assert_int_equal(oyez_selection_open(&selection, &query), 0);
    bool has = oyez_selection_has(&selection, &event);
    oyez_selection_close(&selection);
    return has;
}

static void test_a_query_for_nothing_special_takes_everything(void **state)
{
    (void)state;
    assert_true(selects());
}

static void test_one_pattern_of_several_is_enough(void **state)
{
    (void)state;
    add_pattern("plan.applied");
    assert_false(selects());
    add_pattern("*.created");
    assert_true(selects());
}

static void test_all_conditions_must_hold(void **state)
{
    (void)state;
    add_condition("plan_id=p-1");
    assert_true(selects());
    add_condition("details.n=1");
    assert_true(selects());
    add_condition("details.n=2");
    assert_false(selects());
}

static void test_since_is_inclusive_and_until_is_not(void **state)
{
    (void)state;
    query.since = 1000;
    query.until = 1001;
    assert_true(selects());
    query.since = 1001;
    assert_false(selects());
    query.since = 0;
    query.until = 1000;
    assert_false(selects());
}

static void test_a_cursor_compares_as_two_numbers(void **state)
{
    (void)state;
    query.from_epoch = 10;
    query.from_position = 5;
    assert_true(selects());
    query.from_position = 6;
    assert_false(selects());
    query.from_epoch = 9;
    query.from_position = 100;
    assert_true(selects());
    query.from_epoch = 11;
    query.from_position = 0;
    assert_false(selects());
}

static void test_what_no_query_can_ask_is_refused(void **state)
{
    (void)state;
    struct oyez_selection selection;
    add_pattern("not a pattern");
    assert_int_equal(oyez_selection_open(&selection, &query), OYEZ_ERR_INVALID);
    oyez_selection_close(&selection);
    query.patterns_count = 0;
    add_condition("nonsense=1");
    assert_int_equal(oyez_selection_open(&selection, &query), OYEZ_ERR_INVALID);
    oyez_selection_close(&selection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_query_for_nothing_special_takes_everything, begin),
        cmocka_unit_test_setup(test_one_pattern_of_several_is_enough, begin),
        cmocka_unit_test_setup(test_all_conditions_must_hold, begin),
        cmocka_unit_test_setup(test_since_is_inclusive_and_until_is_not, begin),
        cmocka_unit_test_setup(test_a_cursor_compares_as_two_numbers, begin),
        cmocka_unit_test_setup(test_what_no_query_can_ask_is_refused, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

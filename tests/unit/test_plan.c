// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "client/query/plan.h"
#include "wire/envelope.h"

static oyez_v1_Query query;
static struct oyez_plan plan;

static void begin(void)
{
    memset(&query, 0, sizeof query);
}

static void add_pattern(const char *pattern)
{
    snprintf(query.patterns[query.patterns_count++], sizeof query.patterns[0], "%s", pattern);
}

static void add_condition(const char *condition)
{
    snprintf(query.conditions[query.conditions_count++], sizeof query.conditions[0], "%s",
             condition);
}

static void test_what_has_no_key_is_no_term(void **state)
{
    (void)state;
    begin();
    add_condition("details.n=1");
    add_condition("source=shell");
    add_pattern("plan.created");
    add_pattern("*");
    oyez_plan_make(&plan, &query);
    assert_int_equal(plan.count, 0);
}

static void test_patterns_are_one_term_and_names_are_known_beforehand(void **state)
{
    (void)state;
    begin();
    add_condition("correlation_id=c");
    add_pattern("plan.created");
    add_pattern("deal.created");
    oyez_plan_make(&plan, &query);
    assert_int_equal(plan.count, 2);
    assert_non_null(plan.terms[0].condition);
    assert_null(plan.terms[1].condition);
    assert_true(plan.by_name);
    add_pattern("plan.*");
    oyez_plan_make(&plan, &query);
    assert_int_equal(plan.count, 2);
    assert_false(plan.by_name);
    assert_true(oyez_plan_wants_type(&plan, "plan.errored", 12));
    assert_true(oyez_plan_wants_type(&plan, "deal.created", 12));
    assert_false(oyez_plan_wants_type(&plan, "deal.created.twice", 18));
    assert_false(oyez_plan_wants_type(&plan, "deal.errored", 12));
}

static void test_the_most_selective_term_is_told_first_and_unused_ones_are_not(void **state)
{
    (void)state;
    char text[64];
    begin();
    add_condition("actor_id=a");
    add_condition("correlation_id=c");
    add_condition("plan_id=p");
    add_pattern("plan.*");
    add_pattern("deal.*");
    oyez_plan_make(&plan, &query);
    oyez_plan_tell(&plan, text, sizeof text);
    assert_string_equal(text, "");
    plan.terms[0].used = plan.terms[1].used = plan.terms[3].used = true;
    plan.terms[0].records = 20;
    plan.terms[1].records = 3;
    plan.terms[3].records = 100;
    oyez_plan_tell(&plan, text, sizeof text);
    assert_string_equal(text, "correlation_id=c, actor_id=a, plan.* or deal.*");
    oyez_plan_tell(&plan, text, 30);
    assert_string_equal(text, "correlation_id=c, actor_id=a");
    oyez_plan_tell(&plan, text, 28);
    assert_string_equal(text, "correlation_id=c");
    oyez_plan_tell(&plan, text, 12);
    assert_string_equal(text, "actor_id=a");
}

static void test_a_plan_is_text_whatever_was_asked_for(void **state)
{
    (void)state;
    char text[64];
    memset(&query, 0, sizeof query);
    add_condition("actor_name=J\xC3\xBCrgen");
    oyez_plan_make(&plan, &query);
    plan.terms[0].used = true;
    oyez_plan_tell(&plan, text, sizeof text);
    assert_string_equal(text, "actor_name=J\xC3\xBCrgen");
    add_condition("plan_id=\xFF\xFE.");
    oyez_plan_make(&plan, &query);
    plan.terms[0].used = plan.terms[1].used = true;
    oyez_plan_tell(&plan, text, sizeof text);
    assert_true(oyez_utf8_is_valid(text, strlen(text)));
    assert_non_null(strstr(text, "plan_id=??."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_has_no_key_is_no_term),
        cmocka_unit_test(test_patterns_are_one_term_and_names_are_known_beforehand),
        cmocka_unit_test(test_the_most_selective_term_is_told_first_and_unused_ones_are_not),
        cmocka_unit_test(test_a_plan_is_text_whatever_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

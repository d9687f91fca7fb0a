// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "name_hint.h"

static void expect_hint(const char *name, const char *expected)
{
    const char *hint = oyez_name_hint(name, strlen(name));
    if (expected == NULL) {
        assert_null(hint);
        return;
    }
    assert_non_null(hint);
    assert_string_equal(hint, expected);
}

static void test_a_slip_of_the_finger_is_understood(void **state)
{
    (void)state;
    expect_hint("plan.creatd", "plan.created");
    expect_hint("plan.creatted", "plan.created");
    expect_hint("plan.craeted", "plan.created");
    expect_hint("lan.created", "plan.created");
    expect_hint("order.create", "order.created");
}

static void test_case_does_not_matter(void **state)
{
    (void)state;
    expect_hint("git.branch.created", "GIT.BRANCH.CREATED");
    expect_hint("Plan.Created", "plan.created");
    expect_hint("actionevaluatedevent", "ActionEvaluatedEvent");
}

static void test_strangers_get_no_hint(void **state)
{
    (void)state;
    expect_hint("weather.rained", NULL);
    expect_hint("x", NULL);
    expect_hint("", NULL);
    char longest[200];
    memset(longest, 'x', sizeof longest);
    assert_null(oyez_name_hint(longest, sizeof longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slip_of_the_finger_is_understood),
        cmocka_unit_test(test_case_does_not_matter),
        cmocka_unit_test(test_strangers_get_no_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

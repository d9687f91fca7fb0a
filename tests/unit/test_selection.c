// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "selection.h"

static void test_patterns_that_match_a_type_or_may_match_an_open_one_are_known(void **state)
{
    (void)state;
    static const char *const known[] = {
        "*",
        "plan.created",
        "plan.*",
        "*.errored",
        "github.*",
        "git*",
        "github.push",
        "github.any.thing",
        "g*.push",
        "oyez.beacon",
        "@cleveragents/planning",
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_true(selection_is_known(known[i]));
    }
}

static void test_patterns_that_match_nothing_are_not_known(void **state)
{
    (void)state;
    static const char *const unknown[] = {
        "plan.creatd", "plann.*", "githu", "github.", "gitlab.*", "Plan.created", "plan.created*x",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_false(selection_is_known(unknown[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns_that_match_a_type_or_may_match_an_open_one_are_known),
        cmocka_unit_test(test_patterns_that_match_nothing_are_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

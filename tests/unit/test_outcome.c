// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "outcome.h"

static void test_names_say_how_things_went_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(outcome_of("plan.errored"), OUTCOME_BAD);
    assert_int_equal(outcome_of("CODE.TEST.FAILED"), OUTCOME_BAD);
    assert_int_equal(outcome_of("escalation.triggered"), OUTCOME_BAD);
    assert_int_equal(outcome_of("TaskCompletedEvent"), OUTCOME_GOOD);
    assert_int_equal(outcome_of("plan.created"), OUTCOME_NONE);
    // What went wrong tells more than what was ended.
    assert_int_equal(outcome_of("retry.failed.completely"), OUTCOME_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_say_how_things_went_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "counters.h"
#include "wire/batch.h"

static void test_every_counter_has_its_own_name_in_snake_case(void **state)
{
    (void)state;
    for (int i = 0; i < OYEZ_COUNTER_COUNT; i++) {
        const char *name = oyez_counter_name((enum oyez_counter)i);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        assert_true(strlen(name) > 0 && strlen(name) < 49);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, oyez_counter_name((enum oyez_counter)j));
    }
}

static void test_frame_faults_are_counted_under_their_own_names(void **state)
{
    (void)state;
    for (int fault = OYEZ_BATCH_TOO_LARGE; fault < OYEZ_BATCH_FAULTS; fault++)
        assert_string_equal(oyez_counter_name((enum oyez_counter)(OYEZ_COUNT_TOO_LARGE + fault -
                                                                  OYEZ_BATCH_TOO_LARGE)),
                            oyez_batch_fault_name((enum oyez_batch_fault)fault));
}

static void test_adding_and_setting(void **state)
{
    (void)state;
    struct oyez_counters counters = {0};
    oyez_counter_add(&counters, OYEZ_COUNT_EVENTS, 3);
    oyez_counter_add(&counters, OYEZ_COUNT_EVENTS, 4);
    oyez_counter_set(&counters, OYEZ_COUNT_TYPES, 9);
    assert_int_equal(oyez_counter_get(&counters, OYEZ_COUNT_EVENTS), 7);
    assert_int_equal(oyez_counter_get(&counters, OYEZ_COUNT_TYPES), 9);
    assert_int_equal(oyez_counter_get(&counters, OYEZ_COUNT_BATCHES), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_counter_has_its_own_name_in_snake_case),
        cmocka_unit_test(test_frame_faults_are_counted_under_their_own_names),
        cmocka_unit_test(test_adding_and_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

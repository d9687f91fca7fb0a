// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "types.h"

static uint32_t find(struct oyez_types *types, const char *name)
{
    return oyez_types_find(types, name, strlen(name));
}

static void test_each_type_has_its_own_dense_sequence(void **state)
{
    (void)state;
    struct oyez_types types;
    oyez_types_init(&types, 10);
    uint32_t created = find(&types, "plan.created"), done = find(&types, "plan.done");
    assert_int_equal(oyez_types_advance(&types, created, 1), 1);
    assert_int_equal(oyez_types_advance(&types, created, 3), 2);
    assert_int_equal(oyez_types_advance(&types, done, 2), 1);
    assert_int_equal(oyez_types_advance(&types, created, 1), 5);
    assert_int_equal(find(&types, "plan.created"), created);
    assert_int_equal(find(&types, "plan.done"), done);
    oyez_types_clear(&types);
}

static void test_a_prefix_of_a_type_is_another_type(void **state)
{
    (void)state;
    struct oyez_types types;
    oyez_types_init(&types, 10);
    assert_int_not_equal(find(&types, "plan.created"), find(&types, "plan.create"));
    assert_int_not_equal(find(&types, "plan.created"), find(&types, "plan.created2"));
    oyez_types_clear(&types);
}

static void test_a_full_table_takes_no_new_type_and_keeps_the_old(void **state)
{
    (void)state;
    struct oyez_types types;
    oyez_types_init(&types, 3);
    uint32_t first = find(&types, "a");
    find(&types, "b");
    find(&types, "c");
    assert_int_equal(find(&types, "d"), OYEZ_NONE);
    assert_int_equal(find(&types, "a"), first);
    assert_int_equal(types.count, 3);
    oyez_types_clear(&types);
}

static void test_names_stay_where_they_are_while_the_table_grows(void **state)
{
    (void)state;
    struct oyez_types types;
    oyez_types_init(&types, 65536);
    find(&types, "the.first");
    const char *name = types.heads[0].name;
    for (int i = 0; i < 20000; i++) {
        char text[32];
        snprintf(text, sizeof text, "type.number.%d", i);
        assert_int_equal(find(&types, text), i + 1);
    }
    assert_ptr_equal(types.heads[0].name, name);
    assert_memory_equal(types.heads[0].name, "the.first", 9);
    assert_memory_equal(types.heads[20000].name, "type.number.19999", 17);
    oyez_types_clear(&types);
}

static void test_a_type_is_listed_once_until_it_was_told(void **state)
{
    (void)state;
    struct oyez_types types;
    oyez_types_init(&types, 10);
    uint32_t a = find(&types, "a"), b = find(&types, "b"), c = find(&types, "c");
    oyez_types_advance(&types, b, 1);
    oyez_types_advance(&types, a, 1);
    oyez_types_advance(&types, b, 1);
    oyez_types_advance(&types, c, 1);
    assert_int_equal(types.moved_count, 3);
    assert_int_equal(types.moved[0], b);
    oyez_types_told(&types, 1);
    assert_int_equal(types.moved_count, 2);
    assert_int_equal(types.moved[0], a);
    oyez_types_advance(&types, a, 1);
    assert_int_equal(types.moved_count, 2);
    oyez_types_advance(&types, b, 1);
    assert_int_equal(types.moved_count, 3);
    oyez_types_told(&types, 3);
    oyez_types_told(&types, 0);
    assert_int_equal(types.moved_count, 0);
    oyez_types_clear(&types);
}

static void test_a_cleared_table_begins_anew(void **state)
{
    (void)state;
    struct oyez_types types;
    oyez_types_init(&types, 2);
    oyez_types_advance(&types, find(&types, "a"), 5);
    find(&types, "b");
    oyez_types_clear(&types);
    assert_int_equal(types.count, 0);
    assert_int_equal(types.moved_count, 0);
    assert_int_equal(oyez_types_advance(&types, find(&types, "c"), 1), 1);
    oyez_types_clear(&types);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_type_has_its_own_dense_sequence),
        cmocka_unit_test(test_a_prefix_of_a_type_is_another_type),
        cmocka_unit_test(test_a_full_table_takes_no_new_type_and_keeps_the_old),
        cmocka_unit_test(test_names_stay_where_they_are_while_the_table_grows),
        cmocka_unit_test(test_a_type_is_listed_once_until_it_was_told),
        cmocka_unit_test(test_a_cleared_table_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

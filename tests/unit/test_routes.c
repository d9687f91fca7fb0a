// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "routes.h"

static void test_a_type_has_one_route_and_keeps_it(void **state)
{
    (void)state;
    struct routes routes = {0};
    struct route *first = routes_get(&routes, "plan.created", 12);
    assert_non_null(first);
    assert_string_equal(first->event_type, "plan.created");
    char name[32];
    for (int i = 0; i < 5000; i++) {
        int size = snprintf(name, sizeof name, "type.%d", i);
        assert_non_null(routes_get(&routes, name, (size_t)size));
    }
    assert_ptr_equal(routes_get(&routes, "plan.created", 12), first);
    assert_int_equal(routes.count, 5001);
    routes_free(&routes);
}

static void test_a_name_that_begins_another_is_another_type(void **state)
{
    (void)state;
    struct routes routes = {0};
    struct route *longer = routes_get(&routes, "plan.created2", 13);
    assert_ptr_not_equal(routes_get(&routes, "plan.created2", 12), longer);
    routes_free(&routes);
}

static void test_the_table_is_bounded(void **state)
{
    (void)state;
    struct routes routes = {0};
    char name[32];
    for (unsigned i = 0; i < OYEZ_TYPES_MAX; i++) {
        int size = snprintf(name, sizeof name, "t%u", i);
        assert_non_null(routes_get(&routes, name, (size_t)size));
    }
    assert_null(routes_get(&routes, "one.more", 8));
    assert_non_null(routes_get(&routes, "t7", 2));
    routes_free(&routes);
}

static void test_a_name_above_the_limit_has_no_route(void **state)
{
    (void)state;
    struct routes routes = {0};
    char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    memset(name, 'a', sizeof name);
    assert_null(routes_get(&routes, name, sizeof name));
    assert_non_null(routes_get(&routes, name, sizeof name - 1));
    routes_free(&routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_type_has_one_route_and_keeps_it),
        cmocka_unit_test(test_a_name_that_begins_another_is_another_type),
        cmocka_unit_test(test_the_table_is_bounded),
        cmocka_unit_test(test_a_name_above_the_limit_has_no_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

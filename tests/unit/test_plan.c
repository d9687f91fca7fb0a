// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "compiled_catalog.h"
#include "schema/plan.h"

#define FIELDS 70

static char body[FIELDS * 80 + 1000];

// Numbers near each other, far from each other, and an enum with names and numbers of all kinds.
static int load(void **state)
{
    (void)state;
    size_t at = (size_t)snprintf(body, sizeof body,
                                 "// Far.\nmessage Far { option (oyez.type) = {name: 'plans.far' "
                                 "domain: 'test'};\n"
                                 "// A.\noptional int32 last = 536870911;\n"
                                 "// B.\noptional int32 first = 1;\n"
                                 "// C.\noptional int32 middle = 5000;\n"
                                 "// D.\noptional Colour colour = 19;\n}\n"
                                 "enum Colour { option allow_alias = true; NONE = 0; RED = 7; "
                                 "CRIMSON = 7; B = -2147483648; BLUE = 2147483647; }\n"
                                 "// Empty.\nmessage Empty { option (oyez.type) = {name: "
                                 "'plans.empty' domain: 'test'};\n}\n"
                                 "// Near.\nmessage Near { option (oyez.type) = {name: "
                                 "'plans.near' domain: 'test'};\n");
    for (int i = FIELDS; i > 0; i--)
        at += (size_t)snprintf(body + at, sizeof body - at, "// F.\noptional string %.*s%d = %d;\n",
                               1 + i % 3, "fgh", i, 2 * i);
    snprintf(body + at, sizeof body - at, "}\n");
    load_catalog("plans", "1.0.0", "", body);
    return 0;
}

static const struct plan *plan_of(const char *type)
{
    const struct plan *plan = type_plan(oyez_type_find(type, strlen(type)));
    assert_non_null(plan);
    return plan;
}

static void test_texts_are_ordered_by_size_then_bytes(void **state)
{
    (void)state;
    static const char *const ascending[] = {"", "a", "b", "aa", "ab", "\xff\x01", "aaa"};
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
        struct plan_text text = {ascending[i], strlen(ascending[i])};
        for (size_t k = 0; k < sizeof ascending / sizeof *ascending; k++) {
            int order = plan_text_compare(&text, ascending[k], strlen(ascending[k]));
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
    assert_true(plan_text_compare(&(struct plan_text){"a\0b", 3}, "a\0c", 3) < 0);
    assert_int_equal(plan_text_compare(&(struct plan_text){NULL, 0}, NULL, 0), 0);
}

static void test_every_field_is_found_by_number_and_by_name(void **state)
{
    (void)state;
    static const char *const types[] = {"plans.near", "plans.far"};
    for (size_t t = 0; t < 2; t++) {
        const struct plan *plan = plan_of(types[t]);
        for (size_t i = 0; i < plan->field_count; i++) {
            const struct plan_field *field = &plan->fields[i];
            assert_int_equal(field->place, i);
            assert_true(i == 0 || plan->fields[i - 1].number < field->number);
            assert_ptr_equal(plan_field_by_number(plan, field->number), field);
            assert_ptr_equal(plan_field_by_name(plan, field->name.text, field->name.size), field);
        }
    }
    assert_int_equal(plan_of("plans.near")->field_count, FIELDS);
    // Numbers far apart have no table of all of them.
    assert_int_equal(plan_of("plans.far")->by_number_count, 0);
}

static void test_numbers_and_names_that_are_not_there_are_none(void **state)
{
    (void)state;
    const struct plan *near = plan_of("plans.near");
    const struct plan *far = plan_of("plans.far");
    for (uint32_t number = 1; number < 2 * FIELDS; number += 2)
        assert_null(plan_field_by_number(near, number));
    static const uint32_t numbers[] = {0, 2, 18, 20, 4999, 5001, 536870910, 536870912, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_null(plan_field_by_number(far, numbers[i]));
    assert_null(plan_field_by_number(near, 2 * FIELDS + 1));
    assert_null(plan_field_by_number(near, UINT32_MAX));
    static const char *const names[] = {"", "f", "firs", "firsu", "firstt", "FIRST", "zzzzzzzzzz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(plan_field_by_name(far, names[i], strlen(names[i])));
        assert_null(plan_field_by_name(near, names[i], strlen(names[i])));
    }
    assert_null(plan_field_by_name(far, "first\0", 6));
}

static void test_a_plan_without_fields_has_none(void **state)
{
    (void)state;
    const struct plan *plan = plan_of("plans.empty");
    assert_int_equal(plan->field_count, 0);
    assert_null(plan_field_by_number(plan, 1));
    assert_null(plan_field_by_number(plan, 0));
    assert_null(plan_field_by_name(plan, "", 0));
    assert_null(plan_field_by_name(plan, "a", 1));
}

static void test_enums_know_their_numbers_and_all_of_their_names(void **state)
{
    (void)state;
    const struct plan_enum *colours = plan_field_by_number(plan_of("plans.far"), 19)->enumeration;
    static const struct {
        int32_t number;
        const char *name; // NULL = none
    } values[] = {
        {0, "NONE"}, {7, "RED"}, {INT32_MIN, "B"}, {INT32_MAX, "BLUE"},   {1, NULL},
        {-1, NULL},  {6, NULL},  {8, NULL},        {INT32_MIN + 1, NULL}, {INT32_MAX - 1, NULL}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct plan_enum_value *found = plan_enum_by_number(colours, values[i].number);
        if (values[i].name == NULL) {
            assert_null(found);
            continue;
        }
        // Of two names for one number the first.
        assert_string_equal(found->name.text, values[i].name);
        assert_ptr_equal(plan_enum_by_name(colours, values[i].name, strlen(values[i].name)), found);
    }
    assert_int_equal(plan_enum_by_name(colours, "CRIMSON", 7)->number, 7);
    static const char *const names[] = {"", "red", "RE", "REDD", "C", "CRIMSOM", "GREENISH"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_null(plan_enum_by_name(colours, names[i], strlen(names[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_ordered_by_size_then_bytes),
        cmocka_unit_test(test_every_field_is_found_by_number_and_by_name),
        cmocka_unit_test(test_numbers_and_names_that_are_not_there_are_none),
        cmocka_unit_test(test_a_plan_without_fields_has_none),
        cmocka_unit_test(test_enums_know_their_numbers_and_all_of_their_names),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}

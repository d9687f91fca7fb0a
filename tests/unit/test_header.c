// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "wire/header.h"

static const char *const json_order[OYEZ_HEADER_FIELD_COUNT] = {
    "event_id",       "event_type",
    "occurred_at",    "schema_version",
    "correlation_id", "causation_id",
    "step_id",        "actor_type",
    "actor_id",       "actor_name",
    "plan_id",        "root_plan_id",
    "phase",          "state",
    "session_id",     "project_name",
    "run_id",         "thread_id",
    "user_id",        "aggregate_id",
    "aggregate_type", "aggregate_version",
    "source",         "app_version",
    "environment",    "traceparent",
};

static void test_the_fields_stand_in_the_order_of_the_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++)
        assert_string_equal(oyez_header_fields[i].name, json_order[i]);
}

static void test_the_fields_stand_in_the_order_of_the_wire(void **state)
{
    (void)state;
    unsigned outer = 0;
    unsigned inner = 0;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->outer_field == outer) {
            assert_int_not_equal(inner, 0);
            assert_int_equal(field->inner_field, inner + 1);
        } else {
            assert_int_equal(field->outer_field, outer + 1);
            assert_true(field->inner_field <= 1);
        }
        outer = field->outer_field;
        inner = field->inner_field;
    }
    assert_int_equal(outer, 16);
}

static void test_every_field_has_a_line_of_help(void **state)
{
    (void)state;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        assert_in_range(strlen(oyez_header_fields[i].help), 5, 60);
        assert_null(strchr(oyez_header_fields[i].help, '\n'));
    }
}

static void test_a_field_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const char *name = json_order[i];
        assert_ptr_equal(oyez_header_field_find(name, strlen(name)), &oyez_header_fields[i]);
    }
    // The size counts, not a NUL.
    assert_ptr_equal(oyez_header_field_find("plan_id=7", 7), &oyez_header_fields[10]);
}

static void test_no_other_name_is_found(void **state)
{
    (void)state;
    assert_null(oyez_header_field_find("", 0));
    assert_null(oyez_header_field_find("plan_i", 6));
    assert_null(oyez_header_field_find("plan_id2", 8));
    assert_null(oyez_header_field_find("Plan_id", 7));
    assert_null(oyez_header_field_find("plan-id", 7));
    assert_null(oyez_header_field_find("tags", 4));
    assert_null(oyez_header_field_find("details", 7));
}

static void test_each_text_is_set_and_read_back_and_no_other_changes(void **state)
{
    (void)state;
    size_t texts = 0;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind != OYEZ_HEADER_TEXT)
            continue;
        struct oyez_event event = {0};
        struct oyez_event untouched = {0};
        assert_null(oyez_header_text(&event, field));
        oyez_header_set_text(&event, field, field->name);
        assert_ptr_equal(oyez_header_text(&event, field), field->name);
        oyez_header_set_text(&event, field, NULL);
        assert_memory_equal(&event, &untouched, sizeof event);
        texts++;
    }
    assert_int_equal(texts, 23);
}

static void test_names_lead_to_the_members_that_bear_them(void **state)
{
    (void)state;
    const struct oyez_event event = {
        .event_type = "t", .actor_name = "n", .state = "s", .aggregate_type = "a", .source = "o"};
    const struct {
        const char *name;
        const char *text;
    } cases[] = {
        {"event_type", "t"},     {"actor_name", "n"}, {"state", "s"},
        {"aggregate_type", "a"}, {"source", "o"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct oyez_header_field *field =
            oyez_header_field_find(cases[i].name, strlen(cases[i].name));
        assert_string_equal(oyez_header_text(&event, field), cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_fields_stand_in_the_order_of_the_json),
        cmocka_unit_test(test_the_fields_stand_in_the_order_of_the_wire),
        cmocka_unit_test(test_every_field_has_a_line_of_help),
        cmocka_unit_test(test_a_field_is_found_by_its_name),
        cmocka_unit_test(test_no_other_name_is_found),
        cmocka_unit_test(test_each_text_is_set_and_read_back_and_no_other_changes),
        cmocka_unit_test(test_names_lead_to_the_members_that_bear_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "operation_details.h"

static void check(const char *type, const char *details, const char *message, const char *expected,
                  bool expected_timed)
{
    const struct operation_outcome outcome = {.duration_ms = 42, .message = message};
    char *text = NULL;
    bool timed;
    assert_int_equal(operation_details(type, details, &outcome, &text, &timed), OYEZ_OK);
    assert_string_equal(text, expected);
    assert_int_equal(timed, expected_timed);
    free(text);
}

static void test_the_duration_goes_where_the_type_has_a_field_for_it(void **state)
{
    (void)state;
    check("actor.completed", "{\"actor\": \"a\"}", NULL, "{\"actor\":\"a\",\"duration_ms\":42}",
          true);
    check("actor.completed", NULL, NULL, "{\"duration_ms\":42}", true);
    check("TaskCompletedEvent", "{}", NULL, "{\"execution_time_ms\":42}", true);
    check("actor.invoked", "{}", NULL, "{}", false);
    check("no.such_type", "{}", "why", "{}", false);
}

static void test_what_the_caller_has_filled_stays(void **state)
{
    (void)state;
    check("actor.errored", "{\"duration_ms\":7,\"error_message\":\"mine\"}", "yours",
          "{\"duration_ms\":7,\"error_message\":\"mine\"}", true);
    // The same name inside is another field.
    check("actor.errored", "{\"x\":{\"duration_ms\":7}}", NULL,
          "{\"x\":{\"duration_ms\":7},\"duration_ms\":42}", true);
}

static void test_a_message_is_quoted_and_goes_where_the_type_has_a_field_for_it(void **state)
{
    (void)state;
    check("actor.errored", " { } ", "no \"patch\"\n",
          "{\"duration_ms\":42,\"error_message\":\"no \\\"patch\\\"\\n\"}", true);
    check("actor.completed", "{}", "why", "{\"duration_ms\":42}", true);
}

static void test_an_open_type_has_any_field(void **state)
{
    (void)state;
    check("github.workflow", "{}", "why", "{\"duration_ms\":42,\"error_message\":\"why\"}", true);
}

static void test_details_that_are_no_object_are_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {"", "[]", "{", "{\"a\":1}}", "null"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct operation_outcome outcome = {0};
        char *text = NULL;
        bool timed;
        assert_int_equal(operation_details("actor.completed", wrong[i], &outcome, &text, &timed),
                         OYEZ_ERR_INVALID);
        assert_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_duration_goes_where_the_type_has_a_field_for_it),
        cmocka_unit_test(test_what_the_caller_has_filled_stays),
        cmocka_unit_test(test_a_message_is_quoted_and_goes_where_the_type_has_a_field_for_it),
        cmocka_unit_test(test_an_open_type_has_any_field),
        cmocka_unit_test(test_details_that_are_no_object_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

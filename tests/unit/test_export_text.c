// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "schema/export_text.h"

static void check_indented(const char *compact, const char *expected)
{
    struct json_text out = {0};
    char *text;
    export_indent(&out, compact);
    assert_int_equal(export_finish(&out, &text), OYEZ_OK);
    assert_string_equal(text, expected);
    free(text);
}

static void test_json_is_set_in_two_spaces_a_level(void **state)
{
    (void)state;
    check_indented(
        "{\"a\":[1,{\"b\":true}],\"c\":\"d\"}",
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": true\n    }\n  ],\n  \"c\": \"d\"\n}");
}

static void test_what_is_empty_stays_on_its_line(void **state)
{
    (void)state;
    check_indented("{\"a\":{},\"b\":[]}", "{\n  \"a\": {},\n  \"b\": []\n}");
    check_indented("{}", "{}");
}

static void test_strings_are_left_as_they_are(void **state)
{
    (void)state;
    check_indented("{\"a:{\\\"\":\"[, \\\\\"}", "{\n  \"a:{\\\"\": \"[, \\\\\"\n}");
}

static void test_a_text_that_grew_too_large_is_no_text(void **state)
{
    (void)state;
    struct json_text out = {.size_max = 4};
    char *text = (char *)&out;
    export_print(&out, "%s", "longer than four");
    assert_int_equal(export_finish(&out, &text), OYEZ_ERR_TOO_LARGE);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_is_set_in_two_spaces_a_level),
        cmocka_unit_test(test_what_is_empty_stays_on_its_line),
        cmocka_unit_test(test_strings_are_left_as_they_are),
        cmocka_unit_test(test_a_text_that_grew_too_large_is_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "json_walk.h"

static void expect_slice(struct oyez_json_slice slice, const char *text)
{
    assert_int_equal(slice.size, strlen(text));
    assert_memory_equal(slice.text, text, slice.size);
}

static void test_members_come_in_order_as_they_are_written(void **state)
{
    (void)state;
    const char *cursor = " { \"a\" : 1.10 ,\"b}\":\"x\\\"]\", \"c\":{\"d\":[1,\"}\"]} ,\"e\":true}";
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    assert_true(oyez_json_next_member(&cursor, &key, &value));
    expect_slice(key, "\"a\"");
    expect_slice(value, "1.10");
    assert_true(oyez_json_next_member(&cursor, &key, &value));
    expect_slice(key, "\"b}\"");
    expect_slice(value, "\"x\\\"]\"");
    assert_true(oyez_json_next_member(&cursor, &key, &value));
    expect_slice(key, "\"c\"");
    expect_slice(value, "{\"d\":[1,\"}\"]}");
    assert_true(oyez_json_next_member(&cursor, &key, &value));
    expect_slice(value, "true");
    assert_false(oyez_json_next_member(&cursor, &key, &value));
}

static void test_an_empty_object_has_no_members(void **state)
{
    (void)state;
    const char *cursor = "{ }";
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    assert_false(oyez_json_next_member(&cursor, &key, &value));
}

static void test_compacting_leaves_strings_alone(void **state)
{
    (void)state;
    const char *text = " {\r\n \"a b\" : [ 1 , \"x \\\" y\" ] ,\t\"c\" : { } } ";
    char out[64];
    size_t size = oyez_json_compact(out, text, strlen(text));
    expect_slice((struct oyez_json_slice){out, size}, "{\"a b\":[1,\"x \\\" y\"],\"c\":{}}");
}

static void test_a_string_ends_at_the_first_quote_that_is_not_escaped(void **state)
{
    (void)state;
    const char *const strings[] = {"\"\"",         "\"\\\\\"",       "\"\\\"\"",
                                   "\"\\\"\\\\\"", "\"a\\\\\\\"b\"", "\"\\\"\\\"\""};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        char text[32];
        snprintf(text, sizeof text, "%s,\"\"", strings[i]);
        assert_int_equal(oyez_json_skip(text) - text, strlen(strings[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_come_in_order_as_they_are_written),
        cmocka_unit_test(test_an_empty_object_has_no_members),
        cmocka_unit_test(test_compacting_leaves_strings_alone),
        cmocka_unit_test(test_a_string_ends_at_the_first_quote_that_is_not_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

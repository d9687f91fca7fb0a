// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sample_plan.h"
#include "schema/json_value.h"

static struct json_string string_of(const char *quoted)
{
    struct oyez_json_slice slice = {quoted, strlen(quoted)};
    return json_string_of(&slice);
}

static void test_escapes_are_decoded(void **state)
{
    (void)state;
    struct json_string string =
        string_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00\xc3\xa9\"");
    char out[64];
    bool whole;
    static const char expected[] = "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9";
    size_t size = json_string_decode(out, sizeof out, &string, &whole);
    assert_true(whole);
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(out, expected, size);
    assert_int_equal(json_string_count(&string), 13);
}

static void test_no_character_is_decoded_by_half(void **state)
{
    (void)state;
    struct json_string string = string_of("\"a\\u20ac\"");
    char out[3];
    bool whole;
    assert_int_equal(json_string_decode(out, 3, &string, &whole), 1);
    assert_false(whole);
}

static void test_strings_compare_by_what_they_mean(void **state)
{
    (void)state;
    struct json_string plain = string_of("\"aby\"");
    struct json_string escaped = string_of("\"a\\u0062y\"");
    struct json_string longer = string_of("\"abyz\"");
    struct json_string other = string_of("\"a\\u00e9\"");
    assert_int_equal(json_string_compare(&plain, &escaped), 0);
    assert_true(json_string_compare(&plain, &longer) < 0);
    assert_true(json_string_compare(&longer, &escaped) > 0);
    assert_true(json_string_compare(&plain, &other) < 0);
    assert_true(json_string_compare(&other, &escaped) > 0);
}

static void test_keys_that_repeat_are_found(void **state)
{
    (void)state;
    struct oyez_json_slice key;
    assert_int_equal(json_keys_repeat("{}", &key), 0);
    assert_int_equal(json_keys_repeat("{\"a\":{\"a\":1},\"b\":[{\"a\":1}]}", &key), 0);
    assert_int_equal(json_keys_repeat("{\"a\":1,\"b\":2,\"a\":3}", &key), 1);
    assert_memory_equal(key.text, "\"a\"", 3);
    assert_int_equal(json_keys_repeat_within("[{\"a\":1},{\"b\":{\"c\":1,\"\\u0063\":2}}]", &key),
                     1);
    assert_int_equal(json_keys_repeat_within("[{\"a\":1},{\"a\":{\"a\":1}},\"{\"]", &key), 0);
    assert_int_equal(json_keys_repeat_within("7", &key), 0);
}

static void test_fields_are_found_by_keys(void **state)
{
    (void)state;
    struct oyez_json_slice plain = {"\"votes\"", 7};
    struct oyez_json_slice escaped = {"\"\\u0076otes\"", 12};
    struct oyez_json_slice other = {"\"vote\"", 6};
    assert_int_equal(json_field_find(sample_plan(), &plain)->number, SAMPLE_VOTES);
    assert_int_equal(json_field_find(sample_plan(), &escaped)->number, SAMPLE_VOTES);
    assert_null(json_field_find(sample_plan(), &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes_are_decoded),
        cmocka_unit_test(test_no_character_is_decoded_by_half),
        cmocka_unit_test(test_strings_compare_by_what_they_mean),
        cmocka_unit_test(test_keys_that_repeat_are_found),
        cmocka_unit_test(test_fields_are_found_by_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

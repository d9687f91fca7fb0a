// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "json_text.h"

static void test_pieces_grow_to_a_text(void **state)
{
    (void)state;
    struct json_text text = {0};
    json_text_put_words(&text, "[");
    json_text_put_unsigned(&text, UINT64_MAX);
    json_text_put(&text, ",", 1);
    json_text_put_signed(&text, INT64_MIN);
    json_text_put_words(&text, ",");
    json_text_put_signed(&text, 0);
    json_text_put(&text, "", 0);
    json_text_put(&text, "]", 2);
    assert_string_equal(text.bytes, "[18446744073709551615,-9223372036854775808,0]");
    free(text.bytes);
}

static void test_strings_are_escaped(void **state)
{
    (void)state;
    struct json_text text = {0};
    json_text_put_string(&text, "a\"\\/\b\f\n\r\t\x01\0\x7f\xc3\xa9", 14);
    json_text_put(&text, "", 1);
    assert_string_equal(text.bytes, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u0000\\u007f\xc3\xa9\"");
    free(text.bytes);
}

static void test_a_limit_is_kept_and_remembered(void **state)
{
    (void)state;
    struct json_text text = {.size_max = 4};
    json_text_put_words(&text, "1234");
    assert_int_equal(text.failed, OYEZ_OK);
    json_text_put_words(&text, "5");
    assert_int_equal(text.failed, OYEZ_ERR_TOO_LARGE);
    json_text_put(&text, "", 1);
    assert_int_equal(text.size, 4);
    free(text.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_grow_to_a_text),
        cmocka_unit_test(test_strings_are_escaped),
        cmocka_unit_test(test_a_limit_is_kept_and_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

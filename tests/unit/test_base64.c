// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "oyez/base64.h"

static void test_the_known_texts_go_both_ways(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff\xbf", "+/+/"}};
    char text[16];
    uint8_t bytes[16];
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        size_t length = strlen(pairs[i][0]);
        size = oyez_base64_encode(text, (const uint8_t *)pairs[i][0], length);
        assert_int_equal(size, strlen(pairs[i][1]));
        assert_int_equal(size, oyez_base64_size(length));
        assert_memory_equal(text, pairs[i][1], size);
        assert_true(oyez_base64_decode(bytes, length, &size, pairs[i][1], strlen(pairs[i][1])));
        assert_int_equal(size, length);
        assert_memory_equal(bytes, pairs[i][0], length);
    }
}

static void test_what_is_no_base64_is_refused(void **state)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",  "=",    "====", "Z===", "Zg==Zg==",
                                      "Zm 9", "Zm9-", "Zm_v", "Zh==", "Zm9=", "Zg=g", "Zg\n="};
    uint8_t bytes[16];
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(oyez_base64_decode(bytes, sizeof(bytes), &size, bad[i], strlen(bad[i])));
    assert_false(oyez_base64_decode(bytes, 2, &size, "Zm9v", 4)); // no room
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_known_texts_go_both_ways),
        cmocka_unit_test(test_what_is_no_base64_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "oyez/base64.h"
#include "schema/json_base64.h"

#define TEXT_MAX (258u / 3 * 4) // of 256 bytes

static bool decode(const char *text, uint8_t *out, size_t *size)
{
    struct json_string string = {text, strlen(text), strchr(text, '\\') != NULL};
    return json_base64_decode(out, size, &string);
}

static void test_both_alphabets_are_read_padded_or_not(void **state)
{
    (void)state;
    static const char *const texts[] = {"+/8A/g==", "-_8A_g", "+_8A/g", "\\u002b\\/8A_g=="};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t bytes[64];
        size_t size;
        assert_true(decode(texts[i], bytes, &size));
        assert_int_equal(size, 4);
        assert_memory_equal(bytes, "\xfb\xff\x00\xfe", 4);
        assert_true(decode(texts[i], NULL, &size));
        assert_int_equal(size, 4);
    }
}

static void test_what_would_lose_bits_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"A",     "AAAAA", "AA=",   "AA===",      "AAA==",
                                        "AAAA=", "AB==",  "AAB=",  "A A=",       "AA=A",
                                        "=",     "====",  "AA\\n", "A\303\251A", "AAA*"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t size;
        if (decode(wrong[i], NULL, &size))
            fail_msg("%s is accepted", wrong[i]);
    }
}

static void test_every_length_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 3);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        char text[TEXT_MAX + 1] = "";
        uint8_t again[JSON_BASE64_BYTES_MAX(TEXT_MAX)];
        size_t again_size;
        text[oyez_base64_encode(text, bytes, size)] = '\0';
        assert_true(decode(text, again, &again_size));
        assert_int_equal(again_size, size);
        assert_memory_equal(again, bytes, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_alphabets_are_read_padded_or_not),
        cmocka_unit_test(test_what_would_lose_bits_is_refused),
        cmocka_unit_test(test_every_length_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "demo_details.h"

static size_t format(char text[DEMO_DETAILS_SIZE_MAX], const char *words, ...)
    __attribute__((format(printf, 2, 3)));

static size_t format(char text[DEMO_DETAILS_SIZE_MAX], const char *words, ...)
{
    va_list arguments;
    va_start(arguments, words);
    size_t size = demo_details_format(text, words, arguments);
    va_end(arguments);
    return size;
}

static void test_single_quotes_of_the_format_become_double_ones(void **state)
{
    (void)state;
    char text[DEMO_DETAILS_SIZE_MAX];
    size_t size = format(text, "{'tool':'%s','attempt':%u,'change':%d}", "read_file", 2u, -7);
    assert_string_equal(text, "{\"tool\":\"read_file\",\"attempt\":2,\"change\":-7}");
    assert_int_equal(size, strlen(text));
}

static void test_texts_are_escaped_and_keep_their_apostrophes(void **state)
{
    (void)state;
    char text[DEMO_DETAILS_SIZE_MAX];
    format(text, "{'said':'%s'}", "it's \"C:\\tmp\"\n\tGöteborg");
    assert_string_equal(text, "{\"said\":\"it's \\\"C:\\\\tmp\\\"\\u000a\\u0009Göteborg\"}");
}

static void test_numbers_have_the_decimals_that_the_format_asks_for(void **state)
{
    (void)state;
    char text[DEMO_DETAILS_SIZE_MAX];
    format(text, "[%.2f,%.0f,%.4f,'100 %%']", 79.9, 12.0, -0.00005);
    assert_string_equal(text, "[79.90,12,-0.0001,\"100 %\"]");
}

static void test_details_may_fill_their_room_to_the_last_byte(void **state)
{
    (void)state;
    char text[DEMO_DETAILS_SIZE_MAX];
    char most[DEMO_DETAILS_SIZE_MAX];
    for (size_t i = 0; i < sizeof most; i++)
        most[i] = 'x';
    most[sizeof most - 1] = '\0';
    assert_int_equal(format(text, "%s", most), DEMO_DETAILS_SIZE_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_quotes_of_the_format_become_double_ones),
        cmocka_unit_test(test_texts_are_escaped_and_keep_their_apostrophes),
        cmocka_unit_test(test_numbers_have_the_decimals_that_the_format_asks_for),
        cmocka_unit_test(test_details_may_fill_their_room_to_the_last_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

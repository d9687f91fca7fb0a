// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "program/diagnostic.h"

static char out[DIAGNOSTIC_SIZE_MAX];

static const char *write_line(enum diagnostic_format format, const char *line)
{
    const struct diagnostic diagnostic = {.program = "oyez serve",
                                          .severity = OYEZ_WARNING,
                                          .time_ns = UINT64_C(1700000000123456789),
                                          .line = line};
    size_t size = diagnostic_write(out, format, &diagnostic);
    assert_int_equal(size, strlen(out));
    assert_true(size > 0 && out[size - 1] == '\n');
    return out;
}

static void test_one_fact_is_one_line_in_each_format(void **state)
{
    (void)state;
    assert_string_equal(write_line(DIAGNOSTIC_TEXT, "slow \"disk\""),
                        "oyez serve: warning: slow \"disk\"\n");
    assert_string_equal(write_line(DIAGNOSTIC_LOGFMT, "slow \"disk\""),
                        "time=2023-11-14T22:13:20.123Z level=warning program=\"oyez serve\" "
                        "msg=\"slow \\\"disk\\\"\"\n");
    assert_string_equal(write_line(DIAGNOSTIC_JSON, "slow \\ \"disk\""),
                        "{\"time\":\"2023-11-14T22:13:20.123Z\",\"level\":\"warning\","
                        "\"program\":\"oyez serve\",\"msg\":\"slow \\\\ \\\"disk\\\"\"}\n");
}

static void test_what_a_terminal_would_obey_is_escaped(void **state)
{
    (void)state;
    assert_string_equal(write_line(DIAGNOSTIC_TEXT, "a\nb\033[2J\x7f"),
                        "oyez serve: warning: a\\u000ab\\u001b[2J\\u007f\n");
    assert_string_equal(write_line(DIAGNOSTIC_TEXT, "gr\xc3\xbc"
                                                    "n"),
                        "oyez serve: warning: gr\xc3\xbcn\n");
    assert_string_equal(write_line(DIAGNOSTIC_TEXT, "bad \xff"),
                        "oyez serve: warning: bad \\u00ff\n");
}

static void test_a_line_that_is_too_long_is_cut_and_stays_a_line(void **state)
{
    (void)state;
    static char line[2 * DIAGNOSTIC_SIZE_MAX];
    static const unsigned char fills[] = {'x', '"', 1};
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(line, fills[i], sizeof line - 1);
        for (unsigned format = 0; format < 3; format++) {
            assert_true(strlen(write_line((enum diagnostic_format)format, line)) <
                        DIAGNOSTIC_SIZE_MAX);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_fact_is_one_line_in_each_format),
        cmocka_unit_test(test_what_a_terminal_would_obey_is_escaped),
        cmocka_unit_test(test_a_line_that_is_too_long_is_cut_and_stays_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "summary.h"
#include "terminal.h"

static const char *summary_of(const char *details, size_t size, enum oyez_details_format format)
{
    static char text[LINE_SIZE_MAX + 1];
    static struct line line;
    struct oyez_event event = {.details = details, .details_size = size, .details_format = format};
    line_open(&line, 60, false);
    summary_put(&line, &event);
    line_close(&line);
    memcpy(text, line.bytes, line.size);
    text[line.size] = '\0';
    return text;
}

static void test_every_kind_of_value_has_a_short_form(void **state)
{
    (void)state;
    assert_string_equal(summary_of("{\"s\":\"t\",\"i\":-1,\"r\":0.5,\"t\":true,\"f\":false,"
                                   "\"n\":null,\"a\":[1,2],\"o\":{\"x\":1}}",
                                   0, OYEZ_DETAILS_JSON),
                        "s=t  i=-1  r=0.5  t=true  f=false  n=null  a=[2]  o={1}");
}

static void test_absent_and_empty_details_say_nothing(void **state)
{
    (void)state;
    assert_string_equal(summary_of(NULL, 0, 0), "");
    assert_string_equal(summary_of("{}", 0, 0), "");
}

static void test_what_cannot_be_read_is_shown_as_it_begins(void **state)
{
    (void)state;
    assert_string_equal(summary_of("[1,\n2", 0, 0), "[1,\\n2");
    // A number above what jansson holds.
    assert_string_equal(summary_of("{\"n\":123456789012345678901}", 0, 0),
                        "{\"n\":123456789012345678901}");
}

static void test_protobuf_is_told_by_its_size(void **state)
{
    (void)state;
    assert_string_equal(summary_of("\x08\x01", 2, OYEZ_DETAILS_PROTOBUF), "(protobuf, 2 bytes)");
}

static void test_large_details_are_shown_as_they_begin(void **state)
{
    (void)state;
    static char large[100 * 1024];
    memset(large, 'y', sizeof large);
    memcpy(large, "{\"x\":\"", 6);
    assert_memory_equal(summary_of(large, sizeof large, OYEZ_DETAILS_JSON), "{\"x\":\"yyyy", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_value_has_a_short_form),
        cmocka_unit_test(test_absent_and_empty_details_say_nothing),
        cmocka_unit_test(test_what_cannot_be_read_is_shown_as_it_begins),
        cmocka_unit_test(test_protobuf_is_told_by_its_size),
        cmocka_unit_test(test_large_details_are_shown_as_they_begin),
    };
    terminal_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

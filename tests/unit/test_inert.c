// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "inert.h"
#include "terminal.h"

static char *inert_of(const char *text, size_t size)
{
    char *out = NULL;
    size_t out_size = 0;
    FILE *memory = open_memstream(&out, &out_size);
    assert_non_null(memory);
    inert_write(memory, text, size);
    fclose(memory);
    return out;
}

static void expect(const char *text, const char *expected)
{
    char *out = inert_of(text, strlen(text));
    assert_string_equal(out, expected);
    free(out);
}

static void test_plain_text_of_any_script_stays_as_it_is(void **state)
{
    (void)state;
    expect("", "");
    expect("plan.created {\"a\": 1}", "plan.created {\"a\": 1}");
    expect("Gr\xc3\xbc\xc3\x9f"
           "e \xe6\xbc\xa2\xe5\xad\x97",
           "Gr\xc3\xbc\xc3\x9f"
           "e \xe6\xbc\xa2\xe5\xad\x97");
}

static void test_controls_and_escape_sequences_are_shown_not_obeyed(void **state)
{
    (void)state;
    expect("\033[2J\033]0;title\007", "\\u001b[2J\\u001b]0;title\\u0007");
    expect("a\nb\rc\td", "a\\nb\\rc\\td");
    expect("\x7f", "\\u007f");
    // CSI as one C1 control, in UTF-8.
    expect("\xc2\x9b"
           "31m",
           "\\u009b31m");
}

static void test_bidi_and_invisible_controls_are_shown(void **state)
{
    (void)state;
    expect("\xe2\x80\xae"
           "gpj.exe\xe2\x80\xac",
           "\\u202egpj.exe\\u202c");
    expect("\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069");
    expect("a\xe2\x80\x8b"
           "b",
           "a\\u200bb");
    expect("\xd8\x9c\xe2\x80\xa8\xef\xbb\xbf", "\\u061c\\u2028\\ufeff");
    // A tag character, beyond the first plane: as JSON writes it.
    expect("\xf3\xa0\x81\x81", "\\udb40\\udc41");
}

static void test_bytes_that_are_no_utf8_are_shown_one_by_one(void **state)
{
    (void)state;
    expect("\xff\xfe", "\\xff\\xfe");
    expect("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          // overlong
    expect("\xc0\xaf", "\\xc0\\xaf");                   // overlong
    expect("\xed\xa0\x80", "\\xed\\xa0\\x80");          // a surrogate
    expect("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); // above U+10FFFF
    expect("\xe6\xbc", "\\xe6\\xbc");                   // cut short
    expect("\xe6"
           "a",
           "\\xe6"
           "a");
}

static void test_a_nul_inside_is_shown(void **state)
{
    (void)state;
    char *out = inert_of("a\0b", 3);
    assert_string_equal(out, "a\\u0000b");
    free(out);
}

static void test_columns_are_those_of_the_terminal(void **state)
{
    (void)state;
    struct glyph glyph;
    inert_next(&glyph, "\xe6\xbc\xa2", 3);
    assert_int_equal(glyph.columns, 2);
    assert_int_equal(glyph.consumed, 3);
    inert_next(&glyph, "\xcc\x81", 2);
    assert_int_equal(glyph.columns, 0);
    inert_next(&glyph, "\033", 1);
    assert_int_equal(glyph.columns, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text_of_any_script_stays_as_it_is),
        cmocka_unit_test(test_controls_and_escape_sequences_are_shown_not_obeyed),
        cmocka_unit_test(test_bidi_and_invisible_controls_are_shown),
        cmocka_unit_test(test_bytes_that_are_no_utf8_are_shown_one_by_one),
        cmocka_unit_test(test_a_nul_inside_is_shown),
        cmocka_unit_test(test_columns_are_those_of_the_terminal),
    };
    terminal_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

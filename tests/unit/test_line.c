// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "line.h"
#include "terminal.h"

#define ELLIPSIS "\xe2\x80\xa6"

static void assert_line(const struct line *line, const char *expected)
{
    assert_int_equal(line->size, strlen(expected));
    assert_memory_equal(line->bytes, expected, line->size);
}

static void test_a_text_that_fits_is_whole(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 5, false);
    line_text(&line, "12345");
    line_text(&line, NULL);
    line_close(&line);
    assert_line(&line, "12345");
    assert_int_equal(line.columns, 5);
}

static void test_a_text_too_long_ends_in_an_ellipsis_at_the_width(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 5, false);
    line_text(&line, "123456789");
    line_text(&line, "more");
    line_close(&line);
    assert_line(&line, "1234" ELLIPSIS);
    assert_int_equal(line.columns, 5);
}

static void test_wide_letters_are_never_cut_in_half(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 4, false);
    line_text(&line, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2");
    line_close(&line);
    assert_line(&line, "\xe6\xbc\xa2" ELLIPSIS);
    assert_true(line.columns <= 4);
}

static void test_escapes_of_controls_count_towards_the_width(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 6, false);
    line_text(&line, "a\033b");
    line_close(&line);
    assert_line(&line, "a" ELLIPSIS);
}

static void test_a_field_is_cut_and_filled_to_its_width(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 20, false);
    line_field(&line, "abcdef", 6, 4);
    line_field(&line, "x", 1, 3);
    line_text(&line, "end");
    line_close(&line);
    assert_line(&line, "abc" ELLIPSIS "x  end");
}

static void test_a_field_at_the_edge_is_cut_by_the_line(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 5, false);
    line_text(&line, "abc");
    line_field(&line, "defgh", 5, 10);
    line_close(&line);
    assert_line(&line, "abcd" ELLIPSIS);
}

static void test_padding_stops_at_the_width(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 3, false);
    line_text(&line, "a");
    line_pad(&line, 10);
    assert_int_equal(line.columns, 3);
    assert_line(&line, "a  ");
}

static void test_styles_take_no_columns_and_a_cut_line_ends_plain(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 4, true);
    line_style(&line, "31");
    line_text(&line, "abcdef");
    line_style(&line, NULL);
    line_close(&line);
    assert_line(&line, "\033[31mabc" ELLIPSIS "\033[0m");
    // The cut takes the end of the style away with the last letter.
    line_open(&line, 4, true);
    line_style(&line, "31");
    line_text(&line, "abcd");
    line_style(&line, NULL);
    line_text(&line, "e");
    line_close(&line);
    assert_line(&line, "\033[31mabc" ELLIPSIS "\033[0m");
    line_open(&line, 4, false);
    line_style(&line, "31");
    line_text(&line, "abc");
    line_close(&line);
    assert_line(&line, "abc");
}

static void test_a_style_left_on_is_switched_off_at_the_end(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 4, true);
    line_style(&line, "2");
    line_text(&line, "ab");
    line_close(&line);
    assert_line(&line, "\033[2mab\033[0m");
}

static void test_a_heap_of_combining_marks_stays_bounded(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 10, false);
    line_text(&line, "a");
    for (int i = 0; i < 100000; i++) {
        line_text(&line, "\xcc\x81");
    }
    line_text(&line, "b");
    line_close(&line);
    assert_int_equal(line.columns, 2);
    assert_true(line.size < 20);
}

static void test_the_widest_line_fits_its_buffer(void **state)
{
    (void)state;
    struct line line;
    line_open(&line, 1000000, true);
    for (int i = 0; i < 5000; i++) {
        line_style(&line, "31");
        line_text(&line, "\xe6\xbc\xa2\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
        line_style(&line, NULL);
        line_pad(&line, line.columns + 1);
    }
    line_close(&line);
    assert_true(line.size <= LINE_SIZE_MAX);
    assert_true(line.columns <= LINE_COLUMNS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_that_fits_is_whole),
        cmocka_unit_test(test_a_text_too_long_ends_in_an_ellipsis_at_the_width),
        cmocka_unit_test(test_wide_letters_are_never_cut_in_half),
        cmocka_unit_test(test_escapes_of_controls_count_towards_the_width),
        cmocka_unit_test(test_a_field_is_cut_and_filled_to_its_width),
        cmocka_unit_test(test_a_field_at_the_edge_is_cut_by_the_line),
        cmocka_unit_test(test_padding_stops_at_the_width),
        cmocka_unit_test(test_styles_take_no_columns_and_a_cut_line_ends_plain),
        cmocka_unit_test(test_a_style_left_on_is_switched_off_at_the_end),
        cmocka_unit_test(test_a_heap_of_combining_marks_stays_bounded),
        cmocka_unit_test(test_the_widest_line_fits_its_buffer),
    };
    terminal_open();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "canvas.h"
#include "terminal.h"

static struct canvas canvas;

static int open_canvas(void **state)
{
    (void)state;
    terminal_open();
    return canvas_resize(&canvas, 3, 12) ? 0 : 1;
}

static int close_canvas(void **state)
{
    (void)state;
    canvas_free(&canvas);
    return 0;
}

static void assert_row(unsigned row, const char *expected)
{
    char text[512];
    canvas_row_text(&canvas, row, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_text_stands_where_it_is_put(void **state)
{
    (void)state;
    assert_int_equal(canvas_text(&canvas, 1, 2, 10, STYLE_GOOD, "hello"), 5);
    assert_row(0, "");
    assert_row(1, "  hello");
    assert_int_equal(canvas.cells[12 + 2].style, STYLE_GOOD);
    assert_int_equal(canvas.cells[12 + 7].style, STYLE_PLAIN);
}

static void test_what_is_too_long_ends_in_an_ellipsis(void **state)
{
    (void)state;
    assert_int_equal(canvas_text(&canvas, 0, 0, 4, STYLE_PLAIN, "abcdef"), 4);
    assert_row(0, "abc…");
    canvas_text(&canvas, 1, 8, 100, STYLE_PLAIN, "abcdef");
    assert_row(1, "        abc…");
    assert_int_equal(canvas_text(&canvas, 2, 12, 5, STYLE_PLAIN, "x"), 0);
    assert_int_equal(canvas_text(&canvas, 3, 0, 5, STYLE_PLAIN, "x"), 0);
    canvas_text(&canvas, 2, 0, 3, STYLE_PLAIN, "abc");
    assert_row(2, "abc");
}

static void test_wide_characters_take_two_columns_and_are_never_halved(void **state)
{
    (void)state;
    assert_int_equal(canvas_text(&canvas, 0, 0, 12, STYLE_PLAIN, "漢字x"), 5);
    assert_row(0, "漢字x");
    assert_int_equal(canvas.cells[1].size, 0);
    canvas_text(&canvas, 1, 0, 4, STYLE_PLAIN, "a漢字");
    assert_row(1, "a漢…");
    canvas_text(&canvas, 2, 0, 3, STYLE_PLAIN, "漢字");
    assert_row(2, "漢…");
}

static void test_commands_to_the_terminal_are_shown_as_text(void **state)
{
    (void)state;
    static const char hostile[] = "\033]0;x\007";
    assert_true(canvas_resize(&canvas, 3, 60));
    canvas_put(&canvas, 0, 0, 60, STYLE_PLAIN, hostile, sizeof hostile - 1);
    assert_row(0, "\\u001b]0;x\\u0007");
    canvas_text(&canvas, 1, 0, 60, STYLE_PLAIN,
                "a\xe2\x80\xae"
                "b\xc2\x9b"
                "c\xff");
    assert_row(1, "a\\u202eb\\u009bc\\xff");
    // No byte below a space is anywhere.
    for (size_t i = 0; i < 3u * 60u; i++) {
        for (size_t b = 0; b < canvas.cells[i].size; b++) {
            assert_true((unsigned char)canvas.cells[i].bytes[b] >= ' ');
        }
    }
}

static void test_marks_join_their_letter_and_a_heap_of_them_is_cut(void **state)
{
    (void)state;
    char heap[202] = "e";
    for (int i = 0; i < 100; i++) {
        strcat(heap, "\xcc\x81");
    }
    assert_int_equal(canvas_text(&canvas, 0, 0, 12, STYLE_PLAIN, heap), 1);
    assert_true(canvas.cells[0].size <= CELL_SIZE);
    canvas_text(&canvas, 1, 0, 12, STYLE_PLAIN, "e\xcc\x81x");
    assert_row(1, "e\xcc\x81x");
}

static void test_what_is_searched_for_is_marked_in_any_case(void **state)
{
    (void)state;
    canvas_text(&canvas, 0, 0, 12, STYLE_PLAIN, "a Plan plan");
    canvas_find(&canvas, 0, "PLAN");
    assert_int_equal(canvas.cells[1].style, STYLE_PLAIN);
    assert_int_equal(canvas.cells[2].style, STYLE_FOUND);
    assert_int_equal(canvas.cells[5].style, STYLE_FOUND);
    assert_int_equal(canvas.cells[6].style, STYLE_PLAIN);
    assert_int_equal(canvas.cells[10].style, STYLE_FOUND);
}

static void test_a_row_can_be_selected_and_filled(void **state)
{
    (void)state;
    canvas_fill(&canvas, 2, STYLE_BAR);
    canvas_select(&canvas, 2);
    assert_int_equal(canvas.cells[35].style, STYLE_BAR);
    assert_true(canvas.cells[24].selected);
    assert_false(canvas.cells[23].selected);
    canvas_fill(&canvas, 99, STYLE_BAR);
}

static void test_sizes_have_limits(void **state)
{
    (void)state;
    assert_true(canvas_resize(&canvas, 100000, 100000));
    assert_int_equal(canvas.rows, CANVAS_ROWS_MAX);
    assert_int_equal(canvas.columns, CANVAS_COLUMNS_MAX);
    assert_true(canvas_resize(&canvas, 0, 0));
    assert_int_equal(canvas.rows, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_text_stands_where_it_is_put, open_canvas,
                                        close_canvas),
        cmocka_unit_test_setup_teardown(test_what_is_too_long_ends_in_an_ellipsis, open_canvas,
                                        close_canvas),
        cmocka_unit_test_setup_teardown(test_wide_characters_take_two_columns_and_are_never_halved,
                                        open_canvas, close_canvas),
        cmocka_unit_test_setup_teardown(test_commands_to_the_terminal_are_shown_as_text,
                                        open_canvas, close_canvas),
        cmocka_unit_test_setup_teardown(test_marks_join_their_letter_and_a_heap_of_them_is_cut,
                                        open_canvas, close_canvas),
        cmocka_unit_test_setup_teardown(test_what_is_searched_for_is_marked_in_any_case,
                                        open_canvas, close_canvas),
        cmocka_unit_test_setup_teardown(test_a_row_can_be_selected_and_filled, open_canvas,
                                        close_canvas),
        cmocka_unit_test_setup_teardown(test_sizes_have_limits, open_canvas, close_canvas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

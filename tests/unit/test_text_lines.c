// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "terminal.h"
#include "text_lines.h"

static void test_lines_have_a_label_and_a_rest(void **state)
{
    (void)state;
    struct text_lines lines = {0};
    struct canvas canvas = {0};
    char text[64];
    terminal_open();
    assert_true(canvas_resize(&canvas, 1, 20));
    text_lines_format(&lines, STYLE_KEY, "plan ", STYLE_TEXT, "%d\033[2J", 7);
    text_lines_draw(&lines, 0, &canvas, 0, 0);
    canvas_row_text(&canvas, 0, text, sizeof text);
    assert_string_equal(text, "plan 7\\u001b[2J");
    assert_int_equal(canvas.cells[3].style, STYLE_KEY);
    assert_int_equal(canvas.cells[5].style, STYLE_TEXT);
    canvas_free(&canvas);
    text_lines_free(&lines);
}

static void test_text_is_found_in_both_directions(void **state)
{
    (void)state;
    struct text_lines lines = {0};
    const char *words[] = {"one", "Two", "three", "two"};
    for (size_t i = 0; i < 4; i++) {
        text_lines_add(&lines, STYLE_KEY, "", STYLE_PLAIN, words[i], strlen(words[i]), i);
    }
    assert_int_equal(text_lines_find(&lines, 0, 1, "TWO"), 1);
    assert_int_equal(text_lines_find(&lines, 2, 1, "two"), 3);
    assert_int_equal(text_lines_find(&lines, 2, -1, "two"), 1);
    assert_int_equal(text_lines_find(&lines, 0, -1, "two"), SIZE_MAX);
    assert_int_equal(text_lines_find(&lines, 4, 1, "two"), SIZE_MAX);
    text_lines_free(&lines);
}

static void test_there_are_only_so_many_lines(void **state)
{
    (void)state;
    struct text_lines lines = {0};
    for (unsigned i = 0; i < 2 * TEXT_LINES_MAX; i++) {
        text_lines_add(&lines, STYLE_KEY, "", STYLE_PLAIN, "x", 1, i);
    }
    assert_true(lines.cut);
    assert_true(lines.count >= TEXT_LINES_MAX && lines.count < 2 * TEXT_LINES_MAX);
    text_lines_clear(&lines);
    assert_false(lines.cut);
    text_lines_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_have_a_label_and_a_rest),
        cmocka_unit_test(test_text_is_found_in_both_directions),
        cmocka_unit_test(test_there_are_only_so_many_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

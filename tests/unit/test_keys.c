// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "keys.h"

static void test_every_key_of_the_help_does_something(void **state)
{
    (void)state;
    struct text_lines lines = {0};
    char hint[256];
    keys_help(&lines);
    assert_true(lines.count > 30);
    for (size_t i = 0; i < lines.count; i++) {
        // The help of single letters names what keys_action knows, somewhere.
        const char *label = lines.lines[i].text + 2;
        bool known = lines.lines[i].label_size < 4 || label[1] != ' ';
        for (int page = 0; !known && page < PAGE_COUNT; page++) {
            known = keys_action((enum page)page, (unsigned char)label[0]) != ACTION_NONE;
        }
        assert_true(known);
    }
    text_lines_free(&lines);
    for (int page = 0; page < PAGE_COUNT; page++) {
        keys_hint((enum page)page, hint, sizeof hint);
        assert_non_null(strstr(hint, "? help"));
        assert_int_equal(keys_action((enum page)page, '?'), ACTION_HELP);
        assert_int_not_equal(keys_action((enum page)page, 'q'), ACTION_NONE);
    }
    assert_int_equal(keys_action(PAGE_LIST, ' '), ACTION_PAUSE);
    assert_int_equal(keys_action(PAGE_TRACE, ' '), ACTION_FOLD);
    assert_int_equal(keys_action(PAGE_LIST, 0x6F22), ACTION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_of_the_help_does_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

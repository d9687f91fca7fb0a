// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <unistd.h>

#include "terminal.h"

static int open_null(void)
{
    int fd = open("/dev/null", O_WRONLY);
    assert_true(fd >= 0);
    return fd;
}

static void test_a_file_is_no_terminal_and_has_no_colour(void **state)
{
    (void)state;
    struct terminal terminal;
    int fd = open_null();
    unsetenv("COLUMNS");
    unsetenv("NO_COLOR");
    terminal_detect(&terminal, fd);
    assert_false(terminal.is_tty);
    assert_false(terminal.colour);
    assert_int_equal(terminal.width, TERMINAL_WIDTH_DEFAULT);
    close(fd);
}

static void test_columns_decide_where_there_is_no_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *columns;
        unsigned width;
    } cases[] = {{"132", 132},
                 {"1", TERMINAL_WIDTH_MIN},
                 {"", TERMINAL_WIDTH_DEFAULT},
                 {"many", TERMINAL_WIDTH_DEFAULT},
                 {"-5", TERMINAL_WIDTH_DEFAULT},
                 {"999999", TERMINAL_WIDTH_DEFAULT}};
    int fd = open_null();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terminal terminal;
        setenv("COLUMNS", cases[i].columns, 1);
        terminal_detect(&terminal, fd);
        assert_int_equal(terminal.width, cases[i].width);
    }
    unsetenv("COLUMNS");
    close(fd);
}

static void detect_at_a_terminal(struct terminal *terminal)
{
    int controller;
    int fd;
    struct winsize size = {.ws_row = 24, .ws_col = 77};
    if (openpty(&controller, &fd, NULL, NULL, &size) != 0) {
        print_message("skipped: this machine has no pseudo-terminals (is /dev/pts mounted?)\n");
        skip();
    }
    terminal_detect(terminal, fd);
    close(fd);
    close(controller);
}

static void test_a_terminal_says_its_width_and_has_colour(void **state)
{
    (void)state;
    struct terminal terminal;
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    detect_at_a_terminal(&terminal);
    assert_true(terminal.is_tty);
    assert_true(terminal.colour);
    assert_int_equal(terminal.width, 77);
    setenv("NO_COLOR", "", 1);
    detect_at_a_terminal(&terminal);
    assert_true(terminal.colour);
}

static void test_no_color_and_dumb_terminals_are_honoured(void **state)
{
    (void)state;
    struct terminal terminal;
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", "1", 1);
    detect_at_a_terminal(&terminal);
    assert_true(terminal.is_tty);
    assert_false(terminal.colour);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    detect_at_a_terminal(&terminal);
    assert_false(terminal.colour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_no_terminal_and_has_no_colour),
        cmocka_unit_test(test_columns_decide_where_there_is_no_terminal),
        cmocka_unit_test(test_a_terminal_says_its_width_and_has_colour),
        cmocka_unit_test(test_no_color_and_dumb_terminals_are_honoured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

static char printed[8192];

// Keeps what goes to stderr until take_back.
static FILE *file;
static int kept;

static void divert(void)
{
    file = tmpfile();
    assert_non_null(file);
    kept = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
}

static const char *take_back(void)
{
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
    fclose(file);
    return printed;
}

static void test_a_message_names_the_program_and_the_command(void **state)
{
    (void)state;
    divert();
    message_open("emit");
    message_print("%s", "a");
    message_open(NULL);
    message_print("b %d", 2);
    message_line("c");
    assert_string_equal(take_back(), "oyez emit: a\noyez: b 2\nc\n");
}

static void test_a_message_is_one_inert_line(void **state)
{
    (void)state;
    divert();
    message_line("a\nb\033[31m");
    assert_string_equal(take_back(), "a\\nb\\u001b[31m\n");
}

static void notify(enum oyez_notice_kind kind, const char *text)
{
    const struct oyez_notice notice = {
        .kind = kind, .text = text, .event_type = "plan.created", .first = 5, .last = 16};
    message_notice(&notice);
}

static void test_a_connection_is_told_only_after_a_disconnect(void **state)
{
    (void)state;
    message_open(NULL);
    divert();
    notify(OYEZ_NOTICE_CONNECTED, "tcp://x:1");
    assert_string_equal(take_back(), "");
    divert();
    notify(OYEZ_NOTICE_DISCONNECTED, "gone");
    notify(OYEZ_NOTICE_CONNECTED, "tcp://x:1");
    notify(OYEZ_NOTICE_CONNECTED, "tcp://x:1");
    assert_string_equal(take_back(), "oyez: gone\noyez: the broker answers again\n");
}

static void test_a_gap_names_type_and_numbers(void **state)
{
    (void)state;
    message_open(NULL);
    divert();
    notify(OYEZ_NOTICE_GAP, "12 events were lost");
    assert_string_equal(take_back(), "oyez: plan.created: 12 events were lost (numbers 5 to 16 of "
                                     "the type)\n");
}

static void test_every_notice_without_a_text_says_something(void **state)
{
    (void)state;
    for (int kind = OYEZ_NOTICE_DISCONNECTED; kind <= OYEZ_NOTICE_UNSENT; kind++) {
        divert();
        notify((enum oyez_notice_kind)kind, NULL);
        assert_true(strlen(take_back()) > strlen("oyez: \n"));
        assert_null(strstr(printed, "null"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_names_the_program_and_the_command),
        cmocka_unit_test(test_a_message_is_one_inert_line),
        cmocka_unit_test(test_a_connection_is_told_only_after_a_disconnect),
        cmocka_unit_test(test_a_gap_names_type_and_numbers),
        cmocka_unit_test(test_every_notice_without_a_text_says_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "wire/header.h"

struct values {
    bool flag;
    const char *text;
    struct text_list list;
    uint64_t count;
    uint32_t milliseconds;
    int64_t seconds_ms;
    int choice;
    const char *header[OYEZ_HEADER_FIELD_COUNT];
};

static const struct values defaults = {.milliseconds = 5000, .seconds_ms = -1, .choice = 2};

static const struct command_option options[] = {
    {"--flag", NULL, "", OPTION_FLAG, offsetof(struct values, flag)},
    {"--text", "T", "", OPTION_TEXT, offsetof(struct values, text)},
    {"--list", "L", "", OPTION_LIST, offsetof(struct values, list)},
    {"--count", "N", "", OPTION_COUNT, offsetof(struct values, count)},
    {"--timeout", "MS", "", OPTION_MILLISECONDS, offsetof(struct values, milliseconds)},
    {"--for", "S", "", OPTION_SECONDS, offsetof(struct values, seconds_ms)},
    {"--choice", "one|two|three", "", OPTION_CHOICE, offsetof(struct values, choice)},
    {"--HEADER", "TEXT", "", OPTION_HEADER_FIELDS, offsetof(struct values, header)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

static const char *const usage[] = {"", NULL};
static const struct command command = {.name = "try",
                                       .summary = "try",
                                       .usage = usage,
                                       .options = options,
                                       .values_size = sizeof(struct values),
                                       .defaults = &defaults};
static const struct command *const table[] = {&command, NULL};

static char words_text[512];
static struct arguments arguments;

static int parse(const char *words)
{
    char *argv[32];
    int argc = 0;
    arguments_free(&arguments);
    snprintf(words_text, sizeof words_text, "%s", words);
    for (char *word = strtok(words_text, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    return command_parse(&arguments, table, &command, argc, argv);
}

static const struct values *values(void)
{
    return arguments.values;
}

static void test_without_options_the_defaults_hold(void **state)
{
    (void)state;
    assert_int_equal(parse(""), EXIT_DONE);
    assert_int_equal(values()->milliseconds, 5000);
    assert_int_equal(values()->seconds_ms, -1);
    assert_int_equal(values()->choice, 2);
    assert_null(values()->text);
    assert_false(arguments.help);
}

static void test_options_stand_before_between_and_after_arguments(void **state)
{
    (void)state;
    assert_int_equal(parse("--flag a --text=x b --count 7"), EXIT_DONE);
    assert_true(values()->flag);
    assert_string_equal(values()->text, "x");
    assert_int_equal(values()->count, 7);
    assert_int_equal(arguments.positional_count, 2);
    assert_string_equal(arguments.positional[0], "a");
    assert_string_equal(arguments.positional[1], "b");
}

static void test_a_value_may_hold_equals_signs_and_dashes_or_be_empty(void **state)
{
    (void)state;
    assert_int_equal(parse("--text=a=b --list -x"), EXIT_DONE);
    assert_string_equal(values()->text, "a=b");
    assert_string_equal(values()->list.items[0], "-x");
    assert_int_equal(parse("--text="), EXIT_DONE);
    assert_string_equal(values()->text, "");
}

static void test_a_dash_is_an_argument_and_two_end_the_options(void **state)
{
    (void)state;
    assert_int_equal(parse("- -- --flag"), EXIT_DONE);
    assert_false(values()->flag);
    assert_int_equal(arguments.positional_count, 2);
    assert_string_equal(arguments.positional[0], "-");
    assert_string_equal(arguments.positional[1], "--flag");
}

static void test_lists_collect_and_the_last_of_others_wins(void **state)
{
    (void)state;
    assert_int_equal(parse("--list a --list=b --list c --text x --text y"), EXIT_DONE);
    assert_int_equal(values()->list.count, 3);
    assert_string_equal(values()->list.items[0], "a");
    assert_string_equal(values()->list.items[2], "c");
    assert_string_equal(values()->text, "y");
}

static void test_numbers_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "--count 0",     "--count -1",  "--count 1x",       "--count=",
        "--count 0x10",  "--timeout 0", "--timeout 1.5",    "--timeout 86400001",
        "--for -1",      "--for inf",   "--for 1.2.3",      "--for=",
        "--for .",       "--for 1e3",   "--for 9999999999", "--count 99999999999999999999",
        "--choice four", "--choice=",   "--choice one|two",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse(bad[i]), EXIT_USAGE);
    }
    assert_int_equal(parse("--count 18446744073709551615 --timeout 86400000 --for 1.5"), EXIT_DONE);
    assert_true(values()->count == UINT64_MAX);
    assert_int_equal(values()->milliseconds, 86400000);
    assert_int_equal(values()->seconds_ms, 1500);
    assert_int_equal(parse("--for 0 --choice three"), EXIT_DONE);
    assert_int_equal(values()->seconds_ms, 0);
    assert_int_equal(values()->choice, 2);
}

static void test_every_header_field_but_the_type_is_a_flag(void **state)
{
    (void)state;
    assert_int_equal(parse("--plan-id p1 --traceparent=t"), EXIT_DONE);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const char *name = oyez_header_fields[i].name;
        const char *expected = strcmp(name, "plan_id") == 0       ? "p1"
                               : strcmp(name, "traceparent") == 0 ? "t"
                                                                  : NULL;
        if (expected == NULL) {
            assert_null(values()->header[i]);
        } else {
            assert_string_equal(values()->header[i], expected);
        }
    }
    assert_int_equal(parse("--event-type x"), EXIT_USAGE);
    assert_int_equal(parse("--plan_id x"), EXIT_USAGE);
}

static void test_unknown_missing_and_surplus_are_usage_errors(void **state)
{
    (void)state;
    assert_int_equal(parse("--nothing"), EXIT_USAGE);
    assert_int_equal(parse("-x"), EXIT_USAGE);
    assert_int_equal(parse("--flag=yes"), EXIT_USAGE);
    assert_int_equal(parse("--text"), EXIT_USAGE);
    // Names are never guessed from their beginning.
    assert_int_equal(parse("--tex x"), EXIT_USAGE);
}

static void test_help_is_known_to_every_command(void **state)
{
    (void)state;
    assert_int_equal(parse("a -h"), EXIT_DONE);
    assert_true(arguments.help);
    assert_int_equal(parse("--help"), EXIT_DONE);
    assert_true(arguments.help);
}

static const char *next_word(void *arg, size_t i)
{
    const char *const *words = arg;
    return words[i];
}

static void test_the_nearest_word_is_found_if_it_is_near(void **state)
{
    (void)state;
    const char *words[] = {"emit", "tail", "health", NULL};
    char nearest[COMMAND_WORD_SIZE];
    assert_true(command_nearest(nearest, "helth", next_word, words));
    assert_string_equal(nearest, "health");
    assert_true(command_nearest(nearest, "tali", next_word, words));
    assert_string_equal(nearest, "tail");
    assert_false(command_nearest(nearest, "publish", next_word, words));
    assert_false(command_nearest(nearest, "x", next_word, words));
    char huge[200];
    memset(huge, 'e', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_false(command_nearest(nearest, huge, next_word, words));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_options_the_defaults_hold),
        cmocka_unit_test(test_options_stand_before_between_and_after_arguments),
        cmocka_unit_test(test_a_value_may_hold_equals_signs_and_dashes_or_be_empty),
        cmocka_unit_test(test_a_dash_is_an_argument_and_two_end_the_options),
        cmocka_unit_test(test_lists_collect_and_the_last_of_others_wins),
        cmocka_unit_test(test_numbers_are_read_strictly),
        cmocka_unit_test(test_every_header_field_but_the_type_is_a_flag),
        cmocka_unit_test(test_unknown_missing_and_surplus_are_usage_errors),
        cmocka_unit_test(test_help_is_known_to_every_command),
        cmocka_unit_test(test_the_nearest_word_is_found_if_it_is_near),
    };
    arguments.command = &command;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arguments_free(&arguments);
    return failed;
}

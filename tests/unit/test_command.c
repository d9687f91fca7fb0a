// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "oyez/limits.h"

static struct arguments seen;
static char first[64];
static int code_to_return;

static int run(const struct arguments *arguments)
{
    seen = *arguments;
    snprintf(first, sizeof first, "%s",
             arguments->positional_count > 0 ? arguments->positional[0] : "");
    return code_to_return;
}

static const char *const usage[] = {"[WORD]...", NULL};
static const struct command ring_command = {
    .name = "ring", .summary = "ring", .usage = usage, .positional_max = 2, .run = run};
static const struct command call_command = {.name = "call",
                                            .summary = "call",
                                            .usage = usage,
                                            .positional_min = 1,
                                            .positional_max = 1,
                                            .run = run};
static const struct command *const table[] = {&ring_command, &call_command, NULL};

// What a command line leads to, and what it prints: out and err, until the next call.
static char out[16384];
static char err[4096];

static void read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static int call(const char *words)
{
    char text[512];
    char *argv[32] = {"oyez"};
    int argc = 1;
    snprintf(text, sizeof text, "%s", words);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    FILE *files[2] = {tmpfile(), tmpfile()};
    assert_non_null(files[0]);
    assert_non_null(files[1]);
    fflush(stdout);
    int kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    dup2(fileno(files[0]), STDOUT_FILENO);
    dup2(fileno(files[1]), STDERR_FILENO);
    memset(&seen, 0, sizeof seen);
    int code = command_main(table, argc, argv);
    fflush(stdout);
    dup2(kept[0], STDOUT_FILENO);
    dup2(kept[1], STDERR_FILENO);
    close(kept[0]);
    close(kept[1]);
    read_back(files[0], out, sizeof out);
    read_back(files[1], err, sizeof err);
    return code;
}

static void test_the_command_named_runs_and_its_code_is_returned(void **state)
{
    (void)state;
    code_to_return = 4;
    assert_int_equal(call("ring a b"), 4);
    code_to_return = 0;
    assert_int_equal(call("ring a b"), 0);
    assert_ptr_equal(seen.command, &ring_command);
    assert_int_equal(seen.positional_count, 2);
    assert_string_equal(first, "a");
    assert_string_equal(out, "");
    assert_string_equal(err, "");
}

static void test_no_command_is_a_usage_error_with_the_overview(void **state)
{
    (void)state;
    assert_int_equal(call(""), EXIT_USAGE);
    assert_non_null(strstr(err, "usage: oyez COMMAND"));
    assert_string_equal(out, "");
}

static void test_help_goes_to_stdout_and_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(call("--help"), EXIT_DONE);
    assert_non_null(strstr(out, "ring"));
    assert_int_equal(call("ring -h"), EXIT_DONE);
    assert_non_null(strstr(out, "usage: oyez ring [WORD]..."));
    // Help is given whatever else is missing.
    assert_int_equal(call("call --help"), EXIT_DONE);
    assert_string_equal(err, "");
}

static void test_an_unknown_command_gets_a_hint_when_one_is_near(void **state)
{
    (void)state;
    assert_int_equal(call("rimg"), EXIT_USAGE);
    assert_non_null(strstr(err, "did you mean 'ring'?"));
    assert_int_equal(call("xyzzy"), EXIT_USAGE);
    assert_non_null(strstr(err, "there is no command 'xyzzy'\n"));
    assert_int_equal(call("--wait ring"), EXIT_USAGE);
    assert_non_null(strstr(err, "'--wait' comes before the command"));
}

static void test_what_an_unknown_command_is_called_is_printed_inert(void **state)
{
    (void)state;
    assert_int_equal(call("\033[31mring"), EXIT_USAGE);
    assert_null(strchr(err, '\033'));
}

static void test_too_few_and_too_many_words_are_usage_errors(void **state)
{
    (void)state;
    assert_int_equal(call("call"), EXIT_USAGE);
    assert_non_null(strstr(err, "oyez call: something is missing"));
    assert_int_equal(call("call a b"), EXIT_USAGE);
    assert_non_null(strstr(err, "'b' is one argument too many"));
    assert_non_null(strstr(err, "See: oyez call --help"));
}

static void test_the_endpoint_is_the_flag_else_the_environment_else_the_default(void **state)
{
    (void)state;
    unsetenv("OYEZ_ENDPOINT");
    assert_int_equal(call("ring"), EXIT_DONE);
    assert_string_equal(seen.endpoint, OYEZ_ENDPOINT_DEFAULT);
    setenv("OYEZ_ENDPOINT", "", 1);
    assert_int_equal(call("ring"), EXIT_DONE);
    assert_string_equal(seen.endpoint, OYEZ_ENDPOINT_DEFAULT);
    setenv("OYEZ_ENDPOINT", "tcp://127.0.0.1:1234", 1);
    assert_int_equal(call("ring"), EXIT_DONE);
    assert_string_equal(seen.endpoint, "tcp://127.0.0.1:1234");
    setenv("OYEZ_ENDPOINT", "nonsense", 1);
    assert_int_equal(call("ring"), EXIT_USAGE);
    assert_non_null(strstr(err, "nonsense"));
    unsetenv("OYEZ_ENDPOINT");
}

static void test_the_endpoint_may_come_before_the_command(void **state)
{
    (void)state;
    assert_int_equal(call("--endpoint=tcp://127.0.0.1:9 ring a"), EXIT_DONE);
    assert_string_equal(first, "a");
    assert_int_equal(call("--endpoint nonsense ring a"), EXIT_USAGE);
    assert_non_null(strstr(err, "nonsense"));
    assert_int_equal(call("--endpoint tcp://127.0.0.1:9"), EXIT_USAGE);
}

static void test_every_error_has_its_exit_code(void **state)
{
    (void)state;
    assert_int_equal(command_exit_code(OYEZ_OK), 0);
    assert_int_equal(command_exit_code(OYEZ_ERR_NOT_FOUND), 1);
    assert_int_equal(command_exit_code(OYEZ_ERR_UNREACHABLE), 3);
    assert_int_equal(command_exit_code(OYEZ_ERR_TIMEOUT), 3);
    assert_int_equal(command_exit_code(OYEZ_ERR_UNKNOWN_TYPE), 4);
    assert_int_equal(command_exit_code(OYEZ_ERR_VERSION), 4);
    assert_int_equal(command_exit_code(OYEZ_ERR_NO_RECORDER), 4);
    assert_int_equal(command_exit_code(OYEZ_ERR_FORBIDDEN), 4);
    assert_int_equal(command_exit_code(OYEZ_ERR_IN_USE), 5);
    assert_int_equal(command_exit_code(OYEZ_ERR_NO_MEMORY), 5);
    assert_int_equal(command_exit_code((oyez_err)9999), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_command_named_runs_and_its_code_is_returned),
        cmocka_unit_test(test_no_command_is_a_usage_error_with_the_overview),
        cmocka_unit_test(test_help_goes_to_stdout_and_is_no_error),
        cmocka_unit_test(test_an_unknown_command_gets_a_hint_when_one_is_near),
        cmocka_unit_test(test_what_an_unknown_command_is_called_is_printed_inert),
        cmocka_unit_test(test_too_few_and_too_many_words_are_usage_errors),
        cmocka_unit_test(test_the_endpoint_is_the_flag_else_the_environment_else_the_default),
        cmocka_unit_test(test_the_endpoint_may_come_before_the_command),
        cmocka_unit_test(test_every_error_has_its_exit_code),
    };
    unsetenv("OYEZ_ENDPOINT");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include "command_call.h"
#include "oyez/limits.h"

static char directory[] = "/tmp/oyez-configuration-XXXXXX";
static char seen[4096]; // what the command got, a space between

static int take_words(const struct arguments *arguments)
{
    size_t used = 0;
    seen[0] = '\0';
    for (size_t i = 0; i < arguments->positional_count && used < sizeof seen; i++) {
        used += (size_t)snprintf(seen + used, sizeof seen - used, "%s%s", i > 0 ? " " : "",
                                 arguments->positional[i]);
    }
    return EXIT_DONE;
}

static const char *const usage[] = {"[PATTERN]...", NULL};

static const struct command look_command = {.name = "look",
                                            .summary = "look",
                                            .usage = usage,
                                            .positional_max = OYEZ_PATTERNS_MAX,
                                            .takes_patterns = true,
                                            .run = take_words};

static const struct command say_command = {
    .name = "say", .summary = "say", .usage = usage, .positional_max = 9, .run = take_words};

static int call(const char *words)
{
    seen[0] = '\0';
    return command_call(&look_command, words);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int enter(void **state)
{
    (void)state;
    unsetenv("OYEZ_CONFIG");
    unsetenv("OYEZ_ENDPOINT");
    return mkdtemp(directory) != NULL ? chdir(directory) : -1;
}

static int leave(void **state)
{
    (void)state;
    unlink("a.ini");
    unlink("b.ini");
    return chdir("/") != 0 ? -1 : rmdir(directory);
}

static int clear(void **state)
{
    (void)state;
    unsetenv("OYEZ_CONFIG");
    unlink("oyez.ini");
    write_file("a.ini", "[views]\nx = a.*\n");
    write_file("b.ini", "[views]\nx = b.* c.*\n");
    return 0;
}

static void test_the_flag_goes_before_the_environment_before_the_directory(void **state)
{
    (void)state;
    write_file("oyez.ini", "[views]\nx = oyez.*\n");
    assert_int_equal(call("look view:x"), EXIT_DONE);
    assert_string_equal(seen, "oyez.*");
    setenv("OYEZ_CONFIG", "b.ini", 1);
    assert_int_equal(call("look view:x"), EXIT_DONE);
    assert_string_equal(seen, "b.* c.*");
    assert_int_equal(call("look view:x --config a.ini"), EXIT_DONE);
    assert_string_equal(seen, "a.*");
    assert_int_equal(call("--config=a.ini look view:x"), EXIT_DONE);
    assert_string_equal(seen, "a.*");
    assert_int_equal(call("--config a.ini --endpoint tcp://127.0.0.1:9 look view:x"), EXIT_DONE);
    assert_string_equal(seen, "a.*");
    setenv("OYEZ_CONFIG", "", 1);
    assert_int_equal(call("look view:x"), EXIT_DONE);
    assert_string_equal(seen, "oyez.*");
    assert_string_equal(command_err, "");
}

static void test_a_file_that_is_named_must_be_there(void **state)
{
    (void)state;
    assert_int_equal(call("look --config no.ini"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(command_err, "--config: no.ini: No such file"));
    assert_int_equal(command_call(&say_command, "say --config no.ini"), EXIT_ENVIRONMENT);
    setenv("OYEZ_CONFIG", "no.ini", 1);
    assert_int_equal(call("look view:x"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(command_err, "OYEZ_CONFIG: no.ini: No such file"));
    unsetenv("OYEZ_CONFIG");
    assert_int_equal(call("look view:x"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "there is no view 'x': there is no configuration file"));
}

static void test_the_file_of_the_directory_is_read_where_a_view_is_named(void **state)
{
    (void)state;
    write_file("oyez.ini", "[views]\nx = a,b\n");
    assert_int_equal(call("look plan.*"), EXIT_DONE);
    assert_string_equal(seen, "plan.*");
    assert_int_equal(call("look view:x"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(command_err, "oyez look: oyez.ini:2: view x: 'a,b': pattern: only"));
    assert_int_equal(call("look plan.* --config oyez.ini"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(command_err, "oyez look: oyez.ini:2: view x"));
    assert_string_equal(seen, "");
}

static void test_views_and_patterns_are_one_union(void **state)
{
    (void)state;
    setenv("OYEZ_CONFIG", "b.ini", 1);
    assert_int_equal(call("look plan.* view:x c.* plan.* d"), EXIT_DONE);
    assert_string_equal(seen, "plan.* b.* c.* d");
}

static void test_an_unknown_view_is_a_usage_error_with_a_hint_and_the_list(void **state)
{
    (void)state;
    write_file("oyez.ini", "[views]\ndeals = a.*\nruns = b.*\n");
    assert_int_equal(call("look view:deal"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "oyez.ini has no view 'deal'; did you mean 'deals'?"));
    assert_non_null(strstr(command_err, "Its views: deals, runs\n"));
    assert_int_equal(call("look view:"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "oyez.ini has no view ''\n"));
    write_file("oyez.ini", "");
    assert_int_equal(call("look view:deals"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "Its views: none\n"));
}

static void test_a_long_list_of_views_is_cut_between_names(void **state)
{
    (void)state;
    char text[8192] = "[views]\n";
    for (unsigned i = 0; i < 200; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "name-%03u = a.*\n", i);
    }
    write_file("oyez.ini", text);
    assert_int_equal(call("look view:other"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "name-000, name-001, "));
    const char *end = strstr(command_err, ", ...\n");
    assert_non_null(end);
    assert_memory_equal(end - strlen("name-037"), "name-0", strlen("name-0"));
}

static void test_words_of_other_commands_are_left_alone(void **state)
{
    (void)state;
    setenv("OYEZ_CONFIG", "b.ini", 1);
    assert_int_equal(command_call(&say_command, "say view:x"), EXIT_DONE);
    assert_string_equal(seen, "view:x");
}

static void test_too_many_patterns_are_a_usage_error(void **state)
{
    (void)state;
    FILE *file = fopen("oyez.ini", "w");
    assert_non_null(file);
    fputs("[views]\nx =\n", file);
    for (unsigned i = 0; i < OYEZ_PATTERNS_MAX; i++) {
        fprintf(file, " t%u\n", i);
    }
    fclose(file);
    assert_int_equal(call("look view:x"), EXIT_DONE);
    assert_int_equal(call("look view:x t9999"), EXIT_DONE);
    assert_int_equal(call("look view:x one.more"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "more than 10000 patterns"));
}

static void test_what_a_file_says_is_printed_inert(void **state)
{
    (void)state;
    write_file("oyez.ini", "[views]\nx = \033[31mred\n");
    assert_int_equal(call("look view:x"), EXIT_ENVIRONMENT);
    assert_null(strchr(command_err, '\033'));
    assert_non_null(strstr(command_err, "oyez.ini:2: view x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_flag_goes_before_the_environment_before_the_directory,
                               clear),
        cmocka_unit_test_setup(test_a_file_that_is_named_must_be_there, clear),
        cmocka_unit_test_setup(test_the_file_of_the_directory_is_read_where_a_view_is_named, clear),
        cmocka_unit_test_setup(test_views_and_patterns_are_one_union, clear),
        cmocka_unit_test_setup(test_an_unknown_view_is_a_usage_error_with_a_hint_and_the_list,
                               clear),
        cmocka_unit_test_setup(test_a_long_list_of_views_is_cut_between_names, clear),
        cmocka_unit_test_setup(test_words_of_other_commands_are_left_alone, clear),
        cmocka_unit_test_setup(test_too_many_patterns_are_a_usage_error, clear),
        cmocka_unit_test_setup(test_what_a_file_says_is_printed_inert, clear),
    };
    int failed = cmocka_run_group_tests(tests, enter, NULL);
    unlink("oyez.ini");
    return leave(NULL) != 0 ? 1 : failed;
}

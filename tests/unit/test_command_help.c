// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command_help.h"
#include "emit.h"

extern const struct command serve_command;
extern const struct command tail_command;
extern const struct command query_command;
extern const struct command get_command;
extern const struct command stats_command;
extern const struct command verify_command;
extern const struct command catalog_command;
extern const struct command health_command;
extern const struct command version_command;
extern const struct command help_command;

static const struct command *const table[] = {&emit_command, NULL};
static const struct command *const all[] = {
    &serve_command,  &emit_command,    &tail_command,   &query_command,
    &get_command,    &stats_command,   &verify_command, &catalog_command,
    &health_command, &version_command, &help_command,   NULL,
};

static void test_header_flags_are_names_with_dashes(void **state)
{
    (void)state;
    char flag[COMMAND_HEADER_FLAG_SIZE];
    command_header_flag("root_plan_id", flag);
    assert_string_equal(flag, "--root-plan-id");
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        command_header_flag(oyez_header_fields[i].name, flag);
        assert_int_equal(strlen(flag), strlen(oyez_header_fields[i].name) + 2);
    }
}

static void test_help_names_every_option(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    assert_non_null(memory);
    command_help_one(memory, &emit_command);
    fclose(memory);
    assert_non_null(strstr(text, "usage: oyez emit TYPE"));
    assert_non_null(strstr(text, "--timeout MS"));
    assert_non_null(strstr(text, "--aggregate-version N"));
    assert_non_null(strstr(text, "--occurred-at TIME"));
    assert_non_null(strstr(text, "--event-id UUID"));
    assert_non_null(strstr(text, "--endpoint ENDPOINT"));
    assert_null(strstr(text, "--event-type"));
    free(text);
}

// The help of a command, or with NULL of the program, line by line.
static void assert_narrow(const struct command *command)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    assert_non_null(memory);
    if (command != NULL) {
        command_help_one(memory, command);
    } else {
        command_help_program(memory, all);
    }
    fclose(memory);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strlen(line) > 80) {
            print_error("%zu columns: %s\n", strlen(line), line);
        }
        assert_true(strlen(line) <= 80);
        assert_true(line[strlen(line) - 1] != ' ');
    }
    free(text);
}

static void test_no_line_of_any_help_is_wider_than_80_columns(void **state)
{
    (void)state;
    assert_narrow(NULL);
    for (size_t i = 0; all[i] != NULL; i++) {
        assert_narrow(all[i]);
    }
}

static void test_the_table_as_json_has_every_option_of_every_command(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    assert_non_null(memory);
    command_help_json(memory, table);
    fclose(memory);
    json_t *object = json_loads(text, 0, NULL);
    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "name")), "emit");
    assert_int_equal(json_array_size(json_object_get(object, "usage")), 2);
    // Seven of its own, the header fields without the type, and three that all commands share.
    assert_int_equal(json_array_size(json_object_get(object, "options")),
                     7 + OYEZ_HEADER_FIELD_COUNT - 1 + 3);
    json_decref(object);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_flags_are_names_with_dashes),
        cmocka_unit_test(test_help_names_every_option),
        cmocka_unit_test(test_no_line_of_any_help_is_wider_than_80_columns),
        cmocka_unit_test(test_the_table_as_json_has_every_option_of_every_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

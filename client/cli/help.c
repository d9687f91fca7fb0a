// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "command.h"
#include "command_help.h"

struct help_values {
    bool all;
};

static int run(const struct arguments *arguments)
{
    const struct help_values *values = arguments->values;
    if (values->all) {
        command_help_json(stdout, arguments->table);
        return EXIT_DONE;
    }
    if (arguments->positional_count == 0) {
        command_help_program(stdout, arguments->table);
        return EXIT_DONE;
    }
    const char *name = arguments->positional[0];
    const struct command *command = command_find(arguments->table, name);
    if (command == NULL) {
        return command_refuse_name(arguments->table, name);
    }
    command_help_one(stdout, command);
    return EXIT_DONE;
}

static const char *const usage[] = {"[COMMAND]", "--all", NULL};

static const struct command_option options[] = {
    {"--all", NULL, "the whole table of commands, one JSON object each", OPTION_FLAG,
     offsetof(struct help_values, all)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command help_command = {
    .name = "help",
    .summary = "explain a command",
    .usage = usage,
    .options = options,
    .positional_max = 1,
    .values_size = sizeof(struct help_values),
    .run = run,
};

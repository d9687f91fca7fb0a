// SPDX-License-Identifier: MIT
// Help in three forms, all from the table: for the program, for one command, for generators.
#ifndef OYEZ_COMMAND_HELP_H
#define OYEZ_COMMAND_HELP_H

#include <stdio.h>

#include "command.h"

void command_help_program(FILE *out, const struct command *const *table);
void command_help_one(FILE *out, const struct command *command);

// One JSON object a command: name, summary, usage, notes, options.
void command_help_json(FILE *out, const struct command *const *table);

// command_header_flag writes the flag of a header field: "--plan-id" of plan_id.
#define COMMAND_HEADER_FLAG_SIZE 40
void command_header_flag(const char *field_name, char flag[COMMAND_HEADER_FLAG_SIZE]);

#endif

// SPDX-License-Identifier: MIT
// Commands that are programs of their own: `oyez broker ARGS` becomes `oyez-broker ARGS`. So one
// entry point starts every part of the system, in a container above all.
#ifndef OYEZ_ROLE_H
#define OYEZ_ROLE_H

#include "command.h"

// role_become replaces the process by the command's program, which lies beside this one or on the
// PATH. Its arguments are the words behind the command's name. Returns only where that fails:
// EXIT_ENVIRONMENT, with the reason printed.
int role_become(const struct command *command, int argc, char **argv);

#endif

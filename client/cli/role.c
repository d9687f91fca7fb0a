// SPDX-License-Identifier: MIT
#include "role.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

// The file NAME in the directory of this program. False: the system does not say where that is.
static bool find_beside(char path[PATH_MAX], const char *name)
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX);
    if (size <= 0 || size == PATH_MAX)
        return false;
    path[size] = '\0';
    char *slash = strrchr(path, '/');
    size_t room = slash == NULL ? 0 : (size_t)(path + PATH_MAX - (slash + 1));
    return slash != NULL && snprintf(slash + 1, room, "%s", name) < (int)room;
}

int role_become(const struct command *command, int argc, char **argv)
{
    char path[PATH_MAX];
    char name[64];
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (words == NULL) {
        message_print("no memory for the arguments of %s", command->program);
        return EXIT_ENVIRONMENT;
    }
    snprintf(name, sizeof name, "%s", command->program);
    words[0] = name;
    for (int i = 0; i < argc; i++)
        words[i + 1] = argv[i];
    if (find_beside(path, command->program))
        execv(path, words);
    execvp(command->program, words);
    message_print("%s cannot be run: %s; it belongs beside oyez, or on the PATH", command->program,
                  strerror(errno));
    free(words);
    return EXIT_ENVIRONMENT;
}

static const char *const usage[] = {"[ARGS]", NULL};

static const struct command_option options[] = {
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command broker_command = {
    .name = "broker",
    .summary = "run the broker alone: oyez-broker, which has its own --help",
    .usage = usage,
    .options = options,
    .program = "oyez-broker",
};

const struct command recorder_command = {
    .name = "recorder",
    .summary = "run a recorder alone: oyez-recorder, which has its own --help",
    .usage = usage,
    .options = options,
    .program = "oyez-recorder",
};

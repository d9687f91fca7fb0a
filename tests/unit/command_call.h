// SPDX-License-Identifier: MIT
// A command line run within the test, with what it prints.
#ifndef OYEZ_COMMAND_CALL_H
#define OYEZ_COMMAND_CALL_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

#define COMMAND_CALL_WORDS_MAX 32

// What the last call printed.
static char command_out[512 * 1024];
static char command_err[4096];

static inline void command_read_back(FILE *file, char *text, size_t size)
{
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

// command_call runs the words after "oyez", separated by single spaces, and
// returns the exit code.
static inline int command_call(const struct command *command, const char *words)
{
    const struct command *const table[] = {command, NULL};
    char text[1024];
    char *argv[COMMAND_CALL_WORDS_MAX] = {"oyez"};
    int argc = 1;
    snprintf(text, sizeof text, "%s", words);
    for (char *word = strtok(text, " "); word != NULL && argc < COMMAND_CALL_WORDS_MAX;
         word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    FILE *files[2] = {tmpfile(), tmpfile()};
    assert_non_null(files[0]);
    assert_non_null(files[1]);
    fflush(stdout);
    int kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    dup2(fileno(files[0]), STDOUT_FILENO);
    dup2(fileno(files[1]), STDERR_FILENO);
    int code = command_main(table, argc, argv);
    fflush(stdout);
    dup2(kept[0], STDOUT_FILENO);
    dup2(kept[1], STDERR_FILENO);
    close(kept[0]);
    close(kept[1]);
    command_read_back(files[0], command_out, sizeof command_out);
    command_read_back(files[1], command_err, sizeof command_err);
    return code;
}

#endif

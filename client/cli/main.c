// SPDX-License-Identifier: MIT
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "emit.h"
#include "message.h"
#include "terminal.h"

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

static const struct command *const table[] = {
    &serve_command,  &emit_command,    &tail_command,   &query_command,
    &get_command,    &stats_command,   &verify_command, &catalog_command,
    &health_command, &version_command, &help_command,   NULL,
};

// A full disk behind stdout is a failure; a reader who has seen enough is not.
static int finish_output(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return code;
    }
    if (errno == EPIPE || errno == 0) {
        return code;
    }
    message_print("standard output: %s", strerror(errno));
    return code == EXIT_DONE ? EXIT_ENVIRONMENT : code;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    terminal_open();
    return finish_output(command_main(table, argc, argv));
}

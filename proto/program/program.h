// SPDX-License-Identifier: MIT
// What the programs around a core have in common: a command line of options alone, and a life from
// "ready" to a signal. It prints, and takes over the process's signals, so no library uses it.
#ifndef OYEZ_PROGRAM_H
#define OYEZ_PROGRAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/severity.h"

enum exit_code { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_REFUSED = 4, EXIT_ENVIRONMENT = 5 };

struct program_option {
    const char *name;     // without dashes
    const char *argument; // what --help calls it; NULL = it takes none
    const char *help;     // lines of at most 72 characters
    // Puts the value where it belongs in the program's settings; false when it will not do.
    bool (*apply)(void *settings, const char *value);
};

struct program {
    const char *name;
    const char *version;
    const char *purpose; // the paragraph of --help before the options
    const char *exits;   // what its exit codes mean: the paragraph behind them
    const struct program_option
        *options; // ends with a name of NULL; --help and --version are added
};

// program_read_command_line fills the settings. -1, or the exit code with which the program is to
// end now: it has printed what was asked for, or what is wrong.
int program_read_command_line(const struct program *program, void *settings, int argc, char **argv);

// program_read_number: false unless the text is a decimal number from min to max, and nothing else.
bool program_read_number(uint64_t *out, const char *text, uint64_t min, uint64_t max);

// program_log prints a line of diagnostics. Any thread.
void program_log(const struct program *program, enum oyez_severity severity, const char *line);

// program_block_signals: SIGINT and SIGTERM end program_run, in whatever thread they come. Before
// the first thread is started.
void program_block_signals(void);

// program_ready tells on stdout that the program can be used, and where.
void program_ready(const char *where);

// program_run sleeps until such a signal comes, or `look` (NULL = none), which is called every look_ms,
// returns false.
void program_run(bool (*look)(void *arg), void *arg, uint32_t look_ms);

#endif

// SPDX-License-Identifier: MIT
// What the programs around a core have in common: a command line of options alone, and a life from
// "ready" to a signal. It prints, and takes over the process's signals, so no library uses it.
#ifndef OYEZ_PROGRAM_H
#define OYEZ_PROGRAM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/settings.h"
#include "oyez/severity.h"

enum exit_code { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_REFUSED = 4, EXIT_ENVIRONMENT = 5 };

struct program {
    const char *name;
    const char *version;
    const char *purpose;               // the paragraph of --help before the options
    const char *exits;                 // what its exit codes mean: the paragraph behind them
    enum oyez_setting_program options; // the settings that its command line takes
};

// program_read_command_line gives all settings: of the command line, the environment, and the
// configuration file. -1, or the exit code with which the program is to end now: it has printed what
// was asked for, or what is wrong. *settings is the caller's: oyez_settings_close, either way.
int program_read_command_line(const struct program *program, oyez_settings **settings, int argc,
                              char **argv);

// program_log prints a line of diagnostics. Any thread.
void program_log(const struct program *program, enum oyez_severity severity, const char *line);

// program_log_set: format and level of the lines from now on. Any thread.
void program_log_set(const oyez_settings *settings);

// program_reload reads all sources anew, as for SIGHUP, and tells of each setting that has changed
// whether it is in force now. True: *settings are the new ones, and the old ones closed; false: what
// is wrong is printed, and nothing changes.
bool program_reload(const struct program *program, oyez_settings **settings);

// program_block_signals: SIGINT and SIGTERM end program_run, in whatever thread they come. Before
// the first thread is started.
void program_block_signals(void);

// program_ready tells on stdout that the program can be used, and where; and the service manager, if
// that has asked (sd_notify (3): the variable NOTIFY_SOCKET).
void program_ready(const char *where);

// What program_run does besides waiting; each may be NULL.
struct program_work {
    bool (*look)(void *arg); // every look_ms; false ends it
    uint32_t look_ms;
    void (*reload)(void *arg);   // at SIGHUP
    bool (*is_alive)(void *arg); // asked before a watchdog is told so (WATCHDOG_USEC); NULL = it is
    void *arg;
};

// program_run sleeps until such a signal comes, or `look` returns false.
void program_run(const struct program_work *work);

#endif

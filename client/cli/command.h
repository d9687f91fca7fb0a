// SPDX-License-Identifier: MIT
// Commands as data. One table drives dispatch, option parsing, help, hints, man pages and
// completion.
#ifndef OYEZ_COMMAND_H
#define OYEZ_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/config.h"
#include "oyez/error.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_CHECK_FAILED = 1, // or the one thing named does not exist
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3, // or timed out
    EXIT_REFUSED = 4,     // validation, version, permission
    EXIT_ENVIRONMENT = 5, // disk, port in use, memory
};

// What an option's text becomes, and the type of its target in the command's values.
enum option_kind {
    OPTION_FLAG,          // bool
    OPTION_TEXT,          // const char *
    OPTION_LIST,          // struct text_list; may be given again
    OPTION_COUNT,         // uint64_t, from 1
    OPTION_MILLISECONDS,  // uint32_t, from 1 to a day
    OPTION_SECONDS,       // int64_t milliseconds, from 0; decimals allowed
    OPTION_CHOICE,        // int: which of the words in value_name, separated by |
    OPTION_HEADER_FIELDS, // const char *[OYEZ_HEADER_FIELD_COUNT]: a flag for each header field
};

struct command_option {
    const char *flag;       // "--timeout"; the table ends with NULL
    const char *value_name; // "MS"; NULL for flags
    const char *help;
    enum option_kind kind;
    size_t target; // offset in the command's values
};

struct text_list {
    const char **items;
    size_t count;
};

struct arguments;

struct command {
    const char *name;
    const char *summary;
    const char *const *usage; // what follows the name, one form each; ends with NULL
    const char *notes;        // a paragraph after the options; NULL = none
    const struct command_option *options;
    size_t positional_min;
    size_t positional_max;
    bool takes_patterns;      // its positional arguments are patterns: view:NAME stands for several
    bool needs_configuration; // reads the configuration file even where no view is named
    unsigned settings;        // its options besides: the settings of enum oyez_setting_program
    size_t values_size;       // 0 = the command has no values
    const void *defaults;     // values before parsing; NULL = all zero
    int (*run)(const struct arguments *arguments); // returns an exit code
    const char *program; // another one, which this becomes with all words as they are; NULL = none
};

// A command line, understood. Texts are argv's, or of the configuration.
struct arguments {
    const struct command *const *table;
    const struct command *command;
    const char *endpoint;    // --endpoint, else OYEZ_ENDPOINT, else the default
    bool endpoint_given;     // by flag or environment
    const char *config;      // --config; NULL = not given
    const char *config_file; // what was read; NULL = nothing
    struct oyez_config configuration;
    oyez_settings *settings; // environment and file are in it where the command needs configuration
    bool help;
    const char **positional;
    size_t positional_count;
    void *values; // the command's own struct; NULL if it has none
};

// command_main runs the command that argv names and returns the process's exit code.
// The table ends with NULL.
int command_main(const struct command *const *table, int argc, char **argv);

// command_parse fills *out from the words after the command's name. Returns EXIT_DONE, or
// EXIT_USAGE or EXIT_ENVIRONMENT with the reason already printed. arguments_free either way.
int command_parse(struct arguments *out, const struct command *const *table,
                  const struct command *command, int argc, char **argv);
void arguments_free(struct arguments *arguments);

// command_find: NULL if the table has no such name.
const struct command *command_find(const struct command *const *table, const char *name);

// command_refuse_name says that there is no such command, and which may be meant. EXIT_USAGE.
int command_refuse_name(const struct command *const *table, const char *name);

// Options that every command takes: --endpoint, --config and --help.
extern const struct command_option command_shared_options[];

// command_nearest writes the candidate most like `word`; false when none is near. `next` gives
// the i-th candidate, NULL at the end.
#define COMMAND_WORD_SIZE 48
bool command_nearest(char nearest[COMMAND_WORD_SIZE], const char *word,
                     const char *(*next)(void *arg, size_t i), void *arg);

// command_usage_error prints one line and where to read more; returns EXIT_USAGE.
int command_usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// command_fail prints what the last failing call of the library found, and returns the exit code
// of `err`.
int command_fail(oyez_err err);

// command_fail_at does the same, and names the endpoint where the reason does not.
int command_fail_at(const char *endpoint, oyez_err err);
int command_exit_code(oyez_err err);

// command_reason: the detail of the last failing call, or the error's name if there is none.
const char *command_reason(oyez_err err);

#endif

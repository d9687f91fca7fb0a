// SPDX-License-Identifier: MIT
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_help.h"
#include "configuration.h"
#include "data_directory.h"
#include "message.h"
#include "oyez/limits.h"
#include "role.h"
#include "wire/endpoint.h"

#define NO_BROKER "no broker answers"
#define NO_BROKER_NEXT " (oyez serve starts one)"
#define NO_JOURNAL_NEXT " (name the journal with --dir DIR, or set OYEZ_DATA)"
#define WORD_SIZE_MAX (COMMAND_WORD_SIZE - 1u)

int command_exit_code(oyez_err err)
{
    switch (err) {
    case OYEZ_OK:
        return EXIT_DONE;
    case OYEZ_ERR_NOT_FOUND:
        return EXIT_CHECK_FAILED;
    case OYEZ_ERR_TIMEOUT:
    case OYEZ_ERR_FULL:
    case OYEZ_ERR_CLOSED:
    case OYEZ_ERR_BUSY:
    case OYEZ_ERR_UNREACHABLE:
        return EXIT_UNREACHABLE;
    case OYEZ_ERR_INVALID:
    case OYEZ_ERR_TOO_LARGE:
    case OYEZ_ERR_MALFORMED:
    case OYEZ_ERR_UNKNOWN_TYPE:
    case OYEZ_ERR_VERSION:
    case OYEZ_ERR_REFUSED:
    case OYEZ_ERR_NO_RECORDER:
    case OYEZ_ERR_FORBIDDEN:
        return EXIT_REFUSED;
    case OYEZ_ERR_NO_MEMORY:
    case OYEZ_ERR_FORKED:
    case OYEZ_ERR_SYSTEM:
    case OYEZ_ERR_IN_USE:
    case OYEZ_ERR_IO:
    case OYEZ_ERR_CORRUPT:
    case OYEZ_ERR_LOCKED:
    case OYEZ_ERR_NO_JOURNAL:
    case OYEZ_ERR_NO_SPACE:
        return EXIT_ENVIRONMENT;
    }
    return EXIT_ENVIRONMENT;
}

const char *command_reason(oyez_err err)
{
    const char *detail = oyez_error_detail();
    return detail[0] != '\0' ? detail : oyez_strerror(err);
}

int command_fail(oyez_err err)
{
    message_print("%s", command_reason(err));
    return command_exit_code(err);
}

static const char *next_step(const char *place, const char *reason, oyez_err err)
{
    if (strncmp(reason, NO_BROKER, strlen(NO_BROKER)) == 0) {
        return NO_BROKER_NEXT;
    }
    // Whoever named it with --dir knows where the name came from.
    bool is_default = strcmp(place, data_directory(NULL)) == 0;
    return err == OYEZ_ERR_NO_JOURNAL && is_default ? NO_JOURNAL_NEXT : "";
}

int command_fail_at(const char *endpoint, oyez_err err)
{
    const char *reason = command_reason(err);
    const char *next = next_step(endpoint, reason, err);
    if (strstr(reason, endpoint) != NULL) {
        message_print("%s%s", reason, next);
    } else {
        message_print("%s: %s%s", endpoint, reason, next);
    }
    return command_exit_code(err);
}

int command_usage_error(const struct command *command, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    message_print("%s", text);
    if (command != NULL) {
        message_line("See: oyez %s --help", command->name);
    } else {
        message_line("See: oyez --help");
    }
    return EXIT_USAGE;
}

const struct command *command_find(const struct command *const *table, const char *name)
{
    for (size_t i = 0; table[i] != NULL; i++) {
        if (strcmp(table[i]->name, name) == 0) {
            return table[i];
        }
    }
    return NULL;
}

// How many letters must be put in, taken out or changed to make `a` of `b`.
static size_t distance_of(const char *a, const char *b)
{
    size_t row[WORD_SIZE_MAX + 1];
    size_t a_size = strlen(a);
    size_t b_size = strlen(b);
    if (a_size > WORD_SIZE_MAX || b_size > WORD_SIZE_MAX) {
        return WORD_SIZE_MAX;
    }
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
        }
    }
    return row[b_size];
}

bool command_nearest(char nearest[COMMAND_WORD_SIZE], const char *word,
                     const char *(*next)(void *arg, size_t i), void *arg)
{
    size_t best = strlen(word) < 4 ? 2 : 3;
    bool found = false;
    const char *candidate;
    for (size_t i = 0; (candidate = next(arg, i)) != NULL; i++) {
        size_t distance = distance_of(word, candidate);
        if (distance < best) {
            snprintf(nearest, COMMAND_WORD_SIZE, "%s", candidate);
            best = distance;
            found = true;
        }
    }
    return found;
}

struct name_list {
    const struct command *const *table;
};

static const char *next_command(void *arg, size_t i)
{
    const struct name_list *list = arg;
    return list->table[i] != NULL ? list->table[i]->name : NULL;
}

int command_refuse_name(const struct command *const *table, const char *name)
{
    struct name_list list = {table};
    char nearest[COMMAND_WORD_SIZE];
    if (command_nearest(nearest, name, next_command, &list)) {
        return command_usage_error(NULL, "there is no command '%s'; did you mean '%s'?", name,
                                   nearest);
    }
    return command_usage_error(NULL, "there is no command '%s'", name);
}

// The detail begins with what the flag or the variable says better.
static const char *endpoint_reason(void)
{
    static const char word[] = "endpoint ";
    const char *reason = oyez_error_detail();
    return reason + (strncmp(reason, word, strlen(word)) == 0 ? strlen(word) : 0);
}

static int check_endpoint(const struct arguments *arguments)
{
    struct oyez_endpoint endpoint;
    if (oyez_endpoint_parse(&endpoint, arguments->endpoint) != OYEZ_OK) {
        struct oyez_setting_value value =
            oyez_settings_get(arguments->settings, OYEZ_SETTING_CLIENT_ENDPOINT);
        bool is_variable = arguments->endpoint == getenv("OYEZ_ENDPOINT");
        const char *name = is_variable                         ? "OYEZ_ENDPOINT"
                           : value.source == OYEZ_SETTING_FILE ? value.place
                                                               : "--endpoint";
        return command_usage_error(arguments->command, "%s: %s", name, endpoint_reason());
    }
    return EXIT_DONE;
}

static int refuse_missing(const struct command *command)
{
    if (command->usage[1] == NULL) {
        return command_usage_error(command, "something is missing: oyez %s %s", command->name,
                                   command->usage[0]);
    }
    message_print("something is missing; one of");
    for (size_t i = 0; command->usage[i] != NULL; i++) {
        message_line("  oyez %s %s", command->name, command->usage[i]);
    }
    message_line("See: oyez %s --help", command->name);
    return EXIT_USAGE;
}

static int run_command(const struct command *const *table, const struct command *command, int argc,
                       char **argv)
{
    struct arguments arguments;
    message_open(command->name);
    if (command->program != NULL) {
        return role_become(command, argc, argv);
    }
    int code = command_parse(&arguments, table, command, argc, argv);
    if (code != EXIT_DONE) {
        goto done;
    }
    if (arguments.help) {
        command_help_one(stdout, command);
        goto done;
    }
    size_t given = arguments.positional_count;
    if (given < command->positional_min) {
        code = refuse_missing(command);
        goto done;
    }
    if (given > command->positional_max) {
        code = command_usage_error(command, "'%s' is one argument too many",
                                   arguments.positional[command->positional_max]);
        goto done;
    }
    code = configuration_apply(&arguments);
    if (code == EXIT_DONE) {
        code = check_endpoint(&arguments);
    }
    if (code == EXIT_DONE) {
        code = command->run(&arguments);
    }
done:
    arguments_free(&arguments);
    return code;
}

// How many words an option takes that may stand before the command's name, itself among them; 0: it
// may not.
static int words_before(const char *word)
{
    static const char *const flags[] = {"--endpoint", "--config"};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        size_t size = strlen(flags[i]);
        if (strncmp(word, flags[i], size) == 0 && (word[size] == '\0' || word[size] == '=')) {
            return word[size] == '=' ? 1 : 2;
        }
    }
    return 0;
}

// Where the command's name stands. 0 = there is none.
static int find_name(int argc, char **argv)
{
    int i = 1;
    while (i < argc) {
        int words = words_before(argv[i]);
        if (words == 0) {
            return i;
        }
        i += words;
    }
    return 0;
}

int command_main(const struct command *const *table, int argc, char **argv)
{
    int at = find_name(argc, argv);
    message_open(NULL);
    if (at == 0) {
        command_help_program(stderr, table);
        return EXIT_USAGE;
    }
    const char *name = argv[at];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        command_help_program(stdout, table);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    if (name[0] == '-') {
        return command_usage_error(NULL, "'%s' comes before the command", name);
    }
    const struct command *command = command_find(table, name);
    if (command == NULL) {
        return command_refuse_name(table, name);
    }
    // The name takes itself out, so that what came before and after it is one list of words.
    memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof *argv);
    return run_command(table, command, argc - 2, argv + 2);
}

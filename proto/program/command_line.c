// SPDX-License-Identifier: MIT
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "oyez/limits.h"
#include "program/program.h"

#define OPTIONS_MAX 64u
#define HELP_COLUMNS 80u
#define HELP_INDENT 8u

// Options that are no settings; their numbers stand behind those of the settings.
enum { OPTION_CONFIG = OYEZ_SETTING_COUNT, OPTION_HELP, OPTION_VERSION };

// Words up to the width, lines indented.
static void print_wrapped(const char *text)
{
    size_t column = 0;
    for (const char *word = text; *word != '\0';) {
        size_t size = strcspn(word, " ");
        if (column == 0 || column + 1 + size > HELP_COLUMNS) {
            printf("%s%*s", column == 0 ? "" : "\n", (int)HELP_INDENT, "");
            column = HELP_INDENT;
        } else {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)size, word);
        column += size;
        word += size + (word[size] == ' ');
    }
    putchar('\n');
}

static void print_option(const char *name, const char *argument, const char *help)
{
    printf("  --%s%s%s\n", name, argument == NULL ? "" : " ", argument == NULL ? "" : argument);
    print_wrapped(help);
}

static void print_setting(const struct oyez_setting *setting)
{
    char help[1024];
    size_t size =
        (size_t)snprintf(help, sizeof help, "%s (%s", setting->help, setting->environment);
    if (setting->initial[0] != '\0' && setting->kind != OYEZ_SETTING_KIND_FLAG)
        size +=
            (size_t)snprintf(help + size, sizeof help - size, "; default %s%s%s", setting->initial,
                             setting->unit[0] != '\0' ? " " : "", setting->unit);
    assert(size + 1 < sizeof help);
    memcpy(help + size, ")", 2);
    print_option(setting->name, setting->argument, help);
}

static void print_help(const struct program *program)
{
    printf("usage: %s [OPTION]...\n\n%s\n\n", program->name, program->purpose);
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++)
        if ((oyez_setting_table[id].programs & program->options) != 0)
            print_setting(&oyez_setting_table[id]);
    print_option("config", "FILE",
                 "the configuration file (OYEZ_CONFIG; default ./" OYEZ_CONFIG_FILE_DEFAULT
                 " if there is one)");
    print_option("help", NULL, "print this and end");
    print_option("version", NULL, "print the version and end");
    printf(
        "\nWhat stands on the command line goes before the environment (in brackets), that before\n"
        "the configuration file, and that before the default. SIGHUP reads the file again.\n");
    printf("\nexit: %s\n", program->exits);
}

static void print_version(const struct program *program)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("%s %s (protocol %u, libzmq %d.%d.%d)\n", program->name, program->version,
           OYEZ_PROTOCOL_VERSION, major, minor, patch);
}

static void add_option(struct option *listed, size_t *count, const char *name, bool has_argument,
                       int number)
{
    static int found; // getopt_long puts the number there, and returns 0
    assert(*count < OPTIONS_MAX - 1);
    listed[(*count)++] = (struct option){.name = name,
                                         .has_arg = has_argument ? required_argument : no_argument,
                                         .flag = &found,
                                         .val = number};
}

static void list_options(const struct program *program, struct option listed[OPTIONS_MAX])
{
    size_t count = 0;
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++)
        if ((oyez_setting_table[id].programs & program->options) != 0)
            add_option(listed, &count, oyez_setting_table[id].name,
                       oyez_setting_table[id].argument != NULL, (int)id);
    add_option(listed, &count, "config", true, OPTION_CONFIG);
    add_option(listed, &count, "help", false, OPTION_HELP);
    add_option(listed, &count, "version", false, OPTION_VERSION);
    listed[count] = (struct option){.name = NULL};
}

static int give(const struct program *program, oyez_settings *settings, int number)
{
    char place[64];
    const char *value = optarg != NULL ? optarg : "yes";
    enum oyez_setting_id id = (enum oyez_setting_id)number;
    snprintf(place, sizeof place, "--%s", oyez_setting_table[id].name);
    oyez_err err = oyez_settings_give(settings, id, value, OYEZ_SETTING_OPTION, place);
    if (err == OYEZ_OK)
        return -1;
    fprintf(stderr, "%s: %s: %s; see --help\n", program->name, place, oyez_error_detail());
    return err == OYEZ_ERR_INVALID ? EXIT_USAGE : EXIT_ENVIRONMENT;
}

// -1, or the exit code with which the program ends now.
static int read_options(const struct program *program, oyez_settings *settings, const char **config,
                        int argc, char **argv)
{
    struct option listed[OPTIONS_MAX];
    list_options(program, listed);
    int at = 0, found, ended = -1;
    optind = 0; // from the beginning, also when it comes a second time
    while ((found = getopt_long(argc, argv, "", listed, &at)) == 0) {
        switch (listed[at].val) {
        case OPTION_HELP:
            return print_help(program), EXIT_DONE;
        case OPTION_VERSION:
            return print_version(program), EXIT_DONE;
        case OPTION_CONFIG:
            *config = optarg;
            break;
        default:
            ended = give(program, settings, listed[at].val);
            if (ended >= 0)
                return ended;
        }
    }
    if (found == -1 && optind == argc)
        return -1;
    if (found == -1)
        fprintf(stderr, "%s: \"%s\": no arguments are taken\n", program->name, argv[optind]);
    fprintf(stderr, "%s: see %s --help\n", program->name, program->name);
    return EXIT_USAGE;
}

int program_read_command_line(const struct program *program, oyez_settings **settings, int argc,
                              char **argv)
{
    const char *config = NULL;
    oyez_err err = oyez_settings_open(settings);
    if (err != OYEZ_OK) {
        fprintf(stderr, "%s: %s\n", program->name, oyez_error_detail());
        return EXIT_ENVIRONMENT;
    }
    int ended = read_options(program, *settings, &config, argc, argv);
    if (ended >= 0)
        return ended;
    // A variable is part of the call, a file is not.
    bool is_call = oyez_settings_read_environment(*settings) == OYEZ_ERR_INVALID;
    if (is_call || oyez_settings_load(*settings, config) != OYEZ_OK) {
        fprintf(stderr, "%s: %s\n", program->name, oyez_error_detail());
        return is_call ? EXIT_USAGE : EXIT_ENVIRONMENT;
    }
    program_log_set(*settings);
    return -1;
}

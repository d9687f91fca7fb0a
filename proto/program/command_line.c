// SPDX-License-Identifier: MIT
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "oyez/limits.h"
#include "program/program.h"

#define OPTIONS_MAX 32u

static const struct program_option help_option = {"help", NULL, "print this and end", NULL};
static const struct program_option version_option = {"version", NULL, "print the version and end",
                                                     NULL};

static void print_option(const struct program_option *option)
{
    printf("  --%s%s%s\n", option->name, option->argument == NULL ? "" : " ",
           option->argument == NULL ? "" : option->argument);
    for (const char *line = option->help; line != NULL;) {
        const char *end = strchr(line, '\n');
        printf("        %.*s\n", end == NULL ? (int)strlen(line) : (int)(end - line), line);
        line = end == NULL ? NULL : end + 1;
    }
}

static void print_help(const struct program *program)
{
    printf("usage: %s [OPTION]...\n\n%s\n\n", program->name, program->purpose);
    for (const struct program_option *option = program->options; option->name != NULL; option++)
        print_option(option);
    print_option(&help_option);
    print_option(&version_option);
    printf("\nexit: %s\n", program->exits);
}

static void print_version(const struct program *program)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("%s %s (protocol %u, libzmq %d.%d.%d)\n", program->name, program->version,
           OYEZ_PROTOCOL_VERSION, major, minor, patch);
}

bool program_read_number(uint64_t *out, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long long number = strtoull(text, &end, 10);
    *out = number;
    return errno == 0 && *end == '\0' && number >= min && number <= max;
}

// What getopt_long wants; `known` has the option of each.
static void list_options(const struct program *program, struct option *listed,
                         const struct program_option **known)
{
    size_t count = 0;
    for (const struct program_option *option = program->options; option->name != NULL; option++) {
        assert(count < OPTIONS_MAX - 2);
        known[count++] = option;
    }
    known[count++] = &help_option;
    known[count++] = &version_option;
    for (size_t i = 0; i < count; i++)
        listed[i] = (struct option){.name = known[i]->name,
                                    .has_arg = known[i]->argument == NULL ? no_argument
                                                                          : required_argument};
    listed[count] = (struct option){.name = NULL};
}

int program_read_command_line(const struct program *program, void *settings, int argc, char **argv)
{
    struct option listed[OPTIONS_MAX + 1];
    const struct program_option *known[OPTIONS_MAX];
    list_options(program, listed, known);
    int at = 0, found;
    while ((found = getopt_long(argc, argv, "", listed, &at)) == 0) {
        const struct program_option *option = known[at];
        if (option == &help_option)
            return print_help(program), EXIT_DONE;
        if (option == &version_option)
            return print_version(program), EXIT_DONE;
        if (!option->apply(settings, optarg)) {
            fprintf(stderr, "%s: --%s: \"%s\" will not do, it takes %s; see --help\n",
                    program->name, option->name, optarg, option->argument);
            return EXIT_USAGE;
        }
    }
    if (found == -1 && optind == argc)
        return -1;
    if (found == -1)
        fprintf(stderr, "%s: \"%s\": no arguments are taken\n", program->name, argv[optind]);
    fprintf(stderr, "%s: see %s --help\n", program->name, program->name);
    return EXIT_USAGE;
}

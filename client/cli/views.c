// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "configuration.h"
#include "message.h"
#include "oyez/config.h"

#define VIEW_WORD_SIZE (sizeof OYEZ_CONFIG_VIEW_PREFIX + OYEZ_CONFIG_NAME_SIZE_MAX)

struct views_values {
    bool json;
};

static void print_json(const struct arguments *arguments, const char *name, unsigned line,
                       const char *const *patterns, size_t count)
{
    json_t *array = json_array();
    // A file's name may be no UTF-8; then it has no JSON form.
    json_t *file = json_string(arguments->config_file);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, json_string(patterns[i]));
    }
    json_t *object = json_pack("{s:s, s:o, s:o, s:i}", "name", name, "patterns", array, "file",
                               file != NULL ? file : json_null(), "line", (int)line);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_row(size_t width, const char *name, const char *const *patterns, size_t count)
{
    printf("%-*s ", (int)width, name);
    for (size_t i = 0; i < count; i++) {
        printf(" %s", patterns[i]);
    }
    putchar('\n');
}

static size_t measure_names(const oyez_config_views *views)
{
    const char *name;
    size_t width = 0;
    for (size_t i = 0; (name = oyez_config_views_name(views, i, NULL)) != NULL; i++) {
        width = strlen(name) > width ? strlen(name) : width;
    }
    return width;
}

// What a view cannot be used for here is told, and the others are shown all the same.
static int print_one(const struct arguments *arguments, size_t i, size_t width)
{
    const struct views_values *values = arguments->values;
    const oyez_config_views *views = arguments->configuration.views;
    char word[VIEW_WORD_SIZE];
    const char *const words[] = {word};
    const char **patterns;
    size_t count;
    unsigned line;
    const char *name = oyez_config_views_name(views, i, &line);
    snprintf(word, sizeof word, OYEZ_CONFIG_VIEW_PREFIX "%s", name);
    oyez_err err = oyez_config_views_expand(views, words, 1, &patterns, &count);
    if (err != OYEZ_OK) {
        message_print("%s", command_reason(err));
        return EXIT_ENVIRONMENT;
    }
    if (values->json) {
        print_json(arguments, name, line, patterns, count);
    } else {
        print_row(width, name, patterns, count);
    }
    free(patterns);
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    const oyez_config_views *views = arguments->configuration.views;
    int code = EXIT_DONE;
    if (arguments->config_file == NULL) {
        message_print("there is no configuration file (--config, OYEZ_CONFIG or "
                      "./" OYEZ_CONFIG_FILE_DEFAULT ")");
        return EXIT_DONE;
    }
    size_t width = measure_names(views);
    for (size_t i = 0; oyez_config_views_name(views, i, NULL) != NULL; i++) {
        int one = print_one(arguments, i, width);
        code = one != EXIT_DONE ? one : code;
    }
    return code;
}

static const char *const usage[] = {"[--json]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "one JSON object a line: name, patterns, file, line", OPTION_FLAG,
     offsetof(struct views_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command views_command = {
    .name = "views",
    .summary = "list the views of the configuration file",
    .usage = usage,
    .notes = "A view is a set of patterns with a name: a line NAME = PATTERN... in the section\n"
             "[views] of the configuration file, where view:NAME stands for another view.\n"
             "view:NAME may stand wherever a command takes a PATTERN, and means all of its\n"
             "patterns; they are shown here with views put in.",
    .options = options,
    .needs_configuration = true,
    .values_size = sizeof(struct views_values),
    .run = run,
};

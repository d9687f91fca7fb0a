// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command_help.h"
#include "message.h"
#include "oyez/limits.h"
#include "wire/header.h"

#define FLAG_SIZE_MAX 64u
#define MILLISECONDS_MAX (24u * 60u * 60u * 1000u)
#define SECONDS_MAX 1e9

const struct command_option command_shared_options[] = {
    {"--endpoint", "ENDPOINT",
     "the broker's address (default: OYEZ_ENDPOINT, else " OYEZ_ENDPOINT_DEFAULT ")", OPTION_TEXT,
     offsetof(struct arguments, endpoint)},
    {"--config", "FILE",
     "the configuration file (default: OYEZ_CONFIG, else ./oyez.ini if there is one)", OPTION_TEXT,
     offsetof(struct arguments, config)},
    {"--help", NULL, "show this", OPTION_FLAG, offsetof(struct arguments, help)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

#define SHARED_COUNT (sizeof command_shared_options / sizeof command_shared_options[0] - 1)

// One flag that a command knows, found by its name.
struct match {
    const struct command_option *option;
    char *target;
    size_t header; // which header field, for OPTION_HEADER_FIELDS
};

static bool find_header(const char *flag, size_t *index)
{
    char known[COMMAND_HEADER_FLAG_SIZE];
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        command_header_flag(oyez_header_fields[i].name, known);
        // The type stands on the command line by itself.
        if (strcmp(flag, known) == 0 && strcmp(flag, "--event-type") != 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool find_in(struct match *out, const struct command_option *options, void *base,
                    const char *flag)
{
    for (const struct command_option *option = options; option->flag != NULL; option++) {
        bool found = option->kind == OPTION_HEADER_FIELDS ? find_header(flag, &out->header)
                                                          : strcmp(option->flag, flag) == 0;
        if (found) {
            out->option = option;
            out->target = (char *)base + option->target;
            return true;
        }
    }
    return false;
}

struct flag_list {
    const struct command *command;
    char header[COMMAND_HEADER_FLAG_SIZE];
};

static const char *next_flag(void *arg, size_t i)
{
    struct flag_list *list = arg;
    const struct command_option *option = list->command->options;
    for (; option != NULL && option->flag != NULL; option++) {
        if (option->kind == OPTION_HEADER_FIELDS && i < OYEZ_HEADER_FIELD_COUNT) {
            command_header_flag(oyez_header_fields[i].name, list->header);
            return list->header;
        }
        if (option->kind != OPTION_HEADER_FIELDS && i == 0) {
            return option->flag;
        }
        i -= option->kind == OPTION_HEADER_FIELDS ? OYEZ_HEADER_FIELD_COUNT : 1;
    }
    if (i < SHARED_COUNT) {
        return command_shared_options[i].flag;
    }
    i -= SHARED_COUNT;
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        if ((oyez_setting_table[id].programs & list->command->settings) != 0 && i-- == 0) {
            snprintf(list->header, sizeof list->header, "--%s", oyez_setting_table[id].name);
            return list->header;
        }
    }
    return NULL;
}

static int refuse_flag(const struct command *command, const char *flag)
{
    struct flag_list list = {.command = command};
    char nearest[COMMAND_WORD_SIZE];
    if (command_nearest(nearest, flag, next_flag, &list)) {
        return command_usage_error(command, "there is no option '%s'; did you mean '%s'?", flag,
                                   nearest);
    }
    return command_usage_error(command, "there is no option '%s'", flag);
}

static bool read_integer(uint64_t *out, const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    unsigned long long value = strtoull(text, &end, 10);
    *out = value;
    return errno == 0 && *end == '\0' && value >= 1 && value <= max;
}

static bool read_seconds(int64_t *milliseconds, const char *text)
{
    char *end;
    // strtod alone would also read "inf", " 1" and "0x1".
    if (text[strspn(text, "0123456789.")] != '\0' || text[0] == '\0') {
        return false;
    }
    double value = strtod(text, &end);
    if (*end != '\0' || value > SECONDS_MAX) {
        return false;
    }
    *milliseconds = (int64_t)(value * 1000.0 + 0.5);
    return true;
}

static bool read_choice(int *out, const char *text, const char *words)
{
    size_t size = strlen(text);
    int index = 0;
    for (const char *word = words;; index++) {
        size_t word_size = strcspn(word, "|");
        if (word_size == size && memcmp(word, text, size) == 0) {
            *out = index;
            return true;
        }
        if (word[word_size] == '\0') {
            return false;
        }
        word += word_size + 1;
    }
}

static bool add_to_list(struct text_list *list, const char *text)
{
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->items[list->count++] = text;
    return true;
}

static int refuse_value(const struct command *command, const struct match *match, const char *text)
{
    const char *flag = match->option->flag;
    switch (match->option->kind) {
    case OPTION_MILLISECONDS:
        return command_usage_error(command, "%s: '%s' is not a number of milliseconds, 1 to %u",
                                   flag, text, MILLISECONDS_MAX);
    case OPTION_SECONDS:
        return command_usage_error(command, "%s: '%s' is not a number of seconds", flag, text);
    case OPTION_COUNT:
        return command_usage_error(command, "%s: '%s' is not a whole number from 1", flag, text);
    case OPTION_CHOICE:
        return command_usage_error(command, "%s: '%s' is not one of %s", flag, text,
                                   match->option->value_name);
    default:
        message_print("out of memory");
        return EXIT_ENVIRONMENT;
    }
}

static int set_value(const struct command *command, const struct match *match, const char *text)
{
    uint64_t integer = 0;
    bool good = true;
    switch (match->option->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)match->target = true;
        break;
    case OPTION_TEXT:
        *(const char **)(void *)match->target = text;
        break;
    case OPTION_LIST:
        good = add_to_list((void *)match->target, text);
        break;
    case OPTION_COUNT:
        good = read_integer((void *)match->target, text, UINT64_MAX);
        break;
    case OPTION_MILLISECONDS:
        good = read_integer(&integer, text, MILLISECONDS_MAX);
        *(uint32_t *)(void *)match->target = (uint32_t)integer;
        break;
    case OPTION_SECONDS:
        good = read_seconds((void *)match->target, text);
        break;
    case OPTION_CHOICE:
        good = read_choice((void *)match->target, text, match->option->value_name);
        break;
    case OPTION_HEADER_FIELDS:
        ((const char **)(void *)match->target)[match->header] = text;
        break;
    }
    return good ? EXIT_DONE : refuse_value(command, match, text);
}

static enum oyez_setting_id find_setting(const struct command *command, const char *flag)
{
    return strncmp(flag, "--", 2) == 0 ? oyez_setting_find(NULL, flag + 2, command->settings)
                                       : OYEZ_SETTING_COUNT;
}

static int give_setting(struct arguments *out, enum oyez_setting_id id, const char *flag,
                        const char *text)
{
    oyez_err err = oyez_settings_give(out->settings, id, text, OYEZ_SETTING_OPTION, flag);
    if (err == OYEZ_ERR_INVALID) {
        return command_usage_error(out->command, "%s: %s", flag, oyez_error_detail());
    }
    return err == OYEZ_OK ? EXIT_DONE : command_fail(err);
}

static int parse_setting(struct arguments *out, enum oyez_setting_id id, const char *flag,
                         const char *value, int argc, char **argv, int *at)
{
    if (oyez_setting_table[id].kind == OYEZ_SETTING_KIND_FLAG) {
        return value == NULL ? give_setting(out, id, flag, "yes")
                             : command_usage_error(out->command, "%s takes no value", flag);
    }
    if (value != NULL) {
        return give_setting(out, id, flag, value);
    }
    if (*at + 1 >= argc) {
        return command_usage_error(out->command, "%s needs a value", flag);
    }
    (*at)++;
    return give_setting(out, id, flag, argv[*at]);
}

// Reads the option at argv[*at]; *at is left at the last word that belongs to it.
static int parse_option(struct arguments *out, int argc, char **argv, int *at)
{
    const struct command *command = out->command;
    const char *word = argv[*at];
    const char *equals = strchr(word, '=');
    size_t size = equals != NULL ? (size_t)(equals - word) : strlen(word);
    char flag[FLAG_SIZE_MAX];
    struct match match = {0};

    if (strcmp(word, "-h") == 0) {
        out->help = true;
        return EXIT_DONE;
    }
    snprintf(flag, sizeof flag, "%.*s", (int)(size < FLAG_SIZE_MAX ? size : FLAG_SIZE_MAX), word);
    enum oyez_setting_id id = find_setting(command, flag);
    if (id != OYEZ_SETTING_COUNT) {
        return parse_setting(out, id, flag, equals != NULL ? equals + 1 : NULL, argc, argv, at);
    }
    if (!find_in(&match, command_shared_options, out, flag) &&
        (command->options == NULL || !find_in(&match, command->options, out->values, flag))) {
        return refuse_flag(command, flag);
    }
    if (match.option->kind == OPTION_FLAG) {
        return equals == NULL ? set_value(command, &match, NULL)
                              : command_usage_error(command, "%s takes no value", flag);
    }
    if (equals != NULL) {
        return set_value(command, &match, equals + 1);
    }
    if (*at + 1 >= argc) {
        return command_usage_error(command, "%s needs a value", flag);
    }
    (*at)++;
    return set_value(command, &match, argv[*at]);
}

static bool allocate(struct arguments *out, int argc)
{
    const struct command *command = out->command;
    out->positional = calloc((size_t)argc + 1, sizeof *out->positional);
    if (out->positional == NULL || oyez_settings_open(&out->settings) != OYEZ_OK) {
        return false;
    }
    if (command->values_size == 0) {
        return true;
    }
    out->values = calloc(1, command->values_size);
    if (out->values != NULL && command->defaults != NULL) {
        memcpy(out->values, command->defaults, command->values_size);
    }
    return out->values != NULL;
}

static int choose_endpoint(struct arguments *out)
{
    const char *environment = getenv("OYEZ_ENDPOINT");
    if (out->endpoint != NULL) {
        out->endpoint_given = true;
        return out->endpoint[0] == '\0' // which check_endpoint refuses
                   ? EXIT_DONE
                   : give_setting(out, OYEZ_SETTING_CLIENT_ENDPOINT, "--endpoint", out->endpoint);
    }
    out->endpoint_given = environment != NULL && environment[0] != '\0';
    out->endpoint = out->endpoint_given ? environment : OYEZ_ENDPOINT_DEFAULT;
    return EXIT_DONE;
}

int command_parse(struct arguments *out, const struct command *const *table,
                  const struct command *command, int argc, char **argv)
{
    *out = (struct arguments){.table = table, .command = command};
    if (!allocate(out, argc)) {
        message_print("out of memory");
        return EXIT_ENVIRONMENT;
    }
    bool only_positional = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (only_positional || word[0] != '-' || word[1] == '\0') {
            out->positional[out->positional_count++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_positional = true;
        } else {
            int code = parse_option(out, argc, argv, &i);
            if (code != EXIT_DONE) {
                return code;
            }
        }
    }
    return choose_endpoint(out);
}

void arguments_free(struct arguments *arguments)
{
    const struct command_option *option = arguments->command->options;
    for (; arguments->values != NULL && option != NULL && option->flag != NULL; option++) {
        if (option->kind == OPTION_LIST) {
            struct text_list *list = (void *)((char *)arguments->values + option->target);
            free(list->items);
        }
    }
    free(arguments->values);
    free(arguments->positional);
    oyez_config_free(&arguments->configuration);
    oyez_settings_close(&arguments->settings);
    arguments->values = NULL;
    arguments->positional = NULL;
}

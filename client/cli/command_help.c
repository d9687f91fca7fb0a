// SPDX-License-Identifier: MIT
#include "command_help.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "wire/header.h"

#define FLAG_COLUMN 30
#define TEXT_COLUMN 33 // where the help of an option begins
#define COLUMNS_MAX 80

void command_header_flag(const char *field_name, char flag[COMMAND_HEADER_FLAG_SIZE])
{
    snprintf(flag, COMMAND_HEADER_FLAG_SIZE, "--%s", field_name);
    for (char *c = flag; *c != '\0'; c++) {
        if (*c == '_') {
            *c = '-';
        }
    }
}

static const char *header_value_name(const struct oyez_header_field *field)
{
    switch (field->kind) {
    case OYEZ_HEADER_UUID:
        return "UUID";
    case OYEZ_HEADER_TIME:
        return "TIME";
    case OYEZ_HEADER_UINT:
        return "N";
    case OYEZ_HEADER_TEXT:
        break;
    }
    return "TEXT";
}

// The size of the word at `text`: what brackets hold together is one.
static size_t measure_word(const char *text)
{
    size_t size = 0;
    int depth = 0;
    for (; text[size] != '\0'; size++) {
        depth += text[size] == '[' ? 1 : text[size] == ']' ? -1 : 0;
        if (depth <= 0 && (text[size] == ' ' || text[size] == '\n')) {
            break;
        }
    }
    return size;
}

// Writes words up to the width and ends the line. The first line has `column` columns already, the
// others begin at `indent`. A line feed in the text is a space.
static void print_wrapped(FILE *out, const char *text, size_t column, size_t indent)
{
    bool is_first = true;
    size_t size;
    for (; (size = measure_word(text)) > 0; text += size, text += strspn(text, " \n")) {
        if (!is_first && column + 1 + size > COLUMNS_MAX) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            is_first = true;
        }
        fprintf(out, "%s%.*s", is_first ? "" : " ", (int)size, text);
        column += size + (is_first ? 0 : 1);
        is_first = false;
    }
    fputc('\n', out);
}

typedef void option_visitor(void *arg, const char *flag, const char *value_name, const char *help);

// Calls `visit` for each flag, header fields one by one.
static void visit_options(const struct command_option *options, option_visitor *visit, void *arg)
{
    for (; options != NULL && options->flag != NULL; options++) {
        if (options->kind != OPTION_HEADER_FIELDS) {
            visit(arg, options->flag, options->value_name, options->help);
            continue;
        }
        for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
            const struct oyez_header_field *field = &oyez_header_fields[i];
            char flag[COMMAND_HEADER_FLAG_SIZE];
            command_header_flag(field->name, flag);
            if (strcmp(flag, "--event-type") != 0) {
                visit(arg, flag, header_value_name(field), field->help);
            }
        }
    }
}

// Calls `visit` for each setting that the command takes.
static void visit_settings(const struct command *command, option_visitor *visit, void *arg)
{
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        const struct oyez_setting *setting = &oyez_setting_table[id];
        if ((setting->programs & command->settings) == 0) {
            continue;
        }
        char flag[80];
        char help[1024];
        bool has_default = setting->initial[0] != '\0' && setting->kind != OYEZ_SETTING_KIND_FLAG;
        snprintf(flag, sizeof flag, "--%s", setting->name);
        snprintf(help, sizeof help, "%s (%s%s%s%s%s)", setting->help, setting->environment,
                 has_default ? "; default: " : "", has_default ? setting->initial : "",
                 has_default && setting->unit[0] != '\0' ? " " : "",
                 has_default ? setting->unit : "");
        visit(arg, flag, setting->argument, help);
    }
}

void command_help_program(FILE *out, const struct command *const *table)
{
    fputs("oyez: emit domain events and listen to them\n\n", out);
    fputs("usage: oyez COMMAND [ARGUMENT | OPTION]...\n\ncommands:\n", out);
    for (size_t i = 0; table[i] != NULL; i++) {
        fprintf(out, "  %-10s %s\n", table[i]->name, table[i]->summary);
    }
    fputs("\nOptions may stand before or after arguments, as --flag VALUE or --flag=VALUE.\n", out);
    fputs("oyez COMMAND --help tells more of each.\n\n", out);
    fputs("exit codes: 0 done, 1 a check failed or what was named does not exist, 2 usage,\n"
          "  3 unreachable or timed out, 4 refused, 5 environment\n",
          out);
}

static void print_option(void *arg, const char *flag, const char *value_name, const char *help)
{
    FILE *out = arg;
    char left[128];
    snprintf(left, sizeof left, "%s%s%s", flag, value_name != NULL ? " " : "",
             value_name != NULL ? value_name : "");
    if (strlen(left) > FLAG_COLUMN) {
        fprintf(out, "  %s\n%*s", left, TEXT_COLUMN, "");
    } else {
        fprintf(out, "  %-*s ", FLAG_COLUMN, left);
    }
    print_wrapped(out, help, TEXT_COLUMN, TEXT_COLUMN);
}

void command_help_one(FILE *out, const struct command *command)
{
    fprintf(out, "oyez %s: %s\n\n", command->name, command->summary);
    for (size_t i = 0; command->usage[i] != NULL; i++) {
        size_t column = strlen("usage: oyez ") + strlen(command->name) + 1;
        fprintf(out, "%s oyez %s ", i == 0 ? "usage:" : "      ", command->name);
        print_wrapped(out, command->usage[i], column, column);
    }
    fputs("\noptions:\n", out);
    visit_options(command->options, print_option, out);
    visit_settings(command, print_option, out);
    visit_options(command_shared_options, print_option, out);
    if (command->notes != NULL) {
        fputc('\n', out);
        print_wrapped(out, command->notes, 0, 0);
    }
}

static void add_option(void *arg, const char *flag, const char *value_name, const char *help)
{
    json_array_append_new(
        arg, json_pack("{s:s, s:s?, s:s}", "flag", flag, "value", value_name, "help", help));
}

void command_help_json(FILE *out, const struct command *const *table)
{
    for (size_t i = 0; table[i] != NULL; i++) {
        const struct command *command = table[i];
        json_t *usage = json_array();
        json_t *options = json_array();
        for (size_t k = 0; command->usage[k] != NULL; k++) {
            json_array_append_new(usage, json_string(command->usage[k]));
        }
        visit_options(command->options, add_option, options);
        visit_settings(command, add_option, options);
        visit_options(command_shared_options, add_option, options);
        json_t *object = json_pack("{s:s, s:s, s:o, s:s?, s:o}", "name", command->name, "summary",
                                   command->summary, "usage", usage, "notes", command->notes,
                                   "options", options);
        json_dumpf(object, out, JSON_COMPACT);
        fputc('\n', out);
        json_decref(object);
    }
}

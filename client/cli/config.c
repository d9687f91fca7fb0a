// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "inert.h"

struct config_values {
    bool json;
};

static const char *kind_name(enum oyez_setting_kind kind)
{
    static const char *const names[] = {"text", "list", "count", "seconds", "flag", "choice"};
    return names[kind];
}

// A file's text may be no UTF-8; then it has no JSON form.
static json_t *text_to_json(const char *text)
{
    json_t *string = text != NULL ? json_string(text) : NULL;
    return string != NULL ? string : json_null();
}

static json_t *value_to_json(const oyez_settings *settings, enum oyez_setting_id id)
{
    struct oyez_setting_value value = oyez_settings_get(settings, id);
    const char *item;
    switch (value.setting->kind) {
    case OYEZ_SETTING_KIND_LIST: {
        json_t *list = json_array();
        for (size_t i = 0; (item = oyez_settings_item(settings, id, i, NULL)) != NULL; i++) {
            json_array_append_new(list, text_to_json(item));
        }
        return list;
    }
    case OYEZ_SETTING_KIND_COUNT:
        return json_integer((json_int_t)value.number);
    case OYEZ_SETTING_KIND_SECONDS:
        return json_real((double)value.number / 1000.0);
    case OYEZ_SETTING_KIND_FLAG:
        return json_boolean(value.number == 1);
    default:
        return value.text[0] != '\0' ? text_to_json(value.text) : json_null();
    }
}

static void add_flags(json_t *object, const struct oyez_setting *setting)
{
    static const char *const names[] = {"oyez-broker", "oyez-recorder", "oyez serve"};
    json_t *programs = json_array();
    for (unsigned i = 0; i < 3; i++) {
        if ((setting->programs >> i & 1) != 0) {
            json_array_append_new(programs, json_string(names[i]));
        }
    }
    json_object_set_new(object, "flag",
                        setting->programs != 0 ? json_sprintf("--%s", setting->name) : json_null());
    json_object_set_new(object, "programs", programs);
}

static void add_range(json_t *object, const struct oyez_setting *setting)
{
    if (setting->kind == OYEZ_SETTING_KIND_COUNT || setting->kind == OYEZ_SETTING_KIND_SECONDS) {
        json_object_set_new(object, "min", json_integer((json_int_t)setting->min));
        json_object_set_new(object, "max", json_integer((json_int_t)setting->max));
        json_object_set_new(object, "unit", json_string(setting->unit));
    }
    if (setting->kind == OYEZ_SETTING_KIND_CHOICE) {
        json_object_set_new(object, "choices", json_string(setting->argument));
    }
}

static void print_json(const oyez_settings *settings, enum oyez_setting_id id)
{
    struct oyez_setting_value value = oyez_settings_get(settings, id);
    const struct oyez_setting *setting = value.setting;
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:s?, s:b, s:s}", "section", setting->section,
        "name", setting->name, "value", value_to_json(settings, id), "source",
        oyez_setting_source_name(value.source), "place", text_to_json(value.place), "kind",
        kind_name(setting->kind), "default", setting->initial, "environment", setting->environment,
        "argument", setting->argument, "reloads", setting->reloads, "help", setting->help);
    add_flags(object, setting);
    add_range(object, setting);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_inert(const char *text)
{
    inert_write(stdout, text, strlen(text));
}

// As the file would have it, with the place behind.
static void print_line(const oyez_settings *settings, enum oyez_setting_id id)
{
    struct oyez_setting_value value = oyez_settings_get(settings, id);
    const char *item = oyez_settings_item(settings, id, 1, NULL);
    printf("%s%s = ", value.text[0] == '\0' ? "; " : "", value.setting->name);
    print_inert(value.text);
    for (size_t i = 1; item != NULL; item = oyez_settings_item(settings, id, ++i, NULL)) {
        printf("\n    ");
        print_inert(item);
    }
    printf("%s%s  ; ", value.setting->unit[0] != '\0' && value.text[0] != '\0' ? "  ; " : "",
           value.setting->unit[0] != '\0' && value.text[0] != '\0' ? value.setting->unit : "");
    print_inert(value.place);
    putchar('\n');
}

static int run(const struct arguments *arguments)
{
    const struct config_values *values = arguments->values;
    const char *section = "";
    for (size_t i = 0; i < OYEZ_SETTING_COUNT; i++) {
        const struct oyez_setting *setting = &oyez_setting_table[i];
        if (values->json) {
            print_json(arguments->settings, (enum oyez_setting_id)i);
            continue;
        }
        if (strcmp(section, setting->section) != 0) {
            printf("%s[%s]\n", i > 0 ? "\n" : "", setting->section);
            section = setting->section;
        }
        print_line(arguments->settings, (enum oyez_setting_id)i);
    }
    return EXIT_DONE;
}

static const char *const usage[] = {"[--json]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "one JSON object a line, with default, range, flag and variable of each",
     OPTION_FLAG, offsetof(struct config_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command config_command = {
    .name = "config",
    .summary = "list all settings, and where each value comes from",
    .usage = usage,
    .notes = "A flag goes before the environment, that before the configuration file, and that "
             "before the\ndefault. What is printed is a configuration file.",
    .options = options,
    .needs_configuration = true,
    .values_size = sizeof(struct config_values),
    .run = run,
};

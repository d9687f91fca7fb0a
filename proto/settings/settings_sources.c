// SPDX-License-Identifier: MIT
// Settings out of the environment and the configuration file.
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings_state.h"

// inih keeps its own settings in the process.
static pthread_mutex_t parser_lock = PTHREAD_MUTEX_INITIALIZER;

// A section of the file on its way into the settings.
struct reading_section {
    oyez_settings *settings;
    const char *file;
    const char *section;
};

// The variable that lists catalogs has them as PATH has directories.
static oyez_err give_each(oyez_settings *settings, enum oyez_setting_id id, const char *value)
{
    const char *name = oyez_setting_table[id].environment;
    char *rest = strdup(value);
    char *state = NULL;
    oyez_err err = rest != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %s", name);
    char *item = rest != NULL ? strtok_r(rest, ":", &state) : NULL;
    for (; err == OYEZ_OK && item != NULL; item = strtok_r(NULL, ":", &state)) {
        err = oyez_settings_give(settings, id, item, OYEZ_SETTING_ENVIRONMENT, name);
    }
    free(rest);
    return err;
}

oyez_err oyez_settings_read_variable(oyez_settings *settings, enum oyez_setting_id id)
{
    const struct oyez_setting *setting = &oyez_setting_table[id];
    const char *value = getenv(setting->environment);
    if (value == NULL || value[0] == '\0') {
        return OYEZ_OK;
    }
    oyez_err err = setting->kind == OYEZ_SETTING_KIND_LIST
                       ? give_each(settings, id, value)
                       : oyez_settings_give(settings, id, value, OYEZ_SETTING_ENVIRONMENT,
                                            setting->environment);
    return err == OYEZ_ERR_INVALID
               ? oyez_fail(err, "%s: %s", setting->environment, oyez_error_detail())
               : err;
}

oyez_err oyez_settings_read_environment(oyez_settings *settings)
{
    oyez_err err = OYEZ_OK;
    for (size_t id = 0; err == OYEZ_OK && id < OYEZ_SETTING_COUNT; id++) {
        err = oyez_settings_read_variable(settings, (enum oyez_setting_id)id);
    }
    return err;
}

// Which names the section has, for who mistook one.
static oyez_err refuse_name(const char *section, const char *name)
{
    char known[512];
    size_t used = 0;
    known[0] = '\0';
    for (size_t i = 0; i < OYEZ_SETTING_COUNT; i++) {
        if (strcmp(oyez_setting_table[i].section, section) != 0) {
            continue;
        }
        int size = snprintf(known + used, sizeof known - used, " %s", oyez_setting_table[i].name);
        if (size < 0 || (size_t)size >= sizeof known - used) {
            break;
        }
        used += (size_t)size;
    }
    return oyez_fail(OYEZ_ERR_INVALID, "[%s] has no %.64s; it has%s", section, name, known);
}

static oyez_err take(void *values, const struct oyez_config_entry *entry)
{
    const struct reading_section *reading = values;
    char place[512];
    enum oyez_setting_id id = oyez_setting_find(reading->section, entry->name, 0);
    if (id == OYEZ_SETTING_COUNT) {
        return refuse_name(reading->section, entry->name);
    }
    bool is_list = oyez_setting_table[id].kind == OYEZ_SETTING_KIND_LIST;
    if (entry->continued && !is_list) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: its value stands in one line", entry->name);
    }
    if (!is_list && reading->settings->held[id].in_file) {
        return oyez_fail(OYEZ_ERR_INVALID, "%s: a second time", entry->name);
    }
    snprintf(place, sizeof place, "%s:%u", reading->file, entry->line);
    oyez_err err =
        oyez_settings_give(reading->settings, id, entry->value, OYEZ_SETTING_FILE, place);
    reading->settings->held[id].in_file = true;
    return err == OYEZ_ERR_INVALID ? oyez_fail(err, "%s: %s", entry->name, oyez_error_detail())
                                   : err;
}

static oyez_err pass_over(void *values, const struct oyez_config_entry *entry)
{
    (void)values;
    (void)entry;
    return OYEZ_OK;
}

static bool is_new_section(size_t id)
{
    return id == 0 ||
           strcmp(oyez_setting_table[id].section, oyez_setting_table[id - 1].section) != 0;
}

// A text, or where there is none the file.
static oyez_err read_sections(oyez_settings *settings, const char *file, const char *text,
                              size_t size, const struct oyez_config_section *others)
{
    static const struct oyez_config_section views[] = {{.name = "views", .take = pass_over}, {0}};
    struct oyez_config_section sections[OYEZ_CONFIG_SECTIONS_MAX + 1] = {0};
    struct reading_section readings[OYEZ_CONFIG_SECTIONS_MAX];
    size_t count = 0;
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        settings->held[id].in_file = false;
        if (!is_new_section(id)) {
            continue;
        }
        assert(count < OYEZ_CONFIG_SECTIONS_MAX);
        const char *name = oyez_setting_table[id].section;
        readings[count] = (struct reading_section){settings, file, name};
        sections[count] =
            (struct oyez_config_section){.name = name, .take = take, .values = &readings[count]};
        count++;
    }
    for (others = others != NULL ? others : views; others->name != NULL; others++) {
        assert(count < OYEZ_CONFIG_SECTIONS_MAX);
        sections[count++] = *others;
    }
    pthread_mutex_lock(&parser_lock);
    oyez_err err = text != NULL ? oyez_config_file_parse(file, text, size, sections)
                                : oyez_config_file_read(file, sections);
    pthread_mutex_unlock(&parser_lock);
    return err;
}

oyez_err oyez_settings_read_file(oyez_settings *settings, const char *file,
                                 const struct oyez_config_section *others)
{
    return read_sections(settings, file, NULL, 0, others);
}

oyez_err oyez_settings_parse_file(oyez_settings *settings, const char *file, const char *text,
                                  size_t size, const struct oyez_config_section *others)
{
    return read_sections(settings, file, text, size, others);
}

const char *oyez_settings_find_file(const char *given, const char **named_by)
{
    const char *environment = getenv("OYEZ_CONFIG");
    *named_by = given != NULL ? "--config" : "OYEZ_CONFIG";
    if (given != NULL) {
        return given;
    }
    if (environment != NULL && environment[0] != '\0') {
        return environment;
    }
    *named_by = NULL;
    return OYEZ_CONFIG_FILE_DEFAULT;
}

oyez_err oyez_settings_remember_file(oyez_settings *settings, const char *given)
{
    char *kept = given != NULL ? strdup(given) : NULL;
    if (given != NULL && kept == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for settings");
    }
    free(settings->given_file);
    settings->given_file = kept;
    return OYEZ_OK;
}

oyez_err oyez_settings_load(oyez_settings *settings, const char *given_file)
{
    const char *named_by;
    const char *file = oyez_settings_find_file(given_file, &named_by);
    oyez_err err = oyez_settings_remember_file(settings, given_file);
    if (err == OYEZ_OK) {
        err = oyez_settings_read_environment(settings);
    }
    if (err != OYEZ_OK) {
        return err;
    }
    err = oyez_settings_read_file(settings, file, NULL);
    if (err == OYEZ_ERR_NOT_FOUND && named_by == NULL) {
        return OYEZ_OK;
    }
    // A line of the file says enough by itself.
    bool is_content = err == OYEZ_OK || err == OYEZ_ERR_INVALID || named_by == NULL;
    return is_content ? err : oyez_fail(err, "%s: %s", named_by, oyez_error_detail());
}

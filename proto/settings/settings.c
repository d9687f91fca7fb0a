// SPDX-License-Identifier: MIT
#include "oyez/settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings_state.h"

const struct oyez_setting oyez_setting_table[OYEZ_SETTING_COUNT] = {
#define SETTING_ROW(id, section_, name_, environment_, kind_, argument_, initial_, unit_, min_,    \
                    max_, programs_, reloads_, help_)                                              \
    [OYEZ_SETTING_##id] = {.section = (section_),                                                  \
                           .name = (name_),                                                        \
                           .environment = (environment_),                                          \
                           .kind = OYEZ_SETTING_KIND_##kind_,                                      \
                           .argument = (argument_),                                                \
                           .initial = (initial_),                                                  \
                           .unit = (unit_),                                                        \
                           .min = (min_),                                                          \
                           .max = (max_),                                                          \
                           .programs = (programs_),                                                \
                           .reloads = (reloads_),                                                  \
                           .help = (help_)},
    OYEZ_SETTINGS(SETTING_ROW)
#undef SETTING_ROW
};

static void free_held(struct held_setting *held)
{
    for (size_t i = 0; i < held->count; i++) {
        free(held->texts[i].text);
        free(held->texts[i].place);
    }
    free(held->texts);
}

oyez_err oyez_settings_open(oyez_settings **out)
{
    oyez_settings *settings = calloc(1, sizeof *settings);
    *out = NULL;
    if (settings == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for settings");
    }
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        const struct oyez_setting *setting = &oyez_setting_table[id];
        oyez_err err = setting->initial[0] != '\0'
                           ? setting_judge(setting, setting->initial, &settings->held[id].number)
                           : OYEZ_OK;
        assert(err == OYEZ_OK); // the table is ours
        (void)err;
    }
    *out = settings;
    return OYEZ_OK;
}

void oyez_settings_close(oyez_settings **settings)
{
    if (settings == NULL || *settings == NULL) {
        return;
    }
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        free_held(&(*settings)->held[id]);
    }
    free((*settings)->given_file);
    free(*settings);
    *settings = NULL;
}

// The same source may be read a second time.
static bool has_text(const struct held_setting *held, const char *text,
                     enum oyez_setting_source source)
{
    for (size_t i = 0; i < held->count; i++) {
        if (held->texts[i].source == source && strcmp(held->texts[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

static oyez_err keep(struct held_setting *held, const char *text, enum oyez_setting_source source,
                     const char *place)
{
    struct setting_text *more = realloc(held->texts, (held->count + 1) * sizeof *more);
    if (more == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for settings");
    }
    held->texts = more;
    struct setting_text *kept = &more[held->count];
    *kept = (struct setting_text){.text = strdup(text), .place = strdup(place), .source = source};
    held->count++;
    return kept->text != NULL && kept->place != NULL
               ? OYEZ_OK
               : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for settings");
}

oyez_err oyez_settings_give(oyez_settings *settings, enum oyez_setting_id id, const char *text,
                            enum oyez_setting_source source, const char *place)
{
    const struct oyez_setting *setting = &oyez_setting_table[id];
    struct held_setting *held = &settings->held[id];
    uint64_t number = 0;
    assert(id < OYEZ_SETTING_COUNT);
    oyez_err err = setting_judge(setting, text, &number);
    if (err != OYEZ_OK) {
        return err;
    }
    if (setting->kind == OYEZ_SETTING_KIND_LIST) {
        return has_text(held, text, source) ? OYEZ_OK : keep(held, text, source, place);
    }
    if (held->count > 0 && held->texts[0].source > source) {
        return OYEZ_OK;
    }
    free_held(held);
    *held = (struct held_setting){.number = number, .in_file = held->in_file};
    return keep(held, text, source, place);
}

struct oyez_setting_value oyez_settings_get(const oyez_settings *settings, enum oyez_setting_id id)
{
    const struct held_setting *held = &settings->held[id];
    struct oyez_setting_value value = {.setting = &oyez_setting_table[id],
                                       .source = OYEZ_SETTING_DEFAULT,
                                       .place = "default",
                                       .text = oyez_setting_table[id].initial,
                                       .number = held->number};
    if (held->count > 0) {
        value.source = held->texts[0].source;
        value.place = held->texts[0].place;
        value.text = held->texts[0].text;
    }
    return value;
}

uint64_t oyez_settings_number(const oyez_settings *settings, enum oyez_setting_id id)
{
    return settings->held[id].number;
}

const char *oyez_settings_text(const oyez_settings *settings, enum oyez_setting_id id)
{
    const char *text = oyez_settings_get(settings, id).text;
    return text[0] != '\0' ? text : NULL;
}

const char *oyez_settings_item(const oyez_settings *settings, enum oyez_setting_id id, size_t i,
                               enum oyez_setting_source *source)
{
    const struct held_setting *held = &settings->held[id];
    if (i >= held->count) {
        return NULL;
    }
    if (source != NULL) {
        *source = held->texts[i].source;
    }
    return held->texts[i].text;
}

enum oyez_setting_id oyez_setting_find(const char *section, const char *name, unsigned programs)
{
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        const struct oyez_setting *setting = &oyez_setting_table[id];
        bool is_there = section != NULL ? strcmp(section, setting->section) == 0
                                        : (setting->programs & programs) != 0;
        if (is_there && strcmp(name, setting->name) == 0) {
            return (enum oyez_setting_id)id;
        }
    }
    return OYEZ_SETTING_COUNT;
}

const char *oyez_setting_source_name(enum oyez_setting_source source)
{
    static const char *const names[] = {"default", "file", "environment", "option"};
    return source <= OYEZ_SETTING_OPTION ? names[source] : "default";
}

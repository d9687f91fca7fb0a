// SPDX-License-Identifier: MIT
// Settings read anew, and what became of them.
#include <stdio.h>
#include <string.h>

#include "settings_state.h"

static oyez_err copy_options(oyez_settings *settings, const oyez_settings *old)
{
    oyez_err err = OYEZ_OK;
    for (size_t id = 0; id < OYEZ_SETTING_COUNT; id++) {
        const struct held_setting *held = &old->held[id];
        for (size_t i = 0; err == OYEZ_OK && i < held->count; i++) {
            const struct setting_text *text = &held->texts[i];
            if (text->source == OYEZ_SETTING_OPTION) {
                err = oyez_settings_give(settings, (enum oyez_setting_id)id, text->text,
                                         OYEZ_SETTING_OPTION, text->place);
            }
        }
    }
    return err;
}

oyez_err oyez_settings_read_again(oyez_settings **out, const oyez_settings *old)
{
    oyez_err err = oyez_settings_open(out);
    if (err == OYEZ_OK) {
        err = copy_options(*out, old);
    }
    if (err == OYEZ_OK) {
        err = oyez_settings_load(*out, old->given_file);
    }
    if (err != OYEZ_OK) {
        oyez_settings_close(out);
    }
    return err;
}

// Texts of a list compare as a whole.
static bool is_same(const oyez_settings *old, const oyez_settings *now, enum oyez_setting_id id)
{
    const char *a = "";
    const char *b = "";
    if (oyez_setting_table[id].kind != OYEZ_SETTING_KIND_LIST) {
        return strcmp(oyez_settings_get(old, id).text, oyez_settings_get(now, id).text) == 0;
    }
    for (size_t i = 0; a != NULL && b != NULL && strcmp(a, b) == 0; i++) {
        a = oyez_settings_item(old, id, i, NULL);
        b = oyez_settings_item(now, id, i, NULL);
    }
    return a == NULL && b == NULL;
}

static const char *show(const char *text)
{
    return text[0] != '\0' ? text : "nothing";
}

size_t
oyez_settings_tell_changes(const oyez_settings *old, const oyez_settings *now, unsigned programs,
                           void (*tell)(void *arg, enum oyez_severity severity, const char *line),
                           void *arg)
{
    size_t changes = 0;
    for (size_t i = 0; i < OYEZ_SETTING_COUNT; i++) {
        const struct oyez_setting *setting = &oyez_setting_table[i];
        enum oyez_setting_id id = (enum oyez_setting_id)i;
        if ((setting->programs & programs) == 0 || is_same(old, now, id)) {
            continue;
        }
        struct oyez_setting_value value = oyez_settings_get(now, id);
        char line[1024];
        snprintf(line, sizeof line, "[%s] %s = %.200s (%.200s), was %.200s%s", setting->section,
                 setting->name, show(value.text), value.place,
                 show(oyez_settings_get(old, id).text),
                 setting->reloads ? "" : ": that needs a restart");
        tell(arg, setting->reloads ? OYEZ_INFO : OYEZ_WARNING, line);
        changes++;
    }
    return changes;
}

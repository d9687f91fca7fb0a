// SPDX-License-Identifier: MIT
// What the settings mean to a recorder.
#include "oyez/recorder.h"
#include "oyez/settings.h"

#define MS_PER_SECOND 1000u

static oyez_err refuse(enum oyez_setting_id id, oyez_err err)
{
    return err == OYEZ_OK
               ? err
               : oyez_fail(err, "%s: %s", oyez_setting_table[id].name, oyez_error_detail());
}

static oyez_err read_age(const oyez_settings *settings, enum oyez_setting_id id, uint64_t *ns)
{
    const char *text = oyez_settings_text(settings, id);
    *ns = 0;
    return text == NULL || text[0] == '\0' ? OYEZ_OK : refuse(id, oyez_age_read(ns, text));
}

oyez_err oyez_retention_rules_read(struct oyez_retention_rules *rules,
                                   const oyez_settings *settings)
{
    enum oyez_setting_source source;
    const char *text;
    *rules = (struct oyez_retention_rules){
        .keep_size = oyez_settings_number(settings, OYEZ_SETTING_RECORDER_KEEP_SIZE)};
    oyez_err err = read_age(settings, OYEZ_SETTING_RECORDER_KEEP_FOR, &rules->keep_for);
    for (size_t i = 0; err == OYEZ_OK; i++) {
        text = oyez_settings_item(settings, OYEZ_SETTING_RECORDER_KEEP_TYPE, i, &source);
        if (text == NULL)
            break;
        err = refuse(OYEZ_SETTING_RECORDER_KEEP_TYPE, oyez_retention_add_type(rules, text));
    }
    return err;
}

oyez_err oyez_recorder_options_read(struct oyez_recorder_options *options,
                                    const oyez_settings *settings)
{
    options->endpoint = oyez_settings_text(settings, OYEZ_SETTING_CLIENT_ENDPOINT);
    options->directory = oyez_settings_text(settings, OYEZ_SETTING_RECORDER_DATA);
    options->mirror = oyez_settings_number(settings, OYEZ_SETTING_RECORDER_MIRROR) == 1;
    options->segment_size = oyez_settings_number(settings, OYEZ_SETTING_RECORDER_SEGMENT_SIZE);
    options->segment_age_ms =
        oyez_settings_number(settings, OYEZ_SETTING_RECORDER_SEGMENT_AGE) * MS_PER_SECOND;
    options->key = oyez_settings_text(settings, OYEZ_SETTING_RECORDER_KEY);
    options->origin = oyez_settings_text(settings, OYEZ_SETTING_RECORDER_ORIGIN);
    options->checkpoint_ms =
        (uint32_t)oyez_settings_number(settings, OYEZ_SETTING_RECORDER_CHECKPOINT_INTERVAL);
    uint64_t seconds = oyez_settings_number(settings, OYEZ_SETTING_RECORDER_LIFE_INTERVAL);
    options->life_interval_ms =
        seconds < UINT32_MAX / MS_PER_SECOND ? (uint32_t)seconds * MS_PER_SECOND : UINT32_MAX;
    oyez_err err = oyez_retention_rules_read(&options->keep, settings);
    return err == OYEZ_OK
               ? read_age(settings, OYEZ_SETTING_RECORDER_ARCHIVE_AFTER, &options->archive_after)
               : err;
}

void oyez_recorder_reload(oyez_recorder *recorder, const oyez_settings *settings)
{
    oyez_recorder_set_checkpoint_interval(
        recorder,
        (uint32_t)oyez_settings_number(settings, OYEZ_SETTING_RECORDER_CHECKPOINT_INTERVAL));
}

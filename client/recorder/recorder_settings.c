// SPDX-License-Identifier: MIT
// What the settings mean to a recorder.
#include "oyez/recorder.h"
#include "oyez/settings.h"

#define MS_PER_SECOND 1000u

void oyez_recorder_options_read(struct oyez_recorder_options *options,
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
}

void oyez_recorder_reload(oyez_recorder *recorder, const oyez_settings *settings)
{
    oyez_recorder_set_checkpoint_interval(
        recorder,
        (uint32_t)oyez_settings_number(settings, OYEZ_SETTING_RECORDER_CHECKPOINT_INTERVAL));
}

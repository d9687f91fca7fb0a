// SPDX-License-Identifier: MIT
// The configuration that is in force for clients, and where each value came from: a flag, the
// environment, a file, or the default.
#include <oyez/settings.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    oyez_settings *settings = NULL;
    oyez_err err = oyez_settings_open(&settings);
    if (err == OYEZ_OK)
        err = oyez_settings_load(settings, NULL); // a wrong value names its file and line
    for (int id = 0; err == OYEZ_OK && id < OYEZ_SETTING_COUNT; id++) {
        struct oyez_setting_value value = oyez_settings_get(settings, (enum oyez_setting_id)id);
        if (strcmp(value.setting->section, "client") == 0)
            printf("%s = %s %s (%s)\n", value.setting->name, value.text, value.setting->unit,
                   value.place);
    }
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_settings_close(&settings);
    return err == OYEZ_OK ? 0 : 1;
}

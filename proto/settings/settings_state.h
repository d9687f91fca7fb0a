// SPDX-License-Identifier: MIT
// Settings as they are kept.
#ifndef OYEZ_SETTINGS_STATE_H
#define OYEZ_SETTINGS_STATE_H

#include "oyez/settings.h"

struct setting_text {
    char *text;
    char *place;
    enum oyez_setting_source source;
};

struct held_setting {
    struct setting_text *texts; // none = the default; several of a LIST alone
    size_t count;
    uint64_t number;
    bool in_file; // the file that is read has it already
};

struct oyez_settings {
    struct held_setting held[OYEZ_SETTING_COUNT];
    char *given_file; // that of oyez_settings_load; NULL = none
};

// setting_judge reads the text as the setting's kind. OYEZ_ERR_INVALID: the detail begins with the
// text.
oyez_err setting_judge(const struct oyez_setting *setting, const char *text, uint64_t *number);

#endif

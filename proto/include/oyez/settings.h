// SPDX-License-Identifier: MIT
// The settings of a program: what is in force, and where each value came from. A flag goes before
// the environment, that before the configuration file, and that before the default.
// docs/configuration.md
#ifndef OYEZ_SETTINGS_H
#define OYEZ_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/config_file.h"
#include "oyez/error.h"
#include "oyez/settings_table.h"
#include "oyez/severity.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_CONFIG_FILE_DEFAULT "oyez.ini"

// Whose command line takes a setting.
enum oyez_setting_program { OYEZ_FOR_BROKER = 1, OYEZ_FOR_RECORDER = 2, OYEZ_FOR_SERVE = 4 };

enum oyez_setting_kind {
    OYEZ_SETTING_KIND_TEXT,
    OYEZ_SETTING_KIND_LIST,    // texts; those of all sources add up
    OYEZ_SETTING_KIND_COUNT,   // a whole number
    OYEZ_SETTING_KIND_SECONDS, // from 0, decimals allowed; its number is milliseconds
    OYEZ_SETTING_KIND_FLAG,    // yes or no
    OYEZ_SETTING_KIND_CHOICE,  // its number says which of the words, from 0
};

// From the weakest to the strongest.
enum oyez_setting_source {
    OYEZ_SETTING_DEFAULT,
    OYEZ_SETTING_FILE,
    OYEZ_SETTING_ENVIRONMENT,
    OYEZ_SETTING_OPTION, // of the command line, or of the program's call
};

// The number of each setting: OYEZ_SETTING_BROKER_LISTEN ...
enum oyez_setting_id {
#define OYEZ_SETTING_ENUM(id, ...) OYEZ_SETTING_##id,
    OYEZ_SETTINGS(OYEZ_SETTING_ENUM)
#undef OYEZ_SETTING_ENUM
        OYEZ_SETTING_COUNT
};

struct oyez_setting {
    const char *section;
    const char *name;
    const char *environment;
    enum oyez_setting_kind kind;
    const char *argument;
    const char *initial; // the default
    const char *unit;
    uint64_t min;
    uint64_t max;
    unsigned programs;
    bool reloads;
    const char *help;
};

extern OYEZ_EXPORT const struct oyez_setting oyez_setting_table[OYEZ_SETTING_COUNT];

typedef struct oyez_settings oyez_settings;

// One setting in force. Texts end with the settings that they are of.
struct oyez_setting_value {
    const struct oyez_setting *setting;
    enum oyez_setting_source source;
    const char *place; // "default", "--hold-max", "OYEZ_HOLD_MAX", "oyez.ini:7"
    const char *text;  // as it was written; "" = none. Of a LIST the first
    uint64_t number;   // of COUNT, SECONDS (milliseconds), FLAG (0, 1) and CHOICE
};

// oyez_settings_open: all defaults. The caller owns *out. OYEZ_ERR_NO_MEMORY.
OYEZ_EXPORT oyez_err oyez_settings_open(oyez_settings **out);
OYEZ_EXPORT void oyez_settings_close(oyez_settings **settings);

// oyez_settings_give judges the text and keeps it, unless a stronger source has spoken. A later text
// of the same source goes before an earlier one; a LIST keeps all. `place` as in oyez_setting_value.
// OYEZ_ERR_INVALID: the detail says what is wrong with the text, and begins with neither name nor
// place. OYEZ_ERR_NO_MEMORY.
OYEZ_EXPORT oyez_err oyez_settings_give(oyez_settings *settings, enum oyez_setting_id id,
                                        const char *text, enum oyez_setting_source source,
                                        const char *place);

// oyez_settings_read_environment takes the variables that are set and not empty. OYEZ_ERR_INVALID:
// the detail begins with the variable's name. OYEZ_ERR_NO_MEMORY.
OYEZ_EXPORT oyez_err oyez_settings_read_environment(oyez_settings *settings);

// oyez_settings_read_variable does the same for one setting.
OYEZ_EXPORT oyez_err oyez_settings_read_variable(oyez_settings *settings, enum oyez_setting_id id);

// oyez_settings_read_file takes a configuration file; `others` are the sections that are not
// settings, up to one without a name (NULL = [views], unread). Errors of oyez_config_file_read.
OYEZ_EXPORT oyez_err oyez_settings_read_file(oyez_settings *settings, const char *file,
                                             const struct oyez_config_section *others);

// oyez_settings_parse_file does the same with a text; `file` is what errors call it.
OYEZ_EXPORT oyez_err oyez_settings_parse_file(oyez_settings *settings, const char *file,
                                              const char *text, size_t size,
                                              const struct oyez_config_section *others);

// oyez_settings_find_file: the file that is `given`, else that of OYEZ_CONFIG, else ./oyez.ini.
// *named_by is "--config", "OYEZ_CONFIG" or NULL: only a file that is named must be there.
OYEZ_EXPORT const char *oyez_settings_find_file(const char *given, const char **named_by);

// oyez_settings_load reads environment and file, as the two above and oyez_settings_find_file. The
// detail of an error says all that is to be said.
OYEZ_EXPORT oyez_err oyez_settings_load(oyez_settings *settings, const char *given_file);

// oyez_settings_remember_file: what oyez_settings_read_again takes as given; NULL = no file was. Done
// by oyez_settings_load. OYEZ_ERR_NO_MEMORY.
OYEZ_EXPORT oyez_err oyez_settings_remember_file(oyez_settings *settings, const char *given);

// oyez_settings_read_again makes settings of the options of old ones, and of environment and file as
// they are now. Errors as oyez_settings_load; *out is NULL then.
OYEZ_EXPORT oyez_err oyez_settings_read_again(oyez_settings **out, const oyez_settings *old);

// oyez_settings_tell_changes tells one line for each setting of the programs that differs: whether
// it is in force from now on, or needs a restart. Returns how many.
OYEZ_EXPORT size_t oyez_settings_tell_changes(
    const oyez_settings *old, const oyez_settings *now, unsigned programs,
    void (*tell)(void *arg, enum oyez_severity severity, const char *line), void *arg);

OYEZ_EXPORT struct oyez_setting_value oyez_settings_get(const oyez_settings *settings,
                                                        enum oyez_setting_id id);
OYEZ_EXPORT uint64_t oyez_settings_number(const oyez_settings *settings, enum oyez_setting_id id);

// oyez_settings_text: NULL where there is none.
OYEZ_EXPORT const char *oyez_settings_text(const oyez_settings *settings, enum oyez_setting_id id);

// oyez_settings_item: the i-th text of a LIST and where it came from, NULL at the end.
OYEZ_EXPORT const char *oyez_settings_item(const oyez_settings *settings, enum oyez_setting_id id,
                                           size_t i, enum oyez_setting_source *source);

// oyez_setting_find: by section and name; OYEZ_SETTING_COUNT if there is none. A flag without its
// dashes is found by the programs that take it: section NULL.
OYEZ_EXPORT enum oyez_setting_id oyez_setting_find(const char *section, const char *name,
                                                   unsigned programs);

// oyez_setting_source_name: "default", "file", "environment", "option".
OYEZ_EXPORT const char *oyez_setting_source_name(enum oyez_setting_source source);

#ifdef __cplusplus
}
#endif

#endif

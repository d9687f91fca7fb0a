// SPDX-License-Identifier: MIT
#include "oyez/config.h"

// Reads a file, or where there is one the text.
static oyez_err read_sections(struct oyez_config *out, oyez_settings *settings, const char *file,
                              const char *text, size_t size)
{
    oyez_settings *judged = NULL;
    *out = (struct oyez_config){0};
    oyez_err err = oyez_config_views_open(&out->views, file);
    if (err == OYEZ_OK && settings == NULL) {
        err = oyez_settings_open(&judged);
    }
    const struct oyez_config_section others[] = {
        {.name = "views", .take = oyez_config_views_take, .values = out->views},
        {0},
    };
    oyez_settings *taken = settings != NULL ? settings : judged;
    if (err == OYEZ_OK) {
        err = text != NULL ? oyez_settings_parse_file(taken, file, text, size, others)
                           : oyez_settings_read_file(taken, file, others);
    }
    if (err == OYEZ_OK) {
        err = oyez_config_views_check(out->views);
    }
    if (err != OYEZ_OK) {
        oyez_config_free(out);
    }
    oyez_settings_close(&judged);
    return err;
}

oyez_err oyez_config_read(struct oyez_config *out, oyez_settings *settings, const char *file)
{
    return read_sections(out, settings, file, NULL, 0);
}

oyez_err oyez_config_parse(struct oyez_config *out, oyez_settings *settings, const char *file,
                           const char *text, size_t size)
{
    return read_sections(out, settings, file, text, size);
}

void oyez_config_free(struct oyez_config *config)
{
    if (config != NULL) {
        oyez_config_views_close(&config->views);
    }
}

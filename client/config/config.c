// SPDX-License-Identifier: MIT
#include "oyez/config.h"

// Reads a file, or where there is one the text.
static oyez_err read_sections(struct oyez_config *out, const char *file, const char *text,
                              size_t size)
{
    *out = (struct oyez_config){0};
    oyez_err err = oyez_config_views_open(&out->views, file);
    const struct oyez_config_section sections[] = {
        {.name = "views", .take = oyez_config_views_take, .values = out->views},
        {0},
    };
    if (err == OYEZ_OK) {
        err = text != NULL ? oyez_config_file_parse(file, text, size, sections)
                           : oyez_config_file_read(file, sections);
    }
    if (err == OYEZ_OK) {
        err = oyez_config_views_check(out->views);
    }
    if (err != OYEZ_OK) {
        oyez_config_free(out);
    }
    return err;
}

oyez_err oyez_config_read(struct oyez_config *out, const char *file)
{
    return read_sections(out, file, NULL, 0);
}

oyez_err oyez_config_parse(struct oyez_config *out, const char *file, const char *text, size_t size)
{
    return read_sections(out, file, text, size);
}

void oyez_config_free(struct oyez_config *config)
{
    if (config != NULL) {
        oyez_config_views_close(&config->views);
    }
}

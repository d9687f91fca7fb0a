// SPDX-License-Identifier: MIT
// The configuration file: every section that it may have, settings and views. docs/configuration.md
#ifndef OYEZ_CONFIG_H
#define OYEZ_CONFIG_H

#include <stddef.h>

#include "oyez/config_views.h"
#include "oyez/error.h"
#include "oyez/settings.h"

struct oyez_config {
    oyez_config_views *views; // [views]
};

// oyez_config_read reads and judges the whole file; what it says of settings goes into `settings`
// (NULL = it is only judged). The errors of oyez_config_file_read; nothing of views is kept then.
// oyez_config_free frees.
oyez_err oyez_config_read(struct oyez_config *out, oyez_settings *settings, const char *file);

// oyez_config_parse does the same with a text; `file` is what errors call it.
oyez_err oyez_config_parse(struct oyez_config *out, oyez_settings *settings, const char *file,
                           const char *text, size_t size);

// oyez_config_free: NULL-safe, and may come twice.
void oyez_config_free(struct oyez_config *config);

#endif

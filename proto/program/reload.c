// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "program/program.h"

static void tell(void *arg, enum oyez_severity severity, const char *line)
{
    program_log(arg, severity, line);
}

bool program_reload(const struct program *program, oyez_settings **settings)
{
    oyez_settings *now;
    char line[640];
    oyez_err err = oyez_settings_read_again(&now, *settings);
    if (err != OYEZ_OK) {
        snprintf(line, sizeof line, "nothing is reloaded: %s", oyez_error_detail());
        program_log(program, OYEZ_ERROR, line);
        return false;
    }
    program_log_set(now);
    size_t changes =
        oyez_settings_tell_changes(*settings, now, program->options, tell, (void *)program);
    snprintf(line, sizeof line, "reloaded: %zu settings differ", changes);
    program_log(program, OYEZ_INFO, line);
    oyez_settings_close(settings);
    *settings = now;
    return true;
}

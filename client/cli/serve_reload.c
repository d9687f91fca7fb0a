// SPDX-License-Identifier: MIT
#include "serve_reload.h"

#include <stdio.h>

#include "message.h"

static void tell(void *arg, enum oyez_severity severity, const char *line)
{
    (void)arg;
    message_log(severity, line);
}

void serve_reload(oyez_settings **settings, const oyez_settings *first)
{
    oyez_settings *now;
    char line[640];
    if (oyez_settings_read_again(&now, *settings) != OYEZ_OK) {
        snprintf(line, sizeof line, "nothing is reloaded: %s", oyez_error_detail());
        message_log(OYEZ_ERROR, line);
        return;
    }
    size_t changes = oyez_settings_tell_changes(*settings, now, OYEZ_FOR_SERVE, tell, NULL);
    snprintf(line, sizeof line, "reloaded: %zu settings differ", changes);
    message_log(OYEZ_INFO, line);
    if (*settings != first) {
        oyez_settings_close(settings);
    }
    *settings = now;
}

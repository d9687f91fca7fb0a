// SPDX-License-Identifier: MIT
// What the settings mean to a broker.
#include "oyez/broker.h"
#include "oyez/settings.h"

void oyez_broker_options_read(struct oyez_broker_options *options, const oyez_settings *settings)
{
    // Where clients look for the broker is where it listens, unless it is told otherwise.
    const char *listen = oyez_settings_text(settings, OYEZ_SETTING_BROKER_LISTEN);
    if (listen == NULL)
        listen = oyez_settings_text(settings, OYEZ_SETTING_CLIENT_ENDPOINT);
    options->listen = listen;
    options->advertise = oyez_settings_text(settings, OYEZ_SETTING_BROKER_ADVERTISE);
    options->insecure_listen =
        oyez_settings_number(settings, OYEZ_SETTING_BROKER_INSECURE_LISTEN) == 1;
    options->recorder = oyez_settings_number(settings, OYEZ_SETTING_BROKER_RECORDER) == 1
                            ? OYEZ_BROKER_RECORDER_WAIT
                            : OYEZ_BROKER_RECORDER_NONE;
    options->hold_max_ms = (uint32_t)oyez_settings_number(settings, OYEZ_SETTING_BROKER_HOLD_MAX);
    options->ring_bytes = oyez_settings_number(settings, OYEZ_SETTING_BROKER_RING_SIZE);
}

void oyez_broker_reload(oyez_broker *broker, const oyez_settings *settings)
{
    oyez_broker_set_hold_max(
        broker, (uint32_t)oyez_settings_number(settings, OYEZ_SETTING_BROKER_HOLD_MAX));
}

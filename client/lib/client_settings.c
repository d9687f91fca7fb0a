// SPDX-License-Identifier: MIT
#include "client_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/json.h"

// Only what concerns a client: a variable of a broker that is wrong is none of its business.
static oyez_err read_environment(oyez_settings *settings)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < OYEZ_SETTING_COUNT; i++) {
        const char *section = oyez_setting_table[i].section;
        if (strcmp(section, "client") == 0 || strcmp(section, "health") == 0)
            err = oyez_settings_read_variable(settings, (enum oyez_setting_id)i);
    }
    return err;
}

static oyez_err give_text(oyez_settings *settings, enum oyez_setting_id id, const char *text)
{
    const char *name = oyez_setting_table[id].name;
    if (text == NULL || text[0] == '\0')
        return OYEZ_OK;
    oyez_err err = oyez_settings_give(settings, id, text, OYEZ_SETTING_OPTION, "option");
    return err == OYEZ_ERR_INVALID ? oyez_fail(err, "%s: %s", name, oyez_error_detail()) : err;
}

static oyez_err give_close_timeout(oyez_settings *settings, uint32_t ms)
{
    char text[16];
    uint64_t max = oyez_setting_table[OYEZ_SETTING_CLIENT_CLOSE_TIMEOUT].max;
    if (ms == 0)
        return OYEZ_OK;
    snprintf(text, sizeof text, "%u", ms < max ? ms : (unsigned)max);
    return give_text(settings, OYEZ_SETTING_CLIENT_CLOSE_TIMEOUT, text);
}

// Options of the program, then variables, then the file: the strongest come first, and stay.
static oyez_err fill(oyez_settings *settings, const struct oyez_client_options *options)
{
    const struct oyez_event *defaults = options->defaults;
    oyez_err err = give_text(settings, OYEZ_SETTING_CLIENT_ENDPOINT, options->endpoint);
    if (err == OYEZ_OK)
        err = give_text(settings, OYEZ_SETTING_CLIENT_NAME, options->name);
    if (err == OYEZ_OK)
        err = give_close_timeout(settings, options->close_timeout_ms);
    if (err == OYEZ_OK && defaults != NULL)
        err = give_text(settings, OYEZ_SETTING_CLIENT_NAMESPACE, defaults->project_name);
    if (err == OYEZ_OK && defaults != NULL)
        err = give_text(settings, OYEZ_SETTING_CLIENT_ENVIRONMENT, defaults->environment);
    if (err == OYEZ_OK)
        err = read_environment(settings);
    if (err == OYEZ_OK && options->config != NULL)
        err = oyez_settings_read_file(settings, options->config, NULL);
    return err;
}

static oyez_err set_endpoint(struct oyez_client *client)
{
    const char *endpoint = oyez_settings_text(client->settings, OYEZ_SETTING_CLIENT_ENDPOINT);
    struct oyez_endpoint parsed;
    oyez_err err = oyez_endpoint_parse(&parsed, endpoint);
    if (err != OYEZ_OK)
        return err;
    if (parsed.transport == OYEZ_TRANSPORT_TCP && parsed.port == 0)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: a client needs the broker's port", endpoint);
    snprintf(client->endpoint, sizeof client->endpoint, "%s", endpoint);
    return OYEZ_OK;
}

// Header fields of events that have none: those of the options, and two that settings may name.
static oyez_err set_defaults(struct oyez_client *client, const struct oyez_client_options *options)
{
    const char *namespace = oyez_settings_text(client->settings, OYEZ_SETTING_CLIENT_NAMESPACE);
    const char *environment = oyez_settings_text(client->settings, OYEZ_SETTING_CLIENT_ENVIRONMENT);
    if (options->defaults == NULL && namespace == NULL && environment == NULL)
        return OYEZ_OK;
    struct oyez_event *defaults = calloc(1, sizeof *defaults); // too large for the stack
    if (defaults == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for defaults");
    if (options->defaults != NULL)
        *defaults = *options->defaults;
    if (defaults->project_name == NULL)
        defaults->project_name = namespace;
    if (defaults->environment == NULL)
        defaults->environment = environment;
    oyez_err err = oyez_event_copy(&client->defaults, defaults);
    free(defaults);
    return err;
}

oyez_err client_set_options(struct oyez_client *client, const struct oyez_client_options *options)
{
    oyez_err err = oyez_settings_open(&client->settings);
    if (err == OYEZ_OK)
        err = fill(client->settings, options);
    if (err == OYEZ_OK)
        err = set_endpoint(client);
    if (err != OYEZ_OK)
        return err;
    const char *name = oyez_settings_text(client->settings, OYEZ_SETTING_CLIENT_NAME);
    snprintf(client->name, sizeof client->name, "%s", name != NULL ? name : "");
    client->on_notice = options->on_notice;
    client->on_notice_arg = options->on_notice_arg;
    client->close_timeout_ms =
        (uint32_t)oyez_settings_number(client->settings, OYEZ_SETTING_CLIENT_CLOSE_TIMEOUT);
    client->queue_bytes = oyez_settings_number(client->settings, OYEZ_SETTING_CLIENT_QUEUE_SIZE);
    client->zmq_context = options->zmq_context;
    return set_defaults(client, options);
}

size_t oyez_client_config(oyez_client *client, struct oyez_setting_value *out, size_t capacity)
{
    size_t count = 0;
    if (client == NULL)
        return 0;
    if (out == NULL)
        capacity = 0;
    for (size_t i = 0; i < OYEZ_SETTING_COUNT; i++) {
        const char *section = oyez_setting_table[i].section;
        if (strcmp(section, "client") != 0 && strcmp(section, "health") != 0)
            continue;
        if (count < capacity)
            out[count] = oyez_settings_get(client->settings, (enum oyez_setting_id)i);
        count++;
    }
    return count;
}

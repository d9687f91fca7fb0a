// SPDX-License-Identifier: MIT
#include "configuration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "oyez/config.h"
#include "oyez/settings.h"

#define NAMES_SHOWN_SIZE 400u

static int read_file(struct arguments *arguments)
{
    const char *named_by;
    const char *file = oyez_settings_find_file(arguments->config, &named_by);
    oyez_err err = oyez_settings_remember_file(arguments->settings, arguments->config);
    if (err == OYEZ_OK) {
        err = oyez_config_read(&arguments->configuration, arguments->settings, file);
    }
    if (err == OYEZ_ERR_NOT_FOUND && named_by == NULL) {
        return EXIT_DONE;
    }
    if (err != OYEZ_OK) {
        // A line of the file says enough by itself.
        bool is_content = err == OYEZ_ERR_INVALID || named_by == NULL;
        message_print("%s%s%s", is_content ? "" : named_by, is_content ? "" : ": ",
                      command_reason(err));
        return EXIT_ENVIRONMENT;
    }
    arguments->config_file = file;
    return EXIT_DONE;
}

static const char *next_view(void *arg, size_t i)
{
    return oyez_config_views_name(arg, i, NULL);
}

// The names as "a, b, c", cut where there are too many.
static void write_names(char out[NAMES_SHOWN_SIZE], const oyez_config_views *views)
{
    size_t used = 0;
    const char *name;
    out[0] = '\0';
    for (size_t i = 0; (name = oyez_config_views_name(views, i, NULL)) != NULL; i++) {
        const char *comma = i > 0 ? ", " : "";
        if (used + strlen(comma) + strlen(name) + sizeof ", ..." > NAMES_SHOWN_SIZE) {
            snprintf(out + used, NAMES_SHOWN_SIZE - used, ", ...");
            return;
        }
        used += (size_t)snprintf(out + used, NAMES_SHOWN_SIZE - used, "%s%s", comma, name);
    }
}

static int refuse_view(const struct arguments *arguments, const char *name)
{
    char nearest[COMMAND_WORD_SIZE];
    char names[NAMES_SHOWN_SIZE];
    if (arguments->config_file == NULL) {
        return command_usage_error(arguments->command,
                                   "there is no view '%s': there is no configuration file "
                                   "(--config, OYEZ_CONFIG or ./" OYEZ_CONFIG_FILE_DEFAULT ")",
                                   name);
    }
    oyez_config_views *views = arguments->configuration.views;
    bool is_near = command_nearest(nearest, name, next_view, views);
    write_names(names, views);
    message_print("%s has no view '%s'%s%s%s", arguments->config_file, name,
                  is_near ? "; did you mean '" : "", is_near ? nearest : "", is_near ? "'?" : "");
    message_line("Its views: %s", names[0] != '\0' ? names : "none");
    return EXIT_USAGE;
}

static bool names_views(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->positional_count; i++) {
        if (oyez_config_view_name(arguments->positional[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static int expand(struct arguments *arguments)
{
    const oyez_config_views *views = arguments->configuration.views;
    const char **patterns;
    size_t count;
    for (size_t i = 0; i < arguments->positional_count; i++) {
        const char *name = oyez_config_view_name(arguments->positional[i]);
        if (name != NULL && (views == NULL || !oyez_config_views_have(views, name))) {
            return refuse_view(arguments, name);
        }
    }
    oyez_err err = oyez_config_views_expand(views, arguments->positional,
                                            arguments->positional_count, &patterns, &count);
    if (err == OYEZ_ERR_TOO_LARGE) {
        return command_usage_error(arguments->command, "%s", oyez_error_detail());
    }
    if (err != OYEZ_OK) {
        message_print("%s", command_reason(err));
        return EXIT_ENVIRONMENT;
    }
    free(arguments->positional);
    arguments->positional = patterns;
    arguments->positional_count = count;
    return EXIT_DONE;
}

int configuration_apply(struct arguments *arguments)
{
    bool has_views = arguments->command->takes_patterns && names_views(arguments);
    bool has_settings =
        arguments->command->settings != 0 || arguments->command->needs_configuration;
    if (arguments->config == NULL && !has_views && !has_settings) {
        return EXIT_DONE;
    }
    if (has_settings && oyez_settings_read_environment(arguments->settings) != OYEZ_OK) {
        return command_usage_error(arguments->command, "%s", oyez_error_detail());
    }
    int code = read_file(arguments);
    if (code == EXIT_DONE && !arguments->endpoint_given) {
        arguments->endpoint = oyez_settings_text(arguments->settings, OYEZ_SETTING_CLIENT_ENDPOINT);
    }
    return code == EXIT_DONE && has_views ? expand(arguments) : code;
}

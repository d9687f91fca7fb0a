// SPDX-License-Identifier: MIT
#include "tui.h"

#include <stddef.h>

#include "command.h"
#include "message.h"
#include "oyez/error.h"

struct tui_values {
    const char *directory;
    const char *filter;
    const char *key;
};

static int run(const struct arguments *arguments)
{
    const struct tui_values *values = arguments->values;
    if (values->directory != NULL && arguments->positional_count > 0) {
        return command_usage_error(arguments->command, "either DIR or --dir DIR");
    }
    const struct tui_options options = {
        .endpoint = arguments->endpoint,
        .directory = arguments->positional_count > 0 ? arguments->positional[0] : values->directory,
        .filter = values->filter,
        .key = values->key,
    };
    oyez_err err = tui_run(&options);
    if (err == OYEZ_OK) {
        return EXIT_DONE;
    }
    if (err == OYEZ_ERR_INVALID) {
        return command_usage_error(arguments->command, "%s", command_reason(err));
    }
    int code = command_fail(err);
    if (err == OYEZ_ERR_SYSTEM) {
        message_line("oyez tail shows events line by line, wherever its output goes.");
    }
    return code;
}

static const char *const usage[] = {"[DIR] [--filter FILTER] [--key VKEY]", NULL};

static const struct command_option options[] = {
    {"--dir", "DIR", "the same as DIR", OPTION_TEXT, offsetof(struct tui_values, directory)},
    {"--filter", "FILTER", "show only these events: patterns and conditions, as after f",
     OPTION_TEXT, offsetof(struct tui_values, filter)},
    {"--key", "VKEY", "check the signature of proofs with this key (see oyez key show)",
     OPTION_TEXT, offsetof(struct tui_values, key)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command tui_command = {
    .name = "tui",
    .summary = "watch events in a terminal, find what went wrong, go back in time",
    .usage = usage,
    .notes =
        "? lists the keys. DIR opens a journal directory without a server. A server that is not\n"
        "there yet, or goes away, is waited for. NO_COLOR is heeded. Named filters are kept in\n"
        "OYEZ_TUI_FILTERS, else in oyez/filters under XDG_STATE_HOME or ~/.local/state.",
    .options = options,
    .positional_max = 1,
    .values_size = sizeof(struct tui_values),
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "oyez/json.h"
#include "print_event.h"
#include "print_fields.h"
#include "record_source.h"
#include "terminal.h"

struct get_values {
    bool json;
    bool raw;
    uint32_t timeout_ms;
    const char *directory;
};

static oyez_err print_bytes(struct record_source *source, struct oyez_uuid event_id)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    oyez_err err = record_source_get_bytes(source, event_id, &bytes, &size);
    if (err == OYEZ_OK) {
        fwrite(bytes, 1, size, stdout);
    }
    free(bytes);
    return err;
}

static oyez_err print_one(struct record_source *source, struct oyez_uuid event_id, bool json)
{
    struct terminal terminal;
    struct oyez_event *event = NULL;
    oyez_err err = record_source_get(source, event_id, &event);
    if (err == OYEZ_OK) {
        record_source_learn(source, event);
        terminal_detect(&terminal, STDOUT_FILENO);
        if (json) {
            print_event_json(stdout, &terminal, event);
        } else {
            print_fields(stdout, &terminal, event);
        }
    }
    oyez_event_free(&event);
    return err;
}

static int run(const struct arguments *arguments)
{
    const struct get_values *values = arguments->values;
    struct record_source source = {0};
    struct oyez_uuid event_id;
    if (oyez_uuid_from_text(&event_id, arguments->positional[0]) != OYEZ_OK) {
        return command_usage_error(arguments->command, "'%s' is no event id: they are UUIDs",
                                   arguments->positional[0]);
    }
    if (values->json && values->raw) {
        return command_usage_error(arguments->command, "--json and --raw do not go together");
    }
    int code = record_source_open(&source, arguments, values->directory, values->timeout_ms);
    if (code == EXIT_DONE) {
        oyez_err err = values->raw ? print_bytes(&source, event_id)
                                   : print_one(&source, event_id, values->json);
        code = err == OYEZ_OK ? EXIT_DONE : record_source_fail(&source, err);
    }
    record_source_close(&source);
    return code;
}

static const struct get_values defaults = {.timeout_ms = RECORD_SOURCE_TIMEOUT_MS};

static const char *const usage[] = {"EVENT_ID [--json|--raw] [--dir DIR]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "print it as one line of JSON", OPTION_FLAG,
     offsetof(struct get_values, json)},
    {"--raw", NULL, "write the bytes of the Event message as they were emitted", OPTION_FLAG,
     offsetof(struct get_values, raw)},
    {"--dir", "DIR", "read this journal instead of asking the server", OPTION_TEXT,
     offsetof(struct get_values, directory)},
    {"--timeout", "MS", "how long to wait for the answer (default: 5000)", OPTION_MILLISECONDS,
     offsetof(struct get_values, timeout_ms)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command get_command = {
    .name = "get",
    .summary = "show one recorded event",
    .usage = usage,
    .notes = "Ends with 1 if no such event is recorded, or it was erased.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1,
    .values_size = sizeof(struct get_values),
    .defaults = &defaults,
    .run = run,
};

// SPDX-License-Identifier: MIT
#include "emit.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog_option.h"
#include "deadline.h"
#include "message.h"
#include "oyez/catalog.h"
#include "oyez/client.h"
#include "oyez/context.h"
#include "oyez/json.h"

#define TIMEOUT_MS_DEFAULT 5000u
#define TAG_KEYS_SIZE_MAX 8192u
// What did not reach its level by then has been told; closing adds no second wait.
#define CLOSE_MS 1u

enum oyez_level emit_level(const struct emit_values *values)
{
    return (enum oyez_level)(values->level + OYEZ_LEVEL_SENT);
}

const char *emit_level_name(enum oyez_level level)
{
    switch (level) {
    case OYEZ_LEVEL_SENT:
        return "sent";
    case OYEZ_LEVEL_RECORDED:
        return "recorded";
    case OYEZ_LEVEL_CHECKPOINTED:
        return "checkpointed";
    }
    return "none";
}

static oyez_err fill_field(struct oyez_event *event, const struct oyez_header_field *field,
                           const char *text)
{
    char *place = (char *)event + field->offset;
    struct oyez_uuid uuid;
    int64_t time;
    char *end;
    oyez_err err = OYEZ_OK;
    switch (field->kind) {
    case OYEZ_HEADER_TEXT:
        oyez_header_set_text(event, field, text);
        break;
    case OYEZ_HEADER_UUID:
        err = oyez_uuid_from_text(&uuid, text);
        if (err == OYEZ_OK) {
            memcpy(place, &uuid, sizeof uuid);
        }
        break;
    case OYEZ_HEADER_TIME:
        err = oyez_time_from_text(&time, text);
        if (err == OYEZ_OK) {
            memcpy(place, &time, sizeof time);
        }
        break;
    case OYEZ_HEADER_UINT:
        errno = 0;
        event->aggregate_version = strtoull(text, &end, 10);
        event->has_aggregate_version = true;
        if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9') {
            err = OYEZ_ERR_INVALID;
        }
        break;
    }
    if (err != OYEZ_OK) {
        const char *what = field->kind == OYEZ_HEADER_UUID   ? "a UUID"
                           : field->kind == OYEZ_HEADER_TIME ? "an RFC 3339 time"
                                                             : "a whole number";
        return oyez_fail(OYEZ_ERR_INVALID, "%s: '%s' is not %s", field->name, text, what);
    }
    return OYEZ_OK;
}

oyez_err emit_fill(struct oyez_event *event, const struct emit_values *values)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        if (values->header[i] != NULL) {
            oyez_err err = fill_field(event, &oyez_header_fields[i], values->header[i]);
            if (err != OYEZ_OK) {
                return err;
            }
        }
    }
    return OYEZ_OK;
}

// Cuts the tags K=V in two. The keys live in `keys`, which the caller keeps as long as the event.
static oyez_err fill_tags(struct oyez_event *event, const struct text_list *tags, char *keys,
                          size_t keys_size)
{
    size_t used = 0;
    if (tags->count > OYEZ_TAGS_MAX) {
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "tags: %zu are more than %u", tags->count,
                         OYEZ_TAGS_MAX);
    }
    for (size_t i = 0; i < tags->count; i++) {
        const char *equals = strchr(tags->items[i], '=');
        size_t size = (size_t)(equals - tags->items[i]);
        if (used + size + 1 > keys_size) {
            return oyez_fail(OYEZ_ERR_TOO_LARGE, "tags: their keys are too long");
        }
        memcpy(keys + used, tags->items[i], size);
        keys[used + size] = '\0';
        event->tags[i] = (struct oyez_tag){keys + used, equals + 1};
        used += size + 1;
    }
    return OYEZ_OK;
}

// Reads standard input up to one byte more than details may have, so that the check sees it.
static oyez_err read_details(char **text, size_t *size)
{
    size_t capacity = OYEZ_DETAILS_SIZE_MAX + 2;
    *text = malloc(capacity);
    *size = 0;
    if (*text == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    while (*size < capacity - 1) {
        ssize_t count = read(STDIN_FILENO, *text + *size, capacity - 1 - *size);
        if (count < 0 && errno != EINTR) {
            return oyez_fail(OYEZ_ERR_IO, "standard input: %s", strerror(errno));
        }
        if (count == 0) {
            break;
        }
        *size += count > 0 ? (size_t)count : 0;
    }
    (*text)[*size] = '\0';
    return OYEZ_OK;
}

static oyez_err fill_details(struct oyez_event *event, const struct arguments *arguments,
                             char **input)
{
    if (arguments->positional_count < 2) {
        return OYEZ_OK;
    }
    const char *text = arguments->positional[1];
    size_t size = strlen(text);
    if (strcmp(text, "-") == 0) {
        oyez_err err = read_details(input, &size);
        if (err != OYEZ_OK) {
            return err;
        }
        text = *input;
    }
    event->details_format = OYEZ_DETAILS_JSON;
    event->details = text;
    event->details_size = size;
    return OYEZ_OK;
}

static void print_receipt(const struct oyez_receipt *receipt, bool json)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    char cursor[48];
    oyez_uuid_to_text(receipt->event_id, id);
    snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, receipt->epoch, receipt->position);
    bool placed = receipt->position != 0;
    if (!json) {
        printf("%s  %s%s\n", id, placed ? cursor : "position unknown",
               receipt->duplicate ? "  duplicate" : "");
        return;
    }
    json_t *object =
        json_pack("{s:s, s:s, s:I, s:o, s:s?, s:o, s:b}", "event_id", id, "level",
                  emit_level_name(receipt->level), "epoch", (json_int_t)receipt->epoch, "position",
                  placed ? json_integer((json_int_t)receipt->position) : json_null(), "cursor",
                  placed ? cursor : NULL, "index",
                  receipt->index != 0 ? json_integer((json_int_t)receipt->index - 1) : json_null(),
                  "duplicate", (int)receipt->duplicate);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

// Of anything else the exit code tells.
static void take_notice(void *arg, const struct oyez_notice *notice)
{
    (void)arg;
    if (notice->kind == OYEZ_NOTICE_DEPRECATED) {
        message_notice(notice);
    }
}

static int emit_event(const struct arguments *arguments, const struct oyez_event *event)
{
    const struct emit_values *values = arguments->values;
    int64_t deadline = deadline_now() + values->timeout_ms;
    struct oyez_receipt receipt = {0};
    oyez_client *client = NULL;
    struct oyez_client_options options = {.endpoint = arguments->endpoint,
                                          .name = "oyez emit",
                                          .on_notice = take_notice,
                                          .close_timeout_ms = CLOSE_MS};
    oyez_err err = oyez_client_open(&client, &options, values->timeout_ms);
    if (err != OYEZ_OK) {
        return command_fail_at(arguments->endpoint, err);
    }
    err =
        oyez_client_emit_wait(client, event, emit_level(values), deadline_left(deadline), &receipt);
    int code;
    if (err == OYEZ_OK) {
        print_receipt(&receipt, values->json);
        code = EXIT_DONE;
    } else if (err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE) {
        code = command_fail_at(arguments->endpoint, err);
        message_line("The event may have arrived all the same.");
    } else {
        code = command_fail(err);
    }
    oyez_client_close(&client);
    return code;
}

static int emit_one(const struct arguments *arguments)
{
    const struct emit_values *values = arguments->values;
    struct oyez_event event = {.event_type = arguments->positional[0]};
    char keys[TAG_KEYS_SIZE_MAX];
    char ids[2 * OYEZ_UUID_TEXT_SIZE];
    char *input = NULL;
    bool in_context;
    oyez_err err = emit_fill(&event, values);
    if (err == OYEZ_OK) {
        err = fill_tags(&event, &values->tags, keys, sizeof keys);
    }
    if (err == OYEZ_OK) {
        err = fill_details(&event, arguments, &input);
    }
    if (err == OYEZ_OK) {
        err = oyez_context_from_environment(&in_context);
        oyez_context_apply(&event, ids);
    }
    // A broken rule is told without a broker too.
    if (err == OYEZ_OK) {
        err = oyez_event_check(&event);
    }
    int code = err == OYEZ_OK ? emit_event(arguments, &event) : command_fail(err);
    if (err == OYEZ_ERR_UNKNOWN_TYPE && strstr(command_reason(err), "did you mean") == NULL) {
        message_line("See: oyez catalog list");
    }
    free(input);
    return code;
}

static int run(const struct arguments *arguments)
{
    const struct emit_values *values = arguments->values;
    const struct command *command = arguments->command;
    int code;
    for (size_t i = 0; i < values->tags.count; i++) {
        if (strchr(values->tags.items[i], '=') == NULL) {
            return command_usage_error(command, "--tag: '%s' is not K=V", values->tags.items[i]);
        }
    }
    if (values->from == NULL) {
        if (arguments->positional_count == 0) {
            return command_usage_error(command, "an event type, or --from FILE, is missing");
        }
        if (values->rate != 0) {
            return command_usage_error(command, "--rate goes with --from");
        }
        code = catalog_option_load(&values->catalogs);
        return code == EXIT_DONE ? emit_one(arguments) : code;
    }
    if (arguments->positional_count > 0) {
        return command_usage_error(command, "the events of --from have their own types: '%s'",
                                   arguments->positional[0]);
    }
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        if (values->header[i] != NULL || values->tags.count > 0) {
            return command_usage_error(command, "the events of --from have their own headers");
        }
    }
    code = catalog_option_load(&values->catalogs);
    return code == EXIT_DONE ? emit_from_file(arguments) : code;
}

static const struct emit_values defaults = {.timeout_ms = TIMEOUT_MS_DEFAULT};

static const char *const usage[] = {
    "TYPE [JSON | -] [HEADER FIELD]... [--tag K=V]... [--level LEVEL] [--catalog FILE] [--timeout "
    "MS] [--json]",
    "--from FILE.jsonl|- [--rate N] [--level LEVEL] [--timeout MS] [--json]", NULL};

static const struct command_option options[] = {
    {"--from", "FILE",
     "a file of events or CloudEvents, one JSON object a line; - = standard input", OPTION_TEXT,
     offsetof(struct emit_values, from)},
    {"--rate", "N", "with --from: at most so many events a second", OPTION_COUNT,
     offsetof(struct emit_values, rate)},
    {"--level", "sent|recorded|checkpointed",
     "how safe it must be before this ends (default: sent)", OPTION_CHOICE,
     offsetof(struct emit_values, level)},
    {"--timeout", "MS", "give up after so long without progress (default: 5000)",
     OPTION_MILLISECONDS, offsetof(struct emit_values, timeout_ms)},
    {"--json", NULL, "print the receipt, or the summary of a file, as JSON", OPTION_FLAG,
     offsetof(struct emit_values, json)},
    {"--tag", "K=V", "a tag; may be given again", OPTION_LIST, offsetof(struct emit_values, tags)},
    CATALOG_OPTION(struct emit_values),
    {"--HEADER-FIELD", "TEXT", "a field of the header", OPTION_HEADER_FIELDS,
     offsetof(struct emit_values, header)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command emit_command = {
    .name = "emit",
    .summary = "emit an event, or a file of events",
    .usage = usage,
    .notes =
        "JSON is the details, one object; without it they are {}. An --event-id of your own\n"
        "makes a repeated call harmless. Header fields that are not given come from the\n"
        "environment's OYEZ_CONTEXT ({\"plan_id\":\"P7\"}) and TRACEPARENT. In a file every line "
        "has \"event_type\" (or \"type\"),\n"
        "header fields by their JSON names, \"tags\" and \"details\"; what query --json and "
        "export\n"
        "add of the record (epoch, position, index, cursor, broker_time) is passed over. A line\n"
        "with \"specversion\" is a CloudEvent 1.0 in JSON. A line that is refused is named by\n"
        "number, the rest goes on, and the exit code is 4.",
    .options = options,
    .positional_max = 2,
    .values_size = sizeof(struct emit_values),
    .defaults = &defaults,
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "acting_user.h"
#include "command.h"
#include "data_directory.h"
#include "erase_place.h"
#include "erase_selection.h"
#include "interrupt.h"
#include "message.h"
#include "oyez/limits.h"
#include "selection.h"

#define CONDITION_SIZE (OYEZ_UUID_TEXT_SIZE + 16u)

struct erase_values {
    struct text_list where;
    const char *since;
    const char *until;
    const char *reason;
    const char *directory;
    const char *key;
    bool yes;
    bool despite_damaged_files;
    bool json;
};

struct erase_call {
    const struct arguments *arguments;
    const struct erase_values *values;
    const char *directory;
    bool one; // an event id was named
    struct erase_selection selection;
    struct oyez_erasing erasing;
};

static int print_json(const struct erase_call *call, bool done)
{
    const struct oyez_erase_report *report = &call->erasing.report;
    json_t *object = erase_selection_json(&call->selection);
    json_object_set_new(object, "done", json_boolean(done));
    json_object_set_new(object, "erased", json_integer((json_int_t)report->erased));
    if (report->acts > 0) {
        json_object_set_new(object, "acts", json_integer((json_int_t)report->acts));
        json_object_set_new(object, "first_act", json_integer((json_int_t)report->first_act));
    }
    json_dumpf(object, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(object);
    return EXIT_DONE;
}

static int tell_none(const struct erase_call *call)
{
    if (call->values->json) {
        (void)print_json(call, false);
    } else {
        erase_selection_print(&call->selection, false);
    }
    if (!call->one || call->selection.ordinary > 0) {
        return call->one ? EXIT_CHECK_FAILED : EXIT_DONE;
    }
    message_print("no such event, or it was erased before");
    return EXIT_CHECK_FAILED;
}

// What would stop it is said before anybody says yes.
static int preview(struct erase_call *call)
{
    oyez_err err = oyez_erasing_check(&call->erasing, call->directory, NULL);
    if (call->values->json) {
        (void)print_json(call, false);
    } else {
        erase_selection_print(&call->selection, false);
    }
    if (err != OYEZ_OK) {
        return command_fail_at(call->directory, err);
    }
    if (!call->values->json) {
        printf("nothing was erased yet: the same with --reason TEXT --yes does it, for good\n");
    }
    return EXIT_DONE;
}

static int erase(struct erase_call *call)
{
    oyez_err err = erase_place_do(&call->erasing, call->directory, call->values->key);
    const struct oyez_erase_report *report = &call->erasing.report;
    if (err != OYEZ_OK) {
        if (report->erased > 0) {
            message_print("%" PRIu64 " of %zu events are erased, the others not", report->erased,
                          call->selection.count);
        }
        return command_fail_at(call->directory, err);
    }
    if (call->values->json) {
        return print_json(call, true);
    }
    erase_selection_print(&call->selection, true);
    if (report->acts == 1) {
        printf("recorded as an act, record %" PRIu64 "; every proof stays as it was\n",
               report->first_act);
    } else if (report->acts > 1) {
        printf("recorded in %" PRIu64 " acts, from record %" PRIu64
               " on; every proof stays as it was\n",
               report->acts, report->first_act);
    }
    return EXIT_DONE;
}

static int find_and_erase(struct erase_call *call, const struct oyez_query_options *options)
{
    char by[ACTING_USER_SIZE];
    int code = erase_selection_find(&call->selection, call->arguments, call->directory, options);
    if (code != EXIT_DONE) {
        return code;
    }
    if (interrupt_pending()) {
        interrupt_raise();
    }
    if (call->selection.count == 0) {
        return tell_none(call);
    }
    acting_user(by);
    call->erasing =
        (struct oyez_erasing){.by = by,
                              .why = call->values->reason,
                              .despite_damaged_files = call->values->despite_damaged_files,
                              .events = call->selection.events,
                              .count = call->selection.count};
    call->selection.events = NULL; // the erasing's now
    code = call->values->yes ? erase(call) : preview(call);
    oyez_erasing_end(&call->erasing);
    return code;
}

static int check(const struct erase_call *call)
{
    const struct erase_values *values = call->values;
    const struct command *command = call->arguments->command;
    if (call->arguments->positional_count == 0 && values->where.count == 0) {
        return command_usage_error(command, "which events? EVENT_ID, PATTERN or --where");
    }
    if (call->one && (call->arguments->positional_count > 1 || values->where.count > 0 ||
                      values->since != NULL || values->until != NULL)) {
        return command_usage_error(command, "an EVENT_ID stands alone");
    }
    if (values->yes && values->reason == NULL) {
        return command_usage_error(command, "--yes needs a --reason: it is recorded");
    }
    if (values->reason != NULL &&
        (values->reason[0] == '\0' || strlen(values->reason) > OYEZ_ERASE_WHY_MAX ||
         strpbrk(values->reason, "\r\n") != NULL)) {
        return command_usage_error(command, "--reason: one line of at most %u bytes",
                                   OYEZ_ERASE_WHY_MAX);
    }
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    struct erase_call call = {.arguments = arguments, .values = arguments->values};
    const struct erase_values *values = call.values;
    char condition[CONDITION_SIZE], id[OYEZ_UUID_TEXT_SIZE];
    const char *conditions[] = {condition};
    struct oyez_uuid event_id;
    struct oyez_query_options options = {.patterns = arguments->positional,
                                         .pattern_count = arguments->positional_count,
                                         .conditions = values->where.items,
                                         .condition_count = values->where.count};
    oyez_filter *filter = NULL;
    call.directory = data_directory(values->directory);
    call.one = arguments->positional_count > 0 &&
               oyez_uuid_from_text(&event_id, arguments->positional[0]) == OYEZ_OK;
    int code = check(&call);
    if (code == EXIT_DONE && !call.one) {
        code = selection_check(arguments, &values->where, &filter);
    }
    oyez_filter_close(&filter);
    if (code == EXIT_DONE) {
        code = selection_times(arguments, values->since, values->until, &options.since,
                               &options.until);
    }
    if (code == EXIT_DONE && call.one) {
        // Two records may have one id, where they contradict each other.
        oyez_uuid_to_text(event_id, id);
        snprintf(condition, sizeof condition, "event_id=%s", id);
        options.pattern_count = 0;
        options.conditions = conditions;
        options.condition_count = 1;
    }
    if (code == EXIT_DONE) {
        (void)interrupt_open();
        code = find_and_erase(&call, &options);
    }
    erase_selection_free(&call.selection);
    return code;
}

static const char *const usage[] = {
    "EVENT_ID [--reason TEXT --yes] [--dir DIR]",
    "[PATTERN]... [--where K=V]... [--since T] [--until T] [--reason TEXT --yes] [--dir DIR]",
    NULL};

static const struct command_option options[] = {
    {"--where", "K=V", "only events with this FIELD, tag.KEY or details.PATH; all must hold",
     OPTION_LIST, offsetof(struct erase_values, where)},
    {"--since", "TIME", "only events stamped at this time or later", OPTION_TEXT,
     offsetof(struct erase_values, since)},
    {"--until", "TIME", "only events stamped before this time", OPTION_TEXT,
     offsetof(struct erase_values, until)},
    {"--reason", "TEXT", "why: recorded in the journal, for everybody to read", OPTION_TEXT,
     offsetof(struct erase_values, reason)},
    {"--yes", NULL, "erase, instead of showing what would be erased", OPTION_FLAG,
     offsetof(struct erase_values, yes)},
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct erase_values, directory)},
    {"--key", "FILE", "where no recorder runs: the key that signs (default: DIR.key)", OPTION_TEXT,
     offsetof(struct erase_values, key)},
    {"--despite-damaged-files", NULL,
     "although files that a repair set aside (….damaged) may hold them still", OPTION_FLAG,
     offsetof(struct erase_values, despite_damaged_files)},
    {"--json", NULL, "a JSON object instead of lines", OPTION_FLAG,
     offsetof(struct erase_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command erase_command = {
    .name = "erase",
    .summary = "erase personal events, and keep every proof",
    .usage = usage,
    .notes =
        "Shows what it would erase; with --yes it does. Personal events lose header and details "
        "in\n"
        "segments, archives and indexes; event id, type and time stay, and so does every proof "
        "that\n"
        "was ever made. An act in the journal says which, who and why. Events that are not "
        "personal\n"
        "stay. A legal hold (oyez hold) on one of the events stops all of it. A recorder that "
        "writes\n"
        "DIR does it itself, asked over the socket DIR/admin. Erase in the primary's directory: "
        "its\n"
        "mirrors follow. Not reached: backups, exports, and what a broker and subscribers hold in\n"
        "memory for a while. Before it: oyez export --where user_id=U gives a person what is kept.",
    .options = options,
    .positional_max = OYEZ_PATTERNS_MAX,
    .takes_patterns = true,
    .values_size = sizeof(struct erase_values),
    .run = run,
};

// SPDX-License-Identifier: MIT
#include "oyez/holds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act_place.h"
#include "acting_user.h"
#include "command.h"
#include "data_directory.h"
#include "inert.h"
#include "message.h"
#include "oyez/journal_catalogs.h"
#include "oyez/json.h"
#include "selection.h"

struct hold_values {
    struct text_list where;
    const char *reason;
    const char *directory;
    const char *key;
    bool json;
};

struct hold_call {
    const struct arguments *arguments;
    const struct hold_values *values;
    const char *directory;
    char by[ACTING_USER_SIZE];
};

static oyez_err load(const char *directory, oyez_holds **holds)
{
    struct oyez_journal_catalogs catalogs = {.digest_count = 0};
    oyez_journal_reader *reader = NULL;
    *holds = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, directory, NULL);
    // Patterns by domain need the journal's catalogs.
    if (err == OYEZ_OK) {
        err = oyez_journal_catalogs_read(&catalogs, reader, directory, NULL);
    }
    if (err == OYEZ_OK) {
        err = oyez_holds_load(holds, reader, directory, NULL);
    }
    oyez_journal_catalogs_free(&catalogs);
    oyez_journal_reader_close(&reader);
    return err;
}

static json_t *texts_to_json(const char *const *texts, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, json_string(texts[i]));
    }
    return array;
}

static void print_json(const struct oyez_legal_hold *hold, const char *time)
{
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:I}", "name", hold->name, "patterns",
                  texts_to_json(hold->patterns, hold->pattern_count), "where",
                  texts_to_json(hold->conditions, hold->condition_count), "by", hold->by, "reason",
                  hold->why, "set_at", time, "index", (json_int_t)hold->index);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_texts(const char *before, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s", i == 0 ? before : " ");
        inert_write(stdout, texts[i], strlen(texts[i]));
    }
}

static void print_text(const struct oyez_legal_hold *hold, const char *time)
{
    inert_write(stdout, hold->name, strlen(hold->name));
    printf("  since %s by ", time);
    inert_write(stdout, hold->by, strlen(hold->by));
    printf(": ");
    inert_write(stdout, hold->why, strlen(hold->why));
    printf("\n  ");
    print_texts("", hold->patterns, hold->pattern_count);
    if (hold->pattern_count == 0) {
        printf("every type");
    }
    print_texts(" where ", hold->conditions, hold->condition_count);
    putchar('\n');
}

static int list(const struct hold_call *call)
{
    oyez_holds *holds;
    oyez_err err = load(call->directory, &holds);
    if (err != OYEZ_OK) {
        return command_fail_at(call->directory, err);
    }
    for (size_t i = 0; i < oyez_holds_count(holds); i++) {
        const struct oyez_legal_hold *hold = oyez_holds_at(holds, i);
        char time[OYEZ_TIME_TEXT_SIZE];
        oyez_time_to_text((int64_t)hold->time, time);
        if (call->values->json) {
            print_json(hold, time);
        } else {
            print_text(hold, time);
        }
    }
    oyez_holds_close(&holds);
    return EXIT_DONE;
}

// The lines of the act, behind the verb.
static char *write_request(const char *verb, const struct oyez_legal_hold *hold)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) {
        return NULL;
    }
    fprintf(stream, "%s\nhold %s\n", verb, hold->name);
    for (size_t i = 0; i < hold->pattern_count; i++) {
        fprintf(stream, "pattern %s\n", hold->patterns[i]);
    }
    for (size_t i = 0; i < hold->condition_count; i++) {
        fprintf(stream, "where %s\n", hold->conditions[i]);
    }
    fprintf(stream, "by %s\nwhy %s\n", hold->by, hold->why);
    return fclose(stream) == 0 ? text : NULL;
}

static oyez_err record_here(const struct hold_call *call, const oyez_holds *holds,
                            const struct oyez_legal_hold *hold, bool release)
{
    oyez_journal *journal = NULL;
    oyez_err err = act_place_open(&journal, call->directory, call->values->key);
    if (err == OYEZ_OK && release) {
        err = oyez_holds_release(journal, holds, hold->name, hold->by, hold->why, act_place_now());
    } else if (err == OYEZ_OK) {
        err = oyez_holds_set(journal, holds, hold, act_place_now());
    }
    oyez_err closed = oyez_journal_close(&journal);
    return err == OYEZ_OK ? closed : err;
}

static oyez_err record(const struct hold_call *call, const oyez_holds *holds,
                       const struct oyez_legal_hold *hold, bool release)
{
    char *request = write_request(release ? "release" : "hold", hold);
    json_t *answer = NULL;
    if (request == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a request");
    }
    oyez_err err = act_place_ask(call->directory, request, &answer);
    json_decref(answer);
    free(request);
    return err == OYEZ_ERR_NOT_FOUND ? record_here(call, holds, hold, release) : err;
}

static int change(const struct hold_call *call, const struct oyez_legal_hold *hold, bool release)
{
    oyez_holds *holds = NULL;
    oyez_err err = load(call->directory, &holds);
    bool stands = err == OYEZ_OK && oyez_holds_find(holds, hold->name) != NULL;
    int code = EXIT_DONE;
    if (err == OYEZ_OK && release && !stands) {
        message_print("there is no hold %s", hold->name);
        code = EXIT_CHECK_FAILED;
    } else if (err == OYEZ_OK && !release && stands) {
        message_print("there is a hold %s: release it, or choose another name", hold->name);
        code = EXIT_REFUSED;
    } else if (err == OYEZ_OK) {
        // Behind the loading: the journal's own catalogs are known then. A hold that is misspelt
        // would keep nothing, and nobody would see it before it is too late.
        for (size_t i = 0; i < hold->pattern_count; i++) {
            selection_tell_unknown(hold->patterns[i]);
        }
        err = record(call, holds, hold, release);
    }
    oyez_holds_close(&holds);
    return err == OYEZ_OK ? code : command_fail_at(call->directory, err);
}

static int set(const struct hold_call *call, const struct oyez_legal_hold *hold)
{
    oyez_err err = oyez_holds_check(hold);
    if (err != OYEZ_OK) {
        return command_usage_error(call->arguments->command, "%s", oyez_error_detail());
    }
    return change(call, hold, false);
}

static int run(const struct arguments *arguments)
{
    const struct hold_values *values = arguments->values;
    const char *const *words = arguments->positional;
    struct hold_call call = {
        .arguments = arguments, .values = values, .directory = data_directory(values->directory)};
    bool release = strcmp(words[0], "release") == 0;
    if (strcmp(words[0], "list") == 0 && arguments->positional_count == 1) {
        return list(&call);
    }
    if (!release && strcmp(words[0], "set") != 0) {
        return command_usage_error(arguments->command, "'%s' is not set, list or release",
                                   words[0]);
    }
    if (arguments->positional_count < 2 || values->reason == NULL) {
        return command_usage_error(arguments->command, "%s takes a NAME and --reason TEXT",
                                   words[0]);
    }
    acting_user(call.by);
    const struct oyez_legal_hold hold = {.name = words[1],
                                         .patterns = words + 2,
                                         .pattern_count = arguments->positional_count - 2,
                                         .conditions = values->where.items,
                                         .condition_count = values->where.count,
                                         .by = call.by,
                                         .why = values->reason};
    if (!release) {
        return set(&call, &hold);
    }
    if (hold.pattern_count > 0 || hold.condition_count > 0) {
        return command_usage_error(arguments->command, "release takes a NAME alone");
    }
    return change(&call, &hold, true);
}

static const char *const usage[] = {
    "set NAME [PATTERN]... [--where K=V]... --reason TEXT [--dir DIR] [--key FILE]",
    "release NAME --reason TEXT [--dir DIR] [--key FILE]", "list [--dir DIR] [--json]", NULL};

static const struct command_option options[] = {
    {"--where", "K=V", "set: events with this value; again = all of them must hold", OPTION_LIST,
     offsetof(struct hold_values, where)},
    {"--reason", "TEXT", "why: a line that the journal keeps", OPTION_TEXT,
     offsetof(struct hold_values, reason)},
    {"--dir", "DIR", "the journal (default: OYEZ_DATA, else ./oyez-data)", OPTION_TEXT,
     offsetof(struct hold_values, directory)},
    {"--key", "FILE", "where no recorder runs: the key that signs (default: DIR.key)", OPTION_TEXT,
     offsetof(struct hold_values, key)},
    {"--json", NULL, "list: one JSON object a line", OPTION_FLAG,
     offsetof(struct hold_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command hold_command = {
    .name = "hold",
    .summary = "legal holds: events that are neither erased nor removed",
    .usage = usage,
    .notes =
        "A hold covers the events whose type matches a PATTERN (any, where none is given) and\n"
        "that have all of the values. oyez erase refuses them by its name, and retention keeps\n"
        "them, with their whole segment and all behind it. Setting and releasing are acts in\n"
        "the journal; a recorder that writes DIR does it itself, asked over the socket\n"
        "DIR/admin. A name that is in use: exit 4; none of that name: exit 1.",
    .options = options,
    .positional_min = 1,
    .positional_max = 66,
    .values_size = sizeof(struct hold_values),
    .run = run,
};

// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "catalog_check.h"
#include "command.h"
#include "message.h"
#include "oyez/catalog.h"

#define RESERVED_PREFIX "oyez."
#define DOC_COLUMNS 90u

struct catalog_values {
    bool json;
};

static const char *delivery_name(enum oyez_lane lane)
{
    return lane == OYEZ_LANE_FAST ? "fast" : "durable";
}

static json_t *type_to_json(const struct oyez_type *type)
{
    return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:b, s:b, s:s}", "event_type", type->name,
                     "catalog", type->catalog->name, "domain", type->domain, "version",
                     type->version, "delivery", delivery_name(type->delivery), "personal",
                     (int)type->personal, "open", (int)type->open, "doc",
                     type->doc != NULL ? type->doc : "");
}

static void print_json(const struct oyez_type *type)
{
    json_t *object = type_to_json(type);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_row(const struct oyez_type *type)
{
    printf("%-30s %-12s %-12s %-8s %-8s%s\n", type->name, type->catalog->name,
           type->domain != NULL ? type->domain : "", type->version, delivery_name(type->delivery),
           type->personal ? " personal" : "");
}

static int list(bool json)
{
    if (!json) {
        printf("%-30s %-12s %-12s %-8s %-8s\n", "EVENT TYPE", "CATALOG", "DOMAIN", "VERSION",
               "DELIVERY");
    }
    for (size_t i = 0; i < oyez_type_count(); i++) {
        const struct oyez_type *type = oyez_type_at(i);
        if (strncmp(type->name, RESERVED_PREFIX, strlen(RESERVED_PREFIX)) == 0) {
            continue;
        }
        if (json) {
            print_json(type);
        } else {
            print_row(type);
        }
    }
    return EXIT_DONE;
}

static void print_wrapped(const char *text)
{
    size_t column = 0;
    while (*text != '\0') {
        size_t size = strcspn(text, " \n");
        if (column > 0 && column + 1 + size > DOC_COLUMNS) {
            putchar('\n');
            column = 0;
        }
        printf("%s%.*s", column > 0 ? " " : "", (int)size, text);
        column += size + (column > 0 ? 1 : 0);
        text += size;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

static void print_type(const struct oyez_type *type)
{
    printf("event type  %s\n", type->name);
    printf("catalog     %s %s%s%s\n", type->catalog->name, type->catalog->version,
           type->catalog->title != NULL && type->catalog->title[0] != '\0' ? ", " : "",
           type->catalog->title != NULL ? type->catalog->title : "");
    printf("domain      %s\n", type->domain != NULL ? type->domain : "");
    printf("version     %s\n", type->version);
    printf("delivery    %s\n", delivery_name(type->delivery));
    printf("personal    %s\n", type->personal ? "yes" : "no");
    printf("details     %s\n",
           type->open ? "any JSON object; so for every type with this prefix" : "a JSON object");
    if (type->doc != NULL && type->doc[0] != '\0') {
        putchar('\n');
        print_wrapped(type->doc);
    }
}

// An open prefix can be named as it is listed, "github.*", or by a type that it covers.
static const struct oyez_type *find(const char *name)
{
    for (size_t i = 0; i < oyez_type_count(); i++) {
        if (strcmp(oyez_type_at(i)->name, name) == 0) {
            return oyez_type_at(i);
        }
    }
    return oyez_type_find(name, strlen(name));
}

static const char *next_type(void *arg, size_t i)
{
    (void)arg;
    const struct oyez_type *type = oyez_type_at(i);
    return type != NULL ? type->name : NULL;
}

static int show(const char *name, bool json)
{
    const struct oyez_type *type = find(name);
    if (type == NULL) {
        char nearest[COMMAND_WORD_SIZE];
        bool found = command_nearest(nearest, name, next_type, NULL);
        message_print("no catalog has the event type '%s'%s%s%s", name,
                      found ? "; did you mean '" : "", found ? nearest : "", found ? "'?" : "");
        return EXIT_CHECK_FAILED;
    }
    if (json) {
        print_json(type);
    } else {
        print_type(type);
    }
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    const struct catalog_values *values = arguments->values;
    const char *verb = arguments->positional[0];
    const char *object = arguments->positional_count > 1 ? arguments->positional[1] : NULL;
    if (strcmp(verb, "list") == 0 && object == NULL) {
        return list(values->json);
    }
    if (strcmp(verb, "show") == 0 && object != NULL) {
        return show(object, values->json);
    }
    if (strcmp(verb, "check") == 0 && object != NULL) {
        return catalog_check(object, values->json);
    }
    if (strcmp(verb, "list") == 0) {
        return command_usage_error(arguments->command, "list takes no argument: '%s'", object);
    }
    if (strcmp(verb, "show") == 0 || strcmp(verb, "check") == 0) {
        return command_usage_error(arguments->command, "%s what?", verb);
    }
    return command_usage_error(arguments->command, "'%s' is not list, show or check", verb);
}

static const char *const usage[] = {"list [--json]", "show TYPE [--json]",
                                    "check FILE.jsonl|- [--json]", NULL};

static const struct command_option options[] = {
    {"--json", NULL, "one JSON object a line", OPTION_FLAG, offsetof(struct catalog_values, json)},
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command catalog_command = {
    .name = "catalog",
    .summary = "list and show event types, check events against them",
    .usage = usage,
    .notes = "Needs no broker. check judges every line of a file as emit would and ends with 1 if\n"
             "one is not good.",
    .options = options,
    .positional_min = 1,
    .positional_max = 2,
    .values_size = sizeof(struct catalog_values),
    .run = run,
};

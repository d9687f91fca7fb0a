// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "catalog_check.h"
#include "catalog_compare.h"
#include "catalog_export.h"
#include "catalog_option.h"
#include "command.h"
#include "oyez/catalog.h"

#define RESERVED_PREFIX "oyez."
#define DOC_COLUMNS 90u

#define EXPORTS_MAX 256u

struct catalog_values {
    struct text_list catalogs;
    const char *out;
    int format; // enum catalog_format
    bool json;
    bool all;
    bool set;
};

extern const struct command catalog_command;

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
    if (type->open) {
        printf("details     any JSON object; so for every type with this prefix\n");
    } else {
        printf("details     a JSON object; its fields: oyez catalog export --format markdown %s\n",
               type->name);
    }
    if (type->doc != NULL && type->doc[0] != '\0') {
        putchar('\n');
        print_wrapped(type->doc);
    }
}

static int show(const char *name, bool json)
{
    const struct oyez_type *type = catalog_option_find_type(name);
    if (type == NULL) {
        return EXIT_CHECK_FAILED;
    }
    if (json) {
        print_json(type);
    } else {
        print_type(type);
    }
    return EXIT_DONE;
}

// What follows the verb.
struct objects {
    const char *const *names;
    size_t count;
};

static int run_list(const struct catalog_values *values, const struct objects *objects)
{
    (void)objects;
    return list(values->json);
}

static int run_show(const struct catalog_values *values, const struct objects *objects)
{
    return show(objects->names[0], values->json);
}

static int run_check(const struct catalog_values *values, const struct objects *objects)
{
    return catalog_check(objects->names[0], values->set, values->json);
}

static int run_example(const struct catalog_values *values, const struct objects *objects)
{
    if (values->all == (objects->count == 1)) {
        return command_usage_error(&catalog_command, "example takes a type, or --all");
    }
    return values->all ? catalog_example_all() : catalog_example(objects->names[0]);
}

static int run_export(const struct catalog_values *values, const struct objects *objects)
{
    if (values->format == CATALOG_FORMAT_NONE) {
        return command_usage_error(&catalog_command, "export needs --format");
    }
    return catalog_export((enum catalog_format)values->format, objects->names, objects->count,
                          values->out);
}

static int run_diff(const struct catalog_values *values, const struct objects *objects)
{
    return catalog_compare(objects->names[0], objects->names[1], values->json);
}

static const struct verb {
    const char *name;
    size_t min;
    size_t max;
    int (*run)(const struct catalog_values *values, const struct objects *objects);
} verbs[] = {
    {"list", 0, 0, run_list},
    {"show", 1, 1, run_show},
    {"check", 1, 1, run_check},
    {"example", 0, 1, run_example},
    {"export", 0, EXPORTS_MAX, run_export},
    {"diff", 2, 2, run_diff},
};

static int run(const struct arguments *arguments)
{
    const struct catalog_values *values = arguments->values;
    const char *name = arguments->positional[0];
    struct objects objects = {(const char *const *)arguments->positional + 1,
                              arguments->positional_count - 1};
    const struct verb *verb = NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            verb = &verbs[i];
        }
    }
    if (verb == NULL) {
        return command_usage_error(arguments->command,
                                   "'%s' is not list, show, check, example, export or diff", name);
    }
    if (objects.count < verb->min) {
        return command_usage_error(arguments->command, "%s what?", name);
    }
    if (objects.count > verb->max) {
        return command_usage_error(arguments->command, "%s takes %s: '%s'", name,
                                   verb->max == 0 ? "no argument" : "no more arguments",
                                   objects.names[verb->max]);
    }
    int code = catalog_option_load(&values->catalogs);
    return code == EXIT_DONE ? verb->run(values, &objects) : code;
}

static const struct catalog_values defaults = {.format = CATALOG_FORMAT_NONE};

static const char *const usage[] = {
    "list [--json]",
    "show TYPE [--json]",
    "check FILE.jsonl|-|FILE.binpb [--set] [--json]",
    "example TYPE | --all",
    "export --format json-schema|markdown|proto|binpb [CATALOG|TYPE]... [--out DIR]",
    "diff OLD NEW [--json]",
    NULL};

static const struct command_option options[] = {
    {"--json", NULL, "one JSON object a line", OPTION_FLAG, offsetof(struct catalog_values, json)},
    {"--all", NULL, "with example: an event of each type", OPTION_FLAG,
     offsetof(struct catalog_values, all)},
    {"--set", NULL, "with check: the file is a catalog, whatever its name", OPTION_FLAG,
     offsetof(struct catalog_values, set)},
    {"--format", "json-schema|markdown|proto|binpb", "with export: what is made", OPTION_CHOICE,
     offsetof(struct catalog_values, format)},
    {"--out", "DIR", "with export: a file each in this directory", OPTION_TEXT,
     offsetof(struct catalog_values, out)},
    CATALOG_OPTION(struct catalog_values),
    {NULL, NULL, NULL, OPTION_FLAG, 0},
};

const struct command catalog_command = {
    .name = "catalog",
    .summary = "event types: list, show, check, export, compare",
    .usage = usage,
    .notes =
        "Needs no broker. check judges every line of a file as emit would, or a catalog file as\n"
        "loading would, and ends with 1 if one is not good. example prints events as\n"
        "emit --from takes them. export writes JSON Schema and Markdown of types, and Markdown,\n"
        "source and descriptor sets of catalogs; options.proto is what a catalog imports. diff\n"
        "takes catalog files, or names of catalogs, and ends with 1 if a version number hides\n"
        "what changed. The catalogs of OYEZ_CATALOGS (paths, separated by \":\") are known too.",
    .options = options,
    .positional_min = 1,
    .positional_max = 1 + EXPORTS_MAX,
    .values_size = sizeof(struct catalog_values),
    .defaults = &defaults,
    .run = run,
};

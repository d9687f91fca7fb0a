// SPDX-License-Identifier: MIT
#include "catalog_compare.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "inert.h"
#include "oyez/catalog_tools.h"

struct comparing {
    bool json;
    unsigned changes;
    unsigned lies;
};

static const char *weight_name(enum oyez_change_weight weight)
{
    static const char *const names[] = {"", "patch", "minor", "major"};
    return names[weight];
}

static void print_object(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const char *text)
{
    inert_write(stdout, text, strlen(text));
}

static void print_values(const char *before, const char *after)
{
    if (before[0] == '\0' && after[0] == '\0') {
        return;
    }
    printf(": ");
    print_text(before[0] != '\0' ? before : "none");
    printf(" -> ");
    print_text(after[0] != '\0' ? after : "none");
}

static void print_change(void *arg, const struct oyez_catalog_change *change)
{
    struct comparing *comparing = arg;
    bool compatible = change->weight < OYEZ_CHANGE_MAJOR;
    comparing->changes++;
    if (comparing->json) {
        print_object(json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:s, s:b, s:s}", "catalog",
                               change->catalog, "event_type", change->event_type, "field",
                               change->field, "change", change->what, "before", change->before,
                               "after", change->after, "compatible", (int)compatible, "needs",
                               weight_name(change->weight)));
        return;
    }
    printf("%-12s  %s: ", compatible ? "compatible" : "INCOMPATIBLE", change->catalog);
    if (change->event_type != NULL) {
        printf("%s: ", change->event_type);
    }
    if (change->field != NULL) {
        printf("%s: ", change->field);
    }
    printf("%s", change->what);
    print_values(change->before, change->after);
    putchar('\n');
}

static void print_verdict(void *arg, const struct oyez_version_verdict *verdict)
{
    struct comparing *comparing = arg;
    comparing->lies += !verdict->honest;
    if (comparing->json) {
        print_object(json_pack("{s:s, s:s?, s:s, s:s, s:s, s:b}", "catalog", verdict->catalog,
                               "event_type", verdict->event_type, "version_before", verdict->before,
                               "version_after", verdict->after, "needs",
                               weight_name(verdict->needed), "honest", (int)verdict->honest));
        return;
    }
    if (verdict->honest) {
        return;
    }
    if (verdict->after[0] == '\0') {
        printf("VERSION LIES  %s: no version can tell that the catalog is gone\n",
               verdict->catalog);
        return;
    }
    printf("VERSION LIES  %s: %s%sversion", verdict->catalog,
           verdict->event_type != NULL ? verdict->event_type : "",
           verdict->event_type != NULL ? ": " : "");
    print_values(verdict->before, verdict->after);
    printf(": the changes need a new %s version\n", weight_name(verdict->needed));
}

int catalog_compare(const char *before, const char *after, bool json)
{
    struct comparing comparing = {.json = json};
    struct oyez_catalog_comparison comparison = {print_change, print_verdict, &comparing};
    oyez_err err = oyez_catalog_compare(before, after, &comparison);
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    if (!json) {
        printf("%u change%s, %u version%s that say%s otherwise\n", comparing.changes,
               comparing.changes == 1 ? "" : "s", comparing.lies, comparing.lies == 1 ? "" : "s",
               comparing.lies == 1 ? "s" : "");
    }
    return comparing.lies > 0 ? EXIT_CHECK_FAILED : EXIT_DONE;
}

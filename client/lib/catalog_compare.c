// SPDX-License-Identifier: MIT
// Two versions of catalogs, and whether their version numbers tell the truth.
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "catalog_compare_options.h"
#include "catalog_source.h"
#include "oyez/versioning.h"

static const struct catalog *find_catalog(const struct catalog_source *source, const char *name)
{
    for (size_t i = 0; i < source->count; i++) {
        if (strcmp(source->catalogs[i]->head.name, name) == 0)
            return source->catalogs[i];
    }
    return NULL;
}

static const struct oyez_type *find_type(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->type_count; i++) {
        if (strcmp(catalog->types[i].name, name) == 0)
            return &catalog->types[i];
    }
    return NULL;
}

static const char *message_name(const struct oyez_type *type)
{
    return type->schema->catalog->set->messages[type->schema->message].name;
}

// The type that the message has now, where that name is new.
static const struct oyez_type *find_renamed(const struct catalog *before,
                                            const struct catalog *after,
                                            const struct oyez_type *type)
{
    for (size_t i = 0; i < after->type_count; i++) {
        const struct oyez_type *other = &after->types[i];
        if (strcmp(message_name(other), message_name(type)) == 0 &&
            find_type(before, other->name) == NULL)
            return other;
    }
    return NULL;
}

static bool was_renamed(const struct catalog *before, const struct catalog *after,
                        const struct oyez_type *type)
{
    for (size_t i = 0; i < before->type_count; i++) {
        const struct oyez_type *old = &before->types[i];
        if (find_type(after, old->name) == NULL && find_renamed(before, after, old) == type)
            return true;
    }
    return false;
}

// Of a version that has been judged to be one.
static void read_numbers(unsigned long numbers[2], const char *version)
{
    char *end;
    numbers[0] = strtoul(version, &end, 10);
    numbers[1] = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
}

// How large the step is. Where the first number is 0, or the version a pre-release, the next number
// stands for it: such a version promises nothing yet.
static bool is_step(const char *before, const char *after, enum oyez_change_weight needed)
{
    unsigned long old_parts[2];
    unsigned long new_parts[2];
    if (oyez_version_compare(before, after, NULL) >= 0)
        return false;
    read_numbers(old_parts, before);
    read_numbers(new_parts, after);
    if (needed == OYEZ_CHANGE_PATCH || strchr(before, '-') != NULL)
        return true;
    bool minor = new_parts[0] > old_parts[0] || new_parts[1] > old_parts[1];
    if (needed == OYEZ_CHANGE_MINOR)
        return minor || (old_parts[0] == 0 && new_parts[0] == 0);
    return new_parts[0] > old_parts[0] || (old_parts[0] == 0 && minor);
}

static void tell_verdict(const struct compare *compare, const char *before, const char *after)
{
    struct oyez_version_verdict verdict = {
        .catalog = compare->catalog,
        .event_type = compare->event_type,
        .before = before,
        .after = after,
        .needed = compare->needed,
        .honest = is_step(before, after, compare->needed),
    };
    if (compare->comparison->on_verdict != NULL)
        compare->comparison->on_verdict(compare->comparison->arg, &verdict);
}

static oyez_err compare_details(struct compare *compare, const struct oyez_type *before,
                                const struct oyez_type *after)
{
    const struct type_rules *old_rules = type_rules_of(before);
    const struct type_rules *new_rules = type_rules_of(after);
    if (old_rules == NULL || new_rules == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the rules of %s", after->name);
    const struct plan *old_plan = old_rules->plan;
    const struct plan *new_plan = new_rules->plan;
    // A message without fields takes any object.
    bool was_typed = old_plan != NULL && old_plan->field_count > 0;
    bool is_typed = new_plan != NULL && new_plan->field_count > 0;
    if (was_typed != is_typed)
        compare_tell(compare, NULL, is_typed ? "details typed" : "details any object", NULL, NULL,
                     OYEZ_CHANGE_MAJOR);
    else if (is_typed)
        return compare_plans(compare, old_plan, new_plan);
    return OYEZ_OK;
}

static void compare_options(struct compare *compare, const struct oyez_type *before,
                            const struct oyez_type *after)
{
    bool slower = before->delivery == OYEZ_LANE_DURABLE && after->delivery == OYEZ_LANE_FAST;
    compare_texts(compare, NULL, "domain changed", before->domain, after->domain,
                  OYEZ_CHANGE_MINOR);
    compare_texts(compare, NULL, "delivery changed",
                  before->delivery == OYEZ_LANE_FAST ? "fast" : "durable",
                  after->delivery == OYEZ_LANE_FAST ? "fast" : "durable",
                  slower ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
    if (before->personal != after->personal)
        compare_tell(compare, NULL, after->personal ? "personal" : "no longer personal", NULL, NULL,
                     OYEZ_CHANGE_MAJOR);
    bool was = before->deprecated != NULL;
    bool is = after->deprecated != NULL;
    compare_texts(compare, NULL,
                  was && is ? "deprecation reworded"
                  : is      ? "deprecated"
                            : "no longer deprecated",
                  before->deprecated, after->deprecated,
                  was && is ? OYEZ_CHANGE_PATCH : OYEZ_CHANGE_MINOR);
    compare_texts(compare, NULL, "description changed", before->doc, after->doc, OYEZ_CHANGE_PATCH);
}

// *whole gathers what the catalog's own version has to tell.
static oyez_err compare_type(struct compare *whole, const struct oyez_type *before,
                             const struct oyez_type *after)
{
    struct compare compare = *whole;
    compare.event_type = after->name;
    compare.needed = 0;
    if (strcmp(before->name, after->name) != 0)
        compare_tell(&compare, NULL, "type renamed", before->name, after->name, OYEZ_CHANGE_MAJOR);
    compare_options(&compare, before, after);
    oyez_err err = compare_details(&compare, before, after);
    bool versions = strcmp(before->version, after->version) != 0;
    if (compare.needed > 0)
        tell_verdict(&compare, before->version, after->version);
    else if (versions && oyez_version_compare(before->version, after->version, NULL) >= 0) {
        compare.needed = OYEZ_CHANGE_PATCH;
        tell_verdict(&compare, before->version, after->version);
    }
    if ((compare.needed > 0 || versions) && whole->needed == 0)
        whole->needed = OYEZ_CHANGE_PATCH;
    return err;
}

static void tell_type(struct compare *whole, const struct oyez_type *type, const char *what,
                      enum oyez_change_weight weight)
{
    struct compare compare = *whole;
    compare.event_type = type->name;
    compare_tell(&compare, NULL, what, NULL, NULL, weight);
    whole->needed = compare.needed;
}

static oyez_err compare_catalog(const struct oyez_catalog_comparison *comparison,
                                const struct catalog *before, const struct catalog *after)
{
    struct compare compare = {comparison, after->head.name, NULL, 0};
    oyez_err err = OYEZ_OK;
    compare_catalog_options(&compare, &before->options, &after->options);
    for (size_t i = 0; err == OYEZ_OK && i < before->type_count; i++) {
        const struct oyez_type *old = &before->types[i];
        const struct oyez_type *now = find_type(after, old->name);
        const struct oyez_type *renamed = now == NULL ? find_renamed(before, after, old) : NULL;
        if (now == NULL && renamed == NULL)
            tell_type(&compare, old, "type removed", OYEZ_CHANGE_MAJOR);
        else
            err = compare_type(&compare, old, now != NULL ? now : renamed);
    }
    for (size_t i = 0; i < after->type_count; i++) {
        const struct oyez_type *type = &after->types[i];
        if (find_type(before, type->name) == NULL && !was_renamed(before, after, type))
            tell_type(&compare, type, "type added", OYEZ_CHANGE_MINOR);
    }
    bool versions = strcmp(before->head.version, after->head.version) != 0;
    if (compare.needed == 0 && versions)
        compare.needed = OYEZ_CHANGE_PATCH;
    if (compare.needed > 0)
        tell_verdict(&compare, before->head.version, after->head.version);
    return err;
}

static void tell_alone(const struct oyez_catalog_comparison *comparison,
                       const struct catalog *catalog, bool added)
{
    struct compare compare = {comparison, catalog->head.name, NULL, 0};
    struct oyez_version_verdict verdict = {
        .catalog = catalog->head.name,
        .before = added ? "" : catalog->head.version,
        .after = added ? catalog->head.version : "",
        .needed = added ? OYEZ_CHANGE_MINOR : OYEZ_CHANGE_MAJOR,
        .honest = added, // no number can say that the catalog is gone
    };
    compare_tell(&compare, NULL, added ? "catalog added" : "catalog removed", NULL, NULL,
                 verdict.needed);
    if (comparison->on_verdict != NULL)
        comparison->on_verdict(comparison->arg, &verdict);
}

static oyez_err compare_sources(const struct oyez_catalog_comparison *comparison,
                                const struct catalog_source *before,
                                const struct catalog_source *after)
{
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < before->count; i++) {
        const struct catalog *old = before->catalogs[i];
        const struct catalog *now = find_catalog(after, old->head.name);
        if (now == NULL)
            tell_alone(comparison, old, false);
        else
            err = compare_catalog(comparison, old, now);
    }
    for (size_t i = 0; i < after->count; i++) {
        if (find_catalog(before, after->catalogs[i]->head.name) == NULL)
            tell_alone(comparison, after->catalogs[i], true);
    }
    return err;
}

oyez_err oyez_catalog_compare(const char *before, const char *after,
                              const struct oyez_catalog_comparison *comparison)
{
    REQUIRE_ARGUMENT(before);
    REQUIRE_ARGUMENT(after);
    REQUIRE_ARGUMENT(comparison);
    struct catalog_source old = {0};
    struct catalog_source now = {0};
    oyez_err err = catalog_source_open(&old, before, true);
    if (err == OYEZ_OK)
        err = catalog_source_open(&now, after, false);
    if (err == OYEZ_OK)
        err = compare_sources(comparison, &old, &now);
    catalog_source_close(&old);
    catalog_source_close(&now);
    return err;
}

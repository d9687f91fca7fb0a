// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "schema/compare.h"
#include "schema/format.h"
#include "schema/number_text.h"

#define LIST_SIZE 256u

void compare_tell(struct compare *compare, const char *field, const char *what, const char *before,
                  const char *after, enum oyez_change_weight weight)
{
    struct oyez_catalog_change change = {
        .catalog = compare->catalog,
        .event_type = compare->event_type,
        .field = field,
        .what = what,
        .before = before != NULL ? before : "",
        .after = after != NULL ? after : "",
        .weight = weight,
    };
    if (weight > compare->needed)
        compare->needed = weight;
    if (compare->comparison->on_change != NULL)
        compare->comparison->on_change(compare->comparison->arg, &change);
}

void compare_texts(struct compare *compare, const char *field, const char *what, const char *before,
                   const char *after, enum oyez_change_weight weight)
{
    before = before != NULL ? before : "";
    after = after != NULL ? after : "";
    if (strcmp(before, after) != 0)
        compare_tell(compare, field, what, before, after, weight);
}

static bool contains(const struct plan_text *texts, size_t count, const struct plan_text *text)
{
    for (size_t i = 0; i < count; i++) {
        if (plan_text_compare(&texts[i], text->text, text->size) == 0)
            return true;
    }
    return false;
}

// What the one has and the other has not, as a list. False: nothing.
static bool list_missing(char list[LIST_SIZE], const struct plan_text *from, size_t from_count,
                         const struct plan_text *other, size_t other_count)
{
    size_t at = 0;
    bool found = false;
    list[0] = '\0';
    for (size_t i = 0; i < from_count; i++) {
        if (contains(other, other_count, &from[i]))
            continue;
        int size = snprintf(list + at, LIST_SIZE - at, "%s%s", found ? ", " : "", from[i].text);
        found = true;
        at = at + (size_t)size < LIST_SIZE ? at + (size_t)size : LIST_SIZE - 1;
    }
    return found;
}

void compare_allowed(struct compare *compare, const char *field, const struct plan_text *before,
                     size_t before_count, const struct plan_text *after, size_t after_count)
{
    char list[LIST_SIZE];
    if (before_count == 0 && after_count == 0)
        return;
    if (before_count == 0) {
        list_missing(list, after, after_count, NULL, 0);
        compare_tell(compare, field, "allowed values added", NULL, list, OYEZ_CHANGE_MAJOR);
    } else if (after_count == 0) {
        list_missing(list, before, before_count, NULL, 0);
        compare_tell(compare, field, "allowed values no longer listed", list, NULL,
                     OYEZ_CHANGE_MINOR);
    } else {
        if (list_missing(list, before, before_count, after, after_count))
            compare_tell(compare, field, "value no longer allowed", list, NULL, OYEZ_CHANGE_MAJOR);
        if (list_missing(list, after, after_count, before, before_count))
            compare_tell(compare, field, "value allowed", NULL, list, OYEZ_CHANGE_MINOR);
    }
}

// A bound of values that are accepted. `upper`: less is tighter.
struct bound {
    const char *tightened;
    const char *loosened;
    bool upper;
};

static void compare_bound(struct compare *compare, const char *field, const struct bound *bound,
                          const double *before, const double *after)
{
    char old_text[NUMBER_TEXT_SIZE] = "";
    char new_text[NUMBER_TEXT_SIZE] = "";
    if (before == NULL && after == NULL)
        return;
    // In this order, because a bound that is not there is the loosest.
    bool tighter =
        before == NULL || (after != NULL && (bound->upper ? *after < *before : *after > *before));
    bool same = before != NULL && after != NULL && !(*after < *before) && !(*after > *before);
    if (same)
        return;
    if (before != NULL)
        number_to_text(*before, old_text);
    if (after != NULL)
        number_to_text(*after, new_text);
    compare_tell(compare, field, tighter ? bound->tightened : bound->loosened, old_text, new_text,
                 tighter ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
}

static void compare_range(struct compare *compare, const char *field,
                          const struct plan_rules *before, const struct plan_rules *after)
{
    static const struct bound minimum = {"minimum raised", "minimum lowered", false};
    static const struct bound maximum = {"maximum lowered", "maximum raised", true};
    compare_bound(compare, field, &minimum, before->has_min ? &before->min : NULL,
                  after->has_min ? &after->min : NULL);
    compare_bound(compare, field, &maximum, before->has_max ? &before->max : NULL,
                  after->has_max ? &after->max : NULL);
}

static void compare_lengths(struct compare *compare, const char *field,
                            const struct plan_rules *before, const struct plan_rules *after)
{
    static const struct bound least = {"minimum length raised", "minimum length lowered", false};
    static const struct bound most = {"maximum length lowered", "maximum length raised", true};
    double before_least = before->min_length;
    double after_least = after->min_length;
    double before_most = before->max_length;
    double after_most = after->max_length;
    compare_bound(compare, field, &least, before->min_length > 0 ? &before_least : NULL,
                  after->min_length > 0 ? &after_least : NULL);
    compare_bound(compare, field, &most, before->has_max_length ? &before_most : NULL,
                  after->has_max_length ? &after_most : NULL);
}

static void compare_formats(struct compare *compare, const char *field,
                            const struct plan_rules *before, const struct plan_rules *after)
{
    bool had = before->format != PLAN_FORMAT_NONE;
    bool has = after->format != PLAN_FORMAT_NONE;
    if (before->format != after->format)
        compare_tell(compare, field,
                     !had  ? "format added"
                     : has ? "format changed"
                           : "format removed",
                     had ? format_name(before->format) : NULL,
                     has ? format_name(after->format) : NULL,
                     has ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
}

// A longer text was cut, and without the rule it is refused where it has a maximum length.
static void compare_cutting(struct compare *compare, const char *field,
                            const struct plan_rules *before, const struct plan_rules *after)
{
    char old_text[16] = "";
    char new_text[16] = "";
    if (before->truncate == after->truncate)
        return;
    if (before->truncate > 0)
        snprintf(old_text, sizeof old_text, "%u", before->truncate);
    if (after->truncate > 0)
        snprintf(new_text, sizeof new_text, "%u", after->truncate);
    bool refuses = after->truncate == 0 && after->has_max_length;
    compare_tell(compare, field,
                 before->truncate == 0  ? "truncation added"
                 : after->truncate == 0 ? "truncation removed"
                                        : "truncation changed",
                 old_text, new_text, refuses ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
}

void compare_rules(struct compare *compare, const char *field, const struct plan_field *before,
                   const struct plan_field *after)
{
    const struct plan_rules *old_rules = &before->rules;
    const struct plan_rules *new_rules = &after->rules;
    if (old_rules->required != new_rules->required)
        compare_tell(compare, field, new_rules->required ? "required added" : "required removed",
                     NULL, NULL, new_rules->required ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
    compare_range(compare, field, old_rules, new_rules);
    compare_lengths(compare, field, old_rules, new_rules);
    compare_allowed(compare, field, old_rules->allowed, old_rules->allowed_count,
                    new_rules->allowed, new_rules->allowed_count);
    compare_formats(compare, field, old_rules, new_rules);
    compare_cutting(compare, field, old_rules, new_rules);
    if (old_rules->indexed != new_rules->indexed)
        compare_tell(compare, field, new_rules->indexed ? "index added" : "index removed", NULL,
                     NULL, OYEZ_CHANGE_MINOR);
    bool was = old_rules->deprecated != NULL;
    bool is = new_rules->deprecated != NULL;
    compare_texts(compare, field,
                  was && is ? "deprecation reworded"
                  : is      ? "deprecated"
                            : "no longer deprecated",
                  old_rules->deprecated, new_rules->deprecated,
                  was && is ? OYEZ_CHANGE_PATCH : OYEZ_CHANGE_MINOR);
    compare_texts(compare, field, "example changed", old_rules->example, new_rules->example,
                  OYEZ_CHANGE_PATCH);
}

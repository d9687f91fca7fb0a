// SPDX-License-Identifier: MIT
#include "catalog_compare_options.h"

#include <stdio.h>
#include <string.h>

static bool has_tag(const struct catalog_options *options, const char *tag)
{
    for (size_t i = 0; i < options->indexed_tag_count; i++) {
        if (strcmp(options->indexed_tags[i], tag) == 0)
            return true;
    }
    return false;
}

static void compare_tags(struct compare *compare, const struct catalog_options *before,
                         const struct catalog_options *after)
{
    for (size_t i = 0; i < before->indexed_tag_count; i++) {
        if (!has_tag(after, before->indexed_tags[i]))
            compare_tell(compare, NULL, "indexed tag removed", before->indexed_tags[i], NULL,
                         OYEZ_CHANGE_MINOR);
    }
    for (size_t i = 0; i < after->indexed_tag_count; i++) {
        if (!has_tag(before, after->indexed_tags[i]))
            compare_tell(compare, NULL, "indexed tag added", NULL, after->indexed_tags[i],
                         OYEZ_CHANGE_MINOR);
    }
}

static void describe_naming(char out[512], const struct catalog_options *options)
{
    static const char *const letters[] = {"any letters", "lower case", "upper case", "camel case"};
    const struct naming_rule *naming = &options->naming;
    size_t at = 0;
    out[0] = '\0';
    if (!options->has_naming)
        return;
    at += (size_t)snprintf(out, 512, "%u to %u parts, %s", naming->min_parts, naming->max_parts,
                           letters[naming->letters % 4]);
    for (size_t i = 0; i < naming->first_part_count && at < 400; i++)
        at += (size_t)snprintf(out + at, 512 - at, "%s%.60s", i == 0 ? ", " : "|",
                               naming->first_parts[i]);
}

// The rule for the same field of the same types under the same condition.
static const struct header_option *find_rule(const struct catalog_options *options,
                                             const struct header_option *rule)
{
    for (size_t i = 0; i < options->header_count; i++) {
        const struct header_option *other = &options->header[i];
        if (strcmp(other->field, rule->field) == 0 && strcmp(other->types, rule->types) == 0 &&
            strcmp(other->when, rule->when) == 0)
            return other;
    }
    return NULL;
}

static bool gives(const struct header_option *rule)
{
    return rule->has_default_value || rule->default_from[0] != '\0';
}

static bool asks(const struct header_option *rule)
{
    return (rule->required && !gives(rule)) || rule->allowed_count > 0;
}

static void compare_rule(struct compare *compare, const struct header_option *before,
                         const struct header_option *after)
{
    const char *field = after->field;
    bool asked = before->required && !gives(before);
    bool asks_now = after->required && !gives(after);
    if (asked != asks_now || before->required != after->required)
        compare_tell(compare, field,
                     asks_now && !asked   ? "header field required"
                     : asked && !asks_now ? "header field no longer required"
                                          : "header rule reworded",
                     NULL, NULL, asks_now && !asked ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
    compare_allowed(compare, field, before->allowed, before->allowed_count, after->allowed,
                    after->allowed_count);
    compare_texts(compare, field, "header default changed", before->default_value,
                  after->default_value, OYEZ_CHANGE_MINOR);
    compare_texts(compare, field, "header default changed", before->default_from,
                  after->default_from, OYEZ_CHANGE_MINOR);
}

static void compare_header(struct compare *compare, const struct catalog_options *before,
                           const struct catalog_options *after)
{
    for (size_t i = 0; i < before->header_count; i++) {
        const struct header_option *now = find_rule(after, &before->header[i]);
        if (now != NULL)
            compare_rule(compare, &before->header[i], now);
        else
            compare_tell(compare, before->header[i].field, "header rule removed", NULL, NULL,
                         OYEZ_CHANGE_MINOR);
    }
    for (size_t i = 0; i < after->header_count; i++) {
        const struct header_option *rule = &after->header[i];
        if (find_rule(before, rule) == NULL)
            compare_tell(compare, rule->field, "header rule added", NULL, NULL,
                         asks(rule) ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
    }
}

void compare_catalog_options(struct compare *compare, const struct catalog_options *before,
                             const struct catalog_options *after)
{
    char old_naming[512];
    char new_naming[512];
    describe_naming(old_naming, before);
    describe_naming(new_naming, after);
    compare_texts(compare, NULL, "title changed", before->title, after->title, OYEZ_CHANGE_PATCH);
    compare_texts(compare, NULL, "naming changed", old_naming, new_naming, OYEZ_CHANGE_MINOR);
    compare_tags(compare, before, after);
    compare_header(compare, before, after);
}

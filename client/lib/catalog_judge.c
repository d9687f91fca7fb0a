// SPDX-License-Identifier: MIT
// The rules that catalogs keep: the build's generator holds the built-in ones to the same.
#include <string.h>

#include "catalog_set.h"
#include "schema/format.h"
#include "wire/topic.h"

#define OPEN_SUFFIX ".*"
#define OWN_CATALOG "oyez"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// [a-z][a-z0-9_]*, and with `dash` also "-".
static bool is_word(const char *text, bool dash)
{
    if (!is_lower(text[0]))
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if (!is_lower(*at) && !is_digit(*at) && *at != '_' && !(dash && *at == '-'))
            return false;
    }
    return true;
}

static bool is_version(const char *text)
{
    return format_matches(PLAN_FORMAT_SEMVER, text, strlen(text));
}

static oyez_err judge_tags(const struct catalog *catalog)
{
    const struct descriptor_file *file = &catalog->set->files[catalog->file];
    for (size_t i = 0; i < catalog->options.indexed_tag_count; i++) {
        const char *tag = catalog->options.indexed_tags[i];
        size_t size = strlen(tag);
        if (size > 64 || !oyez_topic_is_valid(tag, size))
            return descriptor_fail(OYEZ_ERR_INVALID, catalog->set, file, NULL, NULL,
                                   "indexed tag \"%.80s\" is not 1 to 64 of [A-Za-z0-9._-]", tag);
    }
    return OYEZ_OK;
}

oyez_err catalog_judge(const struct catalog *catalog)
{
    const struct descriptor_set *set = catalog->set;
    const struct descriptor_file *file = &set->files[catalog->file];
    const struct oyez_catalog *head = &catalog->head;
    if (!is_word(head->name, false) || strlen(head->name) > 64)
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                               "catalog name \"%.80s\" is not [a-z][a-z0-9_]*", head->name);
    // Journals keep the catalog of Oyez's own events too, in the version of its day.
    if (strcmp(head->name, OWN_CATALOG) == 0 && !set->for_reading)
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                               "the catalog name \"oyez\" is reserved");
    if (!is_version(head->version))
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                               "version \"%.80s\" is not a semantic version", head->version);
    if (head->title[0] == '\0')
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL, "the catalog has no title");
    return judge_tags(catalog);
}

static bool is_part(const char *part, size_t size, enum option_name_case letters)
{
    for (size_t i = 0; i < size; i++) {
        char c = part[i];
        bool upper = c >= 'A' && c <= 'Z';
        bool plain = is_digit(c) || c == '_';
        if ((letters == NAME_CASE_LOWER && !is_lower(c) && !plain) ||
            (letters == NAME_CASE_UPPER && !upper && !plain) ||
            (letters == NAME_CASE_CAMEL && !upper && (i == 0 || (!is_lower(c) && !is_digit(c)))))
            return false;
    }
    return size > 0;
}

static bool begins_as_listed(const struct naming_rule *naming, const char *first, size_t size)
{
    for (size_t i = 0; i < naming->first_part_count; i++) {
        if (strlen(naming->first_parts[i]) == size &&
            memcmp(naming->first_parts[i], first, size) == 0)
            return true;
    }
    return naming->first_part_count == 0;
}

// NULL: it is named as the rule says.
static const char *judge_naming(const struct naming_rule *naming, const char *name, size_t size)
{
    uint32_t parts = 0;
    for (size_t at = 0; at <= size; parts++) {
        const char *dot = memchr(name + at, '.', size - at);
        size_t part_size = dot != NULL ? (size_t)(dot - name) - at : size - at;
        if (!is_part(name + at, part_size, naming->letters))
            return "a part of the name is not in the letters of the catalog's naming rule";
        if (at == 0 && !begins_as_listed(naming, name, part_size))
            return "the first part of the name is not one of the catalog's naming rule";
        at += part_size + 1;
    }
    if (parts < naming->min_parts || (naming->max_parts > 0 && parts > naming->max_parts))
        return "the name has not as many parts as the catalog's naming rule says";
    return NULL;
}

static const char *judge_name(const struct catalog *catalog, const struct oyez_type *type)
{
    size_t size = strlen(type->name);
    size_t suffix = sizeof OPEN_SUFFIX - 1;
    if (size > OYEZ_EVENT_TYPE_SIZE_MAX)
        return "the event type's name is not [A-Za-z0-9._-]{1,200}";
    if (type->open && (size <= suffix || strcmp(type->name + size - suffix, OPEN_SUFFIX) != 0))
        return "an open type's name ends in \".*\"";
    size_t stem = type->open ? size - suffix : size;
    if (!oyez_topic_is_valid(type->name, stem))
        return "the event type's name is not [A-Za-z0-9._-]{1,200}";
    bool own = strcmp(catalog->head.name, OWN_CATALOG) == 0 && catalog->set->for_reading;
    if (!own && (oyez_topic_is_reserved(type->name, size) ||
                 (stem == 4 && memcmp(type->name, "oyez", 4) == 0)))
        return "the prefix \"oyez.\" is reserved";
    return catalog->options.has_naming ? judge_naming(&catalog->options.naming, type->name, stem)
                                       : NULL;
}

oyez_err type_judge(const struct catalog *catalog, const struct descriptor_message *message,
                    const struct oyez_type *type)
{
    const char *fault = judge_name(catalog, type);
    // Journals keep catalogs without their comments.
    if (fault == NULL && type->doc[0] == '\0' && !catalog->set->for_reading)
        fault = "no doc: write a comment right above the message";
    if (fault == NULL && type->domain[0] == '\0')
        fault = "no domain";
    if (fault == NULL && (!is_word(type->domain, true) || strlen(type->domain) > 64))
        fault = "the domain is not [a-z][a-z0-9_-]*";
    if (fault == NULL && !is_version(type->version))
        fault = "the version is not a semantic version";
    if (fault == NULL && type->open && message->field_count > 0)
        fault = "an open type's message has no fields";
    if (fault == NULL)
        return OYEZ_OK;
    return descriptor_fail(OYEZ_ERR_INVALID, catalog->set, &catalog->set->files[catalog->file],
                           message, NULL, "%s", fault);
}

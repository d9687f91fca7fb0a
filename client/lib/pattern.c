// SPDX-License-Identifier: MIT
#include "oyez/pattern.h"

#include <stdio.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"
#include "pattern_topics.h"
#include "wire/topic.h"

// @domain or @catalog/domain, taken apart. Without a catalog its size is 0.
struct domain {
    const char *catalog;
    size_t catalog_size;
    const char *name;
};

static struct domain read_domain(const char *pattern)
{
    struct domain domain = {.catalog = pattern + 1, .name = pattern + 1};
    const char *slash = strchr(pattern, '/');
    if (slash) {
        domain.catalog_size = (size_t)(slash - domain.catalog);
        domain.name = slash + 1;
    }
    return domain;
}

static bool domain_has(const struct domain *domain, const struct oyez_type *type)
{
    if (strcmp(type->domain, domain->name) != 0)
        return false;
    return domain->name == domain->catalog ||
           (strncmp(type->catalog->name, domain->catalog, domain->catalog_size) == 0 &&
            type->catalog->name[domain->catalog_size] == '\0');
}

// How many catalogs have the domain. Their types stand together, so a change of catalog counts.
static size_t count_catalogs(const struct domain *domain)
{
    const struct oyez_catalog *last = NULL;
    const struct oyez_type *type;
    size_t count = 0;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        if (domain_has(domain, type) && type->catalog != last) {
            last = type->catalog;
            count++;
        }
    }
    return count;
}

static bool has_glob_characters(const char *pattern)
{
    size_t size = strnlen(pattern, OYEZ_TOPIC_SIZE_MAX + 1);
    if (size == 0 || size > OYEZ_TOPIC_SIZE_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (pattern[i] != '*' && !oyez_topic_is_valid(&pattern[i], 1))
            return false;
    return true;
}

static oyez_err fail_domain(const char *pattern, const struct domain *domain)
{
    char choices[512];
    size_t used = 0;
    const struct oyez_catalog *last = NULL;
    const struct oyez_type *type;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        if (!domain_has(domain, type) || type->catalog == last)
            continue;
        last = type->catalog;
        int size = snprintf(choices + used, sizeof choices - used, "%s@%s/%s", used ? ", " : "",
                            type->catalog->name, type->domain);
        if (size < 0 || (size_t)size >= sizeof choices - used)
            break;
        used += (size_t)size;
    }
    if (used == 0)
        return oyez_fail(OYEZ_ERR_INVALID, "pattern %.64s: no catalog has this domain", pattern);
    return oyez_fail(OYEZ_ERR_INVALID, "pattern %.64s: several catalogs have this domain: %s",
                     pattern, choices);
}

oyez_err oyez_pattern_check(const char *pattern)
{
    if (pattern == NULL || pattern[0] == '\0')
        return oyez_fail(OYEZ_ERR_INVALID, "pattern: empty");
    if (strnlen(pattern, OYEZ_TOPIC_SIZE_MAX + 1) > OYEZ_TOPIC_SIZE_MAX) {
        return oyez_fail(OYEZ_ERR_INVALID, "pattern: longer than %u characters",
                         OYEZ_TOPIC_SIZE_MAX);
    }
    if (pattern[0] == '@') {
        struct domain domain = read_domain(pattern);
        return count_catalogs(&domain) == 1 ? OYEZ_OK : fail_domain(pattern, &domain);
    }
    if (!has_glob_characters(pattern)) {
        return oyez_fail(OYEZ_ERR_INVALID,
                         "pattern: only A-Z a-z 0-9 . _ - and * stand in one, or @domain");
    }
    return OYEZ_OK;
}

// After a mismatch only the last star can take more, so one place to go back to is enough.
static bool glob_matches(const char *glob, const char *text)
{
    const char *star = NULL;
    const char *resume = NULL;
    while (*text) {
        if (*glob == '*') {
            star = ++glob;
            resume = text;
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

static bool domain_matches(const char *pattern, const char *event_type)
{
    struct domain domain = read_domain(pattern);
    const struct oyez_type *type = oyez_type_find(event_type, strlen(event_type));
    return type && domain_has(&domain, type) && count_catalogs(&domain) == 1;
}

// What is reserved is shown only to who asks for it by name.
static bool asks_for(const char *pattern, const char *reserved_type)
{
    size_t prefix = strcspn(reserved_type, ".") + 1;
    return strncmp(pattern, reserved_type, prefix) == 0;
}

bool oyez_pattern_matches(const char *pattern, const char *event_type)
{
    if (pattern == NULL || event_type == NULL)
        return false;
    if (oyez_topic_is_reserved(event_type, strlen(event_type)) && !asks_for(pattern, event_type))
        return false;
    if (pattern[0] == '@')
        return domain_matches(pattern, event_type);
    return glob_matches(pattern, event_type) && has_glob_characters(pattern);
}

static void each_domain_topic(const char *pattern, oyez_topic_each *each, void *arg)
{
    struct domain domain = read_domain(pattern);
    const struct oyez_type *type;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        if (!domain_has(&domain, type))
            continue;
        size_t size = strlen(type->name);
        // An open prefix without its star, an exact name with its NUL.
        each(arg, type->name, type->open ? size - 1 : size + 1);
    }
}

oyez_err oyez_pattern_topics(const char *pattern, oyez_topic_each *each, void *arg)
{
    oyez_err err = oyez_pattern_check(pattern);
    if (err)
        return err;
    if (pattern[0] == '@') {
        each_domain_topic(pattern, each, arg);
        return OYEZ_OK;
    }
    size_t literal = strcspn(pattern, "*");
    each(arg, pattern, pattern[literal] == '*' ? literal : literal + 1);
    return OYEZ_OK;
}

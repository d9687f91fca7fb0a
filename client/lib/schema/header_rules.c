// SPDX-License-Identifier: MIT
#include "schema/header_rules.h"

#include <assert.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/topic.h"

#define TAG_PREFIX "tags."
#define TAG_KEY_SIZE_MAX 64u

// A glob over a whole name: * is any run of characters.
static bool glob_matches(const char *glob, const char *name)
{
    const char *star = NULL;
    const char *resume = NULL;
    while (*name != '\0') {
        if (*glob == '*') {
            star = glob++;
            resume = name;
        } else if (*glob == *name) {
            glob++;
            name++;
        } else if (star != NULL) {
            glob = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

static const char *find_tag(const struct oyez_event *event, const char *key)
{
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        if (strcmp(event->tags[i].key, key) == 0)
            return event->tags[i].value;
    }
    return NULL;
}

static const char *text_at(const struct oyez_event *event, const struct header_place *place)
{
    if (place->tag != NULL)
        return find_tag(event, place->tag);
    assert(place->field != NULL);
    return place->field->kind == OYEZ_HEADER_TEXT ? oyez_header_text(event, place->field) : NULL;
}

static bool is_there(const struct oyez_event *event, const struct header_place *place)
{
    if (place->field != NULL && place->field->kind == OYEZ_HEADER_UINT)
        return event->has_aggregate_version;
    return text_at(event, place) != NULL;
}

static bool is_place(const struct header_place *place)
{
    return place->field != NULL || place->tag != NULL;
}

static bool holds(const struct header_rule *rule, const struct oyez_event *event)
{
    return !is_place(&rule->when) || is_there(event, &rule->when);
}

static void put_text(struct oyez_event *event, const struct header_place *place, const char *text)
{
    if (place->field != NULL) {
        oyez_header_set_text(event, place->field, text);
        return;
    }
    size_t i = 0;
    while (i < OYEZ_TAGS_MAX && event->tags[i].key != NULL)
        i++;
    if (i < OYEZ_TAGS_MAX)
        event->tags[i] = (struct oyez_tag){place->tag, text};
}

void header_rules_fill(const struct header_rule *rules, size_t count, struct oyez_event *event)
{
    for (size_t i = 0; i < count; i++) {
        const struct header_rule *rule = &rules[i];
        const char *text = rule->default_value;
        if ((text == NULL && !is_place(&rule->default_from)) || !holds(rule, event) ||
            is_there(event, &rule->place))
            continue;
        if (text == NULL)
            text = text_at(event, &rule->default_from);
        if (text != NULL)
            put_text(event, &rule->place, text);
    }
}

static bool is_allowed(const struct header_rule *rule, const char *text, size_t size)
{
    for (size_t i = 0; i < rule->allowed_count; i++) {
        if (plan_text_compare(&rule->allowed[i], text, size) == 0)
            return true;
    }
    return false;
}

static void tell_not_allowed(const struct header_rule *rule, const char *text, size_t size,
                             struct violation *violation)
{
    char list[sizeof violation->rule - 16];
    size_t at = 0;
    for (size_t i = 0; i < rule->allowed_count; i++) {
        const struct plan_text *allowed = &rule->allowed[i];
        if (at + allowed->size + 8 > sizeof list) {
            memcpy(list + at, "…", sizeof "…" - 1);
            at += sizeof "…" - 1;
            break;
        }
        memcpy(list + at, ", ", i > 0 ? 2 : 0);
        at += i > 0 ? 2 : 0;
        memcpy(list + at, allowed->text, allowed->size);
        at += allowed->size;
    }
    list[at] = '\0';
    violation_wrong_header(violation, rule->name, text, size, "is none of %s", list);
}

void header_rules_check(const struct header_rule *rules, size_t count,
                        const struct oyez_event *event, struct violation *violation)
{
    for (size_t i = 0; i < count; i++) {
        const struct header_rule *rule = &rules[i];
        if ((!rule->required && rule->allowed_count == 0) || !holds(rule, event))
            continue;
        if (!is_there(event, &rule->place)) {
            if (rule->required)
                violation_missing_header(violation, rule->name);
            continue;
        }
        const char *text = text_at(event, &rule->place);
        // Only texts have allowed values.
        assert(text != NULL || rule->allowed_count == 0);
        if (rule->required && text != NULL && text[0] == '\0')
            violation_missing_header(violation, rule->name);
        else if (rule->allowed_count > 0 && !is_allowed(rule, text, strlen(text)))
            tell_not_allowed(rule, text, strlen(text), violation);
    }
}

// False: headers have no such field, or events always have it.
static bool find_place(struct header_place *out, const char *name)
{
    *out = (struct header_place){0};
    if (name[0] == '\0')
        return true;
    size_t prefix = sizeof TAG_PREFIX - 1;
    if (strncmp(name, TAG_PREFIX, prefix) == 0) {
        out->tag = name + prefix;
        size_t size = strlen(out->tag);
        return size <= TAG_KEY_SIZE_MAX && oyez_topic_is_valid(out->tag, size);
    }
    out->field = oyez_header_field_find(name, strlen(name));
    if (out->field == NULL || strcmp(name, "event_type") == 0)
        return false;
    return out->field->kind == OYEZ_HEADER_TEXT || out->field->kind == OYEZ_HEADER_UINT;
}

static bool is_text(const struct header_place *place)
{
    return place->tag != NULL || place->field->kind == OYEZ_HEADER_TEXT;
}

static bool is_glob(const char *types)
{
    char plain[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    size_t size = strlen(types);
    if (size > OYEZ_EVENT_TYPE_SIZE_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        plain[i] = types[i] == '*' ? '-' : types[i];
    return size == 0 || oyez_topic_is_valid(plain, size);
}

static const char *judge(const struct header_option *option, const struct header_rule *rule)
{
    bool defaults = rule->default_value != NULL || is_place(&rule->default_from);
    if (!is_place(&rule->place))
        return "it names no field";
    if ((rule->allowed_count > 0 || defaults) && !is_text(&rule->place))
        return "allowed and defaults are for texts";
    if (is_place(&rule->default_from) && !is_text(&rule->default_from))
        return "default_from is no text";
    if (rule->default_value != NULL && is_place(&rule->default_from))
        return "default_value and default_from cannot both be";
    if (!rule->required && rule->allowed_count == 0 && !defaults)
        return "it asks for nothing";
    if (rule->default_value != NULL && rule->allowed_count > 0 &&
        !is_allowed(rule, rule->default_value, strlen(rule->default_value)))
        return "default_value is not allowed";
    return is_glob(option->types) ? NULL : "types is no pattern over event types";
}

static oyez_err compile_rule(struct header_rule *out, struct descriptor_set *set,
                             const struct descriptor_file *file, const struct header_option *option)
{
    *out = (struct header_rule){.name = option->field,
                                .default_value =
                                    option->has_default_value ? option->default_value : NULL,
                                .allowed = option->allowed,
                                .allowed_count = option->allowed_count,
                                .required = option->required};
    const char *fault = NULL;
    if (!find_place(&out->place, option->field) || !find_place(&out->when, option->when) ||
        !find_place(&out->default_from, option->default_from))
        fault = "headers have no such field, or no event is without it";
    if (fault == NULL)
        fault = judge(option, out);
    if (fault == NULL)
        return OYEZ_OK;
    return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL, "header rule for \"%.60s\": %s",
                           option->field, fault);
}

oyez_err header_rules_compile(const struct header_rule **out, size_t *count,
                              struct descriptor_set *set, const struct descriptor_file *file,
                              const struct catalog_options *catalog, const char *event_type)
{
    struct header_rule *rules = arena_take(&set->arena, catalog->header_count, sizeof *rules);
    *count = 0;
    *out = rules;
    if (rules == NULL)
        return descriptor_no_memory(set);
    for (size_t i = 0; i < catalog->header_count; i++) {
        const struct header_option *option = &catalog->header[i];
        oyez_err err = compile_rule(&rules[*count], set, file, option);
        if (err != OYEZ_OK)
            return err;
        if (option->types[0] == '\0' || glob_matches(option->types, event_type))
            (*count)++;
    }
    return OYEZ_OK;
}

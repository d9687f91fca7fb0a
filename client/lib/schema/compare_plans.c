// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/compare.h"

#define PAIRS_MAX 256u
#define PATH_SIZE 256u

// Two versions of a message, and the way to them. Each pair is compared once, at the first way.
struct pair {
    const struct plan *before;
    const struct plan *after;
    char path[PATH_SIZE];
};

struct pairs {
    struct pair items[PAIRS_MAX];
    size_t count;
};

static void want(struct pairs *pairs, const struct plan *before, const struct plan *after,
                 const char *path)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (pairs->items[i].before == before && pairs->items[i].after == after)
            return;
    }
    if (pairs->count == PAIRS_MAX)
        return;
    struct pair *pair = &pairs->items[pairs->count++];
    pair->before = before;
    pair->after = after;
    snprintf(pair->path, sizeof pair->path, "%s", path);
}

static const char *kind_name(enum plan_kind kind)
{
    static const char *const names[] = {
        "",         "double", "float",  "int32",   "int64",   "uint32",
        "uint64",   "sint32", "sint64", "fixed32", "fixed64", "sfixed32",
        "sfixed64", "bool",   "string", "bytes",   "enum",    "message",
    };
    return names[kind];
}

static void name_kind(char out[80], const struct plan_field *field)
{
    const struct plan_field *value = field->map ? &field->message->fields[1] : field;
    const char *kind = value->rules.json || field->rules.json ? "JSON" : kind_name(value->kind);
    if (field->map)
        snprintf(out, 80, "map of %s to %s", kind_name(field->message->fields[0].kind), kind);
    else
        snprintf(out, 80, "%s%s", field->repeated ? "list of " : "", kind);
}

static void compare_enums(struct compare *compare, const char *path, const struct plan_enum *before,
                          const struct plan_enum *after)
{
    char old_text[16];
    char new_text[16];
    for (size_t i = 0; i < before->count; i++) {
        const struct plan_text *name = &before->values[i].name;
        const struct plan_enum_value *now = plan_enum_by_name(after, name->text, name->size);
        if (now == NULL) {
            now = plan_enum_by_number(after, before->values[i].number);
            compare_tell(compare, path, now != NULL ? "enum value renamed" : "enum value removed",
                         name->text, now != NULL ? now->name.text : NULL, OYEZ_CHANGE_MAJOR);
        } else if (now->number != before->values[i].number) {
            snprintf(old_text, sizeof old_text, "%d", before->values[i].number);
            snprintf(new_text, sizeof new_text, "%d", now->number);
            compare_tell(compare, path, "enum value renumbered", old_text, new_text,
                         OYEZ_CHANGE_MAJOR);
        }
    }
    for (size_t i = 0; i < after->count; i++) {
        const struct plan_enum_value *value = &after->values[i];
        if (plan_enum_by_name(before, value->name.text, value->name.size) == NULL &&
            plan_enum_by_number(before, value->number) == NULL)
            compare_tell(compare, path, "enum value added", NULL, value->name.text,
                         OYEZ_CHANGE_MINOR);
    }
}

// What the values are made of; both are of one kind.
static void compare_values(struct compare *compare, const char *path, struct pairs *pairs,
                           const struct plan_field *before, const struct plan_field *after)
{
    const struct plan_field *old_value = before->map ? &before->message->fields[1] : before;
    const struct plan_field *new_value = after->map ? &after->message->fields[1] : after;
    if (old_value->kind == PLAN_ENUM)
        compare_enums(compare, path, old_value->enumeration, new_value->enumeration);
    if (old_value->kind == PLAN_MESSAGE)
        want(pairs, old_value->message, new_value->message, path);
}

static void compare_field(struct compare *compare, const char *path, struct pairs *pairs,
                          const struct plan_field *before, const struct plan_field *after)
{
    char old_kind[80];
    char new_kind[80];
    name_kind(old_kind, before);
    name_kind(new_kind, after);
    if (strcmp(old_kind, new_kind) != 0) {
        compare_tell(compare, path, "kind changed", old_kind, new_kind, OYEZ_CHANGE_MAJOR);
        return;
    }
    if (before->presence != after->presence)
        compare_tell(compare, path, after->presence ? "presence added" : "presence removed", NULL,
                     NULL, after->presence ? OYEZ_CHANGE_MINOR : OYEZ_CHANGE_MAJOR);
    if ((before->oneof != 0) != (after->oneof != 0))
        compare_tell(compare, path, after->oneof != 0 ? "oneof joined" : "oneof left", NULL, NULL,
                     after->oneof != 0 ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
    compare_values(compare, path, pairs, before, after);
    compare_rules(compare, path, before, after);
    compare_texts(compare, path, "description changed", before->doc, after->doc, OYEZ_CHANGE_PATCH);
}

static void join(char out[PATH_SIZE], const char *path, const char *name)
{
    snprintf(out, PATH_SIZE, "%.*s%s%s", (int)(PATH_SIZE - 80), path, path[0] != '\0' ? "." : "",
             name);
}

// A name is what JSON knows a field by, and its number what protobuf does.
static void compare_before(struct compare *compare, struct pairs *pairs, const struct pair *pair,
                           const struct plan_field *before)
{
    char path[PATH_SIZE];
    char old_text[16];
    char new_text[16];
    join(path, pair->path, before->name.text);
    const struct plan_field *named =
        plan_field_by_name(pair->after, before->name.text, before->name.size);
    const struct plan_field *numbered = plan_field_by_number(pair->after, before->number);
    if (named == NULL && numbered == NULL) {
        compare_tell(compare, path, "field removed", NULL, NULL, OYEZ_CHANGE_MAJOR);
        return;
    }
    if (named == NULL) {
        compare_tell(compare, path, "field renamed", before->name.text, numbered->name.text,
                     OYEZ_CHANGE_MAJOR);
        named = numbered;
    } else if (named->number != before->number) {
        snprintf(old_text, sizeof old_text, "%u", before->number);
        snprintf(new_text, sizeof new_text, "%u", named->number);
        compare_tell(compare, path, "field renumbered", old_text, new_text, OYEZ_CHANGE_MAJOR);
    }
    compare_field(compare, path, pairs, before, named);
}

static void compare_pair(struct compare *compare, struct pairs *pairs, const struct pair *pair)
{
    char path[PATH_SIZE];
    for (size_t i = 0; i < pair->before->field_count; i++)
        compare_before(compare, pairs, pair, &pair->before->fields[i]);
    for (size_t i = 0; i < pair->after->field_count; i++) {
        const struct plan_field *after = &pair->after->fields[i];
        const struct plan_field *old = plan_field_by_number(pair->before, after->number);
        bool renamed =
            old != NULL && plan_field_by_name(pair->after, old->name.text, old->name.size) == NULL;
        if (renamed || plan_field_by_name(pair->before, after->name.text, after->name.size) != NULL)
            continue;
        join(path, pair->path, after->name.text);
        compare_tell(compare, path, after->rules.required ? "required field added" : "field added",
                     NULL, NULL, after->rules.required ? OYEZ_CHANGE_MAJOR : OYEZ_CHANGE_MINOR);
    }
}

oyez_err compare_plans(struct compare *compare, const struct plan *before, const struct plan *after)
{
    struct pairs *pairs = calloc(1, sizeof *pairs);
    if (pairs == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to compare %s", after->name);
    want(pairs, before, after, "");
    for (size_t i = 0; i < pairs->count; i++) {
        struct pair pair = pairs->items[i];
        compare_pair(compare, pairs, &pair);
    }
    free(pairs);
    return OYEZ_OK;
}

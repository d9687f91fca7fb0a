// SPDX-License-Identifier: MIT
#include "schema/export_markdown.h"

#include <string.h>

#include "schema/export_text.h"
#include "schema/number_text.h"

#define PLANS_MAX 64u

struct plans {
    const struct plan *items[PLANS_MAX];
    size_t count;
};

void export_markdown_text(struct json_text *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|')
            json_text_put_words(out, "\\|");
        else if (*at == '<')
            json_text_put_words(out, "&lt;");
        else
            json_text_put(out, at, 1);
    }
}

static const char *short_name(const struct plan *plan)
{
    const char *dot = strrchr(plan->name, '.');
    return dot != NULL ? dot + 1 : plan->name;
}

static const char *kind_name(const struct plan_field *field, const struct plan_rules *rules)
{
    static const char *const names[] = {
        [PLAN_DOUBLE] = "number",   [PLAN_FLOAT] = "number",      [PLAN_INT32] = "int32",
        [PLAN_INT64] = "int64",     [PLAN_UINT32] = "uint32",     [PLAN_UINT64] = "uint64",
        [PLAN_SINT32] = "sint32",   [PLAN_SINT64] = "sint64",     [PLAN_FIXED32] = "fixed32",
        [PLAN_FIXED64] = "fixed64", [PLAN_SFIXED32] = "sfixed32", [PLAN_SFIXED64] = "sfixed64",
        [PLAN_BOOL] = "boolean",    [PLAN_STRING] = "string",     [PLAN_BYTES] = "bytes",
        [PLAN_ENUM] = "enum",       [PLAN_MESSAGE] = "message",
    };
    if (rules->json)
        return "JSON";
    if (field->kind == PLAN_MESSAGE && field->message->special == PLAN_TIMESTAMP)
        return "timestamp";
    if (field->kind == PLAN_MESSAGE && field->message->special == PLAN_DURATION)
        return "duration";
    return field->kind == PLAN_MESSAGE ? short_name(field->message) : names[field->kind];
}

static void put_kind(struct json_text *out, const struct plan_field *field)
{
    const struct plan_rules *rules = &field->rules;
    if (field->map) {
        const struct plan_field *entry = field->message->fields;
        export_print(out, "map of %s to %s", kind_name(&entry[0], &entry[0].rules),
                     kind_name(&entry[1], rules));
        return;
    }
    export_print(out, "%s%s", field->repeated ? "list of " : "", kind_name(field, rules));
}

// Puts what stands before each rule of a list.
struct list {
    struct json_text *out;
    bool begun;
};

static void next(struct list *list)
{
    json_text_put_words(list->out, list->begun ? "; " : "");
    list->begun = true;
}

static const char *unit_of(const struct plan_field *field)
{
    if (field->repeated)
        return "elements";
    return field->kind == PLAN_BYTES ? "bytes" : "characters";
}

static void put_lengths(struct list *list, const struct plan_field *field)
{
    const struct plan_rules *rules = &field->rules;
    if (rules->min_length == 0 && !rules->has_max_length)
        return;
    next(list);
    if (rules->min_length == rules->max_length)
        export_print(list->out, "%u %s", rules->min_length, unit_of(field));
    else if (!rules->has_max_length)
        export_print(list->out, "at least %u %s", rules->min_length, unit_of(field));
    else if (rules->min_length == 0)
        export_print(list->out, "at most %u %s", rules->max_length, unit_of(field));
    else
        export_print(list->out, "%u to %u %s", rules->min_length, rules->max_length,
                     unit_of(field));
}

static void put_limit(struct list *list, const char *words, double limit)
{
    char text[NUMBER_TEXT_SIZE];
    next(list);
    number_to_text(limit, text);
    export_print(list->out, "%s %s", words, text);
}

static void put_words(struct list *list, const struct plan_field *field)
{
    const struct plan_rules *rules = &field->rules;
    const struct plan_field *value = field->map ? &field->message->fields[1] : field;
    if (rules->allowed_count > 0) {
        next(list);
        for (size_t i = 0; i < rules->allowed_count; i++) {
            json_text_put_words(list->out, i > 0 ? ", `" : "`");
            export_markdown_text(list->out, rules->allowed[i].text);
            json_text_put_words(list->out, "`");
        }
    } else if (value->kind == PLAN_ENUM) {
        next(list);
        for (size_t i = 0; i < value->enumeration->count; i++)
            export_print(list->out, "%s`%s`", i > 0 ? ", " : "",
                         value->enumeration->values[i].name.text);
    }
}

static void put_rules(struct json_text *out, const struct plan_field *field)
{
    static const char *const formats[] = {"", "UUID", "RFC 3339", "e-mail", "semantic version"};
    const struct plan_rules *rules = &field->rules;
    struct list list = {out, false};
    if (rules->required) {
        next(&list);
        json_text_put_words(out, "**required**");
    }
    put_lengths(&list, field);
    if (rules->has_min)
        put_limit(&list, "from", rules->min);
    if (rules->has_max)
        put_limit(&list, "to", rules->max);
    put_words(&list, field);
    if (rules->format != PLAN_FORMAT_NONE) {
        next(&list);
        json_text_put_words(out, formats[rules->format]);
    }
    if (rules->truncate > 0) {
        next(&list);
        export_print(out, "cut to %u characters", rules->truncate);
    }
    if (rules->indexed) {
        next(&list);
        json_text_put_words(out, "indexed");
    }
    if (rules->deprecated != NULL) {
        next(&list);
        json_text_put_words(out, "deprecated: ");
        export_markdown_text(out, rules->deprecated);
    }
}

static void put_table(struct json_text *out, const struct plan *plan, struct plans *plans)
{
    json_text_put_words(out, "| field | type | rules | what it is |\n|---|---|---|---|\n");
    for (size_t i = 0; i < plan->field_count; i++) {
        const struct plan_field *field = &plan->fields[i];
        const struct plan_field *value = field->map ? &field->message->fields[1] : field;
        export_print(out, "| `%s` | ", field->name.text);
        put_kind(out, field);
        json_text_put_words(out, " | ");
        put_rules(out, field);
        json_text_put_words(out, " | ");
        export_markdown_text(out, field->doc);
        json_text_put_words(out, " |\n");
        bool known = value->kind != PLAN_MESSAGE || value->message->special != PLAN_ORDINARY;
        for (size_t p = 0; p < plans->count && !known; p++)
            known = plans->items[p] == value->message;
        if (!known && plans->count < PLANS_MAX)
            plans->items[plans->count++] = value->message;
    }
}

void export_markdown_fields(struct json_text *out, const struct plan *plan)
{
    struct plans plans = {.items = {plan}, .count = 1};
    put_table(out, plan, &plans);
    for (size_t i = 1; i < plans.count; i++) {
        export_print(out, "\nFields of %s:\n\n", short_name(plans.items[i]));
        put_table(out, plans.items[i], &plans);
    }
}

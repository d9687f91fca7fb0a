// SPDX-License-Identifier: MIT
#include "schema/export_example.h"

#include <stdio.h>
#include <string.h>

#include "json_scan.h"
#include "schema/export_text.h"
#include "schema/number_text.h"
#include "schema/options.h"

// Messages inside one another; one that holds itself ends here.
#define DEPTH_MAX 4u

static bool put_message(struct json_text *out, const struct plan *plan, unsigned depth);

static const char *text_of_format(enum plan_format format)
{
    static const char *const texts[] = {
        [PLAN_FORMAT_NONE] = "example",
        [PLAN_FORMAT_UUID] = "0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01",
        [PLAN_FORMAT_TIMESTAMP] = "2026-03-18T09:30:58Z",
        [PLAN_FORMAT_EMAIL] = "ada@example.org",
        [PLAN_FORMAT_SEMVER] = "1.0.0",
    };
    return texts[format];
}

static void put_text(struct json_text *out, const struct plan_rules *rules, bool repeated)
{
    char text[256];
    size_t size = strlen(text_of_format(rules->format));
    memcpy(text, text_of_format(rules->format), size);
    bool free_length = rules->format == PLAN_FORMAT_NONE && !repeated;
    while (free_length && size < rules->min_length && size < sizeof text)
        text[size++] = 'x';
    if (free_length && size > rules->max_length)
        size = rules->max_length;
    json_text_put_string(out, text, size);
}

static void put_number(struct json_text *out, const struct plan_rules *rules)
{
    char text[NUMBER_TEXT_SIZE];
    double value = rules->has_min && rules->min > 1 ? rules->min : 1;
    if (rules->has_max && value > rules->max)
        value = rules->max;
    number_to_text(value, text);
    json_text_put_words(out, text);
}

// A value of one element by the rules alone.
static bool put_fitting(struct json_text *out, const struct plan_field *field,
                        const struct plan_rules *rules, unsigned depth)
{
    bool quoted = field->kind == PLAN_STRING || field->kind == PLAN_ENUM;
    if (rules->allowed_count > 0 && quoted) {
        json_text_put_string(out, rules->allowed[0].text, rules->allowed[0].size);
    } else if (rules->allowed_count > 0) {
        json_text_put(out, rules->allowed[0].text, rules->allowed[0].size);
    } else if (field->kind == PLAN_ENUM) {
        const struct plan_enum *e = field->enumeration;
        json_text_put_string(out, e->values[e->count - 1].name.text,
                             e->values[e->count - 1].name.size);
    } else if (field->kind == PLAN_MESSAGE) {
        return put_message(out, field->message, depth + 1);
    } else if (rules->json) {
        json_text_put_words(out, "{}");
    } else if (field->kind == PLAN_STRING) {
        put_text(out, rules, false);
    } else if (field->kind == PLAN_BYTES) {
        json_text_put_words(out, "\"AAEC\"");
    } else if (field->kind == PLAN_BOOL) {
        json_text_put_words(out, "true");
    } else {
        put_number(out, rules);
    }
    return true;
}

static bool put_elements(struct json_text *out, const struct plan_field *field, unsigned depth)
{
    const struct plan_field *element = field->map ? &field->message->fields[1] : field;
    bool number_key = field->map && field->message->fields[0].kind != PLAN_STRING;
    bool bool_key = field->map && field->message->fields[0].kind == PLAN_BOOL;
    size_t start = out->size;
    json_text_put_words(out, field->map ? "{" : "[");
    if (field->map)
        json_text_put_words(out, bool_key ? "\"true\":" : number_key ? "\"1\":" : "\"example\":");
    struct plan_rules rules = field->rules;
    rules.min_length = 0;
    rules.has_max_length = false;
    rules.max_length = UINT32_MAX;
    bool put = put_fitting(out, element, &rules, depth);
    if (!put)
        out->size = start;
    else
        json_text_put_words(out, field->map ? "}" : "]");
    return put;
}

static bool put_field(struct json_text *out, const struct plan_field *field, unsigned depth)
{
    const struct plan_rules *rules = &field->rules;
    if (rules->example != NULL) {
        json_text_put_words(out, rules->example);
        return true;
    }
    bool message = field->kind == PLAN_MESSAGE && !field->map;
    if (!message && !rules->required)
        return false;
    return field->repeated ? put_elements(out, field, depth)
                           : put_fitting(out, field, rules, depth);
}

bool export_example_is_json(const char *example)
{
    struct oyez_json_fault fault;
    char list[OPTIONS_TEXT_SIZE_MAX + 3];
    // In a list, because the scanner takes no value of its own that is neither object nor list.
    int size = snprintf(list, sizeof list, "[%s]", example);
    return oyez_json_scan_nested(list, (size_t)size, OYEZ_JSON_DEPTH_MAX, &fault);
}

bool export_example_field(struct json_text *out, const struct plan_field *field)
{
    return put_field(out, field, 0);
}

static bool put_special(struct json_text *out, enum plan_special special)
{
    if (special == PLAN_TIMESTAMP)
        json_text_put_words(out, "\"2026-03-18T09:30:58Z\"");
    else if (special == PLAN_DURATION)
        json_text_put_words(out, "\"1.500s\"");
    return special != PLAN_ORDINARY;
}

// Of a oneof the first member alone. Recursion: DEPTH_MAX.
static bool put_message(struct json_text *out, const struct plan *plan, unsigned depth)
{
    uint64_t taken[OYEZ_PLAN_FIELDS_MAX / 64 + 1] = {0};
    if (put_special(out, plan->special))
        return true;
    if (depth > DEPTH_MAX)
        return false;
    const char *comma = "{";
    for (size_t i = 0; i < plan->field_count; i++) {
        const struct plan_field *field = &plan->fields[i];
        bool other = field->oneof != 0 && (taken[field->oneof / 64] >> (field->oneof % 64) & 1);
        if (other || (field->rules.deprecated != NULL && !field->rules.required))
            continue;
        size_t start = out->size;
        json_text_put_words(out, comma);
        json_text_put_string(out, field->name.text, field->name.size);
        json_text_put_words(out, ":");
        if (!put_field(out, field, depth)) {
            out->size = start;
            continue;
        }
        comma = ",";
        if (field->oneof != 0)
            taken[field->oneof / 64] |= UINT64_C(1) << (field->oneof % 64);
    }
    json_text_put_words(out, comma[0] == '{' ? "{}" : "}");
    return true;
}

void export_example_details(struct json_text *out, const struct plan *plan)
{
    put_message(out, plan, 0);
}

// SPDX-License-Identifier: MIT
// Rules that cannot be kept, or that say nothing about their field, are faults of the catalog: who
// wrote them believes that something is checked.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/compile.h"
#include "schema/format.h"
#include "schema/number_text.h"

static bool is_number(enum plan_kind kind)
{
    return kind >= PLAN_DOUBLE && kind <= PLAN_SFIXED64;
}

static bool is_floating(enum plan_kind kind)
{
    return kind == PLAN_DOUBLE || kind == PLAN_FLOAT;
}

static oyez_err check_lengths(const struct plan_field *field, const struct compile *compile)
{
    const struct plan_rules *rules = &field->rules;
    if (rules->min_length == 0 && !rules->has_max_length)
        return OYEZ_OK;
    if (!field->repeated && field->kind != PLAN_STRING && field->kind != PLAN_BYTES)
        return compile_fail(compile, field->name.text,
                            "min_length and max_length are for strings, bytes, lists and maps");
    if (rules->min_length > rules->max_length)
        return compile_fail(compile, field->name.text, "min_length is above max_length");
    return OYEZ_OK;
}

static oyez_err check_range(struct plan_field *field, const struct compile *compile,
                            enum plan_kind kind)
{
    struct plan_rules *rules = &field->rules;
    if (!rules->has_min && !rules->has_max)
        return OYEZ_OK;
    if (!is_number(kind))
        return compile_fail(compile, field->name.text, "min and max are for numbers");
    if ((rules->has_min && isnan(rules->min)) || (rules->has_max && isnan(rules->max)))
        return compile_fail(compile, field->name.text, "min or max is no number");
    if (rules->has_min && rules->has_max && rules->min > rules->max)
        return compile_fail(compile, field->name.text, "min is above max");
    // Of floats there is no 0.1 as a double has it: the limit is the float that one gets for it.
    if (kind == PLAN_FLOAT) {
        rules->min = (double)(float)rules->min;
        rules->max = (double)(float)rules->max;
    }
    return OYEZ_OK;
}

static oyez_err check_text_rules(const struct plan_field *field, const struct compile *compile,
                                 enum plan_kind kind)
{
    const struct plan_rules *rules = &field->rules;
    const char *name = field->name.text;
    bool text = kind == PLAN_STRING;
    if (!text && (rules->format != PLAN_FORMAT_NONE || rules->json || rules->truncate > 0))
        return compile_fail(compile, name, "format, json and truncate are for strings");
    if (rules->json && (rules->format != PLAN_FORMAT_NONE || rules->allowed_count > 0))
        return compile_fail(compile, name, "json goes with neither format nor allowed");
    bool indexable = (text && !rules->json) || (is_number(kind) && !is_floating(kind));
    if (rules->indexed && (!indexable || field->repeated))
        return compile_fail(compile, name, "indexed is for single strings and integers");
    if (rules->indexed && field->name.size > OYEZ_PLAN_INDEXED_NAME_MAX)
        return compile_fail(compile, name, "indexed: its name is longer than %u bytes",
                            OYEZ_PLAN_INDEXED_NAME_MAX);
    if (rules->indexed && text && rules->max_length > OYEZ_PLAN_INDEXED_SIZE_MAX)
        return compile_fail(compile, name, "indexed: max_length is not 1 to %u, which a tag holds",
                            OYEZ_PLAN_INDEXED_SIZE_MAX);
    if (rules->truncate == 0)
        return OYEZ_OK;
    if (rules->truncate < OYEZ_PLAN_TRUNCATE_MIN)
        return compile_fail(compile, name, "truncate is below %u: there is no room for the mark",
                            OYEZ_PLAN_TRUNCATE_MIN);
    if (rules->json || rules->format != PLAN_FORMAT_NONE || rules->allowed_count > 0)
        return compile_fail(compile, name, "truncate would break json, format or allowed");
    if (!field->repeated && rules->truncate > rules->max_length)
        return compile_fail(compile, name, "truncate is above max_length, so nothing is ever cut");
    return OYEZ_OK;
}

static int compare_texts(const void *left, const void *right)
{
    const struct plan_text *other = right;
    return plan_text_compare(left, other->text, other->size);
}

// Numbers are compared by their shortest text, so they are brought to it.
static oyez_err shorten_number(struct plan_text *allowed, const struct plan_field *field,
                               struct compile *compile, enum plan_kind kind)
{
    double value;
    char text[NUMBER_TEXT_SIZE];
    if (!number_from_text(allowed->text, &value))
        return compile_fail(compile, field->name.text, "allowed %.40s is no number", allowed->text);
    if (!is_floating(kind)) {
        const char *digits = allowed->text + (allowed->text[0] == '-');
        bool plain = strspn(digits, "0123456789") == strlen(digits) &&
                     (digits[0] != '0' || digits[1] == '\0') && strlen(digits) <= 20;
        return plain ? OYEZ_OK
                     : compile_fail(compile, field->name.text, "allowed %.40s is no plain integer",
                                    allowed->text);
    }
    allowed->size = number_to_text(kind == PLAN_FLOAT ? (double)(float)value : value, text);
    allowed->text = arena_text(&compile->set->arena, text, allowed->size);
    return allowed->text != NULL ? OYEZ_OK : descriptor_no_memory(compile->set);
}

static oyez_err sort_allowed(struct plan_field *field, struct compile *compile, enum plan_kind kind)
{
    struct plan_rules *rules = &field->rules;
    // Made a moment ago, and not given to anyone yet.
    struct plan_text *allowed = (struct plan_text *)(uintptr_t)rules->allowed;
    if (rules->allowed_count == 0)
        return OYEZ_OK;
    if (kind == PLAN_BYTES || kind == PLAN_MESSAGE)
        return compile_fail(compile, field->name.text,
                            "allowed is for strings, numbers, enums and bool");
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; i < rules->allowed_count && err == OYEZ_OK && is_number(kind); i++)
        err = shorten_number(&allowed[i], field, compile, kind);
    qsort(allowed, rules->allowed_count, sizeof *allowed, compare_texts);
    return err;
}

static oyez_err check_required(const struct plan_field *field, const struct compile *compile,
                               bool presence)
{
    if (!field->rules.required)
        return OYEZ_OK;
    if (field->oneof != 0)
        return compile_fail(compile, field->name.text, "a member of a oneof cannot be required");
    bool empty_is_absent = field->kind == PLAN_STRING || field->kind == PLAN_BYTES;
    if (!presence && !empty_is_absent)
        return compile_fail(compile, field->name.text,
                            "is required and not optional, so that its zero could not be given");
    return OYEZ_OK;
}

oyez_err compile_rules(struct plan_field *field, struct compile *compile, enum plan_kind kind,
                       bool presence)
{
    struct plan_rules *rules = &field->rules;
    oyez_err err = check_lengths(field, compile);
    if (err == OYEZ_OK)
        err = check_range(field, compile, kind);
    if (err == OYEZ_OK)
        err = check_text_rules(field, compile, kind);
    if (err == OYEZ_OK)
        err = check_required(field, compile, presence);
    if (err == OYEZ_OK)
        err = sort_allowed(field, compile, kind);
    if (err != OYEZ_OK)
        return err;
    field->has_rules = rules->min_length > 0 || rules->has_max_length || rules->has_min ||
                       rules->has_max || rules->allowed_count > 0 || rules->json ||
                       rules->indexed || rules->format != PLAN_FORMAT_NONE;
    if (rules->deprecated == NULL)
        return OYEZ_OK;
    field->deprecated_told = arena_take(&compile->set->arena, 1, sizeof(atomic_bool));
    return field->deprecated_told != NULL ? OYEZ_OK : descriptor_no_memory(compile->set);
}

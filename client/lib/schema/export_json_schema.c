// SPDX-License-Identifier: MIT
// The form that is written, and no other that is read as well: a schema that took numbers as text
// could not hold them to their range.
#include "schema/export_json_schema.h"

#include <math.h>
#include <string.h>

#include "schema/export_example.h"
#include "schema/export_text.h"
#include "schema/number_text.h"

#define PLANS_MAX 256u

#define PATTERN_EMAIL "^[^\\s@()<>\\[\\]:;,\\\\\"]{1,64}@[^\\s@.]+(\\.[^\\s@.]+)+$"
#define PATTERN_SEMVER                                                                             \
    "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)"                                         \
    "(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"                                               \
    "(\\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"                                         \
    "(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$"
#define PATTERN_DURATION "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$"
#define PATTERN_INTEGER "^(0|-?[1-9][0-9]{0,19})$"
#define PATTERN_NATURAL "^(0|[1-9][0-9]{0,19})$"
#define PATTERN_BASE64 "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

// The messages that are described, each once.
struct plans {
    const struct plan *items[PLANS_MAX];
    size_t count;
};

static void want(struct plans *plans, const struct plan *plan)
{
    for (size_t i = 0; i < plans->count; i++) {
        if (plans->items[i] == plan)
            return;
    }
    if (plans->count < PLANS_MAX)
        plans->items[plans->count++] = plan;
}

static void put_pattern(struct json_text *out, const char *pattern)
{
    json_text_put_words(out, ",\"pattern\":");
    export_string(out, pattern);
}

static void put_format(struct json_text *out, enum plan_format format)
{
    switch (format) {
    case PLAN_FORMAT_UUID:
        json_text_put_words(out, ",\"format\":\"uuid\"");
        put_pattern(out, PATTERN_UUID);
        break;
    case PLAN_FORMAT_TIMESTAMP:
        json_text_put_words(out, ",\"format\":\"date-time\"");
        put_pattern(out, PATTERN_TIMESTAMP);
        break;
    case PLAN_FORMAT_EMAIL:
        json_text_put_words(out, ",\"format\":\"email\"");
        put_pattern(out, PATTERN_EMAIL);
        break;
    case PLAN_FORMAT_SEMVER:
        put_pattern(out, PATTERN_SEMVER);
        break;
    case PLAN_FORMAT_NONE:
        break;
    }
}

static void put_allowed(struct json_text *out, const struct plan_rules *rules, bool quoted)
{
    for (size_t i = 0; i < rules->allowed_count; i++) {
        json_text_put_words(out, i == 0 ? ",\"enum\":[" : ",");
        if (quoted)
            json_text_put_string(out, rules->allowed[i].text, rules->allowed[i].size);
        else
            json_text_put(out, rules->allowed[i].text, rules->allowed[i].size);
    }
    json_text_put_words(out, rules->allowed_count > 0 ? "]" : "");
}

// `whole`: of the field itself, not of elements, whose number its lengths are about.
static void put_string(struct json_text *out, const struct plan_rules *rules, bool whole)
{
    if (rules->json) {
        json_text_put_words(out, "\"type\":[\"object\",\"array\"]");
        return;
    }
    json_text_put_words(out, "\"type\":\"string\"");
    uint32_t least = rules->required && rules->min_length == 0 ? 1 : rules->min_length;
    if (whole && least > 0)
        export_print(out, ",\"minLength\":%u", least);
    // What is longer than it may be is cut before it is judged.
    if (whole && rules->has_max_length && rules->truncate == 0)
        export_print(out, ",\"maxLength\":%u", rules->max_length);
    put_allowed(out, rules, true);
    put_format(out, rules->format);
}

static void put_bytes(struct json_text *out, const struct plan_rules *rules, bool whole)
{
    json_text_put_words(out, "\"type\":\"string\",\"contentEncoding\":\"base64\"");
    put_pattern(out, PATTERN_BASE64);
    uint64_t least = rules->required && rules->min_length == 0 ? 1 : rules->min_length;
    if (whole && least > 0)
        export_print(out, ",\"minLength\":%llu", (unsigned long long)(least + 2) / 3 * 4);
    if (whole && rules->has_max_length)
        export_print(out, ",\"maxLength\":%llu",
                     ((unsigned long long)rules->max_length + 2) / 3 * 4);
}

static void put_limit(struct json_text *out, const char *word, double value)
{
    char text[NUMBER_TEXT_SIZE];
    if (!isfinite(value))
        return;
    number_to_text(value, text);
    export_print(out, ",\"%s\":%s", word, text);
}

// The range of the kind and that of the rules.
static void put_range(struct json_text *out, const struct plan_rules *rules, double low,
                      double high)
{
    put_limit(out, "minimum", rules->has_min && rules->min > low ? rules->min : low);
    put_limit(out, "maximum", rules->has_max && rules->max < high ? rules->max : high);
}

static void put_long(struct json_text *out, const struct plan_rules *rules, bool is_unsigned)
{
    // The double below 2^63 and 2^64: what is between it and them is given as text.
    json_text_put_words(out, "\"anyOf\":[{\"type\":\"integer\"");
    put_range(out, rules, is_unsigned ? 0 : -0x1p63,
              is_unsigned ? 0x1.fffffffffffffp63 : 0x1.fffffffffffffp62);
    put_allowed(out, rules, false);
    json_text_put_words(out, "},{\"type\":\"string\"");
    put_pattern(out, is_unsigned ? PATTERN_NATURAL : PATTERN_INTEGER);
    put_allowed(out, rules, true);
    json_text_put_words(out, "}]");
}

static void put_number(struct json_text *out, enum plan_kind kind, const struct plan_rules *rules)
{
    switch (kind) {
    case PLAN_DOUBLE:
    case PLAN_FLOAT:
        json_text_put_words(out, "\"type\":\"number\"");
        put_range(out, rules, -INFINITY, INFINITY);
        break;
    case PLAN_UINT32:
    case PLAN_FIXED32:
        json_text_put_words(out, "\"type\":\"integer\"");
        put_range(out, rules, 0, UINT32_MAX);
        break;
    case PLAN_UINT64:
    case PLAN_FIXED64:
        put_long(out, rules, true);
        return;
    case PLAN_INT64:
    case PLAN_SINT64:
    case PLAN_SFIXED64:
        put_long(out, rules, false);
        return;
    default:
        json_text_put_words(out, "\"type\":\"integer\"");
        put_range(out, rules, INT32_MIN, INT32_MAX);
    }
    put_allowed(out, rules, false);
}

static void put_enum(struct json_text *out, const struct plan_field *field,
                     const struct plan_rules *rules)
{
    const struct plan_enum *e = field->enumeration;
    if (rules->allowed_count > 0) {
        json_text_put_words(out, "\"type\":\"string\"");
        put_allowed(out, rules, true);
        return;
    }
    json_text_put_words(out, "\"enum\":[");
    for (size_t i = 0; i < e->count; i++) {
        json_text_put_words(out, i > 0 ? "," : "");
        json_text_put_string(out, e->values[i].name.text, e->values[i].name.size);
    }
    json_text_put_words(out, "]");
}

static void put_message(struct json_text *out, const struct plan *plan, struct plans *plans)
{
    if (plan->special != PLAN_ORDINARY) {
        json_text_put_words(out, "\"type\":\"string\"");
        if (plan->special == PLAN_TIMESTAMP)
            put_format(out, PLAN_FORMAT_TIMESTAMP);
        else
            put_pattern(out, PATTERN_DURATION);
        return;
    }
    want(plans, plan);
    export_print(out, "\"$ref\":\"#/$defs/%s\"", plan->name);
}

// The members that describe one value.
static void put_value(struct json_text *out, const struct plan_field *field,
                      const struct plan_rules *rules, bool whole, struct plans *plans)
{
    switch (field->kind) {
    case PLAN_STRING:
        put_string(out, rules, whole);
        break;
    case PLAN_BYTES:
        put_bytes(out, rules, whole);
        break;
    case PLAN_BOOL:
        json_text_put_words(out, "\"type\":\"boolean\"");
        put_allowed(out, rules, false);
        break;
    case PLAN_ENUM:
        put_enum(out, field, rules);
        break;
    case PLAN_MESSAGE:
        put_message(out, field->message, plans);
        break;
    default:
        put_number(out, field->kind, rules);
    }
}

static void put_keys(struct json_text *out, const struct plan_field *key)
{
    if (key->kind == PLAN_STRING)
        return;
    if (key->kind == PLAN_BOOL)
        json_text_put_words(out, ",\"propertyNames\":{\"enum\":[\"true\",\"false\"]}");
    else
        json_text_put_words(out, ",\"propertyNames\":{\"pattern\":\"" PATTERN_INTEGER "\"}");
}

static void put_elements(struct json_text *out, const struct plan_field *field, struct plans *plans)
{
    const struct plan_rules *rules = &field->rules;
    const char *noun = field->map ? "Properties" : "Items";
    json_text_put_words(out, field->map ? "\"type\":\"object\"" : "\"type\":\"array\"");
    if (field->map)
        put_keys(out, &field->message->fields[0]);
    json_text_put_words(out, field->map ? ",\"additionalProperties\":{" : ",\"items\":{");
    put_value(out, field->map ? &field->message->fields[1] : field, rules, false, plans);
    json_text_put_words(out, "}");
    uint32_t least = rules->required && rules->min_length == 0 ? 1 : rules->min_length;
    if (least > 0)
        export_print(out, ",\"min%s\":%u", noun, least);
    if (rules->has_max_length)
        export_print(out, ",\"max%s\":%u", noun, rules->max_length);
}

static void put_property(struct json_text *out, const struct plan_field *field, struct plans *plans)
{
    json_text_put_string(out, field->name.text, field->name.size);
    json_text_put_words(out, ":{");
    if (field->doc[0] != '\0') {
        json_text_put_words(out, "\"description\":");
        export_string(out, field->doc);
        json_text_put_words(out, ",");
    }
    if (field->repeated)
        put_elements(out, field, plans);
    else
        put_value(out, field, &field->rules, true, plans);
    if (field->rules.deprecated != NULL)
        json_text_put_words(out, ",\"deprecated\":true");
    if (field->rules.example != NULL && export_example_is_json(field->rules.example))
        export_print(out, ",\"examples\":[%s]", field->rules.example);
    json_text_put_words(out, "}");
}

static void put_object(struct json_text *out, const struct plan *plan, struct plans *plans)
{
    json_text_put_words(out, "{\"type\":\"object\",\"additionalProperties\":false,"
                             "\"properties\":{");
    for (size_t i = 0; i < plan->field_count; i++) {
        json_text_put_words(out, i > 0 ? "," : "");
        put_property(out, &plan->fields[i], plans);
    }
    json_text_put_words(out, "}");
    const char *before = ",\"required\":[";
    for (size_t i = 0; i < plan->field_count; i++) {
        if (!plan->fields[i].rules.required)
            continue;
        json_text_put_words(out, before);
        json_text_put_string(out, plan->fields[i].name.text, plan->fields[i].name.size);
        before = ",";
    }
    json_text_put_words(out, plan->has_required ? "]}" : "}");
}

void export_json_schema_definitions(struct json_text *out, const struct plan *plan)
{
    struct plans plans = {.count = 0};
    json_text_put_words(out, "\"details\":");
    // A message without fields is one that says nothing of its details.
    if (plan == NULL || plan->field_count == 0) {
        json_text_put_words(out, "{\"type\":\"object\"}");
        return;
    }
    put_object(out, plan, &plans);
    for (size_t i = 0; i < plans.count; i++) {
        export_print(out, ",\"%s\":", plans.items[i]->name);
        put_object(out, plans.items[i], &plans);
    }
}

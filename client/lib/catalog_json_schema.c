// SPDX-License-Identifier: MIT
// Whole events in JSON Schema: the header as every event has it, the catalog's header rules, and
// the details.
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "catalog_set.h"
#include "oyez/catalog_tools.h"
#include "schema/export_json_schema.h"
#include "schema/export_text.h"

#define PATTERN_TRACEPARENT "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"

static void put_event_type(struct json_text *out, const struct oyez_type *type)
{
    if (!type->open) {
        json_text_put_words(out, "\"const\":");
        export_string(out, type->name);
        return;
    }
    json_text_put_words(out, "\"type\":\"string\",\"maxLength\":200,\"pattern\":\"^");
    for (const char *at = type->name; *at != '*'; at++)
        export_print(out, *at == '.' ? "\\\\%c" : "%c", *at);
    json_text_put_words(out, "[A-Za-z0-9._-]+$\"");
}

static void put_header_field(struct json_text *out, const struct oyez_header_field *field,
                             const struct oyez_type *type)
{
    export_print(out, "\"%s\":{\"description\":", field->name);
    export_string(out, field->help);
    json_text_put_words(out, ",");
    if (strcmp(field->name, "event_type") == 0) {
        put_event_type(out, type);
    } else if (field->kind == OYEZ_HEADER_UINT) {
        json_text_put_words(out, "\"type\":\"integer\",\"minimum\":0");
    } else {
        json_text_put_words(out, "\"type\":\"string\",\"maxLength\":1024");
        const char *pattern = NULL;
        if (field->kind == OYEZ_HEADER_UUID)
            pattern = PATTERN_UUID;
        else if (field->kind == OYEZ_HEADER_TIME)
            pattern = PATTERN_TIMESTAMP;
        else if (strcmp(field->name, "traceparent") == 0)
            pattern = PATTERN_TRACEPARENT;
        json_text_put_words(out, pattern != NULL ? ",\"pattern\":" : "");
        if (pattern != NULL)
            export_string(out, pattern);
    }
    json_text_put_words(out, "},");
}

static void put_properties(struct json_text *out, const struct oyez_type *type)
{
    json_text_put_words(out, "\"properties\":{");
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++)
        put_header_field(out, &oyez_header_fields[i], type);
    json_text_put_words(out, "\"tags\":{\"type\":\"object\",\"maxProperties\":32,"
                             "\"propertyNames\":{\"pattern\":\"^[A-Za-z0-9._-]{1,64}$\"},"
                             "\"additionalProperties\":{\"type\":\"string\",\"maxLength\":256}},"
                             "\"details\":{\"$ref\":\"#/$defs/details\"}");
    // Of events that were read; emit passes over them.
    json_text_put_words(out, ",\"epoch\":true,\"position\":true,\"broker_time\":true,"
                             "\"index\":true,\"cursor\":true}");
}

static bool is_place(const struct header_place *place)
{
    return place->field != NULL || place->tag != NULL;
}

// A schema that asks for the place, and with `rule` for one of its values.
static void put_presence(struct json_text *out, const struct header_place *place)
{
    if (place->tag == NULL) {
        export_print(out, "\"required\":[\"%s\"]", place->field->name);
        return;
    }
    json_text_put_words(out, "\"required\":[\"tags\"],\"properties\":{\"tags\":{\"required\":[");
    export_string(out, place->tag);
    json_text_put_words(out, "]}}");
}

static void put_required(struct json_text *out, const struct header_rule *rule)
{
    if (is_place(&rule->default_from)) {
        json_text_put_words(out, "{\"anyOf\":[{");
        put_presence(out, &rule->place);
        json_text_put_words(out, "},{");
        put_presence(out, &rule->default_from);
        json_text_put_words(out, "}]}");
        return;
    }
    json_text_put_words(out, "{");
    put_presence(out, &rule->place);
    if (rule->place.tag == NULL && rule->place.field->kind == OYEZ_HEADER_TEXT)
        export_print(out, ",\"properties\":{\"%s\":{\"minLength\":1}}", rule->name);
    json_text_put_words(out, "}");
}

static void put_allowed(struct json_text *out, const struct header_rule *rule)
{
    bool tag = rule->place.tag != NULL;
    json_text_put_words(out,
                        tag ? "{\"properties\":{\"tags\":{\"properties\":{" : "{\"properties\":{");
    export_string(out, tag ? rule->place.tag : rule->name);
    json_text_put_words(out, ":{\"enum\":[");
    for (size_t i = 0; i < rule->allowed_count; i++) {
        json_text_put_words(out, i > 0 ? "," : "");
        json_text_put_string(out, rule->allowed[i].text, rule->allowed[i].size);
    }
    json_text_put_words(out, tag ? "]}}}}}" : "]}}}");
}

// The parts of a rule that a schema can say; a default makes an absent field good.
static void put_rule(struct json_text *out, const struct header_rule *rule)
{
    if (is_place(&rule->when)) {
        json_text_put_words(out, "{\"if\":{");
        put_presence(out, &rule->when);
        json_text_put_words(out, "},\"then\":");
    }
    bool required = rule->required && rule->default_value == NULL;
    json_text_put_words(out, "{\"allOf\":[");
    if (required)
        put_required(out, rule);
    json_text_put_words(out, required && rule->allowed_count > 0 ? "," : "");
    if (rule->allowed_count > 0)
        put_allowed(out, rule);
    json_text_put_words(out, is_place(&rule->when) ? "]}}" : "]}");
}

static void put_rules(struct json_text *out, const struct type_rules *rules)
{
    const char *before = ",\"allOf\":[";
    for (size_t i = 0; i < rules->header_count; i++) {
        const struct header_rule *rule = &rules->header[i];
        bool says = (rule->required && rule->default_value == NULL) || rule->allowed_count > 0;
        if (!says)
            continue;
        json_text_put_words(out, before);
        put_rule(out, rule);
        before = ",";
    }
    json_text_put_words(out, before[1] == '\0' ? "]" : "");
}

static void put_schema(struct json_text *out, const struct oyez_type *type,
                       const struct type_rules *rules)
{
    export_print(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                      "\"$id\":\"urn:oyez:");
    json_text_put(out, type->name, strlen(type->name) - (type->open ? 2 : 0));
    export_print(out, ":%s\",\"title\":", type->version);
    export_string(out, type->name);
    json_text_put_words(out, ",\"description\":");
    export_string(out, type->doc);
    if (type->deprecated != NULL)
        json_text_put_words(out, ",\"deprecated\":true");
    json_text_put_words(out, ",\"type\":\"object\",\"additionalProperties\":false,");
    put_properties(out, type);
    bool details = rules->plan != NULL && rules->plan->has_required;
    json_text_put_words(out, details ? ",\"required\":[\"event_type\",\"details\"]"
                                     : ",\"required\":[\"event_type\"]");
    put_rules(out, rules);
    json_text_put_words(out, ",\"$defs\":{");
    export_json_schema_definitions(out, rules->plan);
    json_text_put_words(out, "}}");
}

oyez_err oyez_type_json_schema(const struct oyez_type *type, char **text)
{
    REQUIRE_ARGUMENT(type);
    REQUIRE_ARGUMENT(text);
    struct json_text out = {0};
    struct json_text lines = {0};
    char *compact;
    const struct type_rules *rules = type_rules_of(type);
    *text = NULL;
    if (rules == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the rules of %s", type->name);
    put_schema(&out, type, rules);
    oyez_err err = export_finish(&out, &compact);
    if (err != OYEZ_OK)
        return err;
    export_indent(&lines, compact);
    json_text_put(&lines, "\n", 1);
    free(compact);
    return export_finish(&lines, text);
}

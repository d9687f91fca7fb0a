// SPDX-License-Identifier: MIT
// An event as its catalog describes it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "catalog_set.h"
#include "oyez/catalog_tools.h"
#include "oyez/json.h"
#include "prepare.h"
#include "schema/export_example.h"
#include "schema/export_text.h"

#define FIELDS_MAX (2u * OPTIONS_HEADER_RULES_MAX)

struct sample {
    const char *field;
    const char *value;
};

// Header fields that have a form of their own, or a value that tells more than their name.
static const char *sample_of(const char *field)
{
    static const struct sample samples[] = {
        {"event_id", "0192f3a4-8d2f-7c63-ae1f-407b2d6c3f12"},
        {"occurred_at", "2026-03-18T09:30:58Z"},
        {"schema_version", "1.0.0"},
        {"correlation_id", "c-20260318-0042"},
        {"causation_id", "0192f3a4-8d2f-7c63-ae1f-407b2d6c3f11"},
        {"actor_type", "service"},
        {"actor_id", "worker-3"},
        {"actor_name", "Worker 3"},
        {"plan_id", "p-81f3c60"},
        {"root_plan_id", "p-7d20b4e"},
        {"phase", "execute"},
        {"state", "processing"},
        {"run_id", "run-7f3a"},
        {"thread_id", "thread-19"},
        {"source", "worker"},
        {"app_version", "1.4.2"},
        {"environment", "production"},
        {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        if (strcmp(samples[i].field, field) == 0)
            return samples[i].value;
    }
    return "example";
}

struct header {
    const struct header_place *places[FIELDS_MAX];
    const char *values[FIELDS_MAX];
    size_t count;
};

static bool is_same(const struct header_place *a, const struct header_place *b)
{
    if (a->tag != NULL || b->tag != NULL)
        return a->tag != NULL && b->tag != NULL && strcmp(a->tag, b->tag) == 0;
    return a->field == b->field;
}

static bool has(const struct header *header, const struct header_place *place)
{
    for (size_t i = 0; i < header->count; i++) {
        if (is_same(header->places[i], place))
            return true;
    }
    return false;
}

static void give(struct header *header, const struct header_place *place, const char *value)
{
    if (has(header, place))
        return;
    header->places[header->count] = place;
    header->values[header->count++] = value;
}

// What a condition asks for is given too, so that the example shows the rule at work.
static void fill(struct header *header, const struct type_rules *rules)
{
    for (size_t i = 0; i < rules->header_count; i++) {
        const struct header_rule *rule = &rules->header[i];
        const struct header_place *when = &rule->when;
        if (when->field != NULL || when->tag != NULL)
            give(header, when, when->tag != NULL ? "example" : sample_of(when->field->name));
    }
    for (size_t i = 0; i < rules->header_count; i++) {
        const struct header_rule *rule = &rules->header[i];
        if (!rule->required)
            continue;
        const char *value = rule->place.tag != NULL ? "example" : sample_of(rule->name);
        bool fits = rule->allowed_count == 0;
        for (size_t a = 0; a < rule->allowed_count && !fits; a++)
            fits = strcmp(rule->allowed[a].text, value) == 0;
        give(header, &rule->place, fits ? value : rule->allowed[0].text);
    }
}

static void put_header(struct json_text *out, const struct header *header)
{
    for (size_t i = 0; i < header->count; i++) {
        if (header->places[i]->field == NULL)
            continue;
        json_text_put_words(out, ",");
        export_string(out, header->places[i]->field->name);
        json_text_put_words(out, ":");
        if (header->places[i]->field->kind == OYEZ_HEADER_UINT)
            json_text_put_words(out, "1");
        else
            export_string(out, header->values[i]);
    }
    const char *before = ",\"tags\":{";
    for (size_t i = 0; i < header->count; i++) {
        if (header->places[i]->tag == NULL)
            continue;
        json_text_put_words(out, before);
        export_string(out, header->places[i]->tag);
        json_text_put_words(out, ":");
        export_string(out, header->values[i]);
        before = ",";
    }
    json_text_put_words(out, before[1] == '\0' ? "}" : "");
}

// By the type itself, which this process may not have for emitting.
static oyez_err judge(const struct oyez_type *type, const struct type_rules *rules,
                      const char *line)
{
    struct oyez_event *event = NULL;
    struct violation violation;
    oyez_err err = oyez_event_from_json(&event, line, strlen(line));
    if (err == OYEZ_OK && rules->fills_header)
        header_rules_fill(rules->header, rules->header_count, event);
    if (err == OYEZ_OK)
        err = event_check_details(event, type, rules, &violation);
    if (err == OYEZ_OK)
        err = event_check_header(event, type);
    oyez_event_free(&event);
    if (err == OYEZ_OK || err == OYEZ_ERR_NO_MEMORY)
        return err;
    char why[256];
    snprintf(why, sizeof why, "%s", oyez_error_detail());
    return oyez_fail(OYEZ_ERR_INVALID, "the examples of its fields break its rules: %s", why);
}

oyez_err oyez_type_example(const struct oyez_type *type, char **line)
{
    REQUIRE_ARGUMENT(type);
    REQUIRE_ARGUMENT(line);
    struct json_text out = {0};
    struct header header = {.count = 0};
    const struct type_rules *rules = type_rules_of(type);
    *line = NULL;
    if (rules == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the rules of %s", type->name);
    fill(&header, rules);
    json_text_put_words(&out, "{\"event_type\":\"");
    json_text_put(&out, type->name, strlen(type->name) - type->open);
    json_text_put_words(&out, type->open ? "example\"" : "\"");
    put_header(&out, &header);
    json_text_put_words(&out, ",\"details\":");
    if (rules->plan != NULL)
        export_example_details(&out, rules->plan);
    else
        json_text_put_words(&out, "{}");
    json_text_put_words(&out, "}");
    oyez_err err = export_finish(&out, line);
    if (err == OYEZ_OK)
        err = judge(type, rules, *line);
    if (err != OYEZ_OK) {
        free(*line);
        *line = NULL;
    }
    return err;
}

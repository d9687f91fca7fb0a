// SPDX-License-Identifier: MIT
// Catalogs and types as pages for people.
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "catalog_set.h"
#include "oyez/catalog_tools.h"
#include "schema/export_markdown.h"
#include "schema/export_text.h"

static oyez_err put_example(struct json_text *out, const struct oyez_type *type)
{
    char *line;
    oyez_err err = oyez_type_example(type, &line);
    if (err != OYEZ_OK)
        return err;
    json_text_put_words(out, "\n```json\n");
    export_indent(out, line);
    json_text_put_words(out, "\n```\n");
    free(line);
    return OYEZ_OK;
}

static oyez_err put_type(struct json_text *out, const struct oyez_type *type)
{
    const struct type_rules *rules = type_rules_of(type);
    if (rules == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the rules of %s", type->name);
    export_print(out, "\n### `%s`\n\n", type->name);
    export_markdown_text(out, type->doc);
    export_print(out, "\n\nDomain `%s`, version %s, %s%s.", type->domain, type->version,
                 type->delivery == OYEZ_LANE_FAST ? "fast" : "durable",
                 type->personal ? ", personal" : "");
    if (type->deprecated != NULL) {
        json_text_put_words(out, " **Deprecated:** ");
        export_markdown_text(out, type->deprecated);
    }
    json_text_put_words(out, "\n\n");
    if (rules->plan != NULL && rules->plan->field_count > 0)
        export_markdown_fields(out, rules->plan);
    else
        json_text_put_words(out, "Details are any JSON object.\n");
    return put_example(out, type);
}

static void put_words(struct json_text *out, const struct header_option *rule)
{
    if (rule->required)
        json_text_put_words(out, "; required");
    for (size_t i = 0; i < rule->allowed_count; i++) {
        json_text_put_words(out, i == 0 ? "; one of `" : ", `");
        export_markdown_text(out, rule->allowed[i].text);
        json_text_put_words(out, "`");
    }
    if (rule->has_default_value)
        export_print(out, "; `%s` where it is absent", rule->default_value);
    if (rule->default_from[0] != '\0')
        export_print(out, "; that of `%s` where it is absent", rule->default_from);
}

static void put_header_rules(struct json_text *out, const struct catalog_options *options)
{
    if (options->header_count > 0)
        json_text_put_words(out, "\nOf the headers of its events:\n\n");
    for (size_t i = 0; i < options->header_count; i++) {
        const struct header_option *rule = &options->header[i];
        export_print(out, "- `%s`", rule->field);
        if (rule->types[0] != '\0')
            export_print(out, " of `%s`", rule->types);
        if (rule->when[0] != '\0')
            export_print(out, ", where `%s` is there", rule->when);
        put_words(out, rule);
        json_text_put_words(out, ".\n");
    }
}

static void put_catalog(struct json_text *out, const struct catalog *catalog)
{
    const struct catalog_options *options = &catalog->options;
    export_print(out, "## Catalog `%s` %s\n\n", catalog->head.name, catalog->head.version);
    export_markdown_text(out, catalog->head.title);
    export_print(out, ". %zu event type%s.\n", catalog->type_count,
                 catalog->type_count == 1 ? "" : "s");
    for (size_t i = 0; i < options->indexed_tag_count; i++)
        export_print(out, "%s`%s`", i == 0 ? "\nIndexed tags: " : ", ", options->indexed_tags[i]);
    json_text_put_words(out, options->indexed_tag_count > 0 ? ".\n" : "");
    put_header_rules(out, options);
}

oyez_err oyez_type_markdown(const struct oyez_type *type, char **text)
{
    REQUIRE_ARGUMENT(type);
    REQUIRE_ARGUMENT(text);
    struct json_text out = {0};
    oyez_err err = put_type(&out, type);
    oyez_err finished = export_finish(&out, text);
    if (err != OYEZ_OK) {
        free(*text);
        *text = NULL;
    }
    return err != OYEZ_OK ? err : finished;
}

oyez_err oyez_catalog_markdown(const struct oyez_catalog *catalog, char **text)
{
    REQUIRE_ARGUMENT(catalog);
    REQUIRE_ARGUMENT(text);
    const struct catalog *own = (const struct catalog *)catalog;
    struct json_text out = {0};
    put_catalog(&out, own);
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < own->type_count; i++)
        err = put_type(&out, &own->types[i]);
    oyez_err finished = export_finish(&out, text);
    if (err != OYEZ_OK) {
        free(*text);
        *text = NULL;
    }
    return err != OYEZ_OK ? err : finished;
}

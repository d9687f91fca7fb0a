// SPDX-License-Identifier: MIT
#include "catalog_set.h"
#include "schema/descriptor.h"

static oyez_err collect_indexed(struct type_rules *rules, const struct catalog *catalog,
                                const struct descriptor_message *message)
{
    const struct plan *plan = rules->plan;
    for (size_t i = 0; i < plan->field_count; i++) {
        if (!plan->fields[i].rules.indexed)
            continue;
        if (rules->indexed_count == OYEZ_PLAN_INDEXED_MAX)
            return descriptor_fail(OYEZ_ERR_INVALID, catalog->set,
                                   &catalog->set->files[catalog->file], message, NULL,
                                   "more than %u indexed fields", OYEZ_PLAN_INDEXED_MAX);
        rules->indexed[rules->indexed_count++] = &plan->fields[i];
    }
    return OYEZ_OK;
}

static oyez_err fill(struct type_rules *rules, const struct oyez_type *type)
{
    const struct catalog *catalog = type->schema->catalog;
    struct descriptor_set *set = catalog->set;
    oyez_err err = header_rules_compile(&rules->header, &rules->header_count, set,
                                        &set->files[catalog->file], &catalog->options, type->name);
    for (size_t i = 0; err == OYEZ_OK && i < rules->header_count; i++) {
        const struct header_rule *rule = &rules->header[i];
        rules->fills_header = rules->fills_header || rule->default_value != NULL ||
                              rule->default_from.field != NULL || rule->default_from.tag != NULL;
    }
    if (err != OYEZ_OK || type->open)
        return err;
    return collect_indexed(rules, catalog, &set->messages[type->schema->message]);
}

oyez_err type_rules_make(struct type_rules **out, const struct oyez_type *type)
{
    const struct oyez_type_schema *schema = type->schema;
    struct descriptor_set *set = schema->catalog->set;
    const struct plan *plan = NULL;
    oyez_err err = OYEZ_OK;
    *out = NULL;
    if (!type->open)
        err = plan_make(&plan, set, schema->message);
    if (err != OYEZ_OK)
        return err;
    pthread_mutex_lock(&set->lock);
    struct type_rules *rules = atomic_load(schema->rules);
    if (rules == NULL) {
        rules = arena_take(&set->arena, 1, sizeof *rules);
        if (rules == NULL) {
            err = descriptor_no_memory(set);
        } else {
            rules->plan = plan;
            err = fill(rules, type);
        }
        if (err == OYEZ_OK)
            atomic_store(schema->rules, rules);
    }
    pthread_mutex_unlock(&set->lock);
    if (err == OYEZ_OK)
        *out = rules;
    return err;
}

struct type_rules *type_rules_of(const struct oyez_type *type)
{
    struct type_rules *rules = atomic_load_explicit(type->schema->rules, memory_order_acquire);
    if (rules == NULL)
        (void)type_rules_make(&rules, type);
    return rules;
}

const struct plan *type_plan(const struct oyez_type *type)
{
    const struct type_rules *rules = type_rules_of(type);
    return rules != NULL ? rules->plan : NULL;
}

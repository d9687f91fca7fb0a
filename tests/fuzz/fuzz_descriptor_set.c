// SPDX-License-Identifier: MIT
// A descriptor set from anybody: it is refused with a reason, or all that it brings can be used.
// tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "catalog_set.h"
#include "schema/details.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void use_plan(const struct plan *plan)
{
    for (size_t i = 0; i < plan->field_count; i++) {
        const struct plan_field *field = &plan->fields[i];
        require(field->place == i);
        require(plan_field_by_number(plan, field->number) == field);
        require(plan_field_by_name(plan, field->name.text, field->name.size) == field);
        require((field->kind == PLAN_MESSAGE) == (field->message != NULL));
        require((field->kind == PLAN_ENUM) == (field->enumeration != NULL));
    }
}

static void use_type(const struct oyez_type *type)
{
    struct type_rules *rules;
    struct violation violation;
    if (type_rules_make(&rules, type) != OYEZ_OK)
        return;
    require((rules->plan == NULL) == type->open);
    if (rules->plan == NULL)
        return;
    use_plan(rules->plan);
    (void)details_check_protobuf(rules->plan, (const uint8_t *)"", 0, &violation);
    (void)details_check_json(rules->plan, "{\"a\":{}}", 8, &violation);
}

// Not oyez_catalog_add: what is added stays, and the next input would be refused for it.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct descriptor_set *set;
    struct catalog_batch batch;
    if (size == 0)
        return 0;
    oyez_err err = descriptor_set_read(&set, data + 1, size - 1, "fuzz", true);
    require((err == OYEZ_OK) == (set != NULL));
    if (err != OYEZ_OK)
        return 0;
    // The last bit stands for a set of the build, whose plans nobody has asked for yet.
    set->trusted = (data[0] & 1) != 0;
    set->for_reading = (data[0] & 2) != 0;
    err = catalog_batch_read(&batch, set, false);
    for (size_t c = 0; c < batch.catalog_count; c++) {
        const struct catalog *catalog = &batch.catalogs[c];
        for (size_t t = 0; err == OYEZ_OK && t < catalog->type_count; t++)
            use_type(&catalog->types[t]);
        if (err == OYEZ_OK)
            require(catalog_bytes_of(catalog) != NULL);
        free(atomic_load(&batch.catalogs[c].bytes));
    }
    descriptor_set_free(&set);
    return 0;
}

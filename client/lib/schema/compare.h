// SPDX-License-Identifier: MIT
// What differs between two versions of a message.
#ifndef OYEZ_SCHEMA_COMPARE_H
#define OYEZ_SCHEMA_COMPARE_H

#include "oyez/catalog_tools.h"
#include "schema/plan.h"

// Whom to tell, and of what the talk is.
struct compare {
    const struct oyez_catalog_comparison *comparison;
    const char *catalog;
    const char *event_type;         // NULL = the catalog itself
    enum oyez_change_weight needed; // by what was told so far; 0 = nothing was
};

// compare_tell tells of one change; before and after may be NULL.
void compare_tell(struct compare *compare, const char *field, const char *what, const char *before,
                  const char *after, enum oyez_change_weight weight);

// compare_texts tells of a text that changed; "" and NULL are the same.
void compare_texts(struct compare *compare, const char *field, const char *what, const char *before,
                   const char *after, enum oyez_change_weight weight);

// compare_allowed tells of values that are allowed no longer, or now: `noun` is "allowed values".
// None at all: every value is.
void compare_allowed(struct compare *compare, const char *field, const struct plan_text *before,
                     size_t before_count, const struct plan_text *after, size_t after_count);

// compare_plans tells of every field that changed, those of messages inside by their path.
// OYEZ_ERR_NO_MEMORY.
oyez_err compare_plans(struct compare *compare, const struct plan *before,
                       const struct plan *after);

// compare_rules tells of the rules of one field.
void compare_rules(struct compare *compare, const char *field, const struct plan_field *before,
                   const struct plan_field *after);

#endif

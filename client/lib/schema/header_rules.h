// SPDX-License-Identifier: MIT
// What a catalog asks of the headers of its events: compiled once for each type, so that an event
// costs no look-up of names.
#ifndef OYEZ_SCHEMA_HEADER_RULES_H
#define OYEZ_SCHEMA_HEADER_RULES_H

#include "oyez/event.h"
#include "schema/options.h"
#include "schema/violation.h"
#include "wire/header.h"

// A header field or a tag; neither = nothing.
struct header_place {
    const struct oyez_header_field *field;
    const char *tag;
};

struct header_rule {
    const char *name; // "run_id", "tags.region"
    struct header_place place;
    struct header_place when;
    struct header_place default_from;
    const char *default_value;       // NULL = none
    const struct plan_text *allowed; // sorted as all texts of a plan
    size_t allowed_count;
    bool required;
};

// header_rules_compile keeps those rules of a catalog that hold for a type, in their order.
// OYEZ_ERR_INVALID: a field that headers do not have, a rule that says nothing. Arrays in the arena.
oyez_err header_rules_compile(const struct header_rule **out, size_t *count,
                              struct descriptor_set *set, const struct descriptor_file *file,
                              const struct catalog_options *catalog, const char *event_type);

// header_rules_fill gives absent fields their defaults. Pointers lead to the rules or to the
// event's other fields. A default tag that has no room is left out.
void header_rules_fill(const struct header_rule *rules, size_t count, struct oyez_event *event);

// header_rules_check notes what is wrong or missing.
void header_rules_check(const struct header_rule *rules, size_t count,
                        const struct oyez_event *event, struct violation *violation);

#endif

// SPDX-License-Identifier: MIT
// What of a query indexes can answer: terms, all of which an event has to fulfil. What they cannot
// answer is left to the check of each record.
#ifndef OYEZ_PLAN_H
#define OYEZ_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "query.pb.h"

#define OYEZ_PLAN_CONDITIONS_MAX                                                                   \
    (sizeof(((oyez_v1_Query *)0)->conditions) / sizeof(((oyez_v1_Query *)0)->conditions[0]))
#define OYEZ_PLAN_PATTERNS_MAX                                                                     \
    (sizeof(((oyez_v1_Query *)0)->patterns) / sizeof(((oyez_v1_Query *)0)->patterns[0]))

// A condition has one key. Patterns are one term together, and have a key for each type they match:
// where all of them are names, those are known beforehand, else a segment's own types tell.
struct oyez_plan_term {
    const char *condition; // NULL = the patterns
    uint64_t key;          // of a condition
    uint64_t records;      // that have it, in the segments that were asked: the order of telling
    bool used;             // in any of them
};

struct oyez_plan {
    const oyez_v1_Query *query;
    struct oyez_plan_term terms[OYEZ_PLAN_CONDITIONS_MAX + 1];
    size_t count; // 0 = no index helps
    bool by_name; // every pattern is the name of a type
    uint64_t names[OYEZ_PLAN_PATTERNS_MAX];
};

// oyez_plan_make takes what can be used of a query that was checked, and outlives the plan.
void oyez_plan_make(struct oyez_plan *plan, const oyez_v1_Query *query);

// oyez_plan_wants_type: whether any of the patterns matches. `name` has `size` bytes and no NUL.
bool oyez_plan_wants_type(const struct oyez_plan *plan, const char *name, size_t size);

// oyez_plan_tell writes the terms that were used, the most selective first, and leaves out those
// that do not fit.
void oyez_plan_tell(const struct oyez_plan *plan, char *out, size_t size);

#endif

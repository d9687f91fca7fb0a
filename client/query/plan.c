// SPDX-License-Identifier: MIT
#include "plan.h"

#include <string.h>

#include "index_keys.h"
#include "oyez/limits.h"
#include "oyez/pattern.h"
#include "wire/envelope.h"

static bool is_name(const char *pattern)
{
    return pattern[0] != '@' && strchr(pattern, '*') == NULL;
}

// What matches every type leaves nothing to look up. What is reserved it does not match, but that
// is a matter for the check.
static bool narrows(const oyez_v1_Query *query)
{
    for (size_t i = 0; i < query->patterns_count; i++)
        if (query->patterns[i][strspn(query->patterns[i], "*")] == '\0')
            return false;
    return query->patterns_count > 0;
}

static void take_patterns(struct oyez_plan *plan)
{
    const oyez_v1_Query *query = plan->query;
    plan->by_name = true;
    for (size_t i = 0; i < query->patterns_count; i++) {
        const char *pattern = query->patterns[i];
        plan->by_name = plan->by_name && is_name(pattern);
        plan->names[i] = oyez_index_key(OYEZ_INDEX_EVENT_TYPE, pattern, strlen(pattern));
    }
    plan->terms[plan->count++] = (struct oyez_plan_term){0};
}

void oyez_plan_make(struct oyez_plan *plan, const oyez_v1_Query *query)
{
    plan->query = query;
    plan->count = 0;
    plan->by_name = false;
    for (size_t i = 0; i < query->conditions_count; i++) {
        struct oyez_plan_term term = {.condition = query->conditions[i]};
        if (oyez_index_key_of_condition(term.condition, &term.key))
            plan->terms[plan->count++] = term;
    }
    if (narrows(query))
        take_patterns(plan);
}

bool oyez_plan_wants_type(const struct oyez_plan *plan, const char *name, size_t size)
{
    const oyez_v1_Query *query = plan->query;
    char type[OYEZ_TOPIC_SIZE_MAX + 1];
    if (size >= sizeof type)
        return false; // no event has such a type
    memcpy(type, name, size);
    type[size] = '\0';
    for (size_t i = 0; i < query->patterns_count; i++)
        if (oyez_pattern_matches(query->patterns[i], type))
            return true;
    return query->patterns_count == 0;
}

static bool put(char *out, size_t size, size_t *used, const char *text)
{
    size_t length = strlen(text);
    if (length >= size - *used)
        return false;
    memcpy(out + *used, text, length + 1);
    *used += length;
    return true;
}

static bool put_patterns(const oyez_v1_Query *query, char *out, size_t size, size_t *used)
{
    for (size_t i = 0; i < query->patterns_count; i++)
        if ((i > 0 && !put(out, size, used, " or ")) || !put(out, size, used, query->patterns[i]))
            return false;
    return true;
}

// The term with the fewest records that was used and not told yet.
static size_t find_best(const struct oyez_plan *plan, uint64_t told)
{
    size_t best = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        if ((told >> i & 1) == 0 && plan->terms[i].used &&
            (best == plan->count || plan->terms[i].records < plan->terms[best].records))
            best = i;
    }
    return best;
}

void oyez_plan_tell(const struct oyez_plan *plan, char *out, size_t size)
{
    _Static_assert(OYEZ_PLAN_CONDITIONS_MAX + 1 <= 64, "a bit for each term");
    uint64_t told = 0;
    size_t used = 0;
    size_t i;
    out[0] = '\0';
    while ((i = find_best(plan, told)) < plan->count) {
        size_t before = used;
        const char *condition = plan->terms[i].condition;
        told |= UINT64_C(1) << i;
        if ((before == 0 || put(out, size, &used, ", ")) &&
            (condition != NULL ? put(out, size, &used, condition)
                               : put_patterns(plan->query, out, size, &used)))
            continue;
        used = before;
        out[used] = '\0';
    }
    // A condition of a peer may be no text; the answer must be text.
    bool is_text = oyez_utf8_is_valid(out, used);
    for (i = 0; !is_text && i < used; i++)
        if ((unsigned char)out[i] >= 0x80)
            out[i] = '?';
}

// SPDX-License-Identifier: MIT
#include "narrow.h"

#include <stdlib.h>
#include <string.h>

// To read a record costs as much as to decode so many places of a list.
#define PLACES_PER_READ 64u
// So few records are read before another list is fetched.
#define FEW_RECORDS 8u
// From so many records on, the segment's types are worth being looked through.
#define TYPES_WORTHWHILE 256u

void oyez_narrowing_free(struct oyez_narrowing *narrowing)
{
    free(narrowing->list.items);
    free(narrowing->other.items);
    free(narrowing->keys);
    free(narrowing->bits);
    *narrowing = (struct oyez_narrowing){0};
}

static oyez_err add_key(struct oyez_narrowing *narrowing, uint64_t key)
{
    if (narrowing->key_count == narrowing->key_room) {
        size_t room = narrowing->key_room == 0 ? 64 : 2 * narrowing->key_room;
        uint64_t *keys = realloc(narrowing->keys, room * sizeof *keys);
        if (keys == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu event types", room);
        narrowing->keys = keys;
        narrowing->key_room = room;
    }
    narrowing->keys[narrowing->key_count++] = key;
    return OYEZ_OK;
}

static bool take_type(void *arg, const char *name, size_t size, uint64_t count)
{
    struct oyez_narrowing *narrowing = arg;
    (void)count;
    if (oyez_plan_wants_type(narrowing->plan, name, size))
        narrowing->err = add_key(narrowing, oyez_index_key(OYEZ_INDEX_EVENT_TYPE, name, size));
    return narrowing->err == OYEZ_OK;
}

// The keys of a term, into narrowing->keys. OYEZ_ERR_TOO_LARGE: the index cannot tell the types.
static oyez_err list_keys(struct oyez_narrowing *narrowing, const struct oyez_plan_term *term,
                          const struct oyez_index_source *source)
{
    const struct oyez_plan *plan = narrowing->plan;
    oyez_err err = OYEZ_OK;
    narrowing->key_count = 0;
    if (term->condition != NULL)
        return add_key(narrowing, term->key);
    for (size_t i = 0; plan->by_name && err == OYEZ_OK && i < plan->query->patterns_count; i++)
        err = add_key(narrowing, plan->names[i]);
    if (plan->by_name || err != OYEZ_OK)
        return err;
    narrowing->err = OYEZ_OK;
    err = oyez_index_source_tell(source, OYEZ_INDEX_COUNT_TYPES, take_type, narrowing);
    return err != OYEZ_OK ? err : narrowing->err;
}

// How many records have any of the term's keys. The filter is asked first: it is cheaper.
static oyez_err count_term(struct oyez_narrowing *narrowing, const struct oyez_plan_term *term,
                           const struct oyez_index_source *source, uint64_t *records)
{
    oyez_err err = list_keys(narrowing, term, source);
    *records = 0;
    for (size_t i = 0; err == OYEZ_OK && i < narrowing->key_count; i++) {
        uint32_t count = 0;
        bool has;
        err = oyez_index_source_has(source, narrowing->keys[i], &has);
        if (err == OYEZ_OK && has)
            err = oyez_index_source_count(source, narrowing->keys[i], &count);
        *records += count;
    }
    return err;
}

// Several lists as one: in order, and each record once.
static oyez_err put_in_order(struct oyez_narrowing *narrowing, struct oyez_record_list *list,
                             uint32_t known)
{
    size_t words = ((size_t)known + 63) / 64;
    if (words > narrowing->bits_room) {
        uint64_t *bits = realloc(narrowing->bits, words * sizeof *bits);
        if (bits == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu records", list->count);
        narrowing->bits = bits;
        narrowing->bits_room = words;
    }
    if (words > 0)
        memset(narrowing->bits, 0, words * sizeof *narrowing->bits);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] < known)
            narrowing->bits[list->items[i] / 64] |= UINT64_C(1) << list->items[i] % 64;
    list->count = 0;
    for (size_t i = 0; i < words; i++)
        for (uint64_t rest = narrowing->bits[i]; rest != 0; rest &= rest - 1)
            list->items[list->count++] = (uint32_t)(64 * i + (size_t)__builtin_ctzll(rest));
    return OYEZ_OK;
}

static oyez_err find_term(struct oyez_narrowing *narrowing, const struct oyez_plan_term *term,
                          const struct oyez_index_source *source, struct oyez_record_list *list)
{
    oyez_err err = list_keys(narrowing, term, source);
    list->count = 0;
    for (size_t i = 0; err == OYEZ_OK && i < narrowing->key_count; i++)
        err = oyez_index_source_find(source, narrowing->keys[i], list);
    if (err == OYEZ_OK && list->count > 0 && list->items[list->count - 1] >= source->known)
        return oyez_fail(OYEZ_ERR_CORRUPT, "an index leads to a record that the segment lacks");
    if (err == OYEZ_OK && narrowing->key_count > 1)
        err = put_in_order(narrowing, list, source->known);
    return err;
}

static void intersect(struct oyez_record_list *list, const struct oyez_record_list *other)
{
    size_t kept = 0;
    size_t j = 0;
    for (size_t i = 0; i < list->count; i++) {
        while (j < other->count && other->items[j] < list->items[i])
            j++;
        if (j < other->count && other->items[j] == list->items[i])
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

static oyez_err add_marks(struct oyez_narrowing *narrowing, const struct oyez_index_source *source)
{
    struct oyez_record_list *list = &narrowing->list;
    size_t before = list->count;
    oyez_err err = oyez_index_source_find(source, oyez_index_key(OYEZ_INDEX_MARK, "", 0), list);
    if (err == OYEZ_OK && list->count > before && before > 0)
        err = put_in_order(narrowing, list, source->known);
    return err;
}

// What the terms have: counts[i] UINT64_MAX = not asked, or not to be told.
static oyez_err count_terms(struct oyez_narrowing *narrowing, struct oyez_plan *plan,
                            const struct oyez_index_source *source, uint64_t counts[], size_t *best)
{
    *best = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        const struct oyez_plan_term *term = &plan->terms[i];
        if (term->condition == NULL && !plan->by_name && *best < plan->count &&
            counts[*best] < TYPES_WORTHWHILE)
            continue;
        oyez_err err = count_term(narrowing, term, source, &counts[i]);
        if (err == OYEZ_ERR_TOO_LARGE) {
            counts[i] = UINT64_MAX;
            continue;
        }
        if (err != OYEZ_OK)
            return err;
        plan->terms[i].records += counts[i];
        if (*best == plan->count || counts[i] < counts[*best])
            *best = i;
        if (counts[i] == 0)
            break;
    }
    return OYEZ_OK;
}

static oyez_err find_all(struct oyez_narrowing *narrowing, struct oyez_plan *plan,
                         const struct oyez_index_source *source, const uint64_t counts[],
                         size_t best)
{
    oyez_err err = find_term(narrowing, &plan->terms[best], source, &narrowing->list);
    for (size_t i = 0; err == OYEZ_OK && i < plan->count; i++) {
        size_t left = narrowing->list.count;
        if (i == best || left <= FEW_RECORDS || counts[i] / PLACES_PER_READ >= left)
            continue;
        plan->terms[i].used = true;
        err = find_term(narrowing, &plan->terms[i], source, &narrowing->other);
        if (err == OYEZ_OK)
            intersect(&narrowing->list, &narrowing->other);
    }
    return err;
}

oyez_err oyez_narrow(struct oyez_narrowing *narrowing, struct oyez_plan *plan,
                     const struct oyez_index_source *source, bool marks, uint64_t worthwhile,
                     enum oyez_narrowed *out)
{
    uint64_t counts[OYEZ_PLAN_CONDITIONS_MAX + 1];
    size_t best;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        counts[i] = UINT64_MAX;
    narrowing->plan = plan;
    narrowing->list.count = 0;
    *out = OYEZ_NARROWED_NOT;
    oyez_err err = count_terms(narrowing, plan, source, counts, &best);
    if (err != OYEZ_OK || best == plan->count || counts[best] > worthwhile)
        return err;
    plan->terms[best].used = true;
    *out = counts[best] == 0 ? OYEZ_NARROWED_TO_NONE : OYEZ_NARROWED_TO_LIST;
    if (counts[best] > 0)
        err = find_all(narrowing, plan, source, counts, best);
    return err == OYEZ_OK && marks ? add_marks(narrowing, source) : err;
}

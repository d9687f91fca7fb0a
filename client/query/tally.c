// SPDX-License-Identifier: MIT
#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "group_names.h"
#include "groups.h"
#include "oyez/limits.h"

struct filling {
    struct oyez_tally *tally;
    oyez_v1_StatsBy by;
    const struct oyez_plan *plan;
    oyez_err err;
};

void oyez_tally_free(struct oyez_tally *tally)
{
    free(tally->groups);
    free(tally->names);
    *tally = (struct oyez_tally){0};
}

static bool grow(void **items, size_t *room, size_t wanted, size_t size)
{
    if (wanted <= *room)
        return true;
    size_t larger = *room == 0 ? 256 : *room * 2;
    while (larger < wanted)
        larger *= 2;
    void *grown = realloc(*items, larger * size);
    if (grown == NULL)
        return false;
    *items = grown;
    *room = larger;
    return true;
}

static oyez_err add(struct oyez_tally *tally, const char *name, size_t size, uint64_t count)
{
    void *groups = tally->groups;
    void *names = tally->names;
    bool grown = grow(&groups, &tally->room, tally->count + 1, sizeof *tally->groups);
    tally->groups = groups;
    grown = grown && grow(&names, &tally->names_room, tally->names_size + size + 1, 1);
    tally->names = names;
    if (!grown)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu groups", tally->count);
    if (size > 0)
        memcpy(tally->names + tally->names_size, name, size);
    tally->groups[tally->count++] =
        (struct oyez_tally_group){tally->names_size, (uint32_t)size, count};
    tally->names_size += size;
    return OYEZ_OK;
}

static bool take(void *arg, const char *name, size_t size, uint64_t count)
{
    struct filling *filling = arg;
    char type[OYEZ_TOPIC_SIZE_MAX + 1];
    bool is_type = filling->by != oyez_v1_StatsBy_STATS_BY_ACTOR &&
                   filling->by != oyez_v1_StatsBy_STATS_BY_HOUR;
    if (is_type && (size >= sizeof type || !oyez_plan_wants_type(filling->plan, name, size)))
        return true;
    if (is_type) {
        memcpy(type, name, size);
        type[size] = '\0';
        name = oyez_groups_of_type(filling->by, type);
        size = oyez_group_name_size(name);
    }
    if (size > OYEZ_GROUP_NAME_MAX)
        size = OYEZ_GROUP_NAME_MAX;
    filling->err = add(filling->tally, name, size, count);
    return filling->err == OYEZ_OK;
}

static int compare(const void *left, const void *right, void *names)
{
    const struct oyez_tally_group *a = left;
    const struct oyez_tally_group *b = right;
    const char *text = names;
    uint32_t size = a->size < b->size ? a->size : b->size;
    int order = memcmp(text + a->name, text + b->name, size);
    if (order != 0 || a->size == b->size)
        return order;
    return a->size < b->size ? -1 : 1;
}

// Types of the same domain are one group of it.
static void merge(struct oyez_tally *tally)
{
    if (tally->count == 0)
        return;
    size_t kept = 0;
    qsort_r(tally->groups, tally->count, sizeof *tally->groups, compare, tally->names);
    for (size_t i = 1; i < tally->count; i++) {
        if (compare(&tally->groups[kept], &tally->groups[i], tally->names) == 0)
            tally->groups[kept].count += tally->groups[i].count;
        else
            tally->groups[++kept] = tally->groups[i];
    }
    tally->count = kept + 1;
}

static enum oyez_index_count_by summary_of(oyez_v1_StatsBy by)
{
    if (by == oyez_v1_StatsBy_STATS_BY_ACTOR)
        return OYEZ_INDEX_COUNT_ACTORS;
    return by == oyez_v1_StatsBy_STATS_BY_HOUR ? OYEZ_INDEX_COUNT_HOURS : OYEZ_INDEX_COUNT_TYPES;
}

oyez_err oyez_tally_fill(struct oyez_tally *tally, const struct oyez_index_source *source,
                         oyez_v1_StatsBy by, const struct oyez_plan *plan)
{
    struct filling filling = {.tally = tally, .by = by, .plan = plan};
    tally->count = 0;
    tally->names_size = 0;
    oyez_err err = oyez_index_source_tell(source, summary_of(by), take, &filling);
    if (err == OYEZ_OK)
        err = filling.err;
    if (err == OYEZ_OK)
        merge(tally);
    return err;
}

size_t oyez_tally_give(const struct oyez_tally *tally, size_t from, oyez_v1_QueryAnswer *answer)
{
    size_t hint = 0;
    size_t i = from;
    while (i < tally->count &&
           oyez_groups_add(answer, tally->names + tally->groups[i].name, tally->groups[i].size,
                           tally->groups[i].count, &hint))
        i++;
    return i;
}

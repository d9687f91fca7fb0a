// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "question.h"

// Groups that one call counts: what an actor is called is the emitters' choice, and memory is not
// without end.
#define GROUPS_MAX 262144u

struct tally {
    struct oyez_stats_group *groups;
    size_t count;
    size_t capacity;
    size_t merged; // groups when they were last merged
};

static int by_key(const void *left, const void *right)
{
    const struct oyez_stats_group *a = left;
    const struct oyez_stats_group *b = right;
    return strcmp(a->key, b->key);
}

static int by_count(const void *left, const void *right)
{
    const struct oyez_stats_group *a = left;
    const struct oyez_stats_group *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return by_key(left, right);
}

// Makes one group of those with the same key.
static void merge(struct tally *tally)
{
    if (tally->count == 0)
        return;
    qsort(tally->groups, tally->count, sizeof *tally->groups, by_key);
    size_t kept = 0;
    for (size_t i = 1; i < tally->count; i++) {
        if (strcmp(tally->groups[kept].key, tally->groups[i].key) == 0)
            tally->groups[kept].count += tally->groups[i].count;
        else
            tally->groups[++kept] = tally->groups[i];
    }
    tally->count = tally->merged = kept + 1;
}

static oyez_err grow(struct tally *tally)
{
    size_t capacity = tally->capacity == 0 ? 128 : tally->capacity * 2;
    struct oyez_stats_group *groups = realloc(tally->groups, capacity * sizeof *groups);
    if (groups == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu groups", capacity);
    tally->groups = groups;
    tally->capacity = capacity;
    return OYEZ_OK;
}

static oyez_err add_page(struct tally *tally, const oyez_v1_QueryAnswer *answer)
{
    for (pb_size_t i = 0; i < answer->groups_count; i++) {
        // Each page tells its own sums: merged whenever they have doubled, they stay few.
        if (tally->count >= 128 && tally->count >= 2 * tally->merged)
            merge(tally);
        if (tally->count >= 2 * GROUPS_MAX)
            return oyez_fail(OYEZ_ERR_TOO_LARGE, "more than %u groups", GROUPS_MAX);
        if (tally->count == tally->capacity) {
            oyez_err err = grow(tally);
            if (err != OYEZ_OK)
                return err;
        }
        struct oyez_stats_group *group = &tally->groups[tally->count++];
        memcpy(group->key, answer->groups[i].key, sizeof group->key);
        group->count = answer->groups[i].count;
    }
    return OYEZ_OK;
}

static oyez_err count_all(struct question *question, struct tally *tally, uint32_t timeout_ms)
{
    oyez_err err;
    oyez_v1_StatsRequest *request = &question->request.body.stats;
    do {
        err = question_put(question, timeout_ms);
        if (err == OYEZ_OK)
            err = add_page(tally, &question->answer);
        request->next_index = question->answer.next_index;
    } while (err == OYEZ_OK && request->next_index != 0);
    if (err != OYEZ_OK)
        return err;
    merge(tally);
    if (tally->count > GROUPS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "more than %u groups", GROUPS_MAX);
    if (tally->count > 0)
        qsort(tally->groups, tally->count, sizeof *tally->groups, by_count);
    return OYEZ_OK;
}

oyez_err oyez_stats_with(oyez_query_ask *ask, void *arg, const struct oyez_stats_options *options,
                         struct oyez_stats_group **groups, size_t *count, uint32_t timeout_ms)
{
    *groups = NULL;
    *count = 0;
    if ((unsigned)options->by > OYEZ_STATS_BY_HOUR)
        return oyez_fail(OYEZ_ERR_INVALID, "stats: by %d is none", (int)options->by);
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    struct tally tally = {0};
    question->ask = ask;
    question->arg = arg;
    question->request.which_body = oyez_v1_QueryRequest_stats_tag;
    question->request.body.stats.by = (oyez_v1_StatsBy)options->by;
    oyez_err err = count_all(question, &tally, timeout_ms);
    free(question);
    if (err != OYEZ_OK) {
        free(tally.groups);
        return err;
    }
    *groups = tally.groups;
    *count = tally.count;
    return OYEZ_OK;
}

oyez_err oyez_client_stats(oyez_client *client, const struct oyez_stats_options *options,
                           struct oyez_stats_group **groups, size_t *count, uint32_t timeout_ms)
{
    struct asker asker = {.client = client};
    oyez_err err = oyez_stats_with(ask_recorder, &asker, options, groups, count, timeout_ms);
    ask_page_free(&asker.page);
    return err;
}

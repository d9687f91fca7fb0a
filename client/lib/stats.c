// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "argument.h"
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

static oyez_err count_all(struct question *question, struct tally *tally,
                          struct oyez_query_explanation *explanation, uint32_t timeout_ms)
{
    oyez_err err;
    oyez_v1_StatsRequest *request = &question->request.body.stats;
    do {
        err = question_put(question, timeout_ms);
        if (err == OYEZ_OK)
            err = add_page(tally, &question->answer);
        if (err == OYEZ_OK && explanation != NULL)
            (void)question_explain(question, explanation);
        request->next_index = question->answer.next_index;
        request->next_group = question->answer.next_group;
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

static oyez_err take_options(oyez_v1_StatsRequest *to, const struct oyez_stats_options *options)
{
    if ((unsigned)options->by > OYEZ_STATS_BY_HOUR)
        return oyez_fail(OYEZ_ERR_INVALID, "stats: by %d is none", (int)options->by);
    if (options->since < 0 || options->until < 0)
        return oyez_fail(OYEZ_ERR_INVALID, "since, until: a time before 1970");
    to->by = (oyez_v1_StatsBy)options->by;
    to->since = (uint64_t)options->since;
    to->until = (uint64_t)options->until;
    to->no_index = options->no_index;
    to->explain = options->explanation != NULL;
    return question_take_patterns(to->patterns, &to->patterns_count, options->patterns,
                                  options->pattern_count);
}

oyez_err oyez_stats_with(oyez_query_ask *ask, void *arg, const struct oyez_stats_options *options,
                         struct oyez_stats_group **groups, size_t *count, uint32_t timeout_ms)
{
    *groups = NULL;
    *count = 0;
    if (options->explanation != NULL)
        *options->explanation = (struct oyez_query_explanation){0};
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    struct tally tally = {0};
    question->ask = ask;
    question->arg = arg;
    question->request.which_body = oyez_v1_QueryRequest_stats_tag;
    oyez_err err = take_options(&question->request.body.stats, options);
    if (err == OYEZ_OK)
        err = count_all(question, &tally, options->explanation, timeout_ms);
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
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(options);
    REQUIRE_ARGUMENT(groups);
    REQUIRE_ARGUMENT(count);
    struct asker asker = {.client = client};
    oyez_err err = oyez_stats_with(ask_recorder, &asker, options, groups, count, timeout_ms);
    ask_page_free(&asker.page);
    return err;
}

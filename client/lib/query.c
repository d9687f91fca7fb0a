// SPDX-License-Identifier: MIT
#include "oyez/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "ask.h"
#include "oyez/pattern.h"
#include "question.h"
#include "upcast.h"

struct oyez_query {
    struct question question;
    struct asker asker; // of a client's query
    struct upcast upcast;
    size_t at;     // the page's event to give next
    bool ended;    // the last page was asked for
    uint64_t left; // events still wanted
    uint64_t complete_epoch;
    uint64_t complete_position;
    struct oyez_query_explanation explanation;
    bool explained;
};

static oyez_v1_Query *body(struct oyez_query *query)
{
    return &query->question.request.body.query;
}

static oyez_err take_text(char *to, size_t capacity, const char *text, const char *what)
{
    size_t size = strlen(text);
    if (size >= capacity)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s of %zu bytes; the limit is %zu", what, size,
                         capacity - 1);
    memcpy(to, text, size + 1);
    return OYEZ_OK;
}

static oyez_err take_conditions(oyez_v1_Query *to, const struct oyez_query_options *options)
{
    size_t room = sizeof to->conditions / sizeof to->conditions[0];
    if (options->condition_count > room)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%zu conditions; the limit of a query is %zu",
                         options->condition_count, room);
    // Judged here too, so that a wrong one is told without a recorder.
    oyez_filter *filter = NULL;
    oyez_err err = oyez_filter_open(&filter, options->conditions, options->condition_count);
    oyez_filter_close(&filter);
    for (size_t i = 0; err == OYEZ_OK && i < options->condition_count; i++) {
        err = take_text(to->conditions[i], sizeof to->conditions[i], options->conditions[i],
                        "a condition");
        to->conditions_count++;
    }
    return err;
}

static oyez_err take_options(struct oyez_query *query, const struct oyez_query_options *options)
{
    oyez_v1_Query *to = body(query);
    if (options->since < 0 || options->until < 0)
        return oyez_fail(OYEZ_ERR_INVALID, "since, until: a time before 1970");
    to->since = (uint64_t)options->since;
    to->until = (uint64_t)options->until;
    to->from_epoch = options->from_epoch;
    to->from_position = options->from_position;
    to->reverse = options->reverse;
    to->invalid = options->invalid;
    query->left = options->limit != 0 ? options->limit : UINT64_MAX;
    to->explain = options->explain;
    to->no_index = options->no_index;
    oyez_err err = question_take_patterns(to->patterns, &to->patterns_count, options->patterns,
                                          options->pattern_count);
    return err == OYEZ_OK ? take_conditions(to, options) : err;
}

static oyez_err open_query(struct oyez_query **out, const struct oyez_query_options *options)
{
    static const struct oyez_query_options everything;
    *out = NULL;
    struct oyez_query *query = calloc(1, sizeof *query);
    if (query == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a query");
    query->question.request.which_body = oyez_v1_QueryRequest_query_tag;
    oyez_err err = take_options(query, options != NULL ? options : &everything);
    if (err != OYEZ_OK) {
        free(query);
        return err;
    }
    *out = query;
    return OYEZ_OK;
}

oyez_err oyez_query_open_with(oyez_query **out, oyez_query_ask *ask, void *arg,
                              const struct oyez_query_options *options)
{
    oyez_err err = open_query(out, options);
    if (err != OYEZ_OK)
        return err;
    (*out)->question.ask = ask;
    (*out)->question.arg = arg;
    return OYEZ_OK;
}

oyez_err oyez_query_open(oyez_query **out, oyez_client *client,
                         const struct oyez_query_options *options)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    REQUIRE_ARGUMENT(client);
    oyez_err err = open_query(out, options);
    if (err != OYEZ_OK)
        return err;
    (*out)->asker.client = client;
    (*out)->question.ask = ask_recorder;
    (*out)->question.arg = &(*out)->asker;
    return OYEZ_OK;
}

static oyez_err turn_page(struct oyez_query *query, uint32_t timeout_ms)
{
    struct question *question = &query->question;
    query->at = 0;
    body(query)->limit =
        query->left < OYEZ_PAGE_EVENTS_MAX ? (uint32_t)query->left : OYEZ_PAGE_EVENTS_MAX;
    oyez_err err = question_put(question, timeout_ms);
    if (err != OYEZ_OK)
        return err;
    body(query)->next_index = question->answer.next_index;
    query->ended = question->answer.next_index == 0;
    query->complete_epoch = question->answer.complete_epoch;
    query->complete_position = question->answer.complete_position;
    query->explained = question_explain(question, &query->explanation) || query->explained;
    return OYEZ_OK;
}

oyez_err oyez_query_next(oyez_query *query, const struct oyez_event **event, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(query);
    REQUIRE_ARGUMENT(event);
    *event = NULL;
    // A page may be empty: the recorder has looked at as many records as one question is worth. One
    // answer after the other comes in time then, however many there are.
    while (query->left != 0 && query->at == question_event_count(&query->question)) {
        if (query->ended)
            break;
        oyez_err err = turn_page(query, timeout_ms);
        if (err != OYEZ_OK)
            return err;
    }
    if (query->left == 0 || query->at == question_event_count(&query->question))
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "there are no more events");
    oyez_err err = question_event(&query->question, query->at++);
    if (err != OYEZ_OK)
        return err;
    query->left--;
    upcast_apply(&query->upcast, &query->question.event);
    *event = &query->question.event;
    return OYEZ_OK;
}

void oyez_query_complete(const oyez_query *query, uint64_t *epoch, uint64_t *position)
{
    if (epoch == NULL || position == NULL)
        return;
    *epoch = *position = 0;
    if (query == NULL)
        return;
    *epoch = query->complete_epoch;
    *position = query->complete_position;
}

bool oyez_query_explain(const oyez_query *query, struct oyez_query_explanation *out)
{
    if (query == NULL || out == NULL)
        return false;
    *out = query->explanation;
    return query->explained;
}

void oyez_query_close(oyez_query **query)
{
    if (query == NULL || *query == NULL)
        return;
    ask_page_free(&(*query)->asker.page);
    upcast_release(&(*query)->upcast);
    free(*query);
    *query = NULL;
}

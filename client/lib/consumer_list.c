// SPDX-License-Identifier: MIT
// Consumers seen from outside: listed, reset, deleted.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "ask.h"
#include "consumer_lease.h"

static void read_info(const oyez_v1_Consumer *from, struct oyez_consumer_info *to)
{
    memcpy(to->name, from->name, sizeof to->name);
    to->epoch = from->epoch;
    to->position = from->position;
    to->last_seen = from->last_seen;
    to->held = from->held;
    memcpy(to->holder_name, from->holder_name, sizeof to->holder_name);
    to->lag = from->lag;
    to->lag_is_bound = from->lag_is_bound;
    to->pattern_count = from->patterns_count;
    memcpy(to->patterns, from->patterns, sizeof to->patterns);
}

// Adds what a page tells, and makes the next question begin behind it.
static oyez_err take_page(struct consumer_lease *lease, struct oyez_consumer_info **consumers,
                          size_t *count)
{
    size_t added = lease->question.page.count - 1;
    struct oyez_consumer_info *grown =
        realloc(*consumers, (*count + added + 1) * sizeof **consumers);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu consumers", *count + added);
    *consumers = grown;
    for (size_t i = 1; i <= added; i++) {
        oyez_err err = consumer_lease_read(&lease->question, i, &lease->told);
        if (err != OYEZ_OK)
            return err;
        read_info(&lease->told, &grown[(*count)++]);
        snprintf(lease->question.request.body.consumer.name,
                 sizeof lease->question.request.body.consumer.name, "%s", lease->told.name);
    }
    if (added == 0 && lease->question.answer.next_index != 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "a list that does not go on");
    return OYEZ_OK;
}

oyez_err oyez_client_consumers(oyez_client *client, struct oyez_consumer_info **consumers,
                               size_t *count, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(consumers);
    REQUIRE_ARGUMENT(count);
    struct asker asker = {.client = client};
    struct consumer_lease *lease = calloc(1, sizeof *lease);
    *consumers = NULL;
    *count = 0;
    if (lease == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    lease->question.ask = ask_recorder;
    lease->question.arg = &asker;
    lease->question.request.which_body = oyez_v1_QueryRequest_consumer_tag;
    lease->question.request.body.consumer.verb = oyez_v1_ConsumerVerb_CONSUMER_VERB_LIST;
    oyez_err err;
    do {
        err = question_put(&lease->question, timeout_ms);
        if (err == OYEZ_OK)
            err = take_page(lease, consumers, count);
    } while (err == OYEZ_OK && lease->question.answer.next_index != 0);
    if (err != OYEZ_OK) {
        free(*consumers);
        *consumers = NULL;
        *count = 0;
    }
    ask_page_free(&asker.page);
    free(lease);
    return err;
}

// One question of somebody who holds nothing.
static oyez_err ask_once(oyez_client *client, const char *name, bool deletes, uint64_t epoch,
                         uint64_t position, uint32_t timeout_ms)
{
    struct asker asker = {.client = client};
    struct consumer_lease *lease = calloc(1, sizeof *lease);
    if (lease == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    oyez_err err = consumer_lease_init(lease, ask_recorder, &asker, name, "");
    if (err == OYEZ_OK && deletes)
        err = consumer_lease_delete(lease, timeout_ms);
    else if (err == OYEZ_OK)
        err = consumer_lease_reset(lease, epoch, position, timeout_ms);
    ask_page_free(&asker.page);
    free(lease);
    return err;
}

oyez_err oyez_client_reset_consumer(oyez_client *client, const char *name, uint64_t epoch,
                                    uint64_t position, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(name);
    return ask_once(client, name, false, epoch, position, timeout_ms);
}

oyez_err oyez_client_delete_consumer(oyez_client *client, const char *name, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(name);
    return ask_once(client, name, true, 0, 0, timeout_ms);
}

oyez_err oyez_client_recorded(oyez_client *client, uint64_t *epoch, uint64_t *position,
                              uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(epoch);
    REQUIRE_ARGUMENT(position);
    struct asker asker = {.client = client};
    struct question *question = calloc(1, sizeof *question);
    *epoch = *position = 0;
    if (question == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    question->ask = ask_recorder;
    question->arg = &asker;
    question->request.which_body = oyez_v1_QueryRequest_query_tag;
    question->request.body.query.reverse = true;
    question->request.body.query.limit = 1;
    oyez_err err = question_put(question, timeout_ms);
    if (err == OYEZ_OK) {
        *epoch = question->answer.complete_epoch;
        *position = question->answer.complete_position;
    }
    ask_page_free(&asker.page);
    free(question);
    return err;
}

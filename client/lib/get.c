// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "ask.h"
#include "oyez/json.h"
#include "question.h"
#include "upcast.h"

oyez_err oyez_get_with(oyez_query_ask *ask, void *arg, struct oyez_uuid event_id,
                       struct oyez_event **event, uint32_t timeout_ms)
{
    struct upcast upcast = {0};
    *event = NULL;
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a question");
    question->ask = ask;
    question->arg = arg;
    question->request.which_body = oyez_v1_QueryRequest_get_tag;
    memcpy(question->request.body.get.event_id, event_id.bytes, OYEZ_UUID_SIZE);
    oyez_err err = question_put(question, timeout_ms);
    if (err == OYEZ_OK && question_event_count(question) != 1)
        err = oyez_fail(OYEZ_ERR_MALFORMED, "asked for one event, and %zu came",
                        question_event_count(question));
    if (err == OYEZ_OK)
        err = question_event(question, 0);
    if (err == OYEZ_OK && !oyez_uuid_equal(question->event.event_id, event_id))
        err = oyez_fail(OYEZ_ERR_MALFORMED, "asked for one event, and another came");
    if (err == OYEZ_OK) {
        upcast_apply(&upcast, &question->event);
        err = oyez_event_copy(event, &question->event);
    }
    upcast_release(&upcast);
    free(question);
    return err;
}

oyez_err oyez_client_get(oyez_client *client, struct oyez_uuid event_id, struct oyez_event **event,
                         uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(event);
    struct asker asker = {.client = client};
    oyez_err err = oyez_get_with(ask_recorder, &asker, event_id, event, timeout_ms);
    ask_page_free(&asker.page);
    return err;
}

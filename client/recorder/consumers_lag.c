// SPDX-License-Identifier: MIT
#include "consumers_lag.h"

#include <pb_decode.h>
#include <pb_encode.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/journal.h"

struct counting {
    oyez_v1_QueryRequest request;
    oyez_v1_QueryAnswer answer;
    uint8_t encoded[oyez_v1_QueryRequest_size];
};

static void ask_for(oyez_v1_QueryRequest *request, const oyez_v1_Consumer *consumer)
{
    oyez_v1_Query *query = &request->body.query;
    request->request_id = 1;
    request->which_body = oyez_v1_QueryRequest_query_tag;
    query->patterns_count = consumer->patterns_count;
    memcpy(query->patterns, consumer->patterns, sizeof query->patterns);
    bool ended = consumer->position == OYEZ_POSITION_EPOCH_END;
    query->from_epoch = consumer->epoch + ended;
    query->from_position = ended ? 0 : consumer->position + 1;
}

static oyez_err read_page(oyez_query_engine *engine, struct counting *counting)
{
    struct oyez_query_page page;
    pb_ostream_t out = pb_ostream_from_buffer(counting->encoded, sizeof counting->encoded);
    if (!pb_encode(&out, oyez_v1_QueryRequest_fields, &counting->request))
        return oyez_fail(OYEZ_ERR_MALFORMED, "a consumer's patterns are no text");
    oyez_err err = oyez_query_engine_ask(engine, counting->encoded, out.bytes_written, &page);
    if (err != OYEZ_OK)
        return err;
    pb_istream_t in = pb_istream_from_buffer(page.frames[0].bytes, page.frames[0].size);
    memset(&counting->answer, 0, sizeof counting->answer);
    if (!pb_decode(&in, oyez_v1_QueryAnswer_fields, &counting->answer))
        return oyez_fail(OYEZ_ERR_MALFORMED, "an answer of our own cannot be read");
    if (counting->answer.fault != oyez_v1_QueryFault_QUERY_FAULT_NONE)
        return oyez_fail(OYEZ_ERR_IO, "%s", counting->answer.text);
    return OYEZ_OK;
}

oyez_err recorder_consumer_lag(oyez_query_engine *engine, oyez_v1_Consumer *consumer,
                               uint32_t *pages)
{
    struct counting *counting = calloc(1, sizeof *counting);
    if (counting == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to count events");
    ask_for(&counting->request, consumer);
    oyez_err err = OYEZ_OK;
    bool more = true;
    for (uint32_t i = 0; more && err == OYEZ_OK; i++) {
        if (i == RECORDER_LAG_PAGES_MAX || *pages == 0 || consumer->lag >= RECORDER_LAG_MAX)
            break;
        err = read_page(engine, counting);
        consumer->lag += err == OYEZ_OK ? counting->answer.indexes_count : 0;
        more = counting->answer.next_index != 0;
        counting->request.body.query.next_index = counting->answer.next_index;
        (*pages)--;
    }
    consumer->lag_is_bound = err == OYEZ_OK && more;
    free(counting);
    return err;
}

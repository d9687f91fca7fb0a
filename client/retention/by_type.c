// SPDX-License-Identifier: MIT
#include "by_type.h"

#include <pb_decode.h>
#include <pb_encode.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/query_engine.h"
#include "query.pb.h"

struct search {
    struct oyez_retention_plan *plan;
    oyez_holds *holds;
    oyez_journal_reader *reader;
    oyez_query_engine *engine;
    size_t max;
    oyez_v1_QueryRequest request;
    oyez_v1_QueryAnswer answer;
    uint8_t bytes[oyez_v1_QueryRequest_size];
};

static oyez_err take(struct search *search, uint64_t index)
{
    struct oyez_retention_plan *plan = search->plan;
    struct oyez_journal_record record;
    const char *name = "";
    if (index < plan->expiry.before)
        return OYEZ_OK; // it goes with its segment
    oyez_err err = oyez_journal_reader_read(search->reader, index, &record);
    if (err == OYEZ_ERR_NOT_FOUND)
        return OYEZ_OK;
    if (err != OYEZ_OK)
        return err;
    if (oyez_holds_cover(search->holds, &record, &name)) {
        plan->held_events++;
        if (plan->hold[0] == '\0' && strlen(name) < sizeof plan->hold)
            memcpy(plan->hold, name, strlen(name) + 1);
        return OYEZ_OK;
    }
    if (!record.erased)
        plan->blanks[plan->blank_count++] = index;
    return OYEZ_OK;
}

static oyez_err ask(struct search *search)
{
    struct oyez_query_page page;
    pb_ostream_t out = pb_ostream_from_buffer(search->bytes, sizeof search->bytes);
    if (!pb_encode(&out, oyez_v1_QueryRequest_fields, &search->request))
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a question of that many types");
    oyez_err err = oyez_query_engine_ask(search->engine, search->bytes, out.bytes_written, &page);
    if (err != OYEZ_OK)
        return err;
    pb_istream_t in = pb_istream_from_buffer(page.frames[0].bytes, page.frames[0].size);
    if (!pb_decode(&in, oyez_v1_QueryAnswer_fields, &search->answer))
        return oyez_fail(OYEZ_ERR_MALFORMED, "an answer that cannot be read");
    if (search->answer.fault != oyez_v1_QueryFault_QUERY_FAULT_NONE)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s", search->answer.text);
    return OYEZ_OK;
}

static oyez_err find(struct search *search, const struct oyez_retention_type *type, uint64_t until)
{
    oyez_v1_Query *query = &search->request.body.query;
    oyez_err err = OYEZ_OK;
    memset(&search->request, 0, sizeof search->request);
    search->request.which_body = oyez_v1_QueryRequest_query_tag;
    query->patterns_count = 1;
    if (strlen(type->pattern) >= sizeof query->patterns[0])
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "the pattern %.64s", type->pattern);
    memcpy(query->patterns[0], type->pattern, strlen(type->pattern) + 1);
    query->until = until;
    do {
        err = ask(search);
        for (size_t i = 0; err == OYEZ_OK && i < search->answer.indexes_count; i++) {
            search->plan->more = search->plan->blank_count == search->max;
            if (search->plan->more)
                return OYEZ_OK;
            err = take(search, search->answer.indexes[i]);
        }
        query->next_index = search->answer.next_index;
    } while (err == OYEZ_OK && query->next_index != 0);
    return err;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Two rules may find the same event.
static void put_in_order(struct oyez_retention_plan *plan)
{
    size_t kept = 0;
    if (plan->blank_count > 1)
        qsort(plan->blanks, plan->blank_count, sizeof *plan->blanks, compare);
    for (size_t i = 0; i < plan->blank_count; i++)
        if (kept == 0 || plan->blanks[kept - 1] != plan->blanks[i])
            plan->blanks[kept++] = plan->blanks[i];
    plan->blank_count = kept;
}

oyez_err oyez_by_type_find(struct oyez_retention_plan *plan, oyez_holds *holds,
                           oyez_journal_reader *reader, const char *directory,
                           const struct oyez_retention_rules *rules, uint64_t now, size_t max)
{
    struct search *search = calloc(1, sizeof *search);
    plan->blanks = calloc(max, sizeof *plan->blanks);
    oyez_err err = search != NULL && plan->blanks != NULL
                       ? OYEZ_OK
                       : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for events by type");
    if (err == OYEZ_OK) {
        search->plan = plan;
        search->holds = holds;
        search->reader = reader;
        search->max = max;
        err = oyez_query_engine_open(&search->engine, directory, NULL, NULL);
    }
    for (size_t i = 0; err == OYEZ_OK && i < rules->type_count && !plan->more; i++)
        if (rules->types[i].keep_for < now)
            err = find(search, &rules->types[i], now - rules->types[i].keep_for);
    if (plan->blanks != NULL)
        put_in_order(plan);
    if (search != NULL)
        oyez_query_engine_close(&search->engine);
    free(search);
    return err;
}

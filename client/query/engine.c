// SPDX-License-Identifier: MIT
#include <pb_decode.h>
#include <stdlib.h>
#include <string.h>

#include "candidates.h"
#include "counting.h"
#include "event_view.h"
#include "index_set.h"
#include "oyez/catalog.h"
#include "oyez/journal_catalogs.h"
#include "oyez/limits.h"
#include "oyez/query_engine.h"
#include "page.h"
#include "select.h"
#include "walk.h"

struct oyez_query_engine {
    oyez_journal_reader *reader;
    oyez_index_set *indexes;
    struct oyez_candidates candidates;
    struct oyez_walk walk;
    struct oyez_counting counting;
    struct oyez_event_view view;
    struct oyez_page page;
    oyez_v1_QueryRequest request;
};

// What the journal's events need to be read.
static oyez_err learn_catalogs(oyez_query_engine *engine, const char *directory)
{
    struct oyez_journal_catalogs catalogs;
    oyez_err err = oyez_journal_catalogs_read(&catalogs, engine->reader, directory, NULL);
    oyez_journal_catalogs_free(&catalogs);
    return err;
}

oyez_err oyez_query_engine_open(oyez_query_engine **out, const char *directory,
                                void (*notice)(void *arg, const char *text), void *arg)
{
    oyez_query_engine *engine = calloc(1, sizeof *engine);
    *out = NULL;
    if (engine == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for questions to %s", directory);
    oyez_err err = oyez_journal_reader_open(&engine->reader, directory, NULL);
    if (err == OYEZ_OK)
        err = learn_catalogs(engine, directory);
    if (err == OYEZ_OK)
        err = oyez_index_set_open(&engine->indexes, engine->reader, directory, notice, arg);
    if (err) {
        oyez_query_engine_close(&engine);
        return err;
    }
    oyez_candidates_open(&engine->candidates, engine->reader, engine->indexes);
    oyez_walk_open(&engine->walk, engine->reader);
    engine->counting.walk = &engine->walk;
    engine->counting.candidates = &engine->candidates;
    engine->counting.view = &engine->view;
    engine->counting.answer = &engine->page.answer;
    *out = engine;
    return OYEZ_OK;
}

void oyez_query_engine_close(oyez_query_engine **engine)
{
    if (engine == NULL || *engine == NULL)
        return;
    oyez_candidates_close(&(*engine)->candidates);
    oyez_counting_free(&(*engine)->counting);
    oyez_index_set_close(&(*engine)->indexes);
    oyez_journal_reader_close(&(*engine)->reader);
    oyez_page_free(&(*engine)->page);
    free(*engine);
    *engine = NULL;
}

static bool is_full(const struct oyez_page *page, uint32_t limit)
{
    size_t count = page->answer.indexes_count;
    return count == OYEZ_PAGE_EVENTS_MAX || (limit > 0 && count >= limit);
}

static oyez_err add_event(oyez_query_engine *engine, const struct oyez_journal_record *record)
{
    size_t size = oyez_event_view_frame_size(&engine->view, record);
    uint8_t *frame;
    if (!oyez_page_takes(&engine->page, size)) {
        oyez_walk_put_back(&engine->walk, record);
        return OYEZ_ERR_FULL;
    }
    oyez_err err = oyez_page_add(&engine->page, size, record->index, &frame);
    if (err == OYEZ_OK)
        oyez_event_view_write_frame(&engine->view, record, frame);
    return err;
}

// By the rules of its catalog, or by those that the recorder judges by.
static bool is_invalid(const struct oyez_event_view *view, const struct oyez_journal_record *record)
{
    if ((record->flags & OYEZ_RECORD_INVALID) != 0)
        return true;
    oyez_err err = oyez_event_judge(&view->event);
    return err == OYEZ_ERR_INVALID || err == OYEZ_ERR_TOO_LARGE;
}

static oyez_err look_at(oyez_query_engine *engine, const struct oyez_selection *selection,
                        const struct oyez_journal_record *record)
{
    if (selection->query->marks && !oyez_page_mark(&engine->page, record)) {
        oyez_walk_put_back(&engine->walk, record);
        return OYEZ_ERR_FULL;
    }
    if (!oyez_event_view_read(&engine->view, record) ||
        !oyez_selection_has(selection, &engine->view.event) ||
        (selection->query->invalid && !is_invalid(&engine->view, record)))
        return OYEZ_OK;
    return add_event(engine, record);
}

// Collects what the page has room for. OYEZ_ERR_FULL: there may be more; OYEZ_ERR_NOT_FOUND: not.
static oyez_err collect(oyez_query_engine *engine, const struct oyez_selection *selection)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK) {
        if (is_full(&engine->page, selection->query->limit))
            return OYEZ_ERR_FULL;
        err = oyez_walk_next(&engine->walk, &record);
        if (err == OYEZ_OK)
            err = look_at(engine, selection, &record);
    }
    return err;
}

// What was found before a failure is told first; who asks on meets the failure by itself.
static bool is_told_later(const oyez_v1_QueryAnswer *answer, oyez_err err)
{
    bool found = answer->indexes_count > 0 || answer->groups_count > 0 || answer->marks_count > 0;
    return err == OYEZ_ERR_FULL || err == OYEZ_ERR_NOT_FOUND ||
           (err != OYEZ_ERR_NO_MEMORY && found);
}

// Ends a walk: says how to go on and how far it came.
static oyez_err conclude(oyez_query_engine *engine, oyez_err err)
{
    oyez_v1_QueryAnswer *answer = &engine->page.answer;
    if (!is_told_later(answer, err))
        return err;
    answer->next_index = err == OYEZ_ERR_NOT_FOUND ? 0 : oyez_walk_continuation(&engine->walk);
    oyez_walk_complete(&engine->walk, &answer->complete_epoch, &answer->complete_position);
    answer->explain.events = answer->indexes_count;
    return OYEZ_OK;
}

static void explain(oyez_query_engine *engine, bool wanted)
{
    oyez_v1_QueryAnswer *answer = &engine->page.answer;
    answer->has_explain = wanted;
    if (!wanted)
        return;
    for (size_t i = 0; i < answer->groups_count; i++)
        answer->explain.events += answer->groups[i].count;
    answer->explain.segments = (uint32_t)engine->candidates.count;
    answer->explain.records_read = engine->walk.records;
    oyez_plan_tell(&engine->candidates.plan, answer->explain.plan, sizeof answer->explain.plan);
}

static oyez_err begin_walk(oyez_query_engine *engine, const oyez_v1_Query *query)
{
    const struct oyez_walk_start start = {
        .time = query->since,
        .epoch = query->from_epoch,
        .position = query->from_position,
        .next_index = query->next_index,
        .to_epoch = query->to_epoch,
        .to_position = query->to_position,
        .reverse = query->reverse,
        .exact = query->marks,
        .candidates = query->no_index ? NULL : &engine->candidates,
    };
    oyez_err err = oyez_candidates_begin(&engine->candidates, query, &engine->page.answer.explain);
    return err == OYEZ_OK ? oyez_walk_begin(&engine->walk, &start) : err;
}

// Of what was asked for the beginning may have expired; to a time only the first segment can tell it.
static bool reaches_back(oyez_query_engine *engine, const oyez_v1_Query *query)
{
    struct oyez_journal_segment segment;
    bool begins = query->next_index == 0 || query->next_index - 1 < engine->walk.begin.index;
    if (!query->marks || query->reverse || !begins || engine->walk.begin.epoch == 0)
        return false;
    return query->since == 0 ||
           (oyez_journal_reader_segment(engine->reader, 0, &segment) == OYEZ_OK &&
            query->since < segment.time_min);
}

// The range of one epoch, as far as it was asked for.
static void mark_expired(oyez_query_engine *engine, const oyez_v1_Query *query, uint64_t epoch,
                         uint64_t first, uint64_t last)
{
    if (query->to_epoch != 0 && epoch > query->to_epoch)
        return;
    if (query->to_epoch == epoch && last > query->to_position)
        last = query->to_position;
    (void)oyez_page_mark_expired(&engine->page, epoch, first > 0 ? first : 1, last);
}

static void tell_expired(oyez_query_engine *engine, const oyez_v1_Query *query)
{
    const struct oyez_journal_begin *begin = &engine->walk.begin;
    uint64_t epoch = query->from_epoch, first = query->from_position;
    if (!reaches_back(engine, query))
        return;
    if (epoch == 0) {
        epoch = begin->epoch;
        first = 1;
    }
    if (epoch < begin->epoch) {
        mark_expired(engine, query, epoch, first, OYEZ_POSITION_EPOCH_END);
        epoch = begin->epoch;
        first = 1;
    }
    if (epoch == begin->epoch)
        mark_expired(engine, query, epoch, first, begin->position);
}

static oyez_err answer_query(oyez_query_engine *engine, const oyez_v1_Query *query)
{
    struct oyez_selection selection;
    oyez_err err = oyez_selection_open(&selection, query);
    if (err == OYEZ_OK)
        err = begin_walk(engine, query);
    if (err == OYEZ_OK)
        tell_expired(engine, query);
    if (err == OYEZ_OK)
        err = conclude(engine, collect(engine, &selection));
    if (err == OYEZ_OK)
        explain(engine, query->explain);
    oyez_selection_close(&selection);
    return err;
}

static oyez_err answer_get(oyez_query_engine *engine, const oyez_v1_Get *get)
{
    struct oyez_journal_record record;
    struct oyez_uuid event_id;
    char text[OYEZ_UUID_TEXT_SIZE];
    uint64_t index;
    memcpy(event_id.bytes, get->event_id, sizeof event_id.bytes);
    oyez_uuid_to_text(event_id, text);
    oyez_err err = oyez_journal_reader_find_event_id(engine->reader, event_id, &index);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_read(engine->reader, index, &record);
    if (err == OYEZ_ERR_NOT_FOUND)
        return oyez_fail(err, "no event %s is recorded", text);
    if (err)
        return err;
    if (record.erased)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "event %s was erased", text);
    if (!oyez_event_view_read(&engine->view, &record))
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "event %s cannot be read", text);
    return add_event(engine, &record);
}

static oyez_err answer_stats(oyez_query_engine *engine, const oyez_v1_StatsRequest *request)
{
    struct oyez_counting *counting = &engine->counting;
    oyez_v1_QueryAnswer *answer = &engine->page.answer;
    oyez_err err = oyez_counting_begin(counting, request);
    if (err == OYEZ_OK)
        err = oyez_counting_go_on(counting);
    oyez_counting_end(counting);
    if (!is_told_later(answer, err))
        return err;
    if (err != OYEZ_ERR_NOT_FOUND) {
        answer->next_index = counting->at + 1;
        answer->next_group = counting->group;
    }
    explain(engine, request->explain);
    return OYEZ_OK;
}

static oyez_err answer_catalog(oyez_query_engine *engine, const oyez_v1_CatalogRequest *request)
{
    const struct oyez_event wanted = {
        .event_type = request->event_type,
        .schema_version = request->schema_version[0] != '\0' ? request->schema_version : NULL};
    if (oyez_event_lacks_catalog(&wanted))
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no catalog here has %s %s", request->event_type,
                         request->schema_version);
    const void *bytes;
    size_t size;
    const struct oyez_type *type =
        oyez_type_find_version(wanted.event_type, strlen(wanted.event_type), wanted.schema_version);
    oyez_catalog_descriptor_set(type->catalog, &bytes, &size);
    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a catalog");
    if (size > OYEZ_ANSWER_SIZE_MAX - sizeof engine->page.first)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "the catalog %s has %zu bytes; an answer takes %u",
                         type->catalog->name, size, OYEZ_ANSWER_SIZE_MAX);
    oyez_page_set_other(&engine->page, bytes, size);
    return OYEZ_OK;
}

static oyez_err answer(oyez_query_engine *engine, const oyez_v1_QueryRequest *request)
{
    switch (request->which_body) {
    case oyez_v1_QueryRequest_query_tag:
        return answer_query(engine, &request->body.query);
    case oyez_v1_QueryRequest_get_tag:
        return answer_get(engine, &request->body.get);
    case oyez_v1_QueryRequest_stats_tag:
        return answer_stats(engine, &request->body.stats);
    case oyez_v1_QueryRequest_catalog_tag:
        return answer_catalog(engine, &request->body.catalog);
    default:
        return oyez_fail(OYEZ_ERR_INVALID, "this recorder does not know the question");
    }
}

oyez_err oyez_query_engine_ask(oyez_query_engine *engine, const uint8_t *request, size_t size,
                               struct oyez_query_page *page)
{
    pb_istream_t stream = pb_istream_from_buffer(request, size);
    if (!pb_decode(&stream, oyez_v1_QueryRequest_fields, &engine->request))
        return oyez_fail(OYEZ_ERR_MALFORMED, "question: %s", PB_GET_ERROR(&stream));
    oyez_page_begin(&engine->page, engine->request.request_id);
    oyez_err err = answer(engine, &engine->request);
    if (err == OYEZ_ERR_NO_MEMORY)
        return err;
    if (err)
        oyez_page_refuse(&engine->page, err);
    oyez_page_finish(&engine->page, page);
    return OYEZ_OK;
}

// SPDX-License-Identifier: MIT
// The journal's side of bench_query: asked as `oyez query --dir` asks it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_query.h"
#include "oyez/journal.h"
#include "oyez/journal_catalogs.h"
#include "oyez/json.h"
#include "oyez/query_engine.h"
#include "oyez/reindex.h"
#include "query_source.h"

#define GROUP 1000u
#define TIMEOUT_MS 1000u

struct bench_ours {
    oyez_query_engine *engine;
};

static void tell_notice(void *arg, const char *text)
{
    (void)arg;
    fprintf(stderr, "notice: %s\n", text);
}

struct bench_ours *bench_ours_open(const char *directory)
{
    struct bench_ours *ours = calloc(1, sizeof *ours);
    if (ours == NULL)
        abort();
    bench_require(oyez_query_engine_open(&ours->engine, directory, tell_notice, NULL) == OYEZ_OK,
                  directory);
    return ours;
}

void bench_ours_close(struct bench_ours **ours)
{
    oyez_query_engine_close(&(*ours)->engine);
    free(*ours);
    *ours = NULL;
}

static oyez_err ask(void *arg, const uint8_t *request, size_t size, struct oyez_query_page *page,
                    uint32_t timeout_ms)
{
    (void)timeout_ms;
    return oyez_query_engine_ask(arg, request, size, page);
}

static struct bench_answer ask_query(struct bench_ours *ours,
                                     const struct oyez_query_options *options)
{
    struct bench_answer answer = {0};
    const struct oyez_event *event;
    oyez_query *query = NULL;
    oyez_err err = oyez_query_open_with(&query, ask, ours->engine, options);
    while (err == OYEZ_OK && (err = oyez_query_next(query, &event, TIMEOUT_MS)) == OYEZ_OK) {
        answer.count++;
        answer.positions += event->stamp.position;
    }
    bench_require(err == OYEZ_ERR_NOT_FOUND, "query");
    oyez_query_close(&query);
    return answer;
}

static struct bench_answer ask_id(struct bench_ours *ours, struct oyez_uuid event_id)
{
    struct oyez_event *event = NULL;
    bench_require(oyez_get_with(ask, ours->engine, event_id, &event, TIMEOUT_MS) == OYEZ_OK, "get");
    struct bench_answer answer = {1, event->stamp.position};
    oyez_event_free(&event);
    return answer;
}

static struct bench_answer ask_stats(struct bench_ours *ours, enum oyez_stats_by by)
{
    const struct oyez_stats_options options = {.by = by};
    struct oyez_stats_group *groups = NULL;
    struct bench_answer answer = {0};
    bench_require(
        oyez_stats_with(ask, ours->engine, &options, &groups, &answer.count, TIMEOUT_MS) == OYEZ_OK,
        "stats");
    for (size_t i = 0; i < answer.count; i++)
        answer.positions += groups[i].count;
    free(groups);
    return answer;
}

static struct bench_answer ask_condition(struct bench_ours *ours, const char *name,
                                         const char *value)
{
    char condition[2 * BENCH_TEXT_SIZE];
    const char *const conditions[] = {condition};
    const struct oyez_query_options options = {.conditions = conditions, .condition_count = 1};
    snprintf(condition, sizeof condition, "%s=%s", name, value);
    return ask_query(ours, &options);
}

struct bench_answer bench_ours_ask(struct bench_ours *ours, enum bench_question question,
                                   const struct bench_event *about)
{
    switch (question) {
    case BENCH_BY_EVENT_ID:
        return ask_id(ours, about->event.event_id);
    case BENCH_BY_CORRELATION:
        return ask_condition(ours, "correlation_id", about->correlation);
    case BENCH_BY_TAG:
        return ask_condition(ours, "tag.decision_id", about->tag);
    case BENCH_RANGE:
        return ask_query(ours,
                         &(struct oyez_query_options){.from_epoch = BENCH_EPOCH,
                                                      .from_position = about->event.stamp.position,
                                                      .limit = BENCH_RANGE_EVENTS});
    case BENCH_STATS_BY_TYPE:
        return ask_stats(ours, OYEZ_STATS_BY_TYPE);
    case BENCH_STATS_BY_ACTOR:
        return ask_stats(ours, OYEZ_STATS_BY_ACTOR);
    case BENCH_QUESTIONS:
        break;
    }
    abort();
}

static void append(oyez_journal *journal, const struct bench_event *made)
{
    const struct oyez_event *event = &made->event;
    struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT,
                                         .epoch = event->stamp.epoch,
                                         .position = event->stamp.position,
                                         .broker_time = event->stamp.broker_time,
                                         .emitter_id = {{1}},
                                         .emitter_seq = event->stamp.position,
                                         .type_seq = event->stamp.position,
                                         .event_id = event->event_id,
                                         .header = made->header,
                                         .header_size = made->header_size,
                                         .details = event->details,
                                         .details_size = event->details_size,
                                         .details_format = (uint8_t)event->details_format};
    bench_require(oyez_journal_append(journal, &record, NULL) == OYEZ_OK, "append");
}

static void write_journal(const char *directory, uint64_t events)
{
    static struct bench_event event;
    oyez_journal *journal = NULL;
    bench_require(oyez_journal_open(&journal, directory, NULL, NULL) == OYEZ_OK, directory);
    for (uint64_t n = 1; n <= events; n++) {
        bench_event_make(&event, n);
        append(journal, &event);
        if (n % GROUP == 0)
            bench_require(oyez_journal_commit(journal, NULL) == OYEZ_OK, "commit");
    }
    bench_require(oyez_journal_close(&journal) == OYEZ_OK, "close");
}

// As a recorder does; without it every opening looks through the whole journal for catalogs.
static void save_catalogs(const char *directory)
{
    struct oyez_journal_catalogs catalogs;
    oyez_journal_reader *reader = NULL;
    bench_require(oyez_journal_reader_open(&reader, directory, NULL) == OYEZ_OK, directory);
    bench_require(oyez_journal_catalogs_read(&catalogs, reader, directory, NULL) == OYEZ_OK &&
                      oyez_journal_catalogs_save(&catalogs, directory, oyez_disk_system()) ==
                          OYEZ_OK,
                  "catalogs");
    oyez_journal_catalogs_free(&catalogs);
    oyez_journal_reader_close(&reader);
}

struct bench_built bench_ours_make(const char *directory, uint64_t events)
{
    const struct oyez_reindex_options options = {.all = true};
    struct oyez_reindex_report report;
    struct bench_built built = {0};
    double begun = bench_now();
    write_journal(directory, events);
    double written = bench_now(), cpu = bench_cpu();
    bench_require(oyez_reindex(directory, &options, &report) == OYEZ_OK, "reindex");
    built.index_cpu_seconds = bench_cpu() - cpu;
    built.index_seconds = bench_now() - written;
    save_catalogs(directory);
    built.seconds = bench_now() - begun;
    built.indexed = report.records;
    built.bytes = bench_size_of(directory, ".seg");
    built.index_bytes = bench_size_of(directory, ".ids") + bench_size_of(directory, ".idx");
    return built;
}

// SPDX-License-Identifier: MIT
// Several questions at once to one engine, page by page, while the journal grows, segments are sealed,
// and indexes get lost or damaged between two pages.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indexed_journal.h"

#define ASKERS 5u
#define STEPS 2500u

struct asker {
    oyez_v1_QueryRequest request;
    struct found found;
    uint64_t end; // backwards: of the journal at the first page
    bool asking;
};

static void add_pattern(oyez_v1_Query *query, const char *pattern)
{
    snprintf(query->patterns[query->patterns_count++], sizeof query->patterns[0], "%s", pattern);
}

// FIELD=PREFIXNUMBER
static void add_condition(oyez_v1_Query *query, const char *field, unsigned number)
{
    snprintf(query->conditions[query->conditions_count++], sizeof query->conditions[0], "%s%u",
             field, number);
}

static void choose_conditions(struct indexed *indexed, oyez_v1_Query *query)
{
    static const char *const patterns[] = {"plan.created", "plan.*", "*.errored", "github.*", "*"};
    if (indexed_random(indexed, 3) == 0)
        add_pattern(query, patterns[indexed_random(indexed, 5)]);
    if (indexed_random(indexed, 3) == 0)
        add_condition(query, "correlation_id=correlation-", indexed_random(indexed, 200));
    if (indexed_random(indexed, 3) == 0)
        add_condition(query, "actor_id=actor-", indexed_random(indexed, 13));
    if (indexed_random(indexed, 3) == 0)
        add_condition(query, "tag.shelf=", indexed_random(indexed, 41));
    if (indexed_random(indexed, 3) == 0)
        add_condition(query, "plan_id=plan-", indexed_random(indexed, 4));
}

static void choose_range(struct indexed *indexed, oyez_v1_Query *query)
{
    unsigned span = (unsigned)((indexed->recorded.time - RECORDED_TIME) / RECORDED_SECOND) + 10;
    unsigned epochs = (unsigned)((indexed->recorded.epoch - RECORDED_EPOCH) / 1000) + 2;
    if (indexed_random(indexed, 4) == 0)
        query->since = RECORDED_TIME + indexed_random(indexed, span) * RECORDED_SECOND;
    if (indexed_random(indexed, 4) == 0)
        query->until = RECORDED_TIME + indexed_random(indexed, span) * RECORDED_SECOND;
    if (indexed_random(indexed, 4) == 0) {
        query->from_epoch = RECORDED_EPOCH + 1000 * indexed_random(indexed, epochs);
        query->from_position = indexed_random(indexed, 300);
    }
    if (indexed_random(indexed, 4) == 0) {
        query->to_epoch = RECORDED_EPOCH + 1000 * indexed_random(indexed, epochs);
        query->to_position = indexed_random(indexed, 300);
    }
    query->reverse = indexed_random(indexed, 3) == 0;
    query->marks = !query->reverse && indexed_random(indexed, 3) == 0;
    query->limit = 1 + indexed_random(indexed, 60);
}

static uint64_t end_of_journal(struct indexed *indexed)
{
    oyez_journal_reader *reader;
    uint64_t end;
    assert_int_equal(oyez_journal_reader_open(&reader, indexed->recorded.directory, NULL), 0);
    assert_int_equal(oyez_journal_reader_end(reader, &end), 0);
    oyez_journal_reader_close(&reader);
    return end;
}

static void begin(struct indexed *indexed, struct asker *asker)
{
    memset(asker, 0, sizeof *asker);
    asker->request = *recorded_request(oyez_v1_QueryRequest_query_tag);
    choose_conditions(indexed, &asker->request.body.query);
    choose_range(indexed, &asker->request.body.query);
    asker->request.body.query.no_index = indexed_random(indexed, 5) == 0;
    asker->end = end_of_journal(indexed);
    asker->asking = true;
}

// What a fresh engine reads of the journal as it is now.
static void read_all(struct indexed *indexed, const struct asker *asker, struct found *out)
{
    oyez_v1_QueryRequest request = asker->request;
    oyez_query_engine *engine = indexed->recorded.engine;
    indexed->recorded.engine = NULL;
    assert_int_equal(
        oyez_query_engine_open(&indexed->recorded.engine, indexed->recorded.directory, NULL, NULL),
        0);
    request.body.query.no_index = true;
    request.body.query.limit = 0;
    indexed_find(indexed, &request, out);
    oyez_query_engine_close(&indexed->recorded.engine);
    indexed->recorded.engine = engine;
}

static bool reaches_end(const struct found *found, const oyez_v1_Query *query)
{
    return query->to_epoch > 0 && (found->complete_epoch != query->to_epoch
                                       ? found->complete_epoch > query->to_epoch
                                       : found->complete_position >= query->to_position);
}

static void judge(struct indexed *indexed, struct asker *asker)
{
    static struct found whole;
    read_all(indexed, asker, &whole);
    if (asker->request.body.query.reverse) {
        size_t later = 0;
        while (later < whole.count && whole.indexes[later] >= asker->end)
            later++;
        memmove(whole.indexes, whole.indexes + later,
                (whole.count - later) * sizeof whole.indexes[0]);
        whole.count -= later;
        whole.complete_epoch = asker->found.complete_epoch;
        whole.complete_position = asker->found.complete_position;
    }
    // A gap that begins before the end of the range may reach behind it, and both are true.
    const oyez_v1_Query *query = &asker->request.body.query;
    if (reaches_end(&asker->found, query) && reaches_end(&whole, query)) {
        whole.complete_epoch = asker->found.complete_epoch;
        whole.complete_position = asker->found.complete_position;
    }
    found_assert_same(&asker->found, &whole);
    asker->asking = false;
}

static void ask(struct indexed *indexed, struct asker *asker)
{
    if (!asker->asking)
        begin(indexed, asker);
    const struct answer *answer = recorded_ask(&indexed->recorded, &asker->request);
    struct found *found = &asker->found;
    assert_int_equal(answer->head.fault, 0);
    memcpy(found->indexes + found->count, answer->head.indexes,
           answer->count * sizeof found->indexes[0]);
    found->count += answer->count;
    memcpy(found->marks + found->mark_count, answer->head.marks,
           answer->head.marks_count * sizeof found->marks[0]);
    found->mark_count += answer->head.marks_count;
    found->complete_epoch = answer->head.complete_epoch;
    found->complete_position = answer->head.complete_position;
    asker->request.body.query.next_index = answer->head.next_index;
    if (answer->head.next_index == 0)
        judge(indexed, asker);
}

// Counts go their own way over the same reader; they are held against reading by a fresh engine.
static uint64_t count_all(struct indexed *indexed, unsigned by, bool no_index)
{
    uint64_t sum = 0;
    oyez_v1_QueryRequest request = *recorded_request(oyez_v1_QueryRequest_stats_tag);
    request.body.stats.by = (oyez_v1_StatsBy)by;
    request.body.stats.no_index = no_index;
    do {
        const struct answer *answer = recorded_ask(&indexed->recorded, &request);
        assert_int_equal(answer->head.fault, 0);
        for (size_t i = 0; i < answer->head.groups_count; i++)
            sum += answer->head.groups[i].count;
        request.body.stats.next_index = answer->head.next_index;
        request.body.stats.next_group = answer->head.next_group;
    } while (request.body.stats.next_index != 0);
    return sum;
}

static void spoil(struct indexed *indexed)
{
    char path[256];
    unsigned count = indexed_files(indexed, ".idx");
    if (count == 0)
        return;
    indexed_path(indexed, ".idx", indexed_random(indexed, count), path);
    if (indexed_random(indexed, 2) == 0) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    struct stat status;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &status) == 0);
    off_t at = (off_t)indexed_random(indexed, (unsigned)status.st_size);
    assert_int_equal(pwrite(fd, "damage", 6, at), 6);
    close(fd);
}

static void step(struct indexed *indexed, struct asker askers[ASKERS])
{
    unsigned what = indexed_random(indexed, 100);
    if (what < 12) {
        if (indexed->recorded.time < RECORDED_TIME + 3000 * RECORDED_SECOND)
            indexed_add(indexed, 1 + indexed_random(indexed, what < 2 ? 150 : 8));
    } else if (what < 15) {
        spoil(indexed);
    } else if (what == 15) {
        indexed_reopen(indexed);
    } else if (what < 20) {
        unsigned by = indexed_random(indexed, 5);
        bool no_index = indexed_random(indexed, 2) == 0;
        uint64_t sum = count_all(indexed, by, no_index);
        assert_int_equal(sum, count_all(indexed, by, !no_index));
    } else {
        ask(indexed, &askers[indexed_random(indexed, ASKERS)]);
    }
}

static void test_pages_of_many_questions_make_whole_answers_whatever_comes_between(void **state)
{
    (void)state;
    static struct asker askers[ASKERS];
    static struct indexed indexed;
    const char *seed = getenv("SEED");
    memset(askers, 0, sizeof askers);
    indexed_open(&indexed, 20000);
    if (seed != NULL)
        indexed.random = strtoull(seed, NULL, 10) * 0x9E3779B97F4A7C15u | 1;
    for (unsigned n = 0; n < STEPS; n++)
        step(&indexed, askers);
    assert_true(indexed_files(&indexed, ".seg") > 20);
    indexed_close(&indexed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_of_many_questions_make_whole_answers_whatever_comes_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// Counts of recorded events, beside a naive count of every record.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "indexed_journal.h"

#define SEGMENT_SIZE 40000u
#define SUMS_MAX 2048u

// All pages of a count, added up.
struct sums {
    oyez_v1_Group groups[SUMS_MAX];
    size_t count;
    unsigned pages;
    uint64_t records_read;
    oyez_v1_Explain last;
};

static void add(struct sums *sums, const oyez_v1_Group *group)
{
    for (size_t i = 0; i < sums->count; i++) {
        if (strcmp(sums->groups[i].key, group->key) == 0) {
            sums->groups[i].count += group->count;
            return;
        }
    }
    assert_true(sums->count < SUMS_MAX);
    sums->groups[sums->count++] = *group;
}

// Asks one page after the other; `between` is called between them.
static void count(struct indexed *indexed, oyez_v1_QueryRequest *request, struct sums *sums,
                  void (*between)(struct indexed *indexed))
{
    oyez_v1_StatsRequest *stats = &request->body.stats;
    memset(sums, 0, sizeof *sums);
    stats->explain = true;
    stats->next_index = stats->next_group = 0;
    do {
        const struct answer *answer = recorded_ask(&indexed->recorded, request);
        assert_int_equal(answer->head.fault, 0);
        for (size_t i = 0; i < answer->head.groups_count; i++)
            add(sums, &answer->head.groups[i]);
        stats->next_index = answer->head.next_index;
        stats->next_group = answer->head.next_group;
        sums->last = answer->head.explain;
        sums->records_read += answer->head.explain.records_read;
        sums->pages++;
        if (between != NULL)
            between(indexed);
    } while (stats->next_index != 0);
}

static uint64_t sum_of(const struct sums *sums)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < sums->count; i++)
        sum += sums->groups[i].count;
    return sum;
}

static void assert_same(const struct sums *left, const struct sums *right)
{
    assert_int_equal(left->count, right->count);
    for (size_t i = 0; i < left->count; i++) {
        uint64_t found = UINT64_MAX;
        for (size_t k = 0; k < right->count; k++)
            if (strcmp(left->groups[i].key, right->groups[k].key) == 0)
                found = right->groups[k].count;
        assert_int_equal(left->groups[i].count, found);
    }
}

static void assert_same_by_index(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    static struct sums by_index, by_reading;
    request->body.stats.no_index = false;
    count(indexed, request, &by_index, NULL);
    request->body.stats.no_index = true;
    count(indexed, request, &by_reading, NULL);
    assert_same(&by_index, &by_reading);
}

static oyez_v1_QueryRequest *stats_by(oyez_v1_StatsBy by)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_stats_tag);
    request->body.stats.by = by;
    return request;
}

static oyez_v1_QueryRequest *random_stats(struct indexed *indexed)
{
    static const char *const patterns[] = {"plan.created", "plan.*",   "*.errored",
                                           "github.*",     "worker.*", "*"};
    oyez_v1_QueryRequest *request = stats_by((oyez_v1_StatsBy)indexed_random(indexed, 5));
    oyez_v1_StatsRequest *stats = &request->body.stats;
    unsigned span = (unsigned)((indexed->recorded.time - RECORDED_TIME) / RECORDED_SECOND) + 10;
    for (unsigned n = indexed_random(indexed, 3); n > 0; n--)
        strcpy(stats->patterns[stats->patterns_count++], patterns[indexed_random(indexed, 6)]);
    if (indexed_random(indexed, 2) == 0)
        stats->since = RECORDED_TIME + indexed_random(indexed, span) * RECORDED_SECOND;
    if (indexed_random(indexed, 2) == 0)
        stats->until = RECORDED_TIME + indexed_random(indexed, span) * RECORDED_SECOND;
    return request;
}

static void test_any_count_is_that_of_reading_every_record(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    for (unsigned round = 0; round < 8; round++) {
        indexed_add(&indexed, 250);
        for (unsigned n = 0; n < 40; n++)
            assert_same_by_index(&indexed, random_stats(&indexed));
    }
    assert_true(indexed_files(&indexed, ".idx") > 5);
    indexed_close(&indexed);
}

static void test_whole_segments_are_counted_without_reading_a_record(void **state)
{
    (void)state;
    static struct sums sums;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    count(&indexed, stats_by(oyez_v1_StatsBy_STATS_BY_TYPE), &sums, NULL); // makes the indexes
    for (int by = 0; by <= _oyez_v1_StatsBy_MAX; by++) {
        count(&indexed, stats_by((oyez_v1_StatsBy)by), &sums, NULL);
        assert_int_equal(sums.pages, 1);
        assert_int_equal(sums.records_read, 0);
        assert_true(sum_of(&sums) > 1300);
        assert_int_equal(sums.last.looked_at, sums.last.segments);
        assert_int_equal(sums.last.events, sum_of(&sums));
    }
    oyez_v1_QueryRequest *request = stats_by(oyez_v1_StatsBy_STATS_BY_CATALOG);
    strcpy(request->body.stats.patterns[request->body.stats.patterns_count++], "plan.*");
    count(&indexed, request, &sums, NULL);
    assert_int_equal(sums.records_read, 0);
    assert_int_equal(sums.count, 1);
    // A part of two segments is read, what lies between them is not.
    request = stats_by(oyez_v1_StatsBy_STATS_BY_HOUR);
    request->body.stats.since = RECORDED_TIME + 250 * RECORDED_SECOND;
    request->body.stats.until = RECORDED_TIME + 1000 * RECORDED_SECOND;
    count(&indexed, request, &sums, NULL);
    assert_true(sums.records_read > 0 && sums.records_read < 500);
    indexed_close(&indexed);
}

// Events of so many actors; each twice.
static void add_actors(struct indexed *indexed, unsigned actors)
{
    char actor[32];
    for (unsigned n = 0; n < 2 * actors; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        snprintf(actor, sizeof actor, "actor-%u", n / 2);
        event.actor_id = actor;
        recorded_add(&indexed->recorded, &event);
    }
    recorded_commit(&indexed->recorded);
}

static void assert_twice_each(const struct sums *sums, size_t groups)
{
    assert_int_equal(sums->count, groups);
    for (size_t i = 0; i < groups; i++)
        assert_int_equal(sums->groups[i].count, 2);
}

static void test_the_groups_of_one_segment_go_on_from_page_to_page(void **state)
{
    (void)state;
    static struct sums sums;
    struct indexed indexed;
    indexed_open(&indexed, 1u << 20);
    add_actors(&indexed, 1000);
    count(&indexed, stats_by(oyez_v1_StatsBy_STATS_BY_ACTOR), &sums, NULL);
    assert_twice_each(&sums, 1000);
    // Closed cleanly the segment still is open; the next one seals it.
    oyez_journal_close(&indexed.recorded.journal);
    struct oyez_journal_options options = {.segment_size = 4096};
    assert_int_equal(
        oyez_journal_open(&indexed.recorded.journal, indexed.recorded.directory, &options, NULL),
        0);
    add_actors(&indexed, 1);
    add_actors(&indexed, 1);
    assert_true(indexed_files(&indexed, ".seg") > 1);
    count(&indexed, stats_by(oyez_v1_StatsBy_STATS_BY_ACTOR), &sums, indexed_reopen);
    assert_int_equal(sums.count, 1000);
    assert_int_equal(sum_of(&sums), 2004);
    assert_int_equal(sums.pages, 8);
    assert_int_equal(sums.records_read, 0);
    indexed_close(&indexed);
}

static uint64_t count_of(const struct sums *sums, const char *key)
{
    for (size_t i = 0; i < sums->count; i++)
        if (strcmp(sums->groups[i].key, key) == 0)
            return sums->groups[i].count;
    return 0;
}

// Actors that sort before all others, so that theirs move away from where they were.
static void add_before_others(struct indexed *indexed)
{
    static unsigned number;
    char actor[32];
    for (unsigned n = 0; n < 40; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        snprintf(actor, sizeof actor, "a-%08u", UINT32_MAX / 100 - number++);
        event.actor_id = actor;
        recorded_add(&indexed->recorded, &event);
    }
    add_actors(indexed, 10);
}

static void assert_between(struct indexed *indexed, unsigned actors)
{
    static struct sums before, sums, after;
    oyez_v1_QueryRequest *request = stats_by(oyez_v1_StatsBy_STATS_BY_ACTOR);
    add_actors(indexed, actors);
    request->body.stats.no_index = true;
    count(indexed, request, &before, NULL);
    request->body.stats.no_index = false;
    count(indexed, request, &sums, add_before_others);
    request->body.stats.no_index = true;
    count(indexed, request, &after, NULL);
    for (size_t i = 0; i < before.count; i++)
        assert_true(count_of(&sums, before.groups[i].key) >= before.groups[i].count);
    for (size_t i = 0; i < sums.count; i++)
        assert_true(sums.groups[i].count <= count_of(&after, sums.groups[i].key));
}

static void test_no_page_counts_twice_what_an_open_segment_got_meanwhile(void **state)
{
    (void)state;
    // Of segments that stay open, and of those that are sealed between two pages.
    static const uint64_t sizes[] = {60000, 100000, 150000, 1u << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct indexed indexed;
        indexed_open(&indexed, sizes[i]);
        for (unsigned actors = 60; actors < 200; actors += 45)
            assert_between(&indexed, actors);
        indexed_close(&indexed);
    }
}

static void test_no_time_leaves_out_what_stands_at_its_edge(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 450);
    uint64_t seconds = (indexed.recorded.time - RECORDED_TIME) / RECORDED_SECOND;
    for (uint64_t n = 0; n < 2 * seconds; n++) {
        oyez_v1_QueryRequest *request = stats_by(oyez_v1_StatsBy_STATS_BY_TYPE);
        uint64_t time = RECORDED_TIME + n / 2 * RECORDED_SECOND;
        if (n % 2 == 0)
            request->body.stats.since = time;
        else
            request->body.stats.until = time;
        assert_same_by_index(&indexed, request);
    }
    indexed_close(&indexed);
}

static void test_what_cannot_be_counted_by_is_refused(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    oyez_v1_QueryRequest *request = stats_by((oyez_v1_StatsBy)9);
    assert_int_equal(recorded_ask(&indexed.recorded, request)->head.fault,
                     oyez_v1_QueryFault_QUERY_FAULT_INVALID);
    request = stats_by(oyez_v1_StatsBy_STATS_BY_TYPE);
    strcpy(request->body.stats.patterns[request->body.stats.patterns_count++], "pl an");
    assert_int_equal(recorded_ask(&indexed.recorded, request)->head.fault,
                     oyez_v1_QueryFault_QUERY_FAULT_INVALID);
    indexed_close(&indexed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_count_is_that_of_reading_every_record),
        cmocka_unit_test(test_whole_segments_are_counted_without_reading_a_record),
        cmocka_unit_test(test_the_groups_of_one_segment_go_on_from_page_to_page),
        cmocka_unit_test(test_no_page_counts_twice_what_an_open_segment_got_meanwhile),
        cmocka_unit_test(test_no_time_leaves_out_what_stands_at_its_edge),
        cmocka_unit_test(test_what_cannot_be_counted_by_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

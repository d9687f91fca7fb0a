// SPDX-License-Identifier: MIT
// Questions that indexes answer, beside the same questions to every record.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "indexed_journal.h"

#define SEGMENT_SIZE 40000u

static void add_pattern(oyez_v1_QueryRequest *request, const char *pattern)
{
    oyez_v1_Query *query = &request->body.query;
    snprintf(query->patterns[query->patterns_count++], sizeof query->patterns[0], "%s", pattern);
}

static void add_condition(oyez_v1_QueryRequest *request, const char *condition)
{
    oyez_v1_Query *query = &request->body.query;
    snprintf(query->conditions[query->conditions_count++], sizeof query->conditions[0], "%s",
             condition);
}

static void add_random_patterns(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    static const char *const patterns[] = {
        "plan.created", "plan.*", "*.errored", "deal.created", "github.*",
        "worker.*",     "*",      "no.such",   "*.created",    "@cleveragents/plan"};
    for (unsigned n = indexed_random(indexed, 3); n > 0; n--)
        add_pattern(request, patterns[indexed_random(indexed, 9)]);
}

static void add_random_conditions(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    char condition[64];
    for (unsigned n = indexed_random(indexed, 3); n > 0; n--) {
        switch (indexed_random(indexed, 6)) {
        case 0:
            snprintf(condition, sizeof condition, "correlation_id=correlation-%u",
                     indexed_random(indexed, 210));
            break;
        case 1:
            snprintf(condition, sizeof condition, "actor_id=actor-%u", indexed_random(indexed, 13));
            break;
        case 2:
            snprintf(condition, sizeof condition, "tag.shelf=%u", indexed_random(indexed, 41));
            break;
        case 3:
            snprintf(condition, sizeof condition, "plan_id=plan-%u", indexed_random(indexed, 4));
            break;
        case 4:
            snprintf(condition, sizeof condition, "details.n=%u", indexed_random(indexed, 2));
            break;
        default:
            snprintf(condition, sizeof condition, "type=plan.created");
        }
        add_condition(request, condition);
    }
}

static uint64_t random_time(struct indexed *indexed)
{
    uint64_t span = (indexed->recorded.time - RECORDED_TIME) / RECORDED_SECOND + 10;
    return RECORDED_TIME + indexed_random(indexed, (unsigned)span) * RECORDED_SECOND;
}

static void add_random_range(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    oyez_v1_Query *query = &request->body.query;
    unsigned epochs = (unsigned)((indexed->recorded.epoch - RECORDED_EPOCH) / 1000) + 1;
    if (indexed_random(indexed, 3) == 0)
        query->since = random_time(indexed);
    if (indexed_random(indexed, 3) == 0)
        query->until = random_time(indexed);
    if (indexed_random(indexed, 3) == 0) {
        query->from_epoch = RECORDED_EPOCH + 1000 * indexed_random(indexed, epochs);
        query->from_position = indexed_random(indexed, 300);
    }
    if (indexed_random(indexed, 3) == 0) {
        query->to_epoch = RECORDED_EPOCH + 1000 * indexed_random(indexed, epochs);
        query->to_position = indexed_random(indexed, 300);
    }
    query->reverse = indexed_random(indexed, 3) == 0;
    query->marks = !query->reverse && indexed_random(indexed, 3) == 0;
    query->limit = indexed_random(indexed, 3) == 0 ? 1 + indexed_random(indexed, 40) : 0;
}

static oyez_v1_QueryRequest *random_query(struct indexed *indexed)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    add_random_patterns(indexed, request);
    add_random_conditions(indexed, request);
    add_random_range(indexed, request);
    return request;
}

static void assert_same_by_index(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    static struct found by_index, by_reading;
    request->body.query.no_index = false;
    indexed_find(indexed, request, &by_index);
    request->body.query.no_index = true;
    indexed_find(indexed, request, &by_reading);
    found_assert_same(&by_index, &by_reading);
}

static void test_any_question_has_the_answer_that_reading_gives(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    for (unsigned round = 0; round < 12; round++) {
        indexed_add(&indexed, 200);
        for (unsigned n = 0; n < 40; n++)
            assert_same_by_index(&indexed, random_query(&indexed));
    }
    assert_true(indexed_files(&indexed, ".seg") > 8);
    assert_int_equal(indexed_files(&indexed, ".idx"), indexed_files(&indexed, ".seg") - 1);
    assert_int_equal(indexed.notice_count, 0);
    indexed_close(&indexed);
}

static void ask_for(struct indexed *indexed, const char *condition, struct found *found)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    add_condition(request, condition);
    indexed_find(indexed, request, found);
    assert_int_equal(found->fault, 0);
}

static void test_only_what_an_index_leads_to_is_read(void **state)
{
    (void)state;
    static struct found found;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    ask_for(&indexed, "correlation_id=correlation-7", &found); // makes the indexes
    unsigned sealed = indexed_files(&indexed, ".seg") - 1;
    assert_int_equal(found.explain.indexes_made, sealed);
    ask_for(&indexed, "correlation_id=correlation-7", &found);
    assert_true(found.count > 0);
    assert_int_equal(found.pages, 1);
    assert_int_equal(found.explain.indexes_made, 0);
    assert_int_equal(found.explain.segments, sealed + 1);
    assert_int_equal(found.explain.skipped_by_filter + found.explain.looked_at, sealed + 1);
    assert_true(found.explain.skipped_by_filter > 0);
    assert_int_equal(found.explain.events, found.count);
    assert_int_equal(found.explain.candidates, found.count);
    assert_int_equal(found.explain.records_read, found.count);
    assert_string_equal(found.explain.plan, "correlation_id=correlation-7");
    ask_for(&indexed, "correlation_id=nobody-has-it", &found);
    assert_int_equal(found.count, 0);
    assert_int_equal(found.explain.records_read, 0);
    assert_true(found.complete_position != 0);
    indexed_close(&indexed);
}

static void test_the_most_selective_key_leads_and_the_others_are_told_behind_it(void **state)
{
    (void)state;
    static struct found found;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.reverse = true;
    add_condition(request, "plan_id=plan-1");
    add_condition(request, "actor_id=actor-3");
    add_pattern(request, "plan.*");
    indexed_find(&indexed, request, &found);
    assert_true(found.count > 0);
    assert_non_null(strstr(found.explain.plan, "actor_id=actor-3, "));
    assert_ptr_equal(strstr(found.explain.plan, "actor_id=actor-3, "), found.explain.plan);
    assert_true(found.explain.candidates < 4 * found.count);
    indexed_close(&indexed);
}

static void test_segments_outside_the_times_are_not_looked_at(void **state)
{
    (void)state;
    static struct found found;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    for (int by_key = 0; by_key < 2; by_key++) {
        for (int reverse = 0; reverse < 2; reverse++) {
            oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
            request->body.query.reverse = reverse == 1;
            request->body.query.since = RECORDED_TIME + 500 * RECORDED_SECOND;
            request->body.query.until = RECORDED_TIME + 520 * RECORDED_SECOND;
            if (by_key == 1)
                add_condition(request, "plan_id=plan-1");
            indexed_find(&indexed, request, &found);
            assert_true(found.count > 0);
            assert_int_equal(found.explain.skipped_by_range + found.explain.skipped_by_filter +
                                 found.explain.looked_at,
                             found.explain.segments);
            assert_true(found.explain.looked_at <= 3);
            assert_true(found.explain.records_read < 400);
        }
    }
    indexed_close(&indexed);
}

static void test_no_range_leaves_out_what_stands_at_its_edge(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 450);
    uint64_t seconds = (indexed.recorded.time - RECORDED_TIME) / RECORDED_SECOND;
    for (uint64_t n = 0; n < seconds; n++) {
        oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
        request->body.query.since = RECORDED_TIME + n * RECORDED_SECOND;
        request->body.query.until = request->body.query.since + 1;
        assert_same_by_index(&indexed, request);
    }
    for (uint64_t epoch = RECORDED_EPOCH; epoch <= indexed.recorded.epoch; epoch += 1000) {
        for (uint64_t position = 1; position < 200; position++) {
            oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
            request->body.query.from_epoch = request->body.query.to_epoch = epoch;
            request->body.query.from_position = request->body.query.to_position = position;
            add_pattern(request, "plan.*");
            assert_same_by_index(&indexed, request);
        }
    }
    indexed_close(&indexed);
}

static void break_index(const struct indexed *indexed, unsigned n, unsigned percent)
{
    char path[256];
    struct stat status;
    indexed_path(indexed, ".idx", n, path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(pwrite(fd, "damage", 6, status.st_size * percent / 100), 6);
    close(fd);
}

static void test_whatever_an_index_suffers_the_answer_is_right(void **state)
{
    (void)state;
    static struct found found, expected;
    char path[256], other[256];
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    ask_for(&indexed, "actor_id=actor-3", &expected);
    assert_true(expected.count > 50);

    // Missing: nothing to say.
    indexed_path(&indexed, ".idx", 1, path);
    assert_int_equal(unlink(path), 0);
    indexed_reopen(&indexed);
    ask_for(&indexed, "actor_id=actor-3", &found);
    found_assert_same(&found, &expected);
    assert_int_equal(indexed.notice_count, 0);
    assert_int_equal(found.explain.indexes_made, 1);
    assert_int_equal(access(path, F_OK), 0);

    // Of another segment.
    indexed_path(&indexed, ".idx", 2, other);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(link(other, path), 0);
    indexed_reopen(&indexed);
    ask_for(&indexed, "actor_id=actor-3", &found);
    found_assert_same(&found, &expected);
    assert_int_equal(indexed.notice_count, 1);
    assert_non_null(strstr(indexed.notices[0], "made anew"));
    assert_non_null(strstr(indexed.notices[0], strrchr(path, '/') + 1));
    indexed_reopen(&indexed);
    ask_for(&indexed, "actor_id=actor-3", &found);
    assert_int_equal(indexed.notice_count, 0);
    assert_int_equal(found.explain.indexes_made, 0);

    // Cut short, as by a kill of somebody who did not rename.
    assert_int_equal(truncate(path, 1000), 0);
    indexed_reopen(&indexed);
    ask_for(&indexed, "actor_id=actor-3", &found);
    found_assert_same(&found, &expected);
    assert_int_equal(indexed.notice_count, 1);

    // Damaged somewhere.
    for (unsigned at = 0; at < 100; at += 4) {
        indexed_reopen(&indexed);
        break_index(&indexed, 1, at);
        ask_for(&indexed, "actor_id=actor-3", &found);
        found_assert_same(&found, &expected);
    }
    indexed_close(&indexed);
}

static void test_an_index_that_goes_bad_while_it_is_used_is_made_anew(void **state)
{
    (void)state;
    static struct found found, expected;
    unsigned noticed = 0;
    struct indexed indexed;
    indexed_open(&indexed, 10 * SEGMENT_SIZE);
    indexed_add(&indexed, 3500);
    ask_for(&indexed, "actor_id=actor-3", &expected);
    for (unsigned at = 0; at < 100; at += 5) {
        indexed_reopen(&indexed);
        ask_for(&indexed, "actor_id=nobody", &found); // opens it
        assert_int_equal(indexed.notice_count, 0);
        break_index(&indexed, 0, at);
        ask_for(&indexed, "actor_id=actor-3", &found);
        found_assert_same(&found, &expected);
        noticed += indexed.notice_count;
        // Repaired, or seen when it is opened.
        bool seen = indexed.notice_count > 0;
        indexed_reopen(&indexed);
        ask_for(&indexed, "actor_id=actor-3", &found);
        found_assert_same(&found, &expected);
        assert_true(!seen || indexed.notice_count == 0);
        char path[256];
        indexed_path(&indexed, ".idx", 0, path);
        assert_int_equal(unlink(path), 0);
        indexed_reopen(&indexed);
        ask_for(&indexed, "actor_id=actor-3", &found);
    }
    assert_true(noticed > 0);
    indexed_close(&indexed);
}

static void test_what_is_dense_is_read_on(void **state)
{
    (void)state;
    static struct found found;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1500);
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    add_pattern(request, "*.created");
    add_pattern(request, "*.applied");
    add_pattern(request, "*.errored");
    indexed_find(&indexed, request, &found);
    assert_string_equal(found.explain.plan, "");
    assert_int_equal(found.explain.candidates, 0);
    assert_int_equal(found.explain.records_read, 1500);
    indexed_close(&indexed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_question_has_the_answer_that_reading_gives),
        cmocka_unit_test(test_only_what_an_index_leads_to_is_read),
        cmocka_unit_test(test_the_most_selective_key_leads_and_the_others_are_told_behind_it),
        cmocka_unit_test(test_segments_outside_the_times_are_not_looked_at),
        cmocka_unit_test(test_no_range_leaves_out_what_stands_at_its_edge),
        cmocka_unit_test(test_whatever_an_index_suffers_the_answer_is_right),
        cmocka_unit_test(test_an_index_that_goes_bad_while_it_is_used_is_made_anew),
        cmocka_unit_test(test_what_is_dense_is_read_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

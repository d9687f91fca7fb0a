// SPDX-License-Identifier: MIT
// Questions to a journal of which retention took the beginning.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oyez/expire.h"
#include "oyez/query_page.h"
#include "recorded_events.h"

#define NEXT_EPOCH (RECORDED_EPOCH + 1000)
#define EXPIRED oyez_v1_MarkKind_MARK_KIND_EXPIRED

static void add_groups(struct recorded *recorded, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        recorded_add(recorded, &event);
        recorded_commit(recorded);
    }
}

static void end_epoch(struct recorded *recorded)
{
    recorded_add_record(recorded,
                        &(struct oyez_journal_record){.kind = OYEZ_RECORD_EPOCH_END,
                                                      .epoch = recorded->epoch,
                                                      .position = recorded->position,
                                                      .broker_time = recorded->time,
                                                      .highest_position = recorded->position,
                                                      .next_epoch = NEXT_EPOCH});
    recorded->epoch = NEXT_EPOCH;
    recorded->position = 0;
    recorded_commit(recorded);
}

static void expire(struct recorded *recorded, uint64_t before)
{
    const struct oyez_expiry_limits limits = {.before = before};
    struct oyez_expiry expiry;
    assert_int_equal(oyez_expiry_survey(&expiry, recorded->directory, NULL, &limits), OYEZ_OK);
    assert_int_equal(expiry.before, before);
    assert_int_equal(
        oyez_journal_expire(recorded->journal, &expiry, NULL, 0, "a test", "old", NULL), OYEZ_OK);
    oyez_expiry_free(&expiry);
}

static const struct answer *ask(struct recorded *recorded, uint64_t epoch, uint64_t position,
                                uint64_t to_epoch, uint64_t to_position, uint64_t next_index)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.marks = true;
    request->body.query.from_epoch = epoch;
    request->body.query.from_position = position;
    request->body.query.to_epoch = to_epoch;
    request->body.query.to_position = to_position;
    request->body.query.next_index = next_index;
    return recorded_ask(recorded, request);
}

static void assert_mark(const struct answer *answer, size_t i, uint64_t epoch, uint64_t first,
                        uint64_t last)
{
    assert_true(i < answer->head.marks_count);
    assert_int_equal(answer->head.marks[i].kind, EXPIRED);
    assert_int_equal(answer->head.marks[i].epoch, epoch);
    assert_int_equal(answer->head.marks[i].first, first);
    assert_int_equal(answer->head.marks[i].last, last);
}

static void test_who_asks_for_what_expired_is_told_the_range_and_gets_the_rest(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add_groups(&recorded, 20);
    expire(&recorded, 12);
    const struct answer *answer = ask(&recorded, 0, 0, 0, 0, 0);
    assert_int_equal(answer->head.marks_count, 1);
    assert_mark(answer, 0, RECORDED_EPOCH, 1, 12);
    assert_int_equal(answer->count, 8);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 13);
    assert_int_equal(answer->head.complete_position, 20);
    // From within the range, and up to within it.
    answer = ask(&recorded, RECORDED_EPOCH, 5, RECORDED_EPOCH, 9, 0);
    assert_int_equal(answer->head.marks_count, 1);
    assert_mark(answer, 0, RECORDED_EPOCH, 5, 9);
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.complete_position, 9);
    assert_int_equal(answer->head.next_index, 0);
    answer = ask(&recorded, RECORDED_EPOCH, 12, 0, 0, 0);
    assert_mark(answer, 0, RECORDED_EPOCH, 12, 12);
    // What is there is no news, nor is it for who reads on.
    assert_int_equal(ask(&recorded, RECORDED_EPOCH, 13, 0, 0, 0)->head.marks_count, 0);
    assert_int_equal(ask(&recorded, 0, 0, 0, 0, 15)->head.marks_count, 0);
    // It was there on the page before.
    answer = ask(&recorded, RECORDED_EPOCH, 7, 0, 0, 7);
    assert_mark(answer, 0, RECORDED_EPOCH, 7, 12);
    assert_int_equal(answer->count, 8);
    recorded_close(&recorded);
}

static void test_an_epoch_that_went_to_its_end_is_told_so(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add_groups(&recorded, 6);
    end_epoch(&recorded);
    add_groups(&recorded, 8);
    expire(&recorded, 10); // six events, the end, three events
    const struct answer *answer = ask(&recorded, RECORDED_EPOCH, 3, 0, 0, 0);
    assert_int_equal(answer->head.marks_count, 2);
    assert_mark(answer, 0, RECORDED_EPOCH, 3, OYEZ_POSITION_EPOCH_END);
    assert_mark(answer, 1, NEXT_EPOCH, 1, 3);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 4);
    answer = ask(&recorded, RECORDED_EPOCH, 3, RECORDED_EPOCH, 5, 0);
    assert_int_equal(answer->head.marks_count, 1);
    assert_mark(answer, 0, RECORDED_EPOCH, 3, 5);
    assert_int_equal(ask(&recorded, NEXT_EPOCH, 4, 0, 0, 0)->head.marks_count, 0);
    recorded_close(&recorded);
}

static void test_a_journal_that_begins_with_an_epoch_tells_of_the_one_before(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add_groups(&recorded, 6);
    end_epoch(&recorded);
    add_groups(&recorded, 2);
    expire(&recorded, 7);
    const struct answer *answer = ask(&recorded, RECORDED_EPOCH, 3, 0, 0, 0);
    assert_int_equal(answer->head.marks_count, 1);
    assert_mark(answer, 0, RECORDED_EPOCH, 3, OYEZ_POSITION_EPOCH_END);
    assert_int_equal(answer->count, 2);
    assert_mark(ask(&recorded, 0, 0, 0, 0, 0), 0, RECORDED_EPOCH, 1, OYEZ_POSITION_EPOCH_END);
    assert_int_equal(ask(&recorded, NEXT_EPOCH, 1, 0, 0, 0)->head.marks_count, 0);
    recorded_close(&recorded);
}

static void test_a_journal_without_events_says_how_far_it_was(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add_groups(&recorded, 6);
    expire(&recorded, 6);
    const struct answer *answer = ask(&recorded, RECORDED_EPOCH, 3, 0, 0, 0);
    assert_mark(answer, 0, RECORDED_EPOCH, 3, 6);
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.complete_epoch, RECORDED_EPOCH);
    assert_int_equal(answer->head.complete_position, 6);
    recorded_close(&recorded);
}

static uint64_t count_all(struct recorded *recorded, bool no_index)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_stats_tag);
    uint64_t count = 0;
    request->body.stats.no_index = no_index;
    request->body.stats.by = oyez_v1_StatsBy_STATS_BY_TYPE;
    do {
        const struct answer *answer = recorded_ask(recorded, request);
        assert_int_equal(answer->head.fault, 0);
        for (size_t i = 0; i < answer->head.groups_count; i++)
            count += answer->head.groups[i].count;
        request->body.stats.next_index = answer->head.next_index;
        request->body.stats.next_group = answer->head.next_group;
    } while (request->body.stats.next_index != 0);
    return count;
}

static void test_backwards_counts_and_a_time_end_where_the_journal_begins(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open_segments(&recorded);
    add_groups(&recorded, 20);
    expire(&recorded, 12);
    for (unsigned no_index = 0; no_index < 2; no_index++) {
        oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
        request->body.query.reverse = true;
        request->body.query.no_index = no_index == 1;
        const struct answer *answer = recorded_ask(&recorded, request);
        assert_int_equal(answer->head.fault, 0);
        assert_int_equal(answer->count, 8);
        assert_int_equal(answer->head.next_index, 0);
        assert_int_equal(recorded_read(answer, 7)->stamp.position, 13);
        assert_int_equal(count_all(&recorded, no_index == 1), 8);
    }
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.marks = true;
    request->body.query.since = RECORDED_TIME + 5 * RECORDED_SECOND;
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 8);
    assert_mark(answer, 0, RECORDED_EPOCH, 1, 12);
    request->body.query.since = RECORDED_TIME + 14 * RECORDED_SECOND;
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 6);
    assert_int_equal(answer->head.marks_count, 0);
    recorded_close(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_asks_for_what_expired_is_told_the_range_and_gets_the_rest),
        cmocka_unit_test(test_an_epoch_that_went_to_its_end_is_told_so),
        cmocka_unit_test(test_a_journal_that_begins_with_an_epoch_tells_of_the_one_before),
        cmocka_unit_test(test_a_journal_without_events_says_how_far_it_was),
        cmocka_unit_test(test_backwards_counts_and_a_time_end_where_the_journal_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

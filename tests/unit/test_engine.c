// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/query_page.h"
#include "recorded_events.h"

static void add_numbered(struct recorded *recorded, const char *type, unsigned from, unsigned to)
{
    char details[64];
    for (unsigned n = from; n <= to; n++) {
        snprintf(details, sizeof details, "{\"n\":%u}", n);
        struct oyez_event event = recorded_event(type, details);
        recorded_add(recorded, &event);
    }
}

static oyez_v1_QueryRequest *query(void)
{
    return recorded_request(oyez_v1_QueryRequest_query_tag);
}

static void test_all_events_come_in_cursor_order_with_their_indexes(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add_numbered(&recorded, "plan.created", 1, 3);
    recorded_commit(&recorded);
    const struct answer *answer = recorded_ask(&recorded, query());
    assert_int_equal(answer->head.fault, 0);
    assert_int_equal(answer->count, 3);
    assert_int_equal(answer->head.next_index, 0);
    assert_int_equal(answer->head.complete_epoch, RECORDED_EPOCH);
    assert_int_equal(answer->head.complete_position, 3);
    for (unsigned i = 0; i < 3; i++) {
        const struct oyez_event *event = recorded_read(answer, i);
        assert_string_equal(event->event_type, "plan.created");
        assert_int_equal(event->stamp.epoch, RECORDED_EPOCH);
        assert_int_equal(event->stamp.position, i + 1);
        assert_int_equal(event->stamp.index, i + 1);
        assert_int_equal(event->stamp.broker_time, RECORDED_TIME + i * RECORDED_SECOND);
        assert_int_equal(event->details_size, 7);
    }
    recorded_close(&recorded);
}

static void test_an_empty_journal_answers_with_nothing(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    oyez_v1_QueryRequest *request = query();
    for (int reverse = 0; reverse < 2; reverse++) {
        request->body.query.reverse = reverse == 1;
        const struct answer *answer = recorded_ask(&recorded, request);
        assert_int_equal(answer->head.fault, 0);
        assert_int_equal(answer->count, 0);
        assert_int_equal(answer->head.next_index, 0);
        assert_int_equal(answer->head.complete_epoch, 0);
    }
    recorded_close(&recorded);
}

static void test_what_is_written_later_is_found_by_the_same_engine(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add_numbered(&recorded, "plan.created", 1, 2);
    recorded_commit(&recorded);
    assert_int_equal(recorded_ask(&recorded, query())->count, 2);
    add_numbered(&recorded, "plan.created", 3, 5);
    // Not yet committed: not there.
    assert_int_equal(recorded_ask(&recorded, query())->count, 2);
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = query();
    request->body.query.from_epoch = RECORDED_EPOCH;
    request->body.query.from_position = 3;
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 3);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 3);
    recorded_close(&recorded);
}

static unsigned count_pages(struct recorded *recorded, oyez_v1_QueryRequest *request,
                            uint64_t first, uint64_t last)
{
    unsigned pages = 0;
    uint64_t expected = first;
    for (;;) {
        const struct answer *answer = recorded_ask(recorded, request);
        pages++;
        assert_int_equal(answer->head.fault, 0);
        for (size_t i = 0; i < answer->count; i++) {
            assert_int_equal(recorded_read(answer, i)->stamp.position, expected);
            expected += first <= last ? 1 : UINT64_MAX;
        }
        if (answer->head.next_index == 0)
            break;
        request->body.query.next_index = answer->head.next_index;
    }
    assert_int_equal(expected, first <= last ? last + 1 : last - 1);
    return pages;
}

static void test_pages_follow_each_other_without_hole_or_repetition(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add_numbered(&recorded, "plan.created", 1, 1200);
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = query();
    assert_int_equal(count_pages(&recorded, request, 1, 1200), 3);
    request = query();
    request->body.query.limit = 100;
    assert_int_equal(count_pages(&recorded, request, 1, 1200), 13);
    request = query();
    request->body.query.reverse = true;
    assert_int_equal(count_pages(&recorded, request, 1200, 1), 3);
    request = query();
    request->body.query.reverse = true;
    request->body.query.since = RECORDED_TIME + 1000 * RECORDED_SECOND;
    request->body.query.limit = 7;
    assert_int_equal(count_pages(&recorded, request, 1200, 1001), 29);
    recorded_close(&recorded);
}

static void test_a_page_ends_by_bytes_but_always_has_one_event(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    char *details = malloc(600000);
    assert_non_null(details);
    for (unsigned n = 0; n < 5; n++) {
        unsigned size = n == 2 ? 500000 : 100000;
        memset(details, ' ', size);
        details[0] = '{';
        details[size - 1] = '}';
        details[size] = '\0';
        struct oyez_event event = recorded_event("plan.created", details);
        recorded_add(&recorded, &event);
    }
    free(details);
    recorded_commit(&recorded);
    assert_int_equal(count_pages(&recorded, query(), 1, 5), 3);
    oyez_v1_QueryRequest *request = query();
    request->body.query.reverse = true;
    assert_int_equal(count_pages(&recorded, request, 5, 1), 3);
    recorded_close(&recorded);
}

static void test_patterns_conditions_and_times_select(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add_numbered(&recorded, "plan.created", 1, 4);
    add_numbered(&recorded, "plan.applied", 5, 8);
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = query();
    strcpy(request->body.query.patterns[request->body.query.patterns_count++], "*.applied");
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 4);
    strcpy(request->body.query.conditions[request->body.query.conditions_count++], "details.n=6");
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 1);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 6);

    request = query();
    request->body.query.since = RECORDED_TIME + 2 * RECORDED_SECOND;
    request->body.query.until = RECORDED_TIME + 5 * RECORDED_SECOND;
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 3);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 3);
    assert_int_equal(answer->head.complete_position, 8);
    recorded_close(&recorded);
}

static void test_what_is_wrong_with_a_question_stands_in_the_answer(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    oyez_v1_QueryRequest *request = query();
    strcpy(request->body.query.patterns[request->body.query.patterns_count++], "pl an");
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.fault, oyez_v1_QueryFault_QUERY_FAULT_INVALID);
    assert_non_null(strstr(answer->head.text, "pattern"));

    request = query();
    strcpy(request->body.query.conditions[request->body.query.conditions_count++], "colour=red");
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.fault, oyez_v1_QueryFault_QUERY_FAULT_INVALID);
    assert_non_null(strstr(answer->head.text, "colour"));

    answer = recorded_ask(&recorded, recorded_request(0));
    assert_int_equal(answer->head.fault, oyez_v1_QueryFault_QUERY_FAULT_INVALID);

    struct oyez_query_page page;
    assert_int_equal(oyez_query_engine_ask(recorded.engine, (const uint8_t *)"\xff\xff", 2, &page),
                     OYEZ_ERR_MALFORMED);
    recorded_close(&recorded);
}

static void make_unreadable(struct oyez_journal_record *record)
{
    record->flags |= OYEZ_RECORD_INVALID;
    record->event_id = (struct oyez_uuid){0};
    record->header = NULL;
    record->header_size = 0;
    record->details = (const uint8_t *)"plan.created\0rubbish";
    record->details_size = 20;
    record->details_format = 0;
}

static void test_only_events_that_can_be_read_are_shown(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_event event = recorded_event("plan.created", NULL);
    recorded_open(&recorded);
    recorded_add(&recorded, &event);
    recorded_add_as(&recorded, &event, make_unreadable);
    recorded_add_record(&recorded, &(struct oyez_journal_record){.kind = OYEZ_RECORD_GAP,
                                                                 .epoch = RECORDED_EPOCH,
                                                                 .position = 3,
                                                                 .last_position = 9,
                                                                 .broker_time = RECORDED_TIME,
                                                                 .reason = OYEZ_GAP_OVERWRITTEN});
    recorded_commit(&recorded);
    const struct answer *answer = recorded_ask(&recorded, query());
    assert_int_equal(answer->count, 1);
    // The gap was looked at: what it covers will not come.
    assert_int_equal(answer->head.complete_position, 9);
    recorded_add_record(&recorded, &(struct oyez_journal_record){.kind = OYEZ_RECORD_EPOCH_END,
                                                                 .epoch = RECORDED_EPOCH,
                                                                 .position = 9,
                                                                 .highest_position = 12,
                                                                 .next_epoch = RECORDED_EPOCH + 5,
                                                                 .broker_time = RECORDED_TIME});
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = query();
    request->body.query.from_epoch = RECORDED_EPOCH;
    request->body.query.from_position = 10;
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.complete_epoch, RECORDED_EPOCH);
    assert_true(answer->head.complete_position == OYEZ_POSITION_EPOCH_END);
    recorded_close(&recorded);
}

static void test_a_question_looks_at_a_bounded_number_of_records(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    for (unsigned i = 0; i < 5; i++) {
        add_numbered(&recorded, "plan.created", 1, 4000);
        recorded_commit(&recorded);
    }
    add_numbered(&recorded, "plan.applied", 1, 1);
    recorded_commit(&recorded);
    for (int reverse = 0; reverse < 2; reverse++) {
        oyez_v1_QueryRequest *request = query();
        request->body.query.reverse = reverse == 1;
        request->body.query.no_index = true;
        strcpy(request->body.query.patterns[request->body.query.patterns_count++], "plan.applied");
        const struct answer *answer = recorded_ask(&recorded, request);
        assert_int_equal(answer->count, reverse);
        assert_int_not_equal(answer->head.next_index, 0);
        request->body.query.next_index = answer->head.next_index;
        answer = recorded_ask(&recorded, request);
        assert_int_equal(answer->count, 1 - reverse);
        assert_int_equal(answer->head.next_index, 0);
    }
    recorded_close(&recorded);
}

static void test_get_finds_one_event_or_says_that_there_is_none(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    add_numbered(&recorded, "plan.created", 1, 2);
    struct oyez_event event = recorded_event("plan.applied", "{\"here\":true}");
    recorded_add(&recorded, &event);
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_get_tag);
    memcpy(request->body.get.event_id, event.event_id.bytes, 16);
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->head.indexes[0], 2);
    assert_string_equal(recorded_read(answer, 0)->event_type, "plan.applied");
    request->body.get.event_id[15] ^= 1;
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.fault, oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND);
    assert_non_null(strstr(answer->head.text, "is recorded"));
    recorded_close(&recorded);
}

static void test_stats_are_paged_when_there_are_too_many_groups(void **state)
{
    (void)state;
    struct recorded recorded;
    char actor[16];
    recorded_open(&recorded);
    for (unsigned i = 0; i < 600; i++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        snprintf(actor, sizeof actor, "actor-%u", i % 200);
        event.actor_id = actor;
        recorded_add(&recorded, &event);
    }
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_stats_tag);
    request->body.stats.by = oyez_v1_StatsBy_STATS_BY_ACTOR;
    uint64_t sum = 0;
    unsigned pages = 0;
    do {
        const struct answer *answer = recorded_ask(&recorded, request);
        assert_int_equal(answer->head.fault, 0);
        for (size_t i = 0; i < answer->head.groups_count; i++)
            sum += answer->head.groups[i].count;
        request->body.stats.next_index = answer->head.next_index;
        pages++;
    } while (request->body.stats.next_index != 0);
    assert_int_equal(sum, 600);
    assert_int_equal(pages, 5);
    recorded_close(&recorded);
}

static void test_no_journal_is_told_at_opening(void **state)
{
    (void)state;
    oyez_query_engine *engine = NULL;
    assert_int_equal(oyez_query_engine_open(&engine, "/nonexistent/journal", NULL, NULL),
                     OYEZ_ERR_NO_JOURNAL);
    assert_null(engine);
    oyez_query_engine_close(&engine);
    oyez_query_engine_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_events_come_in_cursor_order_with_their_indexes),
        cmocka_unit_test(test_an_empty_journal_answers_with_nothing),
        cmocka_unit_test(test_what_is_written_later_is_found_by_the_same_engine),
        cmocka_unit_test(test_pages_follow_each_other_without_hole_or_repetition),
        cmocka_unit_test(test_a_page_ends_by_bytes_but_always_has_one_event),
        cmocka_unit_test(test_patterns_conditions_and_times_select),
        cmocka_unit_test(test_what_is_wrong_with_a_question_stands_in_the_answer),
        cmocka_unit_test(test_only_events_that_can_be_read_are_shown),
        cmocka_unit_test(test_a_question_looks_at_a_bounded_number_of_records),
        cmocka_unit_test(test_get_finds_one_event_or_says_that_there_is_none),
        cmocka_unit_test(test_stats_are_paged_when_there_are_too_many_groups),
        cmocka_unit_test(test_no_journal_is_told_at_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

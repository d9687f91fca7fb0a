// SPDX-License-Identifier: MIT
// Questions for a range, with what stands in the record where no event does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "oyez/query_page.h"
#include "recorded_events.h"

#define NEXT_EPOCH (RECORDED_EPOCH + 1000)

static void add_events(struct recorded *recorded, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        recorded_add(recorded, &event);
    }
}

static void add_gap(struct recorded *recorded, uint64_t first, uint64_t last)
{
    recorded_add_record(recorded, &(struct oyez_journal_record){.kind = OYEZ_RECORD_GAP,
                                                                .epoch = recorded->epoch,
                                                                .position = first,
                                                                .last_position = last,
                                                                .broker_time = recorded->time,
                                                                .reason = OYEZ_GAP_OVERWRITTEN});
    recorded->position = last;
}

static void end_epoch(struct recorded *recorded)
{
    recorded_add_record(recorded,
                        &(struct oyez_journal_record){.kind = OYEZ_RECORD_EPOCH_END,
                                                      .epoch = recorded->epoch,
                                                      .position = recorded->position,
                                                      .broker_time = recorded->time,
                                                      .highest_position = recorded->position + 2,
                                                      .next_epoch = NEXT_EPOCH});
    recorded->epoch = NEXT_EPOCH;
    recorded->position = 0;
}

static oyez_v1_QueryRequest *range(uint64_t from_epoch, uint64_t from, uint64_t to_epoch,
                                   uint64_t to)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.marks = true;
    request->body.query.from_epoch = from_epoch;
    request->body.query.from_position = from;
    request->body.query.to_epoch = to_epoch;
    request->body.query.to_position = to;
    return request;
}

// 1 to 3, a gap of 4 to 6, 7 to 9, the end; and in the next epoch 1 and 2.
static void open_two_epochs(struct recorded *recorded)
{
    recorded_open(recorded);
    add_events(recorded, 3);
    add_gap(recorded, 4, 6);
    add_events(recorded, 3);
    end_epoch(recorded);
    add_events(recorded, 2);
    recorded_commit(recorded);
}

static void test_gaps_and_ends_are_told_only_when_asked_for(void **state)
{
    (void)state;
    struct recorded recorded;
    open_two_epochs(&recorded);
    const struct answer *answer = recorded_ask(&recorded, range(0, 0, 0, 0));
    assert_int_equal(answer->count, 8);
    assert_int_equal(answer->head.marks_count, 2);
    const oyez_v1_Mark *marks = answer->head.marks;
    assert_int_equal(marks[0].kind, oyez_v1_MarkKind_MARK_KIND_GAP);
    assert_int_equal(marks[0].epoch, RECORDED_EPOCH);
    assert_int_equal(marks[0].first, 4);
    assert_int_equal(marks[0].last, 6);
    assert_int_equal(marks[1].kind, oyez_v1_MarkKind_MARK_KIND_EPOCH_END);
    assert_int_equal(marks[1].epoch, RECORDED_EPOCH);
    assert_int_equal(marks[1].last, 9);
    assert_int_equal(marks[1].highest, 11);
    assert_int_equal(marks[1].next_epoch, NEXT_EPOCH);
    assert_false(marks[1].clean);
    oyez_v1_QueryRequest *request = range(0, 0, 0, 0);
    request->body.query.marks = false;
    assert_int_equal(recorded_ask(&recorded, request)->head.marks_count, 0);
    recorded_close(&recorded);
}

static void test_a_range_ends_where_it_was_to_end_and_is_complete_there(void **state)
{
    (void)state;
    struct recorded recorded;
    open_two_epochs(&recorded);
    const struct answer *answer =
        recorded_ask(&recorded, range(RECORDED_EPOCH, 2, RECORDED_EPOCH, 8));
    assert_int_equal(answer->count, 4);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 2);
    assert_int_equal(recorded_read(answer, 3)->stamp.position, 8);
    assert_int_equal(answer->head.marks_count, 1);
    assert_int_equal(answer->head.next_index, 0);
    assert_int_equal(answer->head.complete_epoch, RECORDED_EPOCH);
    assert_int_equal(answer->head.complete_position, 8);
    // The same engine goes on behind it.
    answer = recorded_ask(&recorded, range(RECORDED_EPOCH, 9, NEXT_EPOCH, 1));
    assert_int_equal(answer->count, 2);
    assert_int_equal(answer->head.marks_count, 1);
    assert_int_equal(answer->head.complete_epoch, NEXT_EPOCH);
    assert_int_equal(answer->head.complete_position, 1);
    recorded_close(&recorded);
}

static void test_a_range_ahead_of_the_record_is_complete_as_far_as_the_record(void **state)
{
    (void)state;
    struct recorded recorded;
    open_two_epochs(&recorded);
    const struct answer *answer = recorded_ask(&recorded, range(NEXT_EPOCH, 2, NEXT_EPOCH, 7));
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->head.complete_position, 2);
    answer = recorded_ask(&recorded, range(NEXT_EPOCH, 5, NEXT_EPOCH, 7));
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.fault, 0);
    assert_int_equal(answer->head.complete_epoch, NEXT_EPOCH);
    assert_int_equal(answer->head.complete_position, 2);
    recorded_close(&recorded);
}

static void test_the_end_of_an_epoch_belongs_to_its_last_position(void **state)
{
    (void)state;
    struct recorded recorded;
    open_two_epochs(&recorded);
    const struct answer *answer =
        recorded_ask(&recorded, range(RECORDED_EPOCH, 10, RECORDED_EPOCH, OYEZ_POSITION_EPOCH_END));
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.marks_count, 1);
    assert_true(answer->head.complete_position == OYEZ_POSITION_EPOCH_END);
    answer = recorded_ask(&recorded, range(RECORDED_EPOCH, 9, RECORDED_EPOCH, 1000));
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->head.marks_count, 0);
    assert_int_equal(answer->head.complete_position, 1000);
    recorded_close(&recorded);
}

static void test_a_page_full_of_marks_ends_and_the_next_goes_on(void **state)
{
    (void)state;
    struct recorded recorded;
    recorded_open(&recorded);
    for (uint64_t n = 0; n < 200; n++) {
        add_events(&recorded, 1);
        add_gap(&recorded, recorded.position + 1, recorded.position + 1);
    }
    recorded_commit(&recorded);
    oyez_v1_QueryRequest *request = range(0, 0, 0, 0);
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.marks_count, 128);
    assert_int_equal(answer->count, 129);
    assert_int_equal(answer->head.complete_position, 257);
    assert_int_not_equal(answer->head.next_index, 0);
    request->body.query.next_index = answer->head.next_index;
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.marks_count, 72);
    assert_int_equal(answer->head.marks[0].first, 258);
    assert_int_equal(answer->count, 71);
    assert_int_equal(answer->head.complete_position, 400);
    recorded_close(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaps_and_ends_are_told_only_when_asked_for),
        cmocka_unit_test(test_a_range_ends_where_it_was_to_end_and_is_complete_there),
        cmocka_unit_test(test_a_range_ahead_of_the_record_is_complete_as_far_as_the_record),
        cmocka_unit_test(test_the_end_of_an_epoch_belongs_to_its_last_position),
        cmocka_unit_test(test_a_page_full_of_marks_ends_and_the_next_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

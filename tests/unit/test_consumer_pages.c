// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/lib/consumer_pages.h"
#include "scripted_recorder.h"

struct reading {
    struct scripted_recorder recorder;
    struct consumer_pages pages;
    struct oyez_gap gap;
};

static int open_reading(void **state)
{
    static const char *const patterns[] = {"plan.*"};
    struct reading *reading = calloc(1, sizeof *reading);
    assert_non_null(reading);
    assert_int_equal(
        consumer_pages_open(&reading->pages, scripted_ask, &reading->recorder, patterns, 1),
        OYEZ_OK);
    *state = reading;
    return 0;
}

static int close_reading(void **state)
{
    free(*state);
    return 0;
}

// A page: events with these indexes (their positions of epoch 1000 are one more), complete through a
// position.
static struct scripted_answer *page(struct reading *reading, const uint64_t *indexes, size_t count,
                                    uint64_t complete)
{
    struct scripted_answer *answer = scripted_answer(&reading->recorder);
    for (size_t i = 0; i < count; i++)
        scripted_event(answer, indexes[i]);
    answer->answer.complete_epoch = 1000;
    answer->answer.complete_position = complete;
    return answer;
}

static void mark(struct scripted_answer *answer, oyez_v1_MarkKind kind, uint64_t first,
                 uint64_t last)
{
    answer->answer.marks[answer->answer.marks_count++] =
        (oyez_v1_Mark){.kind = kind, .epoch = 1000, .first = first, .last = last};
}

static void expect(struct reading *reading, enum consumer_found found, uint64_t position)
{
    assert_int_equal(consumer_pages_next(&reading->pages, &reading->gap), found);
    assert_int_equal(reading->pages.position, position);
}

static void turn(struct reading *reading)
{
    assert_int_equal(consumer_pages_turn(&reading->pages, 1000), OYEZ_OK);
}

static const oyez_v1_Query *asked(const struct reading *reading, size_t i)
{
    return &reading->recorder.asked[i].body.query;
}

static void test_pages_follow_each_other_from_the_cursor(void **state)
{
    struct reading *reading = *state;
    page(reading, (const uint64_t[]){4, 6}, 2, 7)->answer.next_index = 9;
    page(reading, (const uint64_t[]){8}, 1, 20);
    page(reading, NULL, 0, 20);
    consumer_pages_seek(&reading->pages, 1000, 2);
    expect(reading, CONSUMER_PAGE_ENDS, 2);
    turn(reading);
    assert_true(reading->pages.more);
    expect(reading, CONSUMER_EVENT, 5);
    assert_int_equal(reading->pages.question.event.stamp.index, 5);
    expect(reading, CONSUMER_EVENT, 7);
    expect(reading, CONSUMER_PAGE_ENDS, 7);
    turn(reading);
    assert_false(reading->pages.more);
    expect(reading, CONSUMER_EVENT, 9);
    expect(reading, CONSUMER_PAGE_ENDS, 20); // nothing for it up to there
    turn(reading);
    expect(reading, CONSUMER_PAGE_ENDS, 20);
    assert_int_equal(asked(reading, 0)->from_epoch, 1000);
    assert_int_equal(asked(reading, 0)->from_position, 3);
    assert_int_equal(asked(reading, 1)->from_position, 8);
    assert_int_equal(asked(reading, 2)->from_position, 21);
    assert_true(asked(reading, 0)->marks);
    assert_string_equal(asked(reading, 0)->patterns[0], "plan.*");
}

static void test_a_new_one_reads_from_the_first_and_an_ended_epoch_leads_to_the_next(void **state)
{
    struct reading *reading = *state;
    page(reading, NULL, 0, UINT64_MAX);
    page(reading, NULL, 0, UINT64_MAX);
    turn(reading);
    expect(reading, CONSUMER_PAGE_ENDS, UINT64_MAX);
    turn(reading);
    assert_int_equal(asked(reading, 0)->from_epoch, 0);
    assert_int_equal(asked(reading, 0)->from_position, 0);
    assert_int_equal(asked(reading, 1)->from_epoch, 1001);
    assert_int_equal(asked(reading, 1)->from_position, 0);
}

static void test_gaps_are_told_in_order_with_the_events(void **state)
{
    struct reading *reading = *state;
    struct scripted_answer *answer = page(reading, (const uint64_t[]){4, 9}, 2, 30);
    mark(answer, oyez_v1_MarkKind_MARK_KIND_EXPIRED, 1, 3);
    mark(answer, oyez_v1_MarkKind_MARK_KIND_EPOCH_END, 6, 6);
    mark(answer, oyez_v1_MarkKind_MARK_KIND_GAP, 7, 8);
    mark(answer, oyez_v1_MarkKind_MARK_KIND_GAP, 20, 25);
    turn(reading);
    expect(reading, CONSUMER_GAP, 3);
    assert_int_equal(reading->gap.kind, OYEZ_GAP_EXPIRED);
    expect(reading, CONSUMER_EVENT, 5);
    expect(reading, CONSUMER_GAP, 8);
    assert_int_equal(reading->gap.kind, OYEZ_GAP_UNRECORDED);
    assert_int_equal(reading->gap.first, 7);
    assert_int_equal(reading->gap.last, 8);
    expect(reading, CONSUMER_EVENT, 10);
    expect(reading, CONSUMER_GAP, 25);
    expect(reading, CONSUMER_PAGE_ENDS, 30);
}

static void test_an_event_that_cannot_be_read_is_passed_over_and_told(void **state)
{
    struct reading *reading = *state;
    page(reading, (const uint64_t[]){4, 5}, 2, 6)->unreadable = 1;
    turn(reading);
    expect(reading, CONSUMER_UNREADABLE, 0);
    expect(reading, CONSUMER_EVENT, 6);
    expect(reading, CONSUMER_PAGE_ENDS, 6);
}

static void test_a_failed_question_changes_nothing(void **state)
{
    struct reading *reading = *state;
    page(reading, (const uint64_t[]){4}, 1, 5);
    scripted_answer(&reading->recorder)->err = OYEZ_ERR_NO_RECORDER;
    page(reading, (const uint64_t[]){5}, 1, 6);
    turn(reading);
    expect(reading, CONSUMER_EVENT, 5);
    expect(reading, CONSUMER_PAGE_ENDS, 5);
    assert_int_equal(consumer_pages_turn(&reading->pages, 1000), OYEZ_ERR_NO_RECORDER);
    expect(reading, CONSUMER_PAGE_ENDS, 5);
    turn(reading);
    assert_int_equal(asked(reading, 2)->from_position, 6);
    expect(reading, CONSUMER_EVENT, 6);
}

static void test_a_cursor_ahead_of_the_record_stays(void **state)
{
    struct reading *reading = *state;
    consumer_pages_seek(&reading->pages, 1000, 50);
    page(reading, NULL, 0, 20);
    turn(reading);
    expect(reading, CONSUMER_PAGE_ENDS, 50);
}

static void test_patterns_have_their_limits(void **state)
{
    struct reading *reading = *state;
    static const char *many[65];
    char long_one[300];
    const char *one = long_one;
    for (size_t i = 0; i < 65; i++)
        many[i] = "a";
    memset(long_one, 'a', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    struct consumer_pages *pages = &reading->pages;
    assert_int_equal(consumer_pages_open(pages, scripted_ask, NULL, many, 65), OYEZ_ERR_TOO_LARGE);
    assert_int_equal(consumer_pages_open(pages, scripted_ask, NULL, many, 64), OYEZ_OK);
    assert_int_equal(consumer_pages_open(pages, scripted_ask, NULL, &one, 1), OYEZ_ERR_TOO_LARGE);
    one = "a b";
    assert_int_equal(consumer_pages_open(pages, scripted_ask, NULL, &one, 1), OYEZ_ERR_INVALID);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, open_reading, close_reading)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_pages_follow_each_other_from_the_cursor),
        FIXED(test_a_new_one_reads_from_the_first_and_an_ended_epoch_leads_to_the_next),
        FIXED(test_gaps_are_told_in_order_with_the_events),
        FIXED(test_an_event_that_cannot_be_read_is_passed_over_and_told),
        FIXED(test_a_failed_question_changes_nothing),
        FIXED(test_a_cursor_ahead_of_the_record_stays),
        FIXED(test_patterns_have_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

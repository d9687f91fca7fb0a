// SPDX-License-Identifier: MIT
// A query, page by page, from a recorder that answers what the test has written down.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scripted_recorder.h"
#include "wire/clock.h"

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct scripted_recorder));
    assert_non_null(*state);
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static oyez_query *open_query(struct scripted_recorder *recorder,
                              const struct oyez_query_options *options)
{
    oyez_query *query = NULL;
    assert_int_equal(oyez_query_open_with(&query, scripted_ask, recorder, options), OYEZ_OK);
    return query;
}

// The next event has this index.
static void expect_index(oyez_query *query, uint64_t index)
{
    const struct oyez_event *event = NULL;
    assert_int_equal(oyez_query_next(query, &event, 1000), OYEZ_OK);
    assert_int_equal(event->stamp.index, index + 1);
    assert_int_equal(event->stamp.position, index + 1);
}

static void expect(oyez_query *query, oyez_err err)
{
    const struct oyez_event *event = NULL;
    assert_int_equal(oyez_query_next(query, &event, 1000), err);
    assert_null(event);
}

static void test_events_come_with_their_stamp_until_there_are_no_more(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 0);
    oyez_query *query = open_query(recorder, NULL);
    assert_int_equal(recorder->asked_count, 0);
    const struct oyez_event *event = NULL;
    assert_int_equal(oyez_query_next(query, &event, 1000), OYEZ_OK);
    assert_string_equal(event->event_type, "plan.created");
    assert_memory_equal(event->details, "{\"n\":1}", event->details_size);
    assert_true(oyez_uuid_equal(event->event_id, answer->event_ids[0]));
    assert_int_equal(event->stamp.epoch, 1000);
    assert_int_equal(event->stamp.position, 1);
    assert_int_equal(event->stamp.type_seq, 3);
    assert_int_equal(event->stamp.broker_time, 99);
    assert_int_equal(event->stamp.emitter_seq, 7);
    assert_int_equal(event->stamp.index, 1);
    expect(query, OYEZ_ERR_NOT_FOUND);
    expect(query, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(recorder->asked_count, 1);
    oyez_query_close(&query);
    assert_null(query);
    oyez_query_close(&query);
}

static void test_the_question_says_what_was_asked(void **state)
{
    struct scripted_recorder *recorder = *state;
    scripted_answer(recorder);
    const char *patterns[] = {"plan.*", "deal.created"};
    const char *conditions[] = {"plan_id=P1"};
    struct oyez_query_options options = {.patterns = patterns,
                                         .pattern_count = 2,
                                         .conditions = conditions,
                                         .condition_count = 1,
                                         .since = 5,
                                         .until = 6,
                                         .from_epoch = 7,
                                         .from_position = 8,
                                         .limit = 600,
                                         .reverse = true};
    oyez_query *query = open_query(recorder, &options);
    expect(query, OYEZ_ERR_NOT_FOUND);
    const oyez_v1_Query *asked = &recorder->asked[0].body.query;
    assert_int_equal(recorder->asked[0].which_body, oyez_v1_QueryRequest_query_tag);
    assert_int_equal(asked->patterns_count, 2);
    assert_string_equal(asked->patterns[1], "deal.created");
    assert_int_equal(asked->conditions_count, 1);
    assert_string_equal(asked->conditions[0], "plan_id=P1");
    assert_int_equal(asked->since, 5);
    assert_int_equal(asked->until, 6);
    assert_int_equal(asked->from_epoch, 7);
    assert_int_equal(asked->from_position, 8);
    assert_int_equal(asked->limit, OYEZ_PAGE_EVENTS_MAX);
    assert_true(asked->reverse);
    assert_int_equal(asked->next_index, 0);
    oyez_query_close(&query);
}

static void test_a_page_goes_on_where_the_one_before_ended(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 3);
    scripted_event(answer, 4);
    answer->answer.next_index = 12;
    answer->answer.complete_epoch = 1000;
    answer->answer.complete_position = 11;
    answer = scripted_answer(recorder); // nothing here that matches
    answer->answer.next_index = 40;
    answer = scripted_answer(recorder);
    scripted_event(answer, 41);
    answer->answer.complete_epoch = 1001;
    answer->answer.complete_position = 2;
    oyez_query *query = open_query(recorder, NULL);
    uint64_t epoch = 1;
    uint64_t position = 1;
    oyez_query_complete(query, &epoch, &position);
    assert_int_equal(epoch, 0);
    assert_int_equal(position, 0);
    expect_index(query, 3);
    expect_index(query, 4);
    oyez_query_complete(query, &epoch, &position);
    assert_int_equal(epoch, 1000);
    assert_int_equal(position, 11);
    expect_index(query, 41);
    oyez_query_complete(query, &epoch, &position);
    assert_int_equal(epoch, 1001);
    assert_int_equal(position, 2);
    expect(query, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(recorder->asked_count, 3);
    assert_int_equal(recorder->asked[1].body.query.next_index, 12);
    assert_int_equal(recorder->asked[2].body.query.next_index, 40);
    assert_int_not_equal(recorder->asked[1].request_id, recorder->asked[0].request_id);
    oyez_query_close(&query);
}

static void test_a_limit_ends_the_query_and_bounds_its_pages(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 0);
    scripted_event(answer, 1);
    answer->answer.next_index = 3;
    answer = scripted_answer(recorder);
    scripted_event(answer, 2);
    scripted_event(answer, 3); // more than was asked for
    answer->answer.next_index = 5;
    oyez_query *query = open_query(recorder, &(struct oyez_query_options){.limit = 3});
    for (uint64_t index = 0; index < 3; index++)
        expect_index(query, index);
    expect(query, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(recorder->asked_count, 2);
    assert_int_equal(recorder->asked[0].body.query.limit, 3);
    assert_int_equal(recorder->asked[1].body.query.limit, 1);
    oyez_query_close(&query);
}

static void test_after_a_timeout_the_same_page_is_asked_for_again(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 0);
    answer->answer.next_index = 2;
    scripted_answer(recorder)->err = OYEZ_ERR_TIMEOUT;
    scripted_answer(recorder)->err = OYEZ_ERR_NO_RECORDER;
    scripted_event(scripted_answer(recorder), 1);
    oyez_query *query = open_query(recorder, NULL);
    expect_index(query, 0);
    expect(query, OYEZ_ERR_TIMEOUT);
    expect(query, OYEZ_ERR_NO_RECORDER);
    expect_index(query, 1);
    expect(query, OYEZ_ERR_NOT_FOUND);
    for (size_t i = 1; i < 4; i++)
        assert_int_equal(recorder->asked[i].body.query.next_index, 2);
    assert_int_not_equal(recorder->asked[2].request_id, recorder->asked[1].request_id);
    oyez_query_close(&query);
}

static uint32_t shortest_ms;

static oyez_err ask_slowly(void *arg, const uint8_t *request, size_t size,
                           struct oyez_query_page *page, uint32_t timeout_ms)
{
    uint64_t begin_ms = oyez_clock_monotonic_ms();
    while (oyez_clock_monotonic_ms() < begin_ms + 3)
        ;
    shortest_ms = timeout_ms < shortest_ms ? timeout_ms : shortest_ms;
    return scripted_ask(arg, request, size, page, timeout_ms);
}

static void test_each_page_has_the_whole_time_though_many_are_empty(void **state)
{
    struct scripted_recorder *recorder = *state;
    oyez_query *query = NULL;
    for (uint64_t n = 0; n < 5; n++)
        scripted_answer(recorder)->answer.next_index = n + 2;
    scripted_event(scripted_answer(recorder), 7);
    shortest_ms = UINT32_MAX;
    assert_int_equal(oyez_query_open_with(&query, ask_slowly, recorder, NULL), OYEZ_OK);
    expect_index(query, 7);
    assert_int_equal(recorder->asked_count, 6);
    assert_int_equal(shortest_ms, 1000);
    oyez_query_close(&query);
}

static void test_an_event_that_cannot_be_read_is_told_and_passed(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 10);
    scripted_event(answer, 11);
    answer->unreadable = 1;
    oyez_query *query = open_query(recorder, NULL);
    expect(query, OYEZ_ERR_MALFORMED);
    assert_non_null(strstr(oyez_error_detail(), "index 10"));
    expect_index(query, 11);
    expect(query, OYEZ_ERR_NOT_FOUND);
    oyez_query_close(&query);
}

static oyez_err try_to_open(const struct oyez_query_options *options)
{
    oyez_query *query = NULL;
    oyez_err err = oyez_query_open_with(&query, scripted_ask, NULL, options);
    assert_true((err == OYEZ_OK) == (query != NULL));
    oyez_query_close(&query);
    return err;
}

static void test_options_are_judged_before_anything_is_asked(void **state)
{
    (void)state;
    static const char *many[65];
    for (size_t i = 0; i < 65; i++)
        many[i] = "plan.*";
    static const char *wrong[] = {"plan created"};
    static const char *unknown[] = {"no_such_field=1"};
    static const char *conditions[33];
    for (size_t i = 0; i < 33; i++)
        conditions[i] = "plan_id=P";
    static char text[600];
    static const char *long_one[] = {text};
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "plan_id=", strlen("plan_id="));
    struct oyez_query_options options = {.patterns = many, .pattern_count = 64};
    assert_int_equal(try_to_open(&options), OYEZ_OK);
    options.pattern_count = 65;
    assert_int_equal(try_to_open(&options), OYEZ_ERR_TOO_LARGE);
    options = (struct oyez_query_options){.patterns = wrong, .pattern_count = 1};
    assert_int_equal(try_to_open(&options), OYEZ_ERR_INVALID);
    options = (struct oyez_query_options){.conditions = unknown, .condition_count = 1};
    assert_int_equal(try_to_open(&options), OYEZ_ERR_INVALID);
    options = (struct oyez_query_options){.conditions = conditions, .condition_count = 33};
    assert_int_equal(try_to_open(&options), OYEZ_ERR_TOO_LARGE);
    options = (struct oyez_query_options){.conditions = long_one, .condition_count = 1};
    assert_int_equal(try_to_open(&options), OYEZ_ERR_TOO_LARGE);
    options = (struct oyez_query_options){.since = -1};
    assert_int_equal(try_to_open(&options), OYEZ_ERR_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_events_come_with_their_stamp_until_there_are_no_more),
        TEST(test_the_question_says_what_was_asked),
        TEST(test_a_page_goes_on_where_the_one_before_ended),
        TEST(test_a_limit_ends_the_query_and_bounds_its_pages),
        TEST(test_after_a_timeout_the_same_page_is_asked_for_again),
        TEST(test_each_page_has_the_whole_time_though_many_are_empty),
        TEST(test_an_event_that_cannot_be_read_is_told_and_passed),
        TEST(test_options_are_judged_before_anything_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
// What an answer may be, and what it is taken for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/lib/question.h"
#include "scripted_recorder.h"

struct fixture {
    struct scripted_recorder recorder;
    struct question question;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->question.ask = scripted_ask;
    fixture->question.arg = &fixture->recorder;
    fixture->question.request.which_body = oyez_v1_QueryRequest_query_tag;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void test_a_fault_is_the_error_with_its_text(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        oyez_v1_QueryFault fault;
        oyez_err err;
    } cases[] = {
        {oyez_v1_QueryFault_QUERY_FAULT_INVALID, OYEZ_ERR_INVALID},
        {oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND, OYEZ_ERR_NOT_FOUND},
        {oyez_v1_QueryFault_QUERY_FAULT_CORRUPT, OYEZ_ERR_CORRUPT},
        {oyez_v1_QueryFault_QUERY_FAULT_IO, OYEZ_ERR_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scripted_answer *answer = scripted_answer(&fixture->recorder);
        answer->answer.fault = cases[i].fault;
        strcpy(answer->answer.text, "segment 3: what it is");
        assert_int_equal(question_put(&fixture->question, 1000), cases[i].err);
        assert_string_equal(oyez_error_detail(), "segment 3: what it is");
        assert_int_equal(question_event_count(&fixture->question), 0);
    }
    scripted_answer(&fixture->recorder)->answer.fault = (oyez_v1_QueryFault)77;
    assert_int_equal(question_put(&fixture->question, 1000), OYEZ_ERR_MALFORMED);
}

static void test_an_answer_that_contradicts_itself_is_malformed(void **state)
{
    struct fixture *fixture = *state;
    scripted_answer(&fixture->recorder)->empty = true;
    assert_int_equal(question_put(&fixture->question, 1000), OYEZ_ERR_MALFORMED);
    scripted_answer(&fixture->recorder)->foreign = true;
    assert_int_equal(question_put(&fixture->question, 1000), OYEZ_ERR_MALFORMED);
    assert_non_null(strstr(oyez_error_detail(), "another question"));
    scripted_answer(&fixture->recorder)->broken = true;
    assert_int_equal(question_put(&fixture->question, 1000), OYEZ_ERR_MALFORMED);
    struct scripted_answer *answer = scripted_answer(&fixture->recorder);
    scripted_event(answer, 1);
    scripted_event(answer, 2);
    answer->event_missing = 1;
    assert_int_equal(question_put(&fixture->question, 1000), OYEZ_ERR_MALFORMED);
    assert_int_equal(question_event_count(&fixture->question), 0);
}

static void test_an_event_of_the_page_is_read_where_it_stands(void **state)
{
    struct fixture *fixture = *state;
    struct scripted_answer *answer = scripted_answer(&fixture->recorder);
    scripted_event(answer, 4);
    scripted_event(answer, 9);
    assert_int_equal(question_put(&fixture->question, 1000), OYEZ_OK);
    assert_int_equal(question_event_count(&fixture->question), 2);
    assert_int_equal(question_event(&fixture->question, 1), OYEZ_OK);
    assert_int_equal(fixture->question.event.stamp.index, 10);
    assert_int_equal(question_event(&fixture->question, 0), OYEZ_OK);
    assert_int_equal(fixture->question.event.stamp.index, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_fault_is_the_error_with_its_text),
        TEST(test_an_answer_that_contradicts_itself_is_malformed),
        TEST(test_an_event_of_the_page_is_read_where_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "oyez/json.h"
#include "scripted_recorder.h"

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

static void test_the_event_of_an_id_is_the_caller_s(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 5);
    struct oyez_event *event = NULL;
    assert_int_equal(oyez_get_with(scripted_ask, recorder, answer->event_ids[0], &event, 1000),
                     OYEZ_OK);
    assert_int_equal(recorder->asked[0].which_body, oyez_v1_QueryRequest_get_tag);
    assert_memory_equal(recorder->asked[0].body.get.event_id, answer->event_ids[0].bytes,
                        OYEZ_UUID_SIZE);
    assert_true(oyez_uuid_equal(event->event_id, answer->event_ids[0]));
    assert_int_equal(event->stamp.index, 6);
    assert_memory_equal(event->details, "{\"n\":1}", event->details_size);
    oyez_event_free(&event);
}

static void test_without_the_event_there_is_none(void **state)
{
    struct scripted_recorder *recorder = *state;
    scripted_answer(recorder)->answer.fault = oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND;
    struct oyez_event *event = NULL;
    assert_int_equal(oyez_get_with(scripted_ask, recorder, oyez_uuid_new(), &event, 1000),
                     OYEZ_ERR_NOT_FOUND);
    assert_null(event);
    scripted_answer(recorder)->err = OYEZ_ERR_TIMEOUT;
    assert_int_equal(oyez_get_with(scripted_ask, recorder, oyez_uuid_new(), &event, 1000),
                     OYEZ_ERR_TIMEOUT);
    assert_null(event);
}

static void test_another_event_or_more_than_one_is_malformed(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct oyez_event *event = NULL;
    scripted_event(scripted_answer(recorder), 5);
    assert_int_equal(oyez_get_with(scripted_ask, recorder, oyez_uuid_new(), &event, 1000),
                     OYEZ_ERR_MALFORMED);
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_event(answer, 5);
    scripted_event(answer, 6);
    assert_int_equal(oyez_get_with(scripted_ask, recorder, answer->event_ids[0], &event, 1000),
                     OYEZ_ERR_MALFORMED);
    scripted_answer(recorder);
    assert_int_equal(oyez_get_with(scripted_ask, recorder, oyez_uuid_new(), &event, 1000),
                     OYEZ_ERR_MALFORMED);
    assert_null(event);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_event_of_an_id_is_the_caller_s),
        TEST(test_without_the_event_there_is_none),
        TEST(test_another_event_or_more_than_one_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

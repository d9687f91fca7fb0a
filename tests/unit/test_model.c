// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "terminal.h"

static struct model *model;

static int open_model(void **state)
{
    (void)state;
    terminal_open();
    return model_open(&model, false) == OYEZ_OK ? 0 : 1;
}

static int close_model(void **state)
{
    (void)state;
    model_close(&model);
    return 0;
}

static void take(uint64_t position, const char *type, const char *plan)
{
    const struct oyez_event event = {
        .event_type = type,
        .plan_id = plan,
        .details = "{}",
        .details_size = 2,
        .details_format = OYEZ_DETAILS_JSON,
        .stamp = {.epoch = 1, .position = position, .broker_time = position}};
    model_take(model, &event);
}

static void filter(const char *text)
{
    struct filter_text *made = malloc(sizeof *made);
    assert_non_null(made);
    assert_int_equal(filter_text_read(made, text), OYEZ_OK);
    model_set_filter(model, made);
}

static uint64_t position_at(const struct event_list *list, uint64_t i)
{
    return event_list_entry(list, list->first + i)->stamp.position;
}

static void test_all_is_counted_however_little_is_kept(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 100000; i++) {
        take(i, i % 10 == 0 ? "plan.errored" : "plan.created", "P");
    }
    assert_int_equal(model->counts.total, 100000);
    assert_int_equal(model->counts.failed, 10000);
    assert_int_equal(model->live.count, MODEL_LIVE_EVENTS);
    assert_true(model->live.used <= MODEL_LIVE_BYTES);
}

static void test_what_was_there_before_is_shown_and_not_counted(void **state)
{
    (void)state;
    model->boundary_epoch = 1;
    model->boundary_position = 5;
    for (uint64_t i = 3; i <= 8; i++) {
        take(i, "plan.created", "P");
    }
    assert_int_equal(model->live.count, 6);
    assert_int_equal(model->counts.total, 3);
    assert_int_equal(model->newest_position, 8);
}

static void test_a_filter_keeps_what_matches_apart_and_counts_it(void **state)
{
    (void)state;
    filter("plan_id=P7");
    for (uint64_t i = 1; i <= 10; i++) {
        take(i, "plan.created", i % 2 == 0 ? "P7" : "P8");
    }
    assert_int_equal(model->matched_total, 5);
    assert_ptr_equal(model_shown(model), &model->matched);
    assert_int_equal(model->matched.count, 5);
    assert_int_equal(model->counts.total, 10);
    filter("");
    assert_ptr_equal(model_shown(model), &model->live);
}

static void test_pausing_stands_still_while_counting_goes_on(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 10; i++) {
        take(i, "plan.created", "P");
    }
    model_pause(model);
    for (uint64_t i = 11; i <= 30; i++) {
        take(i, "plan.created", "P");
    }
    assert_ptr_equal(model_shown(model), &model->window.list);
    assert_int_equal(model->window.list.count, 10);
    assert_int_equal(model->counts.total - model->window.paused_at, 20);
    model_close_window(model);
    assert_int_equal(position_at(model_shown(model), 29), 30);
}

static void test_the_window_goes_on_where_the_live_list_does(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 10; i++) {
        take(i, "plan.created", "P");
    }
    model_pause(model);
    for (uint64_t i = 11; i <= 30; i++) {
        take(i, "plan.created", i % 2 == 0 ? "P7" : "P8");
    }
    filter("plan_id=P7");
    assert_true(model_extend_behind(model, 3));
    assert_int_equal(model->window.list.count, 13);
    assert_int_equal(position_at(&model->window.list, 12), 16);
    assert_true(model_extend_behind(model, 100));
    assert_int_equal(position_at(&model->window.list, 19), 30);
    assert_true(model_extend_behind(model, 100));
    assert_true(model->window.at_last);
}

static void test_what_left_the_live_list_is_not_skipped_over(void **state)
{
    (void)state;
    take(1, "plan.created", "P");
    model_pause(model);
    for (uint64_t i = 2; i <= MODEL_LIVE_EVENTS + 10; i++) {
        take(i, "plan.created", "P");
    }
    assert_false(model_extend_behind(model, 3));
    assert_int_equal(model->window.list.count, 1);
}

static void test_a_break_is_marked_once_with_its_length(void **state)
{
    (void)state;
    size_t size;
    model_set_link(model, MODEL_LINK_UP, "");
    take(1, "plan.created", "P");
    model_set_link(model, MODEL_LINK_DOWN, "silent");
    model_set_link(model, MODEL_LINK_DOWN, "silent");
    model_set_link(model, MODEL_LINK_UP, "");
    assert_int_equal(model->breaks, 1);
    assert_int_equal(model->live.count, 3);
    const char *text = event_list_mark_text(&model->live, model->live.first + 1, &size);
    char copy[300];
    snprintf(copy, sizeof copy, "%.*s", (int)size, text);
    assert_non_null(strstr(copy, "the server is gone: silent"));
}

static void test_an_event_of_the_open_workflow_joins_it(void **state)
{
    (void)state;
    const struct oyez_event event = {
        .event_type = "plan.created", .correlation_id = "w", .stamp = {.epoch = 1, .position = 1}};
    trace_page_begin(&model->trace, "w");
    model_take(model, &event);
    take(2, "plan.created", "P");
    assert_int_equal(model->trace.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_is_counted_however_little_is_kept, open_model,
                                        close_model),
        cmocka_unit_test_setup_teardown(test_what_was_there_before_is_shown_and_not_counted,
                                        open_model, close_model),
        cmocka_unit_test_setup_teardown(test_a_filter_keeps_what_matches_apart_and_counts_it,
                                        open_model, close_model),
        cmocka_unit_test_setup_teardown(test_pausing_stands_still_while_counting_goes_on,
                                        open_model, close_model),
        cmocka_unit_test_setup_teardown(test_the_window_goes_on_where_the_live_list_does,
                                        open_model, close_model),
        cmocka_unit_test_setup_teardown(test_what_left_the_live_list_is_not_skipped_over,
                                        open_model, close_model),
        cmocka_unit_test_setup_teardown(test_a_break_is_marked_once_with_its_length, open_model,
                                        close_model),
        cmocka_unit_test_setup_teardown(test_an_event_of_the_open_workflow_joins_it, open_model,
                                        close_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

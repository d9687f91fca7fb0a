// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "row.h"
#include "terminal.h"

static struct canvas canvas;

static struct oyez_event sample(const char *type, const char *details)
{
    return (struct oyez_event){.event_type = type,
                               .actor_name = "planner",
                               .plan_id = "P7",
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = details,
                               .details_size = strlen(details),
                               .stamp = {.broker_time = UINT64_C(1795199455215250000)}};
}

static void assert_summary(const char *type, const char *details, const char *expected)
{
    char text[1024];
    const struct oyez_event event = sample(type, details);
    row_summary(&event, 100, text, sizeof text);
    assert_string_equal(text, expected);
}

static void test_details_begin_with_what_the_type_is_about(void **state)
{
    (void)state;
    terminal_open();
    assert_summary("plan.phase_changed", "{\"from_phase\":\"strategize\",\"to_phase\":\"execute\"}",
                   "strategize → execute");
    assert_summary("tool.errored", "{\"tool\":\"ls\",\"error_message\":\"no such file\"}",
                   "no such file  tool=ls");
    assert_summary("plan.created", "{\"trigger\":\"user\",\"goal\":\"Grow\"}",
                   "Grow  trigger=user");
    assert_summary("unheard.of", "{\"a\":1,\"b\":[1,2],\"c\":{\"d\":1},\"e\":null,\"f\":1.5}",
                   "a=1  b=[2]  c={1}  e=null  f=1.5");
    assert_summary("tool.errored", "{\"exit_code\":3}", "exit_code=3");
    assert_summary("x.failed", "{\"exit_code\":3,\"reason\":\"r\"}", "r  exit_code=3");
}

static void test_details_that_are_no_json_are_shown_as_they_are(void **state)
{
    (void)state;
    assert_summary("plan.created", "not json \033[2J", "not json \\u001b[2J");
    struct oyez_event event = sample("unheard.of", "\001\002");
    char text[256];
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    row_summary(&event, 100, text, sizeof text);
    assert_string_equal(text, "(protobuf, 2 bytes)");
}

static void test_columns_are_aligned_on_narrow_and_wide_screens(void **state)
{
    (void)state;
    static const unsigned widths[] = {40, 80, 200, 500};
    char text[2048];
    const struct oyez_event event =
        sample("plan.phase_changed", "{\"from_phase\":\"strategize\",\"to_phase\":\"execute\"}");
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct row_columns columns;
        assert_true(canvas_resize(&canvas, 2, widths[i]));
        row_columns_fit(&columns, widths[i]);
        row_draw_titles(&columns, &canvas, 0);
        row_draw(&columns, &canvas, 1, &event);
        canvas_row_text(&canvas, 1, text, sizeof text);
        assert_memory_equal(text + columns.type, "plan.phase_changed", 18);
        if (widths[i] >= 80) {
            assert_memory_equal(text + columns.actor, "planner", 7);
            assert_memory_equal(text + columns.belonging, "plan P7", 7);
            assert_memory_equal(text + columns.summary, "strategize", 10);
        }
    }
    canvas_free(&canvas);
}

static void test_failures_are_red_and_a_domain_has_one_colour(void **state)
{
    (void)state;
    assert_int_equal(row_style("plan.errored"), STYLE_BAD);
    assert_int_equal(row_style("worker.job_failed"), STYLE_BAD);
    assert_int_equal(row_style("plan.created"), row_style("plan.applied"));
    assert_true(row_style("nobody.knows") >= STYLE_DOMAIN);
    assert_true(row_style("nobody.knows") <= STYLE_DOMAIN_LAST);
}

static void test_times_that_are_not_there_are_no_1970(void **state)
{
    (void)state;
    char text[ROW_TIME_SIZE];
    row_time(text, 0, false);
    assert_string_equal(text, "--:--:--.---");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_details_begin_with_what_the_type_is_about),
        cmocka_unit_test(test_details_that_are_no_json_are_shown_as_they_are),
        cmocka_unit_test(test_columns_are_aligned_on_narrow_and_wide_screens),
        cmocka_unit_test(test_failures_are_red_and_a_domain_has_one_colour),
        cmocka_unit_test(test_times_that_are_not_there_are_no_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

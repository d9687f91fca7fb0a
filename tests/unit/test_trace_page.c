// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "terminal.h"
#include "trace_page.h"

static struct trace_page page;

#define SECOND UINT64_C(1000000000)
#define WORKFLOW "00000000-0000-7000-8000-000000000001"

static struct oyez_event sample(uint8_t number, uint8_t cause, const char *type, char causation[])
{
    struct oyez_event event = {
        .event_type = type,
        .correlation_id = WORKFLOW,
        .stamp = {.epoch = 1, .position = number, .broker_time = number * SECOND}};
    struct oyez_uuid id = {{0}};
    event.event_id.bytes[15] = number;
    id.bytes[15] = cause;
    oyez_uuid_to_text(id, causation);
    event.causation_id = cause > 0 ? causation : NULL;
    return event;
}

static void add(uint8_t number, uint8_t cause, const char *type)
{
    char causation[OYEZ_UUID_TEXT_SIZE];
    const struct oyez_event event = sample(number, cause, type, causation);
    assert_true(trace_page_takes(&page, &event));
    trace_page_add(&page, &event);
}

static int open_page(void **state)
{
    (void)state;
    terminal_open();
    trace_page_begin(&page, WORKFLOW);
    add(1, 0, "plan.created");
    add(2, 1, "tool.invoked");
    add(3, 2, "tool.errored");
    add(4, 1, "plan.phase_changed");
    return trace_page_build(&page) ? 0 : 1;
}

static int close_page(void **state)
{
    (void)state;
    trace_page_clear(&page);
    return 0;
}

static void assert_line(size_t at, const char *expected)
{
    assert_true(at < page.lines.count);
    assert_string_equal(page.lines.lines[at].text, expected);
}

static void test_causes_make_a_tree_with_durations_and_failures(void **state)
{
    (void)state;
    assert_int_equal(page.lines.count, 4);
    assert_line(0, "+0 us       plan.created (3.00 s)  ");
    assert_line(1, "+1.00 s     ├─ tool.invoked (1.00 s)  ");
    assert_line(2, "+2.00 s     │  └─ ✗ tool.errored  ");
    assert_line(3, "+3.00 s     └─ plan.phase_changed  ");
}

static void test_folded_nodes_hide_what_they_caused(void **state)
{
    (void)state;
    trace_page_fold(&page, 1);
    assert_true(trace_page_build(&page));
    assert_int_equal(page.lines.count, 3);
    assert_line(1, "+1.00 s     ├─ tool.invoked ▸ 1 more, 1.00 s  ");
    trace_page_fold(&page, 1);
    trace_page_fold(&page, 3); // nothing below it
    assert_true(trace_page_build(&page));
    assert_int_equal(page.lines.count, 4);
    trace_page_fold_all(&page, true);
    assert_true(trace_page_build(&page));
    assert_int_equal(page.lines.count, 1);
    trace_page_fold_all(&page, false);
    assert_true(trace_page_build(&page));
    assert_int_equal(page.lines.count, 4);
}

static void test_it_grows_in_the_order_of_the_record_each_event_once(void **state)
{
    (void)state;
    add(6, 4, "tool.invoked");
    add(5, 4, "decision.created"); // read from the record after a younger one came live
    add(6, 4, "tool.invoked");
    assert_true(trace_page_build(&page));
    assert_int_equal(page.count, 6);
    assert_line(4, "+4.00 s        ├─ decision.created  ");
    assert_line(5, "+5.00 s        └─ tool.invoked  ");
    assert_string_equal(trace_page_event(&page, 5)->event_type, "tool.invoked");
    assert_null(trace_page_event(&page, 6));
}

static void test_only_its_own_events_belong_to_it(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "plan.created", .correlation_id = "another"};
    assert_false(trace_page_takes(&page, &event));
    event.correlation_id = NULL;
    assert_false(trace_page_takes(&page, &event));
    // The event that the workflow is named by may itself have no correlation id.
    assert_int_equal(oyez_uuid_from_text(&event.event_id, WORKFLOW), OYEZ_OK);
    assert_true(trace_page_takes(&page, &event));
    trace_page_clear(&page);
    assert_false(trace_page_takes(&page, &event));
}

static void test_more_than_its_bound_is_told(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TRACE_PAGE_EVENTS_MAX + 10; i++) {
        struct oyez_event event = {.event_type = "plan.created",
                                   .correlation_id = WORKFLOW,
                                   .stamp = {.epoch = 2, .position = i + 1}};
        event.event_id.bytes[0] = (uint8_t)(i >> 8);
        event.event_id.bytes[1] = (uint8_t)i;
        event.event_id.bytes[2] = 1;
        trace_page_add(&page, &event);
    }
    assert_true(page.truncated);
    assert_int_equal(page.count, TRACE_PAGE_EVENTS_MAX);
    assert_true(trace_page_build(&page));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_causes_make_a_tree_with_durations_and_failures,
                                        open_page, close_page),
        cmocka_unit_test_setup_teardown(test_folded_nodes_hide_what_they_caused, open_page,
                                        close_page),
        cmocka_unit_test_setup_teardown(test_it_grows_in_the_order_of_the_record_each_event_once,
                                        open_page, close_page),
        cmocka_unit_test_setup_teardown(test_only_its_own_events_belong_to_it, open_page,
                                        close_page),
        cmocka_unit_test_setup_teardown(test_more_than_its_bound_is_told, open_page, close_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "print_event.h"
#include "terminal.h"

// An override as bytes: as a literal it would turn the source's own text around.
static const char right_to_left[] = {'\xe2', '\x80', '\xae', '\0'};

static const struct terminal plain = {.width = 100};

static const char *format(const struct terminal *terminal, const struct oyez_event *event)
{
    static struct line line;
    static char text[LINE_SIZE_MAX + 1];
    print_event_format(&line, terminal, event);
    memcpy(text, line.bytes, line.size);
    text[line.size] = '\0';
    return text;
}

static struct oyez_event example(void)
{
    return (struct oyez_event){
        .event_type = "plan.created",
        .occurred_at = 1,
        .actor_name = "planner",
        .plan_id = "plan-7",
        .details = "{\"goal\": \"tidy up\", \"steps\": 3, \"done\": false, \"parts\": [1, 2]}",
        .stamp = {.epoch = 1, .position = 1, .broker_time = 1763627696789000000},
    };
}

static void test_a_line_has_time_type_context_and_details(void **state)
{
    (void)state;
    struct oyez_event event = example();
    assert_string_equal(format(&plain, &event),
                        "08:34:56.789  plan.created                 planner plan:plan-7     "
                        "goal=tidy up  steps=3  done=fals\xe2\x80\xa6");
}

static void test_without_a_stamp_the_events_own_time_is_shown(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "plan.created", .occurred_at = 61005000000};
    assert_string_equal(format(&plain, &event), "00:01:01.005  plan.created");
    event.occurred_at = 0;
    assert_string_equal(format(&plain, &event), "--:--:--.---  plan.created");
}

static void test_no_line_is_wider_than_the_terminal(void **state)
{
    (void)state;
    struct oyez_event event = example();
    struct line line;
    char type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    memset(type, 'x', sizeof type - 1);
    type[sizeof type - 1] = '\0';
    for (unsigned width = 40; width < 140; width++) {
        struct terminal terminal = {.width = width};
        event.event_type = width % 2 == 0 ? type : "plan.created";
        print_event_format(&line, &terminal, &event);
        assert_true(line.columns <= width);
    }
}

static void test_a_long_type_is_whole_and_the_rest_moves(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "github.pull_request_review_comment.created",
                               .occurred_at = 1000000};
    event.details = "{\"a\":1}";
    assert_string_equal(format(&plain, &event),
                        "00:00:00.001  github.pull_request_review_comment.created"
                        "                         a=1");
}

static void test_of_a_uuid_the_end_is_shown(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "x", .occurred_at = 1000000};
    event.correlation_id = "01939f3e-8c3c-7000-8000-0123456789ab";
    assert_non_null(strstr(format(&plain, &event), " corr:456789ab"));
    event.aggregate_id = "deals/2026/0042 with a long name";
    assert_non_null(strstr(format(&plain, &event), " deals/2026/0042 with a\xe2\x80\xa6"));
}

static void test_hostile_text_reaches_the_terminal_inert(void **state)
{
    (void)state;
    struct oyez_event event = {
        .event_type = "plan.created",
        .occurred_at = 1000000,
        .actor_name = "\033[31mred",
        .plan_id = "a\nb",
        .details = "{\"k\\u001b[2J\":\"\\u202ex\\u0000\\u009b\"}",
    };
    const char *text = format(&plain, &event);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\n'));
    assert_null(strstr(text, right_to_left));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_non_null(strstr(text, "k\\u001b[2J=\\u202ex\\u0000"));
    assert_non_null(strstr(text, "plan:a\\nb"));
}

static void test_failures_are_red_on_a_terminal(void **state)
{
    (void)state;
    const struct terminal coloured = {.is_tty = true, .colour = true, .width = 100};
    struct oyez_event event = {.event_type = "tool.errored", .occurred_at = 1000000};
    assert_non_null(strstr(format(&coloured, &event), "\033[31mtool.errored\033[0m"));
    event.event_type = "ISSUE.ASSIGNED.SUCCESS";
    assert_non_null(strstr(format(&coloured, &event), "\033[32mISSUE"));
    event.event_type = "plan.created";
    assert_non_null(strstr(format(&coloured, &event), "\033[36mplan"));
}

static char *print_whole(const struct terminal *terminal, const struct oyez_event *event, bool json)
{
    char *out = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&out, &size);
    assert_non_null(memory);
    assert_true(json ? print_event_json(memory, terminal, event)
                     : print_event(memory, terminal, event));
    fclose(memory);
    return out;
}

static void test_each_event_is_one_line(void **state)
{
    (void)state;
    struct oyez_event event = example();
    char *text = print_whole(&plain, &event, false);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
}

static void test_json_is_as_it_is_in_a_file_and_inert_on_a_terminal(void **state)
{
    (void)state;
    const struct terminal tty = {.is_tty = true, .width = 100};
    struct oyez_event event = example();
    event.details = "{\"a\":\"\xe2\x80\xae\xe2\x80\xac\"}";
    char *text = print_whole(&plain, &event, true);
    assert_non_null(strstr(text, "{\"a\":\"\xe2\x80\xae\xe2\x80\xac\"}"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
    text = print_whole(&tty, &event, true);
    assert_non_null(strstr(text, "{\"a\":\"\\u202e\\u202c\"}"));
    free(text);
}

static void test_an_event_without_a_json_form_is_left_out(void **state)
{
    (void)state;
    struct oyez_event event = example();
    event.details = "not json";
    char *text = print_whole(&plain, &event, true);
    assert_string_equal(text, "");
    free(text);
}

static void test_an_output_that_takes_no_more_is_told(void **state)
{
    (void)state;
    struct oyez_event event = example();
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    assert_false(print_event(full, &plain, &event));
    assert_false(print_event_json(full, &plain, &event));
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_has_time_type_context_and_details),
        cmocka_unit_test(test_without_a_stamp_the_events_own_time_is_shown),
        cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
        cmocka_unit_test(test_a_long_type_is_whole_and_the_rest_moves),
        cmocka_unit_test(test_of_a_uuid_the_end_is_shown),
        cmocka_unit_test(test_hostile_text_reaches_the_terminal_inert),
        cmocka_unit_test(test_failures_are_red_on_a_terminal),
        cmocka_unit_test(test_each_event_is_one_line),
        cmocka_unit_test(test_json_is_as_it_is_in_a_file_and_inert_on_a_terminal),
        cmocka_unit_test(test_an_event_without_a_json_form_is_left_out),
        cmocka_unit_test(test_an_output_that_takes_no_more_is_told),
    };
    terminal_open();
    setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

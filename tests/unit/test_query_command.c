// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "command_call.h"
#include "recorded_events.h"

extern const struct command query_command;

static struct recorded recorded;

static int begin(void **state)
{
    (void)state;
    char details[32];
    recorded_open(&recorded);
    for (unsigned n = 1; n <= 700; n++) {
        snprintf(details, sizeof details, "{\"n\":%u}", n);
        struct oyez_event event =
            recorded_event(n % 2 == 0 ? "plan.applied" : "plan.created", details);
        recorded_add(&recorded, &event);
    }
    recorded_commit(&recorded);
    return 0;
}

static int end(void **state)
{
    (void)state;
    recorded_close(&recorded);
    return 0;
}

// Runs the command on the journal.
static int call(const char *words)
{
    char text[512];
    snprintf(text, sizeof text, "query --dir %s %s", recorded.directory, words);
    return command_call(&query_command, text);
}

static size_t count_lines(void)
{
    size_t count = 0;
    for (const char *at = command_out; *at != '\0'; at++) {
        count += *at == '\n' ? 1 : 0;
    }
    return count;
}

static void test_everything_comes_page_after_page(void **state)
{
    (void)state;
    assert_int_equal(call(""), EXIT_DONE);
    assert_int_equal(count_lines(), 700);
    assert_string_equal(command_err, "");
}

static void test_patterns_conditions_and_limit_hold(void **state)
{
    (void)state;
    assert_int_equal(call("*.applied --limit 3 --json"), EXIT_DONE);
    assert_int_equal(count_lines(), 3);
    assert_non_null(strstr(command_out, "\"n\":2}"));
    assert_non_null(strstr(command_out, "\"n\":6}"));
    assert_null(strstr(command_out, "plan.created"));
    assert_int_equal(call("--where details.n=444 --json"), EXIT_DONE);
    assert_int_equal(count_lines(), 1);
    assert_non_null(strstr(command_out, "\"index\":443,"));
}

static void test_reverse_begins_with_the_newest(void **state)
{
    (void)state;
    assert_int_equal(call("--reverse --limit 600 --json"), EXIT_DONE);
    assert_int_equal(count_lines(), 600);
    const char *newest = strstr(command_out, "\"n\":700}");
    const char *next = strstr(command_out, "\"n\":699}");
    assert_non_null(newest);
    assert_true(newest < next);
}

static void test_times_are_the_brokers(void **state)
{
    (void)state;
    assert_int_equal(call("--since 2025-11-20T09:00:10Z --until 2025-11-20T09:00:20Z"), EXIT_DONE);
    assert_int_equal(count_lines(), 10);
    // All of it is longer ago than that.
    assert_int_equal(call("--since 1s"), EXIT_DONE);
    assert_int_equal(count_lines(), 0);
}

static void test_misuse_is_told_before_anything_is_read(void **state)
{
    (void)state;
    assert_int_equal(call("--where colour=red"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "colour"));
    assert_int_equal(call("pl@n"), EXIT_USAGE);
    assert_int_equal(call("--since yesterday"), EXIT_USAGE);
    assert_non_null(strstr(command_err, "--since: 'yesterday'"));
    assert_int_equal(call("--until 5"), EXIT_USAGE);
    assert_int_equal(call("--limit 0"), EXIT_USAGE);
    assert_int_equal(call("--colour"), EXIT_USAGE);
}

static void test_no_journal_is_the_environments_failure(void **state)
{
    (void)state;
    assert_int_equal(command_call(&query_command, "query --dir /nonexistent"), EXIT_ENVIRONMENT);
    assert_non_null(strstr(command_err, "/nonexistent"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_comes_page_after_page),
        cmocka_unit_test(test_patterns_conditions_and_limit_hold),
        cmocka_unit_test(test_reverse_begins_with_the_newest),
        cmocka_unit_test(test_times_are_the_brokers),
        cmocka_unit_test(test_misuse_is_told_before_anything_is_read),
        cmocka_unit_test(test_no_journal_is_the_environments_failure),
    };
    return cmocka_run_group_tests(tests, begin, end);
}

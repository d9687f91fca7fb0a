// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filter_text.h"

static void test_words_are_patterns_and_conditions(void **state)
{
    (void)state;
    struct filter_text filter;
    assert_int_equal(
        filter_text_read(&filter, "  plan.* plan_id=P7\tactor_name=planner @deal tag.env=prod "),
        OYEZ_OK);
    assert_int_equal(filter.pattern_count, 2);
    assert_string_equal(filter.patterns[0], "plan.*");
    assert_string_equal(filter.patterns[1], "@deal");
    assert_int_equal(filter.condition_count, 3);
    assert_string_equal(filter.conditions[0], "plan_id=P7");
    assert_string_equal(filter.conditions[2], "tag.env=prod");
    filter_text_close(&filter);
}

static void test_patterns_are_any_and_conditions_are_all(void **state)
{
    (void)state;
    struct filter_text filter;
    struct oyez_event event = {.event_type = "plan.created", .plan_id = "P7"};
    assert_int_equal(filter_text_read(&filter, "deal.* plan.* plan_id=P7 tag.env=prod"), OYEZ_OK);
    assert_false(filter_text_matches(&filter, &event));
    event.tags[0] = (struct oyez_tag){"env", "prod"};
    assert_true(filter_text_matches(&filter, &event));
    event.event_type = "tool.invoked";
    assert_false(filter_text_matches(&filter, &event));
    filter_text_close(&filter);
}

static void test_no_filter_lets_all_pass_but_what_is_oyez_own(void **state)
{
    (void)state;
    struct filter_text filter;
    struct oyez_event event = {.event_type = "plan.created"};
    assert_int_equal(filter_text_read(&filter, ""), OYEZ_OK);
    assert_true(filter_text_is_empty(&filter));
    assert_true(filter_text_matches(&filter, &event));
    event.event_type = "oyez.gap";
    assert_false(filter_text_matches(&filter, &event));
    filter_text_close(&filter);
    assert_int_equal(filter_text_read(&filter, "oyez.gap"), OYEZ_OK);
    assert_true(filter_text_matches(&filter, &event));
    filter_text_close(&filter);
}

static void test_quotes_keep_spaces_and_backslashes_keep_quotes(void **state)
{
    (void)state;
    struct filter_text filter;
    assert_int_equal(
        filter_text_read(&filter, "details.reason=\"no \\\"space\\\" \\\\ left\" \"tag.a b\"=c"),
        OYEZ_OK);
    assert_int_equal(filter.condition_count, 2);
    assert_string_equal(filter.conditions[0], "details.reason=no \"space\" \\ left");
    assert_string_equal(filter.conditions[1], "tag.a b=c");
    filter_text_close(&filter);
}

static void refuse(const char *text, oyez_err expected, const char *named)
{
    struct filter_text filter;
    assert_int_equal(filter_text_read(&filter, text), expected);
    assert_non_null(strstr(oyez_error_detail(), named));
    filter_text_close(&filter);
}

static void test_what_is_wrong_is_named(void **state)
{
    (void)state;
    char long_text[FILTER_TEXT_SIZE + 8];
    char many[FILTER_TEXT_SIZE] = "";
    refuse("plan_id=\"P7", OYEZ_ERR_INVALID, "plan_id=\"P7");
    refuse("colour=red", OYEZ_ERR_INVALID, "colour");
    refuse("@nowhere", OYEZ_ERR_INVALID, "nowhere");
    refuse("pl$n", OYEZ_ERR_INVALID, "pattern");
    memset(long_text, 'a', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    refuse(long_text, OYEZ_ERR_TOO_LARGE, "filter");
    for (unsigned i = 0; i <= FILTER_PATTERNS_MAX; i++) {
        strcat(many, "a.* ");
    }
    refuse(many, OYEZ_ERR_TOO_LARGE, "patterns");
    many[0] = '\0';
    for (unsigned i = 0; i <= FILTER_CONDITIONS_MAX; i++) {
        strcat(many, "tag.k=v ");
    }
    refuse(many, OYEZ_ERR_TOO_LARGE, "conditions");
}

static void test_what_is_written_means_the_same(void **state)
{
    (void)state;
    const char *texts[] = {"plan.* @deal", "plan_id=\"a b\" plan.*",
                           "tag.x=\"\\\"\" details.a=", "\"tag.a b\"=\"c\\\\\"",
                           "details.a=\"b=c d\""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct filter_text first, second;
        char written[FILTER_TEXT_SIZE];
        assert_int_equal(filter_text_read(&first, texts[i]), OYEZ_OK);
        assert_true(filter_text_write(&first, written, sizeof written));
        assert_int_equal(filter_text_read(&second, written), OYEZ_OK);
        assert_int_equal(second.pattern_count, first.pattern_count);
        assert_int_equal(second.condition_count, first.condition_count);
        for (size_t c = 0; c < first.condition_count; c++) {
            assert_string_equal(second.conditions[c], first.conditions[c]);
        }
        filter_text_close(&first);
        filter_text_close(&second);
    }
}

static void test_writing_stops_where_there_is_no_room(void **state)
{
    (void)state;
    struct filter_text filter;
    char out[64];
    assert_int_equal(filter_text_read(&filter, "plan.* tag.a=\"b c\""), OYEZ_OK);
    for (size_t size = 1; size < 24; size++) {
        memset(out, '#', sizeof out);
        bool whole = filter_text_write(&filter, out, size);
        assert_true(!whole || strcmp(out, "plan.* tag.a=\"b c\"") == 0);
        assert_true(whole || size < 23);
        assert_int_equal(out[size], '#');
    }
    filter_text_close(&filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_patterns_and_conditions),
        cmocka_unit_test(test_patterns_are_any_and_conditions_are_all),
        cmocka_unit_test(test_no_filter_lets_all_pass_but_what_is_oyez_own),
        cmocka_unit_test(test_quotes_keep_spaces_and_backslashes_keep_quotes),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_what_is_written_means_the_same),
        cmocka_unit_test(test_writing_stops_where_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oyez/pattern.h"

static bool matches(const struct oyez_event *event, const char *condition)
{
    oyez_filter *filter = NULL;
    if (oyez_filter_open(&filter, &condition, 1))
        fail_msg("%s", oyez_error_detail());
    bool result = oyez_filter_matches(filter, event);
    // A filter is used for many events: it must not change.
    assert_int_equal(oyez_filter_matches(filter, event), result);
    oyez_filter_close(&filter);
    assert_null(filter);
    return result;
}

static bool details_match(const char *details, const char *condition)
{
    return matches(&(struct oyez_event){.details = details}, condition);
}

static void expect_invalid(const char *condition, const char *detail)
{
    oyez_filter *filter = NULL;
    assert_int_equal(oyez_filter_open(&filter, &condition, 1), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), detail);
    assert_null(filter);
}

static void test_text_fields_compare_whole(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "plan.created", .plan_id = "p=1", .phase = ""};
    assert_true(matches(&event, "event_type=plan.created"));
    assert_true(matches(&event, "type=plan.created"));
    assert_false(matches(&event, "type=plan.create"));
    assert_true(matches(&event, "plan_id=p=1"));
    assert_true(matches(&event, "phase="));
    assert_false(matches(&event, "state="));
    assert_false(matches(&event, "plan_id=P=1"));
}

static void test_ids_times_and_versions_compare_as_values(void **state)
{
    (void)state;
    struct oyez_event event = {.event_id = {.bytes = {0xAB, [15] = 1}},
                               .occurred_at = 1000000000,
                               .aggregate_version = 7,
                               .has_aggregate_version = true};
    assert_true(matches(&event, "event_id=AB000000-0000-0000-0000-000000000001"));
    assert_false(matches(&event, "event_id=ab000000-0000-0000-0000-000000000002"));
    assert_true(matches(&event, "occurred_at=1970-01-01T01:00:01+01:00"));
    assert_false(matches(&event, "occurred_at=1970-01-01T00:00:02Z"));
    assert_true(matches(&event, "aggregate_version=07"));
    assert_false(matches(&event, "aggregate_version=8"));
    event.has_aggregate_version = false;
    assert_false(matches(&event, "aggregate_version=7"));
}

static void test_tags_compare_by_key(void **state)
{
    (void)state;
    struct oyez_event event = {.tags = {{"team", "red"}, {"a.b", ""}, {"none", NULL}}};
    assert_true(matches(&event, "tag.team=red"));
    assert_true(matches(&event, "tag.a.b="));
    assert_false(matches(&event, "tag.team=blue"));
    assert_false(matches(&event, "tag.tea=red"));
    assert_false(matches(&event, "tag.none="));
}

static void test_dots_lead_into_objects(void **state)
{
    (void)state;
    const char *details = " { \"a\": {\"b\": {\"c\": \"x\"}, \"d\": [1]}, \"e\": 1 }";
    assert_true(details_match(details, "details.a.b.c=x"));
    assert_false(details_match(details, "details.a.b.c=y"));
    assert_false(details_match(details, "details.a.b.c.d=x"));
    assert_false(details_match(details, "details.a.c=x"));
    assert_false(details_match(details, "details.e.f=1"));
    assert_true(details_match(details, "details.a.b={\"c\":\"x\"}"));
    assert_true(details_match(details, "details.a.d=[ 1.0 ]"));
    assert_false(details_match(details, "details.a.d=[2]"));
    assert_false(details_match(details, "details.a.d=x"));
    assert_false(details_match(NULL, "details.a=x"));
}

static void test_strings_compare_without_quotes_and_escapes(void **state)
{
    (void)state;
    const char *details = "{\"s\":\"caf\\u00e9 \\\"x\\\"\",\"n\":\"12\",\"\\u0061\":\"true\"}";
    assert_true(details_match(details, "details.s=caf\xc3\xa9 \"x\""));
    assert_false(details_match(details, "details.s=caf\\u00e9"));
    assert_true(details_match(details, "details.n=12"));
    assert_false(details_match(details, "details.n=1"));
    assert_false(details_match("{\"key\":\"x\"}", "details.k=x"));
    assert_false(details_match(details, "details.n=12.0"));
    assert_true(details_match(details, "details.a=true"));
}

static void test_numbers_compare_as_numbers(void **state)
{
    (void)state;
    const char *details = "{\"i\":10,\"f\":1.50,\"big\":9007199254740993,\"z\":0}";
    assert_true(details_match(details, "details.i=10"));
    assert_true(details_match(details, "details.i=1e1"));
    assert_true(details_match(details, "details.i=10.0"));
    assert_true(details_match(details, "details.f=1.5"));
    assert_true(details_match(details, "details.big=9007199254740993"));
    assert_false(details_match(details, "details.big=9007199254740992"));
    assert_false(details_match(details, "details.i=11"));
    assert_false(details_match(details, "details.i=ten"));
    assert_false(details_match(details, "details.i=\"10\""));
    assert_false(details_match(details, "details.z=false"));
    assert_false(details_match(details, "details.z="));
}

static void test_literals_compare_as_they_are_written(void **state)
{
    (void)state;
    const char *details = "{\"t\":true,\"f\":false,\"n\":null}";
    assert_true(details_match(details, "details.t=true"));
    assert_true(details_match(details, "details.f=false"));
    assert_true(details_match(details, "details.n=null"));
    assert_false(details_match(details, "details.t=false"));
    assert_false(details_match(details, "details.n="));
    assert_false(details_match(details, "details.t=1"));
}

static void test_of_a_key_that_stands_twice_the_last_counts(void **state)
{
    (void)state;
    assert_true(details_match("{\"a\":1,\"a\":2}", "details.a=2"));
    assert_false(details_match("{\"a\":1,\"a\":2}", "details.a=1"));
}

static void test_details_that_are_not_json_match_nothing(void **state)
{
    (void)state;
    static const char hostile[] = "{\"a\":1,\"b";
    struct oyez_event event = {.details = hostile, .details_size = sizeof hostile - 1};
    assert_false(matches(&event, "details.a=1"));
    event = (struct oyez_event){
        .details = "{\"a\":1}", .details_format = OYEZ_DETAILS_PROTOBUF, .details_size = 7};
    assert_false(matches(&event, "details.a=1"));
    event.details_format = OYEZ_DETAILS_JSON;
    assert_true(matches(&event, "details.a=1"));
}

static void test_all_conditions_must_hold(void **state)
{
    (void)state;
    const char *const conditions[] = {"details.a=1", "plan_id=p", "tag.k=v", "details.b=2"};
    struct oyez_event event = {
        .plan_id = "p", .tags = {{"k", "v"}}, .details = "{\"a\":1,\"b\":2}"};
    oyez_filter *filter;
    assert_int_equal(oyez_filter_open(&filter, conditions, 4), OYEZ_OK);
    assert_true(oyez_filter_matches(filter, &event));
    event.details = "{\"a\":1,\"b\":3}";
    assert_false(oyez_filter_matches(filter, &event));
    oyez_filter_close(&filter);
}

static void test_no_condition_matches_everything(void **state)
{
    (void)state;
    oyez_filter *filter;
    assert_int_equal(oyez_filter_open(&filter, NULL, 0), OYEZ_OK);
    assert_true(oyez_filter_matches(filter, &(struct oyez_event){0}));
    oyez_filter_close(&filter);
    oyez_filter_close(&filter);
    oyez_filter_close(NULL);
}

static void test_wrong_conditions_are_named(void **state)
{
    (void)state;
    expect_invalid("plan=1", "condition plan: unknown field; there are the header fields, tag.KEY "
                             "and details.PATH");
    expect_invalid("plan_id", "condition plan_id: not of the form FIELD=VALUE");
    expect_invalid("=x", "condition =x: not of the form FIELD=VALUE");
    expect_invalid(NULL, "conditions: number 0 is NULL");
    expect_invalid("tag.=x", "condition tag.: the key is empty");
    expect_invalid("details.=x", "condition details.: a part of the path is empty");
    expect_invalid("details.a..b=x", "condition details.a..b: a part of the path is empty");
    expect_invalid("details..a=x", "condition details..a: a part of the path is empty");
    expect_invalid("details.a.=x", "condition details.a.: a part of the path is empty");
    expect_invalid("event_id=x", "condition event_id: x is not a UUID");
    expect_invalid("aggregate_version=-1", "condition aggregate_version: -1 is not a whole number");
    expect_invalid(
        "occurred_at=now",
        "condition occurred_at: now is not an RFC 3339 time such as 2026-11-20T08:42:45Z");
}

static void test_one_wrong_condition_leaves_nothing_behind(void **state)
{
    (void)state;
    const char *const conditions[] = {"details.a={\"b\":1}", "plan=1"};
    oyez_filter *filter = NULL;
    assert_int_equal(oyez_filter_open(&filter, conditions, 2), OYEZ_ERR_INVALID);
    assert_null(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_fields_compare_whole),
        cmocka_unit_test(test_ids_times_and_versions_compare_as_values),
        cmocka_unit_test(test_tags_compare_by_key),
        cmocka_unit_test(test_dots_lead_into_objects),
        cmocka_unit_test(test_strings_compare_without_quotes_and_escapes),
        cmocka_unit_test(test_numbers_compare_as_numbers),
        cmocka_unit_test(test_literals_compare_as_they_are_written),
        cmocka_unit_test(test_of_a_key_that_stands_twice_the_last_counts),
        cmocka_unit_test(test_details_that_are_not_json_match_nothing),
        cmocka_unit_test(test_all_conditions_must_hold),
        cmocka_unit_test(test_no_condition_matches_everything),
        cmocka_unit_test(test_wrong_conditions_are_named),
        cmocka_unit_test(test_one_wrong_condition_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oyez/json.h"

static void expect_json(const struct oyez_event *event, const char *expected)
{
    char *text;
    size_t size;
    if (oyez_event_to_json(event, &text, &size))
        fail_msg("%s", oyez_error_detail());
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static void expect_malformed(const struct oyez_event *event, const char *detail)
{
    char *text;
    size_t size;
    assert_int_equal(oyez_event_to_json(event, &text, &size), OYEZ_ERR_MALFORMED);
    assert_string_equal(oyez_error_detail(), detail);
}

static void test_absent_fields_are_left_out(void **state)
{
    (void)state;
    expect_json(&(struct oyez_event){.event_type = "plan.created"},
                "{\"event_type\":\"plan.created\",\"details\":{}}");
    expect_json(&(struct oyez_event){0}, "{\"details\":{}}");
}

static void test_every_kind_of_field_is_written(void **state)
{
    (void)state;
    struct oyez_event event = {
        .event_id = {.bytes = {0x01, 0x90, 0xA5, 0xFF, [15] = 1}},
        .event_type = "plan.created",
        .occurred_at = 1500000000,
        .aggregate_version = UINT64_MAX,
        .has_aggregate_version = true,
        .tags = {{"team", "red"}, {"none", NULL}},
    };
    expect_json(&event, "{\"event_id\":\"0190a5ff-0000-0000-0000-000000000001\","
                        "\"event_type\":\"plan.created\","
                        "\"occurred_at\":\"1970-01-01T00:00:01.500000000Z\","
                        "\"aggregate_version\":18446744073709551615,"
                        "\"tags\":{\"team\":\"red\",\"none\":\"\"},\"details\":{}}");
}

static void test_version_zero_is_a_version(void **state)
{
    (void)state;
    expect_json(&(struct oyez_event){.has_aggregate_version = true},
                "{\"aggregate_version\":0,\"details\":{}}");
}

static void test_a_stamped_event_shows_its_stamp(void **state)
{
    (void)state;
    struct oyez_event event = {.stamp = {.epoch = 5, .position = 7, .broker_time = 1}};
    expect_json(&event, "{\"epoch\":5,\"position\":7,\"index\":null,\"cursor\":\"5:7\","
                        "\"broker_time\":\"1970-01-01T00:00:00.000000001Z\",\"details\":{}}");
    event.stamp.index = 1;
    event.stamp.broker_time = UINT64_MAX;
    expect_json(&event, "{\"epoch\":5,\"position\":7,\"index\":0,\"cursor\":\"5:7\","
                        "\"broker_time\":\"2262-04-11T23:47:16.854775807Z\",\"details\":{}}");
}

static void test_strings_cannot_leave_their_quotes(void **state)
{
    (void)state;
    struct oyez_event event = {.plan_id = "\"\\\b\f\n\r\t\x01\x1b\x7f/\xc3\xa9",
                               .tags = {{"\"\n", "\\"}}};
    expect_json(&event, "{\"plan_id\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001b\\u007f/\xc3\xa9\","
                        "\"tags\":{\"\\\"\\n\":\"\\\\\"},\"details\":{}}");
}

static void test_details_stay_as_written_on_one_line(void **state)
{
    (void)state;
    static const char details[] = " {\n\t\"a\" : [ 1.10, 12345678901234567890123 ],\r\n"
                                  " \"b c\": \" \\n \\u0041\" } trailing";
    struct oyez_event event = {.details = details, .details_size = sizeof details - 10};
    expect_json(&event, "{\"details\":{\"a\":[1.10,12345678901234567890123],"
                        "\"b c\":\" \\n \\u0041\"}}");
}

static void test_details_that_are_no_object_are_malformed(void **state)
{
    (void)state;
    expect_malformed(&(struct oyez_event){.details = "[1]"}, "details: not a JSON object (byte 1)");
    expect_malformed(&(struct oyez_event){.details = "{\"a\":1}}"},
                     "details: not a JSON object (byte 8)");
    expect_malformed(&(struct oyez_event){.details = "{\"a\":\"\xff\"}"},
                     "details: not UTF-8 (byte 7)");
    expect_malformed(&(struct oyez_event){.details_format = (enum oyez_details_format)7},
                     "details: unknown format 7");
}

static void test_header_text_that_is_not_utf8_is_malformed(void **state)
{
    (void)state;
    expect_malformed(&(struct oyez_event){.plan_id = "\xff"}, "plan_id: not UTF-8");
    expect_malformed(&(struct oyez_event){.tags = {{"\xff", "x"}}}, "tags: not UTF-8");
    expect_malformed(&(struct oyez_event){.tags = {{"x", "\xff"}}}, "tags: not UTF-8");
}

static void test_large_details_make_the_text_grow(void **state)
{
    (void)state;
    // Every byte of the header text takes six, so the first room does not do.
    char control[1001];
    memset(control, 1, 1000);
    control[1000] = '\0';
    struct oyez_event event = {.plan_id = control, .phase = control};
    char *text;
    size_t size;
    assert_int_equal(oyez_event_to_json(&event, &text, &size), OYEZ_OK);
    assert_int_equal(size, 12000 + strlen("{\"plan_id\":\"\",\"phase\":\"\",\"details\":{}}"));
    assert_int_equal(strlen(text), size);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absent_fields_are_left_out),
        cmocka_unit_test(test_every_kind_of_field_is_written),
        cmocka_unit_test(test_version_zero_is_a_version),
        cmocka_unit_test(test_a_stamped_event_shows_its_stamp),
        cmocka_unit_test(test_strings_cannot_leave_their_quotes),
        cmocka_unit_test(test_details_stay_as_written_on_one_line),
        cmocka_unit_test(test_details_that_are_no_object_are_malformed),
        cmocka_unit_test(test_header_text_that_is_not_utf8_is_malformed),
        cmocka_unit_test(test_large_details_make_the_text_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

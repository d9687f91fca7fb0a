// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/json.h"
#include "oyez/pattern.h"

#define TYPE "ISSUE.SELECTED.SUCCESS"

// repository = "a/b", issue_number = 7, labels = ["bug"]
static const char message[] = "\x0a\x03"
                              "a/b"
                              "\x10\x07"
                              "\x2a\x03"
                              "bug";
static const char json[] = "{\"repository\":\"a/b\",\"issue_number\":7,\"labels\":[\"bug\"]}";

static struct oyez_event event_of(const char *type, enum oyez_details_format format,
                                  const char *details, size_t size)
{
    return (struct oyez_event){
        .event_type = type, .details_format = format, .details = details, .details_size = size};
}

static struct oyez_event typed_event(void)
{
    return event_of(TYPE, OYEZ_DETAILS_PROTOBUF, message, sizeof message - 1);
}

static void test_protobuf_is_read_as_json(void **state)
{
    (void)state;
    struct oyez_event event = typed_event();
    char *text;
    size_t size;
    assert_int_equal(oyez_event_details_json(&event, &text, &size), OYEZ_OK);
    assert_string_equal(text, json);
    assert_int_equal(size, strlen(json));
    free(text);
    event.details = NULL;
    event.details_size = 0;
    assert_int_equal(oyez_event_details_json(&event, &text, &size), OYEZ_OK);
    assert_string_equal(text, "{}");
    free(text);
}

static void test_json_is_read_as_protobuf(void **state)
{
    (void)state;
    struct oyez_event event = event_of(TYPE, 0, json, 0);
    uint8_t *bytes;
    size_t size;
    assert_int_equal(oyez_event_details_protobuf(&event, &bytes, &size), OYEZ_OK);
    assert_int_equal(size, sizeof message - 1);
    assert_memory_equal(bytes, message, size);
    free(bytes);
}

static void test_each_form_is_copied_as_itself(void **state)
{
    (void)state;
    struct oyez_event typed = typed_event();
    struct oyez_event text_event = event_of("no.such.type", OYEZ_DETAILS_JSON, " {\"a\": 1} x", 9);
    uint8_t *bytes;
    char *text;
    size_t size;
    assert_int_equal(oyez_event_details_protobuf(&typed, &bytes, &size), OYEZ_OK);
    assert_int_equal(size, sizeof message - 1);
    assert_memory_equal(bytes, message, size);
    free(bytes);
    assert_int_equal(oyez_event_details_json(&text_event, &text, &size), OYEZ_OK);
    assert_string_equal(text, " {\"a\": 1}");
    free(text);
    text_event.details = NULL;
    assert_int_equal(oyez_event_details_json(&text_event, &text, &size), OYEZ_OK);
    assert_string_equal(text, "{}");
    free(text);
}

static void test_what_cannot_be_converted_says_why(void **state)
{
    (void)state;
    uint8_t *bytes;
    char *text;
    size_t size;
    struct oyez_event unknown = event_of("no.such.type", OYEZ_DETAILS_PROTOBUF, "", 0);
    struct oyez_event open = event_of("github.push", OYEZ_DETAILS_PROTOBUF, "", 0);
    struct oyez_event broken = event_of(TYPE, OYEZ_DETAILS_PROTOBUF, "\x0a", 1);
    struct oyez_event wrong = event_of(TYPE, OYEZ_DETAILS_JSON, "{\"issue_number\":-1}", 0);
    struct oyez_event no_json = event_of(TYPE, OYEZ_DETAILS_JSON, "[]", 0);
    assert_int_equal(oyez_event_details_json(&unknown, &text, &size), OYEZ_ERR_UNKNOWN_TYPE);
    assert_int_equal(oyez_event_details_json(&open, &text, &size), OYEZ_ERR_UNKNOWN_TYPE);
    assert_int_equal(oyez_event_details_json(&broken, &text, &size), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_event_details_json(&no_json, &text, &size), OYEZ_ERR_MALFORMED);
    assert_int_equal(oyez_event_details_protobuf(&wrong, &bytes, &size), OYEZ_ERR_MALFORMED);
    assert_string_equal(oyez_error_detail(),
                        "details.issue_number: -1 is not in the range 0 to 4294967295");
    open.details_format = OYEZ_DETAILS_JSON;
    assert_int_equal(oyez_event_details_protobuf(&open, &bytes, &size), OYEZ_ERR_UNKNOWN_TYPE);
}

static void test_a_whole_event_shows_its_details(void **state)
{
    (void)state;
    struct oyez_event event = typed_event();
    char *text;
    size_t size;
    assert_int_equal(oyez_event_to_json(&event, &text, &size), OYEZ_OK);
    assert_string_equal(text, "{\"event_type\":\"" TYPE "\",\"details\":{\"repository\":\"a/b\","
                              "\"issue_number\":7,\"labels\":[\"bug\"]}}");
    free(text);
}

static void test_details_that_nobody_can_tell_are_not_hidden(void **state)
{
    (void)state;
    struct oyez_event event = event_of("no.such.type", OYEZ_DETAILS_PROTOBUF, "\x0a\x01\xff", 3);
    struct oyez_event *read;
    char *text;
    size_t size;
    assert_int_equal(oyez_event_to_json(&event, &text, &size), OYEZ_OK);
    assert_string_equal(text, "{\"event_type\":\"no.such.type\",\"details\":null,"
                              "\"details_base64\":\"CgH/\"}");
    assert_int_equal(oyez_event_from_json(&read, text, size), OYEZ_OK);
    assert_int_equal(read->details_format, OYEZ_DETAILS_PROTOBUF);
    assert_int_equal(read->details_size, 3);
    assert_memory_equal(read->details, "\x0a\x01\xff", 3);
    oyez_event_free(&read);
    free(text);
}

static void expect_refused(const char *text, const char *detail)
{
    struct oyez_event *read = NULL;
    assert_int_equal(oyez_event_from_json(&read, text, strlen(text)), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), detail);
}

static void test_bytes_of_details_are_read_strictly(void **state)
{
    (void)state;
    expect_refused("{\"type\":\"a\",\"details\":null}", "details: not an object");
    expect_refused("{\"type\":\"a\",\"details_base64\":7}", "details_base64: not a string");
    expect_refused("{\"type\":\"a\",\"details_base64\":\"C\"}", "details_base64: not base64");
    expect_refused("{\"type\":\"a\",\"details\":{},\"details_base64\":\"\"}",
                   "details_base64: details are there already");
    expect_refused("{\"type\":\"a\",\"details_base64\":\"\",\"details\":{}}",
                   "details_base64: details are there already");
}

static bool matches(const struct oyez_event *event, const char *condition)
{
    oyez_filter *filter;
    assert_int_equal(oyez_filter_open(&filter, &condition, 1), OYEZ_OK);
    bool matched = oyez_filter_matches(filter, event);
    oyez_filter_close(&filter);
    return matched;
}

static void test_filters_look_into_protobuf(void **state)
{
    (void)state;
    struct oyez_event event = typed_event();
    assert_true(matches(&event, "details.issue_number=7"));
    assert_true(matches(&event, "details.repository=a/b"));
    assert_true(matches(&event, "details.labels=[\"bug\"]"));
    assert_false(matches(&event, "details.issue_number=8"));
    event.event_type = "no.such.type";
    assert_false(matches(&event, "details.issue_number=7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protobuf_is_read_as_json),
        cmocka_unit_test(test_json_is_read_as_protobuf),
        cmocka_unit_test(test_each_form_is_copied_as_itself),
        cmocka_unit_test(test_what_cannot_be_converted_says_why),
        cmocka_unit_test(test_a_whole_event_shows_its_details),
        cmocka_unit_test(test_details_that_nobody_can_tell_are_not_hidden),
        cmocka_unit_test(test_bytes_of_details_are_read_strictly),
        cmocka_unit_test(test_filters_look_into_protobuf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cloudevent.h"
#include "oyez/json.h"

#define BEGIN "{\"specversion\":\"1.0\",\"type\":\"plan.created\",\"source\":\"/here\","
#define ID "\"id\":\"019a0000-1111-7222-8333-444444444444\""

static struct oyez_event *read_good(const char *text)
{
    struct oyez_event *event = NULL;
    assert_int_equal(cloudevent_read(&event, text, strlen(text)), OYEZ_OK);
    return event;
}

static void expect_bad(const char *text, oyez_err err, const char *reason)
{
    struct oyez_event *event = NULL;
    assert_int_equal(cloudevent_read(&event, text, strlen(text)), err);
    assert_null(event);
    assert_string_equal(oyez_error_detail(), reason);
}

// The example of the specification's JSON format, in words of our own.
static void test_an_event_from_elsewhere_is_taken(void **state)
{
    (void)state;
    struct oyez_event *event = read_good(
        "{ \"specversion\" : \"1.0\", \"type\" : \"github.push\", \"source\" : \"/mycontext\",\n"
        "  \"subject\": null, \"id\" : \"A234-1234-1234\", \"time\" : "
        "\"2018-04-05T17:31:00+02:00\","
        "  \"extension1\" : \"value\", \"othervalue\" : -5, \"yes\" : true, \"no\" : false,\n"
        "  \"correlationid\" : \"c\", \"aggregateversion\" : 7,\n"
        "  \"dataschema\" : \"https://example.org/s.json\",\n"
        "  \"datacontenttype\" : \"application/vnd.x+JSON; charset=utf-8\",\n"
        "  \"data\" : { \"n\" : 1.500000000000000000001 } }");
    char id[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(event->event_id, id);
    assert_string_equal(id, "241ac2e2-f9fc-5c33-906d-4d0eac3f190b");
    assert_string_equal(event->event_type, "github.push");
    assert_string_equal(event->source, "/mycontext");
    assert_int_equal(event->occurred_at, 1522942260000000000);
    assert_null(event->aggregate_id);
    assert_null(event->schema_version);
    assert_string_equal(event->correlation_id, "c");
    assert_int_equal(event->aggregate_version, 7);
    static const char *const tags[][2] = {
        {"extension1", "value"},  {"othervalue", "-5"},
        {"yes", "true"},          {"no", "false"},
        {"id", "A234-1234-1234"}, {"dataschema", "https://example.org/s.json"}};
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(event->tags[i].key, tags[i][0]);
        assert_string_equal(event->tags[i].value, tags[i][1]);
    }
    assert_null(event->tags[6].key);
    assert_int_equal(event->details_format, OYEZ_DETAILS_JSON);
    assert_memory_equal(event->details, "{ \"n\" : 1.500000000000000000001 }", event->details_size);
    oyez_event_free(&event);
}

static void test_without_data_there_are_no_details(void **state)
{
    (void)state;
    struct oyez_event *event = read_good(BEGIN ID "}");
    assert_int_equal(event->details_size, 2);
    assert_memory_equal(event->details, "{}", 2);
    assert_int_equal(event->occurred_at, 0);
    assert_false(event->has_aggregate_version);
    oyez_event_free(&event);
}

static void test_base64_is_protobuf_or_json_as_its_content_type_says(void **state)
{
    (void)state;
    struct oyez_event *event = read_good(
        BEGIN ID ",\"datacontenttype\":\"application/protobuf\",\"data_base64\":\"CAE=\"}");
    assert_int_equal(event->details_format, OYEZ_DETAILS_PROTOBUF);
    assert_int_equal(event->details_size, 2);
    assert_memory_equal(event->details, "\x08\x01", 2);
    oyez_event_free(&event);
    event = read_good(BEGIN ID ",\"data_base64\":\"eyJhIjoxfQ==\"}");
    assert_int_equal(event->details_format, OYEZ_DETAILS_JSON);
    assert_memory_equal(event->details, "{\"a\":1}", 7);
    oyez_event_free(&event);
    event = read_good(BEGIN ID
                      ",\"datacontenttype\":\"Application/X-Protobuf;a=b\",\"data_base64\":\"\"}");
    assert_int_equal(event->details_format, OYEZ_DETAILS_PROTOBUF);
    assert_int_equal(event->details_size, 0);
    oyez_event_free(&event);
}

static void test_what_is_no_cloudevent_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"specversion\":\"1.0\"}", "id: missing"},
        {BEGIN "\"id\":\"\"}", "id: missing"},
        {"{\"specversion\":\"1.0\"," ID ",\"type\":\"a\"}", "source: missing"},
        {"{\"specversion\":\"1.0\"," ID ",\"source\":\"a\"}", "type: missing"},
        {"{\"specversion\":null," ID "}", "specversion: missing"},
        {"{\"specversion\":\"0.3\"," ID ",\"source\":\"a\",\"type\":\"b\"}",
         "specversion: 0.3 is not 1.0"},
        {BEGIN "\"id\":5}", "id: not a string"},
        {BEGIN ID ",\"subject\":5}", "subject: not a string"},
        {BEGIN ID ",\"x\":\"\\u0000\"}", "x: holds a NUL"},
        {BEGIN ID ",\"traceParent\":\"a\"}", "traceParent: names of attributes are of a-z and 0-9"},
        {BEGIN ID ",\"event_id\":\"a\"}", "event_id: names of attributes are of a-z and 0-9"},
        {BEGIN ID ",\"x\":{}}", "x: an attribute is a string, a whole number, true or false"},
        {BEGIN ID ",\"x\":[1]}", "x: an attribute is a string, a whole number, true or false"},
        {BEGIN ID ",\"x\":1.5}", "x: not a whole number of 32 bits"},
        {BEGIN ID ",\"x\":1e3}", "x: not a whole number of 32 bits"},
        {BEGIN ID ",\"x\":2147483648}", "x: not a whole number of 32 bits"},
        {BEGIN ID ",\"x\":-2147483649}", "x: not a whole number of 32 bits"},
        {BEGIN ID ",\"x\":1,\"x\":2}", "a key stands twice in an object (byte 113)"},
        {BEGIN ID ",\"aggregateversion\":-1}",
         "aggregateversion: not a whole number from 0 to 2^64 - 1"},
        {BEGIN ID ",\"aggregateversion\":\"18446744073709551616\"}",
         "aggregateversion: not a whole number from 0 to 2^64 - 1"},
        {BEGIN ID ",\"data\":null}", "data: not an object"},
        {BEGIN ID ",\"data\":\"{}\"}", "data: not an object"},
        {BEGIN ID ",\"data\":{},\"data_base64\":\"\"}", "data_base64: there is data already"},
        {BEGIN ID ",\"data_base64\":\"?\"}", "data_base64: not base64"},
        {BEGIN ID ",\"data_base64\":null}", "data_base64: not a string"},
        {BEGIN ID ",\"data_base64\":\"\"}", "data_base64: not a JSON object"},
        {BEGIN ID ",\"datacontenttype\":\"text/xml\",\"data\":\"<a/>\"}",
         "datacontenttype: text/xml: details are JSON, or protobuf"},
        {BEGIN ID ",\"datacontenttype\":\"application/protobuf\",\"data\":{}}",
         "data: protobuf stands in data_base64"},
        {"[]", "not a JSON object (byte 1)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_bad(cases[i][0], OYEZ_ERR_INVALID, cases[i][1]);
    }
}

static void test_more_tags_than_an_event_may_have_are_refused(void **state)
{
    (void)state;
    char text[2048] = BEGIN ID;
    for (unsigned i = 0; i <= OYEZ_TAGS_MAX; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), ",\"x%u\":1", i);
    }
    strcat(text, "}");
    expect_bad(text, OYEZ_ERR_TOO_LARGE, "x32: more than 32 tags");
}

static void test_a_line_is_a_cloudevent_by_a_member_of_its_own(void **state)
{
    (void)state;
    static const char *const good[] = {BEGIN ID "}", " { \"specversion\" : 5 }"};
    static const char *const other[] = {
        "{\"event_type\":\"a\",\"details\":{\"specversion\":\"1.0\"}}",
        "{\"event_type\":\"\\\"specversion\\\"\"}",
        "{\"specversion\":",
        "[\"specversion\"]",
        "",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(cloudevent_is(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        assert_false(cloudevent_is(other[i], strlen(other[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_from_elsewhere_is_taken),
        cmocka_unit_test(test_without_data_there_are_no_details),
        cmocka_unit_test(test_base64_is_protobuf_or_json_as_its_content_type_says),
        cmocka_unit_test(test_what_is_no_cloudevent_is_refused_by_name),
        cmocka_unit_test(test_more_tags_than_an_event_may_have_are_refused),
        cmocka_unit_test(test_a_line_is_a_cloudevent_by_a_member_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

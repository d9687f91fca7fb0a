// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cloudevent.h"

#define ID "019a0000-1111-7222-8333-444444444444"

static void expect(const struct oyez_event *event, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(cloudevent_write(event, &text, &size), OYEZ_OK);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

static struct oyez_event event_of(const char *type)
{
    struct oyez_event event = {.event_type = type};
    assert_int_equal(oyez_uuid_from_text(&event.event_id, ID), OYEZ_OK);
    return event;
}

static void test_a_bare_event_has_what_every_cloudevent_has(void **state)
{
    (void)state;
    struct oyez_event event = event_of("session.created");
    expect(&event, "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"type\":\"session.created\","
                   "\"source\":\"oyez:unknown\",\"datacontenttype\":\"application/json\","
                   "\"data\":{}}");
}

static void test_all_header_fields_have_their_place(void **state)
{
    (void)state;
    struct oyez_event event = event_of("plan.created");
    event.occurred_at = 1763628165000000001;
    event.schema_version = "1.0";
    event.correlation_id = "c";
    event.causation_id = "d";
    event.step_id = "e";
    event.actor_type = "f";
    event.actor_id = "g";
    event.actor_name = "Zo\xc3\xab";
    event.plan_id = "h";
    event.root_plan_id = "i";
    event.phase = "j";
    event.state = "k";
    event.session_id = "l";
    event.project_name = "m";
    event.run_id = "n";
    event.thread_id = "o";
    event.user_id = "p";
    event.aggregate_id = "q";
    event.aggregate_type = "r";
    event.aggregate_version = UINT64_MAX;
    event.has_aggregate_version = true;
    event.source = "https://example.org/planner";
    event.app_version = "s";
    event.environment = "t";
    event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    event.tags[0] = (struct oyez_tag){"team", "green \"a\""};
    event.tags[1] = (struct oyez_tag){"A.b-c", ""};
    event.details = "{\"goal\": \"x\"}";
    // Where it stands in the record is not part of the event.
    event.stamp = (struct oyez_stamp){.epoch = 7, .position = 8, .broker_time = 9, .index = 3};
    expect(&event,
           "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"type\":\"plan.created\","
           "\"time\":\"2025-11-20T08:42:45.000000001Z\","
           "\"dataschema\":\"oyez:catalog/plan.created/1.0\",\"correlationid\":\"c\","
           "\"causationid\":\"d\",\"stepid\":\"e\",\"actortype\":\"f\",\"actorid\":\"g\","
           "\"actorname\":\"Zo\xc3\xab\",\"planid\":\"h\",\"rootplanid\":\"i\",\"phase\":\"j\","
           "\"state\":\"k\",\"sessionid\":\"l\",\"projectname\":\"m\",\"runid\":\"n\","
           "\"threadid\":\"o\",\"userid\":\"p\",\"subject\":\"q\",\"aggregatetype\":\"r\","
           "\"aggregateversion\":\"18446744073709551615\","
           "\"source\":\"https://example.org/planner\",\"appversion\":\"s\","
           "\"environment\":\"t\","
           "\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\","
           "\"oyeztags\":\"{\\\"team\\\":\\\"green \\\\\\\"a\\\\\\\"\\\",\\\"A.b-c\\\":\\\"\\\"}\","
           "\"datacontenttype\":\"application/json\",\"data\":{\"goal\":\"x\"}}");
}

static void test_what_no_attribute_may_hold_stands_in_the_rest(void **state)
{
    (void)state;
    struct oyez_event event = event_of("plan.created");
    event.source = "build server";
    event.phase = "a\nb";
    event.state = "";
    event.aggregate_id = "";
    event.user_id = "\xf0\x9f\xbf\xbf\xc2\x85\x7f\\";
    event.schema_version = "1/\xc3\xa4 %";
    expect(&event, "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"type\":\"plan.created\","
                   "\"dataschema\":\"oyez:catalog/plan.created/1%2F%C3%A4%20%25\","
                   "\"source\":\"oyez:unknown\","
                   "\"oyezheader\":\"{\\\"phase\\\":\\\"a\\\\u000ab\\\",\\\"state\\\":\\\"\\\","
                   "\\\"user_id\\\":\\\"\\\\ud83f\\\\udfff\\\\u0085\\\\u007f\\\\\\\\\\\","
                   "\\\"aggregate_id\\\":\\\"\\\",\\\"source\\\":\\\"build server\\\"}\","
                   "\"datacontenttype\":\"application/json\",\"data\":{}}");
}

static void test_a_source_that_reads_as_none_is_not_taken_for_none(void **state)
{
    (void)state;
    struct oyez_event event = event_of("plan.created");
    event.source = "oyez:unknown";
    expect(&event, "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"type\":\"plan.created\","
                   "\"source\":\"oyez:unknown\","
                   "\"oyezheader\":\"{\\\"source\\\":\\\"oyez:unknown\\\"}\","
                   "\"datacontenttype\":\"application/json\",\"data\":{}}");
}

static void test_protobuf_that_nobody_can_tell_is_base64(void **state)
{
    (void)state;
    struct oyez_event event = event_of("no.such.type");
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    event.details = "\x08\x01";
    event.details_size = 2;
    expect(&event, "{\"specversion\":\"1.0\",\"id\":\"" ID "\",\"type\":\"no.such.type\","
                   "\"source\":\"oyez:unknown\",\"datacontenttype\":\"application/protobuf\","
                   "\"data_base64\":\"CAE=\"}");
}

static void test_an_event_without_an_id_goes_by_its_place(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "session.created",
                               .stamp = {.epoch = 1763628165000000, .position = 12}};
    expect(&event, "{\"specversion\":\"1.0\",\"id\":\"1763628165000000:12\","
                   "\"type\":\"session.created\",\"source\":\"oyez:unknown\","
                   "\"datacontenttype\":\"application/json\",\"data\":{}}");
}

static void test_what_has_no_json_form_is_refused(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    struct oyez_event event = event_of("plan.created");
    event.source = "\xff";
    assert_int_equal(cloudevent_write(&event, &text, &size), OYEZ_ERR_MALFORMED);
    event = event_of("plan.created");
    event.details = "{";
    assert_int_equal(cloudevent_write(&event, &text, &size), OYEZ_ERR_MALFORMED);
    event = event_of("a\nb");
    assert_int_equal(cloudevent_write(&event, &text, &size), OYEZ_ERR_MALFORMED);
    event = event_of(NULL);
    assert_int_equal(cloudevent_write(&event, &text, &size), OYEZ_ERR_MALFORMED);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bare_event_has_what_every_cloudevent_has),
        cmocka_unit_test(test_all_header_fields_have_their_place),
        cmocka_unit_test(test_what_no_attribute_may_hold_stands_in_the_rest),
        cmocka_unit_test(test_a_source_that_reads_as_none_is_not_taken_for_none),
        cmocka_unit_test(test_protobuf_that_nobody_can_tell_is_base64),
        cmocka_unit_test(test_an_event_without_an_id_goes_by_its_place),
        cmocka_unit_test(test_what_has_no_json_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

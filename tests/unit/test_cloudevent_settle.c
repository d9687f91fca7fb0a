// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloudevent.h"
#include "oyez/json.h"
#include "wire/header.h"

#define BEGIN                                                                                      \
    "{\"specversion\":\"1.0\",\"type\":\"plan.created\",\"source\":\"/here\","                     \
    "\"id\":\"019a0000-1111-7222-8333-444444444444\","

static void expect_bad(const char *text, const char *reason)
{
    struct oyez_event *event = NULL;
    assert_int_equal(cloudevent_read(&event, text, strlen(text)), OYEZ_ERR_INVALID);
    assert_null(event);
    assert_string_equal(oyez_error_detail(), reason);
}

// Writes the event, reads that, and writes what was read: both texts are one, and so are the events.
static void expect_round_trip(const struct oyez_event *event)
{
    struct oyez_event *read = NULL;
    char *first = NULL;
    char *second = NULL;
    size_t size;
    assert_int_equal(cloudevent_write(event, &first, &size), OYEZ_OK);
    assert_int_equal(cloudevent_read(&read, first, size), OYEZ_OK);
    assert_int_equal(cloudevent_write(read, &second, &size), OYEZ_OK);
    assert_string_equal(first, second);
    free(first);
    free(second);
    assert_int_equal(oyez_event_to_json(event, &first, &size), OYEZ_OK);
    assert_int_equal(oyez_event_to_json(read, &second, &size), OYEZ_OK);
    assert_string_equal(first, second);
    free(first);
    free(second);
    oyez_event_free(&read);
}

static void test_every_text_field_comes_back_whatever_it_holds(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a", "", "a\nb", "\xf4\x8f\xbf\xbf \"\\", "oyez:unknown", "%20 %", "\xc2\x85"};
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++) {
            struct oyez_event event = {.event_id = oyez_uuid_new(),
                                       .event_type = "plan.created",
                                       .occurred_at = 1,
                                       .details = "{}"};
            if (field->kind == OYEZ_HEADER_TEXT && strcmp(field->name, "event_type") != 0) {
                oyez_header_set_text(&event, field, texts[j]);
                event.tags[0] = (struct oyez_tag){field->name, texts[j]};
                expect_round_trip(&event);
            }
        }
    }
}

static void test_numbers_and_bytes_come_back(void **state)
{
    (void)state;
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .event_type = "no.such.type",
                               .aggregate_version = UINT64_MAX,
                               .has_aggregate_version = true,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = "\x08\x01",
                               .details_size = 2};
    expect_round_trip(&event);
    event.aggregate_version = 0;
    event.details_format = OYEZ_DETAILS_JSON;
    event.details = "{\"n\":1.50000000000000000000001,\"s\":\"\\u0000\"}";
    event.details_size = strlen(event.details);
    expect_round_trip(&event);
}

static void test_a_schema_is_ours_by_its_type_or_a_tag(void **state)
{
    (void)state;
    static const char *const others[] = {"oyez:catalog/plan.createdx/1",
                                         "oyez:catalog/plan.created", "oyez:catalog/plan.creatd/1",
                                         "urn:x"};
    char text[512];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct oyez_event *event = NULL;
        snprintf(text, sizeof text, BEGIN "\"dataschema\":\"%s\"}", others[i]);
        assert_int_equal(cloudevent_read(&event, text, strlen(text)), OYEZ_OK);
        assert_null(event->schema_version);
        assert_string_equal(event->tags[0].key, "dataschema");
        assert_string_equal(event->tags[0].value, others[i]);
        oyez_event_free(&event);
    }
}

static void test_what_cannot_be_settled_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"dataschema\":\"oyez:catalog/plan.created/%2\"}",
         "dataschema: % is not followed by a character"},
        {"\"dataschema\":\"oyez:catalog/plan.created/%\"}",
         "dataschema: % is not followed by a character"},
        {"\"dataschema\":\"oyez:catalog/plan.created/%00\"}",
         "dataschema: % is not followed by a character"},
        {"\"time\":\"yesterday\"}", "time: not an RFC 3339 time such as 2026-11-20T08:42:45Z"},
        {"\"oyezheader\":\"[]\"}", "oyezheader: not a JSON object (byte 1)"},
        {"\"oyezheader\":\"{\\\"no\\\":\\\"\\\"}\"}", "oyezheader: no: unknown field"},
        {"\"phase\":\"a\",\"oyezheader\":\"{\\\"phase\\\":\\\"b\\\"}\"}",
         "oyezheader: phase: given twice"},
        {"\"oyezheader\":\"{\\\"source\\\":\\\"b\\\"}\"}", "oyezheader: source: given twice"},
        {"\"oyezheader\":\"{\\\"event_type\\\":\\\"b\\\"}\"}",
         "oyezheader: event_type: given twice"},
        {"\"oyezheader\":\"{\\\"aggregate_version\\\":1}\"}",
         "oyezheader: holds more than texts of the header"},
        {"\"oyezheader\":\"{\\\"tags\\\":{\\\"a\\\":\\\"b\\\"}}\"}",
         "oyezheader: holds more than texts of the header"},
        {"\"oyeztags\":\"\"}", "oyeztags: not a JSON object (byte 1)"},
        {"\"oyeztags\":\"{},\\\"phase\\\":{}\"}", "oyeztags: not a JSON object (byte 3)"},
        {"\"oyeztags\":\"{\\\"a\\\":1}\"}", "oyeztags: tags: a: not a string without NULs"},
        {"\"oyeztags\":{}}", "oyeztags: not a string"},
        {"\"a\":\"b\",\"oyeztags\":\"{\\\"a\\\":\\\"c\\\"}\"}",
         "a: more than one tag of this name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        snprintf(text, sizeof text, BEGIN "%s", cases[i][0]);
        expect_bad(text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_field_comes_back_whatever_it_holds),
        cmocka_unit_test(test_numbers_and_bytes_come_back),
        cmocka_unit_test(test_a_schema_is_ours_by_its_type_or_a_tag),
        cmocka_unit_test(test_what_cannot_be_settled_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

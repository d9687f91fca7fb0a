// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "wire/header.h"

#define FORTY "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define EVENT_TYPE_TOO_LONG "event_type: " FORTY "… is longer than 200 bytes"
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void expect_ok(const struct oyez_event *event)
{
    if (oyez_event_check(event))
        fail_msg("%s", oyez_error_detail());
}

static void expect_error(const struct oyez_event *event, oyez_err err, const char *detail)
{
    assert_int_equal(oyez_event_check(event), err);
    assert_string_equal(oyez_error_detail(), detail);
}

static void expect_invalid(const struct oyez_event *event, const char *detail)
{
    expect_error(event, OYEZ_ERR_INVALID, detail);
}

// A type that needs nothing.
static struct oyez_event session(void)
{
    return (struct oyez_event){.event_type = "session.created"};
}

static void fill(char *text, size_t size)
{
    memset(text, 'x', size);
    text[size] = '\0';
}

static void test_types_that_need_nothing_pass_with_nothing_else(void **state)
{
    (void)state;
    expect_ok(&(struct oyez_event){.event_type = "session.created"});
    expect_ok(&(struct oyez_event){.event_type = "github.anything.at_all"});
}

static void test_an_unknown_type_is_refused_with_the_nearest_name(void **state)
{
    (void)state;
    expect_error(&(struct oyez_event){.event_type = "plan.creatd"}, OYEZ_ERR_UNKNOWN_TYPE,
                 "plan.creatd: no catalog has this event type (did you mean plan.created?)");
    expect_error(&(struct oyez_event){.event_type = "weather.rained"}, OYEZ_ERR_UNKNOWN_TYPE,
                 "weather.rained: no catalog has this event type");
}

static void test_type_names_have_their_form(void **state)
{
    (void)state;
    char name[300];
    fill(name, 201);
    expect_invalid(&(struct oyez_event){0}, "event_type: missing");
    expect_invalid(&(struct oyez_event){.event_type = ""}, "event_type: missing");
    expect_invalid(&(struct oyez_event){.event_type = name}, EVENT_TYPE_TOO_LONG);
    expect_invalid(&(struct oyez_event){.event_type = "plan created\x1b"},
                   "event_type: plan created? has a character other than A-Z a-z 0-9 . _ -");
    expect_invalid(&(struct oyez_event){.event_type = "oyez.heartbeat"},
                   "oyez.heartbeat: types under oyez. and replay. are emitted by Oyez alone");
}

static void test_every_text_field_is_utf8_and_bounded(void **state)
{
    (void)state;
    char text[1026];
    char detail[128];
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind != OYEZ_HEADER_TEXT || strcmp(field->name, "event_type") == 0)
            continue;
        struct oyez_event event = session();
        oyez_header_set_text(&event, field, "\xc3");
        snprintf(detail, sizeof detail, "cleveragents: session.created: %s: ? is not UTF-8",
                 field->name);
        expect_invalid(&event, detail);
        fill(text, 1025);
        oyez_header_set_text(&event, field, text);
        snprintf(detail, sizeof detail,
                 "cleveragents: session.created: %s: " FORTY "… is longer than 1024 bytes",
                 field->name);
        expect_error(&event, OYEZ_ERR_TOO_LARGE, detail);
        if (strcmp(field->name, "traceparent") != 0) {
            fill(text, 1024);
            expect_ok(&event);
        }
    }
}

static void test_the_header_as_a_whole_has_a_limit(void **state)
{
    (void)state;
    char text[1025];
    char last[1025];
    struct oyez_event event = session();
    fill(text, 1024);
    event.plan_id = event.root_plan_id = event.phase = text;
    event.state = last;
    // event_id 18, event_type 17, occurred_at 9, schema_version 2 + its text; plan 3 + 4 * 3.
    size_t fixed = 18 + 17 + 9 + 15 + 3 * 1024;
    fixed += 2 + strlen(oyez_type_find("session.created", 15)->version);
    fill(last, 4096 - fixed);
    expect_ok(&event);
    fill(last, 4096 - fixed + 1);
    expect_error(&event, OYEZ_ERR_TOO_LARGE,
                 "cleveragents: session.created: header: 4097 bytes, at most 4096");
    // Room for what emit fills in is asked for once.
    event.schema_version = "1";
    expect_ok(&event);
}

static void test_tags_have_keys_values_and_no_twins(void **state)
{
    (void)state;
    char key[66];
    char value[258];
    struct oyez_event event = session();
    fill(key, 64);
    fill(value, 256);
    event.tags[0] = (struct oyez_tag){key, value};
    event.tags[1] = (struct oyez_tag){"a-b_c.D9", ""};
    expect_ok(&event);
    fill(key, 65);
    expect_invalid(&event, "cleveragents: session.created: tags: " FORTY
                           "… is no key of 1 to 64 characters "
                           "of A-Z a-z 0-9 . _ -");
    event.tags[0].key = "";
    assert_int_equal(oyez_event_check(&event), OYEZ_ERR_INVALID);
    event.tags[0].key = "a b";
    assert_int_equal(oyez_event_check(&event), OYEZ_ERR_INVALID);
    event.tags[0].key = "k";
    fill(value, 257);
    expect_error(&event, OYEZ_ERR_TOO_LARGE,
                 "cleveragents: session.created: tags.k: " FORTY "… is longer than 256 bytes");
    event.tags[0].value = "\xff";
    expect_invalid(&event, "cleveragents: session.created: tags.k: ? is not UTF-8");
    event.tags[0].value = NULL;
    expect_invalid(&event, "cleveragents: session.created: tags.k: has no value");
    event.tags[0] = event.tags[1];
    expect_invalid(&event, "cleveragents: session.created: tags.a-b_c.D9: is given twice");
}

static void test_all_tags_may_be_used(void **state)
{
    (void)state;
    char keys[OYEZ_TAGS_MAX][8];
    struct oyez_event event = session();
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        event.tags[i] = (struct oyez_tag){keys[i], "v"};
    }
    expect_ok(&event);
    event.tags[31].key = "k0";
    expect_invalid(&event, "cleveragents: session.created: tags.k0: is given twice");
}

static void test_traceparent_has_the_form_of_the_w3c(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "00-" TRACE "-00f067aa0ba902b7-0",
        "00-" TRACE "-00f067aa0ba902b7-011",
        "01-" TRACE "-00f067aa0ba902b7-01",
        "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-" TRACE "-00f067aa0ba902bg-01",
        "00-" TRACE "-00f067aa0ba902b7-0g",
        "00_" TRACE "-00f067aa0ba902b7-01",
        "00-" TRACE "_00f067aa0ba902b7-01",
        "00-" TRACE "-00f067aa0ba902b7_01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" TRACE "-0000000000000000-01",
    };
    struct oyez_event event = session();
    event.traceparent = "00-" TRACE "-00f067aa0ba902b7-01";
    expect_ok(&event);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        event.traceparent = wrong[i];
        assert_int_equal(oyez_event_check(&event), OYEZ_ERR_INVALID);
        assert_non_null(strstr(oyez_error_detail(), "is not of the form 00-32 digits-16 digits-2"));
    }
}

static void test_a_wrong_header_is_shown_as_far_as_it_can_be_printed(void **state)
{
    (void)state;
    struct oyez_event event = session();
    event.traceparent = "\x1b[2J\u202e";
    expect_invalid(&event, "cleveragents: session.created: traceparent: ?[2J? is not of the form "
                           "00-32 digits-16 digits-2 digits, lower-case hexadecimal");
    event.traceparent = "";
    expect_invalid(&event, "cleveragents: session.created: traceparent: \"\" is not of the form "
                           "00-32 digits-16 digits-2 digits, lower-case hexadecimal");
}

static void test_what_is_wrong_comes_before_what_is_missing(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "deal.created"};
    assert_int_equal(oyez_event_check(&event), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "is required"));
    event.occurred_at = -1;
    expect_invalid(&event, "zakops: deal.created: occurred_at: -1 is before 1970");
    event.details = "{\"deal_id\":7}";
    expect_invalid(&event, "zakops: deal.created: details.deal_id: 7 is not a string");
}

static void test_times_before_1970_are_refused(void **state)
{
    (void)state;
    struct oyez_event event = session();
    event.occurred_at = -1;
    expect_invalid(&event, "cleveragents: session.created: occurred_at: -1 is before 1970");
    event.occurred_at = INT64_MAX;
    expect_ok(&event);
}

static void test_signatures_have_bytes_and_a_limit(void **state)
{
    (void)state;
    uint8_t bytes[129] = {0};
    struct oyez_event event = session();
    event.signature_size = 128;
    expect_invalid(&event, "cleveragents: session.created: signature: a size without bytes");
    event.signature = bytes;
    expect_ok(&event);
    event.signature_size = 129;
    expect_error(&event, OYEZ_ERR_TOO_LARGE,
                 "cleveragents: session.created: signature: longer than 128 bytes");
}

static void test_details_are_one_json_object(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "github.push"};
    event.details = "{\"big\":12345678901234567890123,\"s\":\"\\u0000\"}";
    expect_ok(&event);
    event.details_format = OYEZ_DETAILS_JSON;
    event.details = "{\"a\":1,\"a\":2}";
    expect_ok(&event);
    event.details = "{\"a\":1,\"b\": [nul]}";
    expect_invalid(&event, "github: github.push: details: not a JSON object (byte 14)");
    event.details = "{\"a\":1}}";
    event.details_size = 7;
    expect_ok(&event);
    event.details_size = 8;
    expect_invalid(&event, "github: github.push: details: not a JSON object (byte 8)");
    event.details = NULL;
    expect_invalid(&event, "github: github.push: details: a size without bytes");
}

static void test_other_formats_are_refused(void **state)
{
    (void)state;
    struct oyez_event event = session();
    event.details_format = (enum oyez_details_format)3;
    expect_invalid(&event, "cleveragents: session.created: details: unknown format 3");
}

static void test_details_have_a_limit(void **state)
{
    (void)state;
    char *details = malloc(OYEZ_DETAILS_SIZE_MAX + 2);
    assert_non_null(details);
    memset(details, ' ', OYEZ_DETAILS_SIZE_MAX);
    details[0] = '{';
    details[OYEZ_DETAILS_SIZE_MAX - 1] = '}';
    details[OYEZ_DETAILS_SIZE_MAX] = '\0';
    struct oyez_event event = session();
    event.details = details;
    expect_ok(&event);
    strcpy(details + OYEZ_DETAILS_SIZE_MAX, " ");
    expect_error(&event, OYEZ_ERR_TOO_LARGE,
                 "cleveragents: session.created: details: larger than 1048576 bytes");
    event.details_size = OYEZ_DETAILS_SIZE_MAX + 1;
    assert_int_equal(oyez_event_check(&event), OYEZ_ERR_TOO_LARGE);
    free(details);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_that_need_nothing_pass_with_nothing_else),
        cmocka_unit_test(test_an_unknown_type_is_refused_with_the_nearest_name),
        cmocka_unit_test(test_type_names_have_their_form),
        cmocka_unit_test(test_every_text_field_is_utf8_and_bounded),
        cmocka_unit_test(test_the_header_as_a_whole_has_a_limit),
        cmocka_unit_test(test_tags_have_keys_values_and_no_twins),
        cmocka_unit_test(test_all_tags_may_be_used),
        cmocka_unit_test(test_traceparent_has_the_form_of_the_w3c),
        cmocka_unit_test(test_a_wrong_header_is_shown_as_far_as_it_can_be_printed),
        cmocka_unit_test(test_what_is_wrong_comes_before_what_is_missing),
        cmocka_unit_test(test_times_before_1970_are_refused),
        cmocka_unit_test(test_signatures_have_bytes_and_a_limit),
        cmocka_unit_test(test_details_are_one_json_object),
        cmocka_unit_test(test_other_formats_are_refused),
        cmocka_unit_test(test_details_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/json.h"
#include "wire/header.h"

static struct oyez_event *read_event(const char *text)
{
    struct oyez_event *event;
    if (oyez_event_from_json(&event, text, strlen(text)))
        fail_msg("%s", oyez_error_detail());
    return event;
}

static void expect_error(const char *text, oyez_err err, const char *detail)
{
    struct oyez_event *event = NULL;
    assert_int_equal(oyez_event_from_json(&event, text, strlen(text)), err);
    assert_string_equal(oyez_error_detail(), detail);
    assert_null(event);
}

static void expect_invalid(const char *text, const char *detail)
{
    expect_error(text, OYEZ_ERR_INVALID, detail);
}

static void expect_equal_headers(const struct oyez_event *a, const struct oyez_event *b)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind == OYEZ_HEADER_TEXT)
            assert_string_equal(oyez_header_text(a, field), oyez_header_text(b, field));
    }
    assert_true(oyez_uuid_equal(a->event_id, b->event_id));
    assert_int_equal(a->occurred_at, b->occurred_at);
    assert_int_equal(a->aggregate_version, b->aggregate_version);
    assert_int_equal(a->has_aggregate_version, b->has_aggregate_version);
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++) {
        assert_string_equal(a->tags[i].key, b->tags[i].key);
        assert_string_equal(a->tags[i].value, b->tags[i].value);
    }
}

static void test_every_field_comes_back_as_it_was(void **state)
{
    (void)state;
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .occurred_at = INT64_C(1795164165123456789),
                               .aggregate_version = UINT64_MAX,
                               .has_aggregate_version = true,
                               .details = "{\"a\":[1.10,1e5,-0,\"\\u0000\"],\"b\":{}}",
                               .stamp = {.epoch = 1, .position = 2}};
    char texts[OYEZ_HEADER_FIELD_COUNT][32];
    char keys[OYEZ_TAGS_MAX][8];
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "\x01\"%zu\\\n\xc3\xa9\xf0\x9f\x98\x80/\x7f", i);
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            oyez_header_set_text(&event, &oyez_header_fields[i], texts[i]);
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "k%zu", i);
        event.tags[i] = (struct oyez_tag){keys[i], texts[1]};
    }
    char *text;
    size_t size;
    struct oyez_event *back;
    assert_int_equal(oyez_event_to_json(&event, &text, &size), OYEZ_OK);
    assert_int_equal(oyez_event_from_json(&back, text, size), OYEZ_OK);
    free(text);
    expect_equal_headers(back, &event);
    assert_string_equal(back->details, event.details);
    assert_int_equal(back->details_size, strlen(event.details));
    assert_int_equal(back->stamp.epoch, 0);
    oyez_event_free(&back);
}

static void test_type_is_another_name_for_event_type(void **state)
{
    (void)state;
    struct oyez_event *event = read_event("{\"type\":\"plan.created\"}");
    assert_string_equal(event->event_type, "plan.created");
    oyez_event_free(&event);
    expect_invalid("{\"type\":\"a\",\"event_type\":\"a\"}",
                   "event_type: given twice, it is also called type");
}

static void test_absent_details_are_an_empty_object(void **state)
{
    (void)state;
    struct oyez_event *event = read_event("{\"type\":\"a\"}");
    assert_string_equal(event->details, "{}");
    assert_int_equal(event->details_size, 2);
    assert_int_equal(event->details_format, OYEZ_DETAILS_JSON);
    oyez_event_free(&event);
}

static void test_details_keep_their_text(void **state)
{
    (void)state;
    struct oyez_event *event =
        read_event("{\"details\" : { \"n\": 9007199254740993, \"m\" :1.10, \"big\":"
                   "123456789012345678901234567890,\"}\":\"\\\"{\"} ,\"\\u0074ype\":\"a\"}");
    assert_string_equal(event->details, "{ \"n\": 9007199254740993, \"m\" :1.10, \"big\":"
                                        "123456789012345678901234567890,\"}\":\"\\\"{\"}");
    assert_string_equal(event->event_type, "a");
    oyez_event_free(&event);
}

static void test_what_the_broker_gives_is_ignored(void **state)
{
    (void)state;
    struct oyez_event *event =
        read_event("{\"epoch\":1,\"position\":\"x\",\"index\":null,\"cursor\":[],"
                   "\"broker_time\":{},\"type\":\"a\"}");
    assert_int_equal(event->stamp.epoch, 0);
    assert_int_equal(event->stamp.position, 0);
    oyez_event_free(&event);
}

static void test_null_header_fields_are_absent(void **state)
{
    (void)state;
    struct oyez_event *event = read_event("{\"type\":\"a\",\"plan_id\":null,\"tags\":null,"
                                          "\"occurred_at\":null,\"aggregate_version\":null}");
    assert_null(event->plan_id);
    assert_null(event->tags[0].key);
    assert_int_equal(event->occurred_at, 0);
    assert_false(event->has_aggregate_version);
    oyez_event_free(&event);
}

static void test_unknown_fields_are_named(void **state)
{
    (void)state;
    expect_invalid("{\"type\":\"a\",\"plan\":\"x\"}", "plan: unknown field");
    expect_invalid("{\"type\":\"a\",\"\\u001b[2J\\n\":1}", "?[2J?: unknown field");
    expect_invalid("{\"type\":\"a\",\"unknown\":null}", "unknown: unknown field");
}

static void test_wrong_kinds_are_named(void **state)
{
    (void)state;
    expect_invalid("{\"type\":1}", "type: not a string");
    expect_invalid("{\"type\":\"a\",\"plan_id\":{}}", "plan_id: not a string");
    expect_invalid("{\"type\":\"a\",\"plan_id\":\"a\\u0000b\"}", "plan_id: holds a NUL");
    expect_invalid("{\"type\":\"a\",\"details\":[]}", "details: not an object");
    expect_invalid("{\"type\":\"a\",\"details\":null}", "details: not an object");
    expect_invalid("{\"type\":\"a\",\"tags\":[]}", "tags: not an object");
    expect_invalid("{\"type\":\"a\",\"tags\":{\"k\":1}}", "tags: k: not a string without NULs");
    expect_invalid("{\"type\":\"a\",\"event_id\":\"x\"}", "event_id: not a UUID");
    expect_invalid("{\"type\":\"a\",\"event_id\":1}", "event_id: not a string");
    expect_invalid("{\"type\":\"a\",\"occurred_at\":1}", "occurred_at: not a string");
    expect_invalid("{\"type\":\"a\",\"occurred_at\":\"now\"}",
                   "occurred_at: not an RFC 3339 time such as 2026-11-20T08:42:45Z");
    expect_invalid("{}", "event_type: missing");
    expect_invalid("{\"type\":null}", "event_type: missing");
}

static void test_versions_are_whole_numbers_of_64_bits(void **state)
{
    (void)state;
    static const char *const wrong[] = {"-1",
                                        "1.0",
                                        "1e2",
                                        "\"1\"",
                                        "true",
                                        "[]",
                                        "18446744073709551616",
                                        "100000000000000000000000000"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[96];
        snprintf(text, sizeof text, "{\"type\":\"a\",\"aggregate_version\":%s}", wrong[i]);
        expect_invalid(text, "aggregate_version: not a whole number from 0 to 2^64 - 1");
    }
    struct oyez_event *event = read_event("{\"type\":\"a\",\"aggregate_version\":0}");
    assert_true(event->has_aggregate_version);
    assert_int_equal(event->aggregate_version, 0);
    oyez_event_free(&event);
    event = read_event("{\"type\":\"a\",\"aggregate_version\": 9007199254740993 }");
    assert_int_equal(event->aggregate_version, INT64_C(9007199254740993));
    oyez_event_free(&event);
}

static void test_duplicate_keys_are_refused_at_every_depth(void **state)
{
    (void)state;
    expect_invalid("{\"type\":\"a\",\"type\":\"a\"}", "a key stands twice in an object (byte 18)");
    expect_invalid("{\"type\":\"a\",\"details\":{\"a\":{\"b\":1,\"b\":1}}}",
                   "a key stands twice in an object (byte 37)");
}

static void test_text_that_is_not_json_is_refused_by_byte(void **state)
{
    (void)state;
    expect_invalid("", "not a JSON object (byte 1)");
    expect_invalid("[]", "not a JSON object (byte 1)");
    expect_invalid("{\"type\":NaN}", "not a JSON object (byte 9)");
    expect_invalid("{\"type\":\"\xff\"}", "not UTF-8 (byte 10)");
    expect_invalid("{\"type\":\"\\ud800\"}", "half a surrogate pair (byte 10)");
    expect_invalid("{\"details\":{\"a\":1e400}}", "a number too large for a double (byte 17)");
}

static void test_details_may_nest_to_their_limit(void **state)
{
    (void)state;
    char text[512] = "{\"type\":\"a\",\"details\":{\"a\":";
    size_t size = strlen(text);
    memset(text + size, '[', 64);
    memset(text + size + 64, ']', 64);
    memcpy(text + size + 128, "}}", 3);
    expect_invalid(text, "objects and arrays nested too deeply (byte 91)");
    // One level less.
    text[size] = ' ';
    text[size + 127] = ' ';
    struct oyez_event *event = read_event(text);
    oyez_event_free(&event);
}

static void test_more_tags_than_fit_are_refused(void **state)
{
    (void)state;
    char text[1024] = "{\"type\":\"a\",\"tags\":{\"k\":\"v\"";
    size_t size = strlen(text);
    for (int i = 0; i < 32; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, ",\"k%d\":\"v\"", i);
    snprintf(text + size, sizeof text - size, "}}");
    expect_error(text, OYEZ_ERR_TOO_LARGE, "tags: more than 32");
}

static FILE *open_webhooks(void)
{
    char path[1024];
    const char *shared = getenv("OYEZ_SHARED");
    const char *slash = strrchr(__FILE__, '/');
    if (shared)
        snprintf(path, sizeof path, "%s/data/github-webhooks.jsonl", shared);
    else
        snprintf(path, sizeof path, "%.*s/../../../shared/data/github-webhooks.jsonl",
                 slash ? (int)(slash - __FILE__) : 1, slash ? __FILE__ : ".");
    return fopen(path, "r");
}

static void compare_details(const char *line, size_t size)
{
    struct oyez_event *event;
    char *text;
    size_t text_size;
    assert_int_equal(oyez_event_from_json(&event, line, size), OYEZ_OK);
    assert_int_equal(oyez_event_to_json(event, &text, &text_size), OYEZ_OK);
    json_t *before = json_loadb(line, size, 0, NULL);
    json_t *after = json_loadb(text, text_size, 0, NULL);
    assert_non_null(before);
    assert_non_null(after);
    assert_true(json_equal(json_object_get(before, "details"), json_object_get(after, "details")));
    assert_true(json_equal(json_object_get(before, "type"), json_object_get(after, "event_type")));
    assert_true(json_equal(json_object_get(before, "source"), json_object_get(after, "source")));
    json_decref(before);
    json_decref(after);
    free(text);
    oyez_event_free(&event);
}

static void test_real_webhooks_keep_their_details(void **state)
{
    (void)state;
    FILE *file = open_webhooks();
    if (file == NULL) {
        print_message("skipped: ../shared/data/github-webhooks.jsonl is not beside the checkout\n");
        skip();
    }
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    size_t lines = 0;
    for (; (size = getline(&line, &capacity, file)) > 0; lines++)
        compare_details(line, (size_t)size);
    free(line);
    fclose(file);
    assert_int_equal(lines, 273);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_comes_back_as_it_was),
        cmocka_unit_test(test_type_is_another_name_for_event_type),
        cmocka_unit_test(test_absent_details_are_an_empty_object),
        cmocka_unit_test(test_details_keep_their_text),
        cmocka_unit_test(test_what_the_broker_gives_is_ignored),
        cmocka_unit_test(test_null_header_fields_are_absent),
        cmocka_unit_test(test_unknown_fields_are_named),
        cmocka_unit_test(test_wrong_kinds_are_named),
        cmocka_unit_test(test_versions_are_whole_numbers_of_64_bits),
        cmocka_unit_test(test_duplicate_keys_are_refused_at_every_depth),
        cmocka_unit_test(test_text_that_is_not_json_is_refused_by_byte),
        cmocka_unit_test(test_details_may_nest_to_their_limit),
        cmocka_unit_test(test_more_tags_than_fit_are_refused),
        cmocka_unit_test(test_real_webhooks_keep_their_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

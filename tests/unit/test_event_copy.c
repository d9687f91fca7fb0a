// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "oyez/json.h"
#include "wire/header.h"

static void fill(struct oyez_event *event, char texts[OYEZ_HEADER_FIELD_COUNT][16])
{
    *event = (struct oyez_event){.occurred_at = 77, .aggregate_version = 5};
    event->has_aggregate_version = true;
    memset(event->event_id.bytes, 9, OYEZ_UUID_SIZE);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "text %zu", i);
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            oyez_header_set_text(event, &oyez_header_fields[i], texts[i]);
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++)
        event->tags[i] = (struct oyez_tag){.key = texts[i % 20], .value = "value"};
    event->stamp = (struct oyez_stamp){.epoch = 1, .position = 2, .index = 3};
}

static void test_a_copy_outlives_what_it_was_made_from(void **state)
{
    (void)state;
    char texts[OYEZ_HEADER_FIELD_COUNT][16];
    uint8_t bytes[OYEZ_SALT_SIZE] = "salt and signed";
    char details[] = "{\"a\":1}";
    struct oyez_event event;
    struct oyez_event *copy;
    fill(&event, texts);
    event.details = details;
    event.details_size = strlen(details);
    event.salt = bytes;
    event.signature = bytes;
    event.signature_size = 4;
    assert_int_equal(oyez_event_copy(&copy, &event), OYEZ_OK);
    memset(texts, 'x', sizeof texts);
    memset(bytes, 'x', sizeof bytes);
    memset(details, 'x', sizeof details);
    memset(&event, 0, sizeof event);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "text %zu", i);
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT)
            assert_string_equal(oyez_header_text(copy, &oyez_header_fields[i]), expected);
    }
    assert_string_equal(copy->tags[OYEZ_TAGS_MAX - 1].key, "text 11");
    assert_string_equal(copy->tags[OYEZ_TAGS_MAX - 1].value, "value");
    assert_int_equal(copy->details_size, 7);
    assert_string_equal(copy->details, "{\"a\":1}");
    assert_memory_equal(copy->salt, "salt and signed", OYEZ_SALT_SIZE);
    assert_memory_equal(copy->signature, "salt", 4);
    assert_int_equal(copy->occurred_at, 77);
    assert_int_equal(copy->aggregate_version, 5);
    assert_true(copy->has_aggregate_version);
    assert_int_equal(copy->event_id.bytes[15], 9);
    assert_int_equal(copy->stamp.index, 3);
    oyez_event_free(&copy);
    assert_null(copy);
}

static void test_what_is_absent_stays_absent(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "plan.created", .tags = {{.key = "k"}}};
    struct oyez_event *copy;
    assert_int_equal(oyez_event_copy(&copy, &event), OYEZ_OK);
    assert_null(copy->plan_id);
    assert_null(copy->details);
    assert_null(copy->salt);
    assert_null(copy->signature);
    assert_null(copy->tags[0].value);
    assert_null(copy->tags[1].key);
    oyez_event_free(&copy);
}

static void test_details_that_end_at_their_nul_get_a_size(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "plan.created", .details = "{\"a\":[]}"};
    struct oyez_event *copy;
    assert_int_equal(oyez_event_copy(&copy, &event), OYEZ_OK);
    assert_int_equal(copy->details_size, 8);
    oyez_event_free(&copy);
    // An empty protobuf message is no text.
    event.details_format = OYEZ_DETAILS_PROTOBUF;
    assert_int_equal(oyez_event_copy(&copy, &event), OYEZ_OK);
    assert_int_equal(copy->details_size, 0);
    oyez_event_free(&copy);
}

static void test_nothing_can_be_freed_twice(void **state)
{
    (void)state;
    struct oyez_event *none = NULL;
    oyez_event_free(&none);
    oyez_event_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_outlives_what_it_was_made_from),
        cmocka_unit_test(test_what_is_absent_stays_absent),
        cmocka_unit_test(test_details_that_end_at_their_nul_get_a_size),
        cmocka_unit_test(test_nothing_can_be_freed_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

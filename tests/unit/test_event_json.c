// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "event_json.h"

static void test_details_are_found_behind_a_header_that_names_them(void **state)
{
    (void)state;
    struct event_json json;
    struct oyez_event event = {.event_type = "session.created",
                               .phase = "\"details\":{}",
                               .tags = {{"details", "details_base64"}},
                               .details = " { \"details\" : { \"a\" : 1 } } "};
    assert_int_equal(event_json_make(&json, &event), OYEZ_OK);
    assert_int_equal(json.details.size, strlen("{\"details\":{\"a\":1}}"));
    assert_memory_equal(json.details.text, "{\"details\":{\"a\":1}}", json.details.size);
    assert_null(json.base64.text);
    event_json_free(&json);
}

static void test_bytes_that_nobody_can_tell_are_base64(void **state)
{
    (void)state;
    struct event_json json;
    struct oyez_event event = {.event_type = "no.such.type",
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = "\x08\x01",
                               .details_size = 2};
    assert_int_equal(event_json_make(&json, &event), OYEZ_OK);
    assert_null(json.details.text);
    assert_int_equal(json.base64.size, 6);
    assert_memory_equal(json.base64.text, "\"CAE=\"", 6);
    event_json_free(&json);
}

static void test_an_event_without_a_json_form_is_refused(void **state)
{
    (void)state;
    struct event_json json;
    struct oyez_event event = {.event_type = "session.created", .phase = "\xff"};
    assert_int_equal(event_json_make(&json, &event), OYEZ_ERR_MALFORMED);
    event_json_free(&json);
    event = (struct oyez_event){.event_type = "session.created", .details = "[]"};
    assert_int_equal(event_json_make(&json, &event), OYEZ_ERR_MALFORMED);
    event_json_free(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_details_are_found_behind_a_header_that_names_them),
        cmocka_unit_test(test_bytes_that_nobody_can_tell_are_base64),
        cmocka_unit_test(test_an_event_without_a_json_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cloudevent_attributes.h"

static void test_every_header_field_has_an_attribute_of_its_own(void **state)
{
    (void)state;
    char name[CLOUDEVENT_NAME_SIZE];
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        cloudevent_field_name(name, &oyez_header_fields[i]);
        assert_true(cloudevent_is_name(name));
        assert_true(strlen(name) <= 20);
        assert_ptr_equal(cloudevent_field_find(name), &oyez_header_fields[i]);
    }
    assert_null(cloudevent_field_find("event_id"));
    assert_null(cloudevent_field_find("specversion"));
    assert_null(cloudevent_field_find("data"));
    assert_null(cloudevent_field_find(CLOUDEVENT_HEADER));
    assert_null(cloudevent_field_find(CLOUDEVENT_TAGS));
}

static void test_core_attributes_have_the_words_of_cloudevents(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"id", "event_id"},
        {"type", "event_type"},
        {"time", "occurred_at"},
        {"dataschema", "schema_version"},
        {"subject", "aggregate_id"},
        {"source", "source"},
        {"rootplanid", "root_plan_id"},
        {"traceparent", "traceparent"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(cloudevent_field_find(pairs[i][0])->name, pairs[i][1]);
    }
}

static void test_names_are_of_small_letters_and_digits(void **state)
{
    (void)state;
    assert_true(cloudevent_is_name("comexample1"));
    assert_false(cloudevent_is_name(""));
    assert_false(cloudevent_is_name("comExample"));
    assert_false(cloudevent_is_name("com_example"));
    assert_false(cloudevent_is_name("com\xc3\xa4"));
}

static void test_characters_are_read_whole(void **state)
{
    (void)state;
    static const uint32_t expected[] = {'a', 0xE9, 0x20AC, 0x1F600, 0x10FFFF};
    const char *at = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf";
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint32_t character;
        at = cloudevent_next_character(at, &character);
        assert_int_equal(character, expected[i]);
    }
    assert_int_equal(*at, '\0');
}

static void test_strings_hold_no_control_characters_and_no_noncharacters(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a", " ", "Zo\xc3\xab", "\xc2\xa0", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"};
    static const char *const bad[] = {"",
                                      "a\nb",
                                      "\x1f",
                                      "\x7f",
                                      "\xc2\x80",
                                      "\xc2\x9f",
                                      "\xef\xb7\x90",      // U+FDD0
                                      "\xef\xbf\xbe",      // U+FFFE
                                      "\xf0\x9f\xbf\xbf",  // U+1FFFF
                                      "\xf4\x8f\xbf\xbf"}; // U+10FFFF
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(cloudevent_is_string(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(cloudevent_is_string(bad[i]));
    }
}

static void test_uri_references_are_told_from_other_texts(void **state)
{
    (void)state;
    static const char *const good[] = {
        "planner",
        "/cloudevents/spec/pull/123",
        "https://github.com/cloudevents",
        "https://user:word@example.org:8080/a/b?c=d/e?f#g?h",
        "http://example.org:",
        "mailto:cncf-wg-serverless@lists.cncf.io",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "1-555-123-4567",
        "a%20b",
        "?",
        "#here",
        "//host/path",
        "./a:b",
        "a//b",
    };
    static const char *const bad[] = {
        "",           "build server", "a%2",   "a%zz",  "10:20",
        "a b://c",    "\xc3\xa4",     "a#b#c", "a[1]",  "http://[::1]/",
        "http://a:b", "http://a@b@c", "a\\b",  "\"a\"", "a|b",
        "a^b",        "<a>",          "{a}",   ":a",    "http://a:1:2/",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(cloudevent_is_uri_reference(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(cloudevent_is_uri_reference(bad[i]));
    }
}

static void test_an_id_is_made_as_stock_tools_make_it(void **state)
{
    (void)state;
    char text[OYEZ_UUID_TEXT_SIZE];
    struct oyez_uuid uuid;
    assert_true(cloudevent_id_of(&uuid, "/mycontext", "A234-1234-1234"));
    oyez_uuid_to_text(uuid, text);
    // uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, "/mycontext"), "A234-1234-1234") in Python
    assert_string_equal(text, "241ac2e2-f9fc-5c33-906d-4d0eac3f190b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_header_field_has_an_attribute_of_its_own),
        cmocka_unit_test(test_core_attributes_have_the_words_of_cloudevents),
        cmocka_unit_test(test_names_are_of_small_letters_and_digits),
        cmocka_unit_test(test_characters_are_read_whole),
        cmocka_unit_test(test_strings_hold_no_control_characters_and_no_noncharacters),
        cmocka_unit_test(test_uri_references_are_told_from_other_texts),
        cmocka_unit_test(test_an_id_is_made_as_stock_tools_make_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

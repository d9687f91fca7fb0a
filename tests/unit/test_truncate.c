// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sample_plan.h"
#include "schema/details.h"

static uint8_t *bytes;
static size_t size;
static unsigned cut;

static void expect_cut(const char *json, unsigned count, const char *expected)
{
    assert_int_equal(
        details_truncate(sample_plan(), OYEZ_DETAILS_JSON, json, strlen(json), &bytes, &size, &cut),
        OYEZ_OK);
    assert_int_equal(cut, count);
    if (expected == NULL) {
        assert_null(bytes);
        return;
    }
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, size);
    free(bytes);
}

#define FORTY "1234567890123456789012345678901234567890"
#define SIXTY FORTY "12345678901234567890"

static void test_what_fits_is_left_alone(void **state)
{
    (void)state;
    expect_cut("{}", 0, NULL);
    expect_cut("{\"story\":\"" FORTY "\"}", 0, NULL);
    // Forty characters, though more bytes and more of JSON.
    expect_cut("{\"story\":\"\\u00e9"
               "\xc3\xa9"
               "\\ud83d\\ude00"
               "1234567890123456789012345678901234567"
               "\"}",
               0, NULL);
    expect_cut("{\"name\":\"" SIXTY "\",\"unknown\":\"" SIXTY "\"}", 0, NULL);
}

static void test_the_mark_counts_into_the_limit(void **state)
{
    (void)state;
    expect_cut(
        "{ \"story\" : \"" SIXTY "\" , \"count\":1}", 1,
        "{ \"story\" : \"1234567890123456789\xe2\x80\xa6 [41 characters cut]\" , \"count\":1}");
}

static void test_escapes_are_never_cut_in_two(void **state)
{
    (void)state;
    expect_cut("{\"story\":\"123456789012345678\\ud83d\\ude00" FORTY "\"}", 1,
               "{\"story\":\"123456789012345678\\ud83d\\ude00\xe2\x80\xa6 [40 characters cut]\"}");
}

static void test_texts_inside_are_cut_too(void **state)
{
    (void)state;
    expect_cut(
        "{\"child\":{\"story\":\"" SIXTY "\"},\"children\":{\"1\":{\"story\":\"" SIXTY "\"}}}", 2,
        "{\"child\":{\"story\":\"1234567890123456789\xe2\x80\xa6 [41 characters cut]\"},"
        "\"children\":{\"1\":{\"story\":\"1234567890123456789\xe2\x80\xa6 [41 characters "
        "cut]\"}}}");
}

static void test_wrong_kinds_are_left_to_who_judges(void **state)
{
    (void)state;
    expect_cut("{\"story\":[\"" SIXTY "\"],\"child\":[],\"children\":[1],\"tags\":{}}", 0, NULL);
    expect_cut("{\"story\":null}", 0, NULL);
}

static void test_malformed_details_are_told(void **state)
{
    (void)state;
    assert_int_equal(
        details_truncate(sample_plan(), OYEZ_DETAILS_JSON, "{", 1, &bytes, &size, &cut),
        OYEZ_ERR_MALFORMED);
    assert_int_equal(
        details_truncate(sample_plan(), OYEZ_DETAILS_PROTOBUF, "\x0a", 1, &bytes, &size, &cut),
        OYEZ_ERR_MALFORMED);
}

// Both forms of the same details must be cut to the same text.
static void expect_same_cut(const char *json)
{
    struct violation violation;
    uint8_t *message;
    uint8_t *cut_message;
    size_t message_size;
    size_t cut_size;
    char *text;
    size_t text_size;
    assert_int_equal(
        details_from_json(sample_plan(), json, strlen(json), &message, &message_size, &violation),
        OYEZ_OK);
    assert_int_equal(details_truncate(sample_plan(), OYEZ_DETAILS_PROTOBUF, message, message_size,
                                      &cut_message, &cut_size, &cut),
                     OYEZ_OK);
    unsigned message_cut = cut;
    assert_non_null(cut_message);
    assert_int_equal(details_to_json(sample_plan(), cut_message, cut_size, &text, &text_size, NULL),
                     OYEZ_OK);
    expect_cut(json, message_cut, text);
    free(message);
    free(cut_message);
    free(text);
}

static void test_a_message_is_cut_as_its_json_is(void **state)
{
    (void)state;
    expect_same_cut("{\"story\":\"" SIXTY "\"}");
    expect_same_cut(
        "{\"name\":\"ab\",\"votes\":{\"a\":\"b\"},\"children\":{\"1\":{\"story\":\"" SIXTY
        "\"}},\"child\":{\"story\":\"" SIXTY SIXTY SIXTY "\"},\"story\":\"\xc3\xa9" SIXTY "\"}");
}

static void test_a_message_keeps_what_is_not_cut_byte_for_byte(void **state)
{
    (void)state;
    // Fields out of order, one unknown, one number in more bytes than it needs.
    static const uint8_t start[] = {0x10, 0x81, 0x00, 0xc0, 0x3e, 0x01, 0xa2, 0x01, 60};
    uint8_t message[sizeof start + 60 + 2];
    memcpy(message, start, sizeof start);
    memcpy(message + sizeof start, SIXTY, 60);
    memcpy(message + sizeof start + 60, "\x08\x01", 2);
    assert_int_equal(details_truncate(sample_plan(), OYEZ_DETAILS_PROTOBUF, message, sizeof message,
                                      &bytes, &size, &cut),
                     OYEZ_OK);
    assert_int_equal(cut, 1);
    assert_memory_equal(bytes, start, 6);
    assert_memory_equal(bytes + size - 2, "\x08\x01", 2);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits_is_left_alone),
        cmocka_unit_test(test_the_mark_counts_into_the_limit),
        cmocka_unit_test(test_escapes_are_never_cut_in_two),
        cmocka_unit_test(test_texts_inside_are_cut_too),
        cmocka_unit_test(test_wrong_kinds_are_left_to_who_judges),
        cmocka_unit_test(test_malformed_details_are_told),
        cmocka_unit_test(test_a_message_is_cut_as_its_json_is),
        cmocka_unit_test(test_a_message_keeps_what_is_not_cut_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

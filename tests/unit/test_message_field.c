// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sample_plan.h"
#include "schema/message_field.h"

static struct message_place places[SAMPLE_END];
static uint64_t unknown;

static bool find(const char *bytes, size_t size)
{
    return message_find_places(sample_plan(), (const uint8_t *)bytes, size, places, &unknown);
}

static void test_fields_are_found_from_first_to_last(void **state)
{
    (void)state;
    static const char bytes[] = "\x52\x01"
                                "a"
                                "\x38\x01"
                                "\x52\x01"
                                "b";
    assert_true(find(bytes, 8));
    const struct message_place *tags = &places[SAMPLE_TAGS - 1];
    assert_ptr_equal(tags->first, bytes);
    assert_ptr_equal(tags->end, bytes + 8);
    assert_ptr_equal(places[SAMPLE_FLAG - 1].first, bytes + 3);
    assert_null(places[SAMPLE_NAME - 1].first);
}

static void test_elements_come_packed_or_not(void **state)
{
    (void)state;
    static const char bytes[] = "\x5a\x02\x01\x02"
                                "\x38\x01"
                                "\x58\x03"
                                "\x5a\x00"
                                "\x5a\x01\x04";
    struct message_elements elements = {.field = &sample_plan()->fields[SAMPLE_NUMBERS - 1],
                                        .at = (const uint8_t *)bytes,
                                        .end = (const uint8_t *)bytes + sizeof bytes - 1};
    struct wire_field value;
    for (uint64_t i = 1; i <= 4; i++) {
        assert_true(message_next_element(&elements, &value));
        assert_int_equal(value.integer, i);
    }
    assert_false(message_next_element(&elements, &value));
    assert_false(elements.malformed);
}

static void test_integers_have_the_bits_of_their_kind(void **state)
{
    (void)state;
    int64_t out;
    struct wire_field value = {.integer = UINT64_MAX};
    assert_true(message_field_integer(PLAN_INT32, &value, &out));
    assert_int_equal(out, -1);
    assert_true(message_field_integer(PLAN_SINT64, &value, &out));
    assert_true(out == INT64_MIN);
    assert_false(message_field_integer(PLAN_SINT32, &value, &out));
    assert_false(message_field_integer(PLAN_UINT32, &value, &out));
    assert_false(message_field_integer(PLAN_BOOL, &value, &out));
    value.integer = UINT32_MAX;
    assert_false(message_field_integer(PLAN_INT32, &value, &out));
    assert_true(message_field_integer(PLAN_SFIXED32, &value, &out));
    assert_int_equal(out, -1);
    assert_true(message_field_integer(PLAN_SINT32, &value, &out));
    assert_int_equal(out, INT32_MIN);
}

static void test_keys_of_a_map_differ_or_do_not(void **state)
{
    (void)state;
    static const char bytes[] = "\x62\x03\x0a\x01"
                                "a"
                                "\x62\x03\x0a\x01"
                                "b"
                                "\x62\x05\x12\x01x\x0a\x00";
    static const char empty_twice[] = "\x62\x00"
                                      "\x38\x01"
                                      "\x62\x02\x0a\x00";
    const struct plan_field *votes = &sample_plan()->fields[SAMPLE_VOTES - 1];
    assert_true(find(bytes, sizeof bytes - 1));
    assert_true(message_keys_differ(votes, &places[SAMPLE_VOTES - 1]));
    assert_true(find(empty_twice, sizeof empty_twice - 1));
    assert_false(message_keys_differ(votes, &places[SAMPLE_VOTES - 1]));
}

static void test_an_entry_has_each_part_once(void **state)
{
    (void)state;
    struct wire_field key = {0};
    struct wire_field value = {0};
    const struct plan *entry = sample_plan()->fields[SAMPLE_VOTES - 1].message;
    struct wire_field sound = {.bytes = (const uint8_t *)"\x12\x01y\x0a\x01x\x18\x07", .size = 8};
    struct wire_field twice = {.bytes = (const uint8_t *)"\x0a\x01x\x0a\x01x", .size = 6};
    struct wire_field other = {.bytes = (const uint8_t *)"\x08\x01", .size = 2};
    unknown = 0;
    assert_true(message_read_entry(entry, &sound, &key, &value, &unknown));
    assert_memory_equal(key.bytes, "x", 1);
    assert_memory_equal(value.bytes, "y", 1);
    assert_int_equal(unknown, 1);
    assert_false(message_read_entry(entry, &twice, &key, &value, &unknown));
    assert_false(message_read_entry(entry, &other, &key, &value, &unknown));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_are_found_from_first_to_last),
        cmocka_unit_test(test_elements_come_packed_or_not),
        cmocka_unit_test(test_integers_have_the_bits_of_their_kind),
        cmocka_unit_test(test_keys_of_a_map_differ_or_do_not),
        cmocka_unit_test(test_an_entry_has_each_part_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

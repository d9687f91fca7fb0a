// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "event_samples.h"
#include "wire/envelope.h"
#include "wire/field.h"
#include "wire/header.h"

// An event of one header made by hand.
static oyez_err decode_header(struct oyez_event *out, const void *header, size_t size)
{
    static uint8_t bytes[2 * OYEZ_HEADER_SIZE_MAX];
    uint8_t *end = wire_write_bytes_field(bytes, 1, header, size);
    return decode(out, bytes, (size_t)(end - bytes));
}

#define DECODE_HEADER(out, literal) decode_header(out, literal, sizeof(literal) - 1)
#define DECODE(out, literal) decode(out, (const uint8_t *)(literal), sizeof(literal) - 1)

static void test_an_event_cut_anywhere_never_leads_out_of_it(void **state)
{
    (void)state;
    const struct oyez_event event = full_event();
    size_t size = encode(&event);
    size_t accepted = 0;
    for (size_t cut = 0; cut < size; cut++) {
        struct oyez_event out;
        oyez_err err = decode(&out, encoded, cut);
        assert_true(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED);
        accepted += err == OYEZ_OK;
    }
    // Only the cuts between the five fields leave an event.
    assert_int_equal(accepted, 5);
}

static void test_a_header_cut_anywhere_never_leads_out_of_it(void **state)
{
    (void)state;
    struct oyez_event event = full_event();
    event.details_size = 0;
    event.details_format = 0;
    event.salt = NULL;
    event.signature_size = 0;
    size_t size = encode(&event);
    assert_true(size > 2 + 128);
    size_t accepted = 0;
    for (size_t cut = 0; cut < size - 3; cut++) {
        uint8_t bytes[1024];
        uint8_t *end = wire_write_bytes_field(bytes, 1, encoded + 3, cut);
        struct oyez_event out;
        oyez_err err = decode(&out, bytes, (size_t)(end - bytes));
        assert_true(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED);
        accepted += err == OYEZ_OK;
    }
    assert_int_equal(accepted, 17); // before each of the fields 1 to 16 and before the tag
}

static void test_text_that_is_not_utf8_is_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        // Straight into the bytes, since a writer would not judge either.
        const struct oyez_event plain = {.project_name = bad[i]};
        const struct oyez_event inner = {.phase = bad[i]};
        const struct oyez_event key = {.tags = {{bad[i], "v"}}};
        const struct oyez_event value = {.tags = {{"k", bad[i]}}};
        struct oyez_event out;
        assert_int_equal(decode(&out, encoded, encode(&plain)), OYEZ_ERR_MALFORMED);
        assert_non_null(strstr(oyez_error_detail(), "project_name"));
        assert_int_equal(decode(&out, encoded, encode(&inner)), OYEZ_ERR_MALFORMED);
        assert_non_null(strstr(oyez_error_detail(), "phase"));
        assert_int_equal(decode(&out, encoded, encode(&key)), OYEZ_ERR_MALFORMED);
        assert_int_equal(decode(&out, encoded, encode(&value)), OYEZ_ERR_MALFORMED);
    }
}

static void test_a_nul_inside_a_text_is_malformed(void **state)
{
    (void)state;
    struct oyez_event out;
    assert_int_equal(DECODE_HEADER(&out, "\x12\x03"
                                         "a\0b"),
                     OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x12\x01\0"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x42\x05\x0a\x03"
                                         "a\0b"),
                     OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x07\x0a\x02"
                                         "a\0\x12\x01"
                                         "b"),
                     OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x12\x03"
                                         "a.b"),
                     OYEZ_OK);
}

static void test_a_repeated_header_field_is_malformed(void **state)
{
    (void)state;
    // Every field of the table twice, in its submessage and on its own.
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        static const uint8_t content[16] = "sixteen letters.";
        uint8_t once[40];
        uint8_t number = (uint8_t)(field->inner_field ? field->inner_field : field->outer_field);
        uint8_t *end = once;
        if (field->kind == OYEZ_HEADER_TIME)
            end = wire_write_fixed64(wire_write_tag(end, number, WIRE_FIXED64), 7);
        else if (field->kind == OYEZ_HEADER_UINT)
            end = wire_write_varint(wire_write_tag(end, number, WIRE_VARINT), 7);
        else
            end = wire_write_bytes_field(end, number, content, sizeof content);
        size_t size = (size_t)(end - once);
        uint8_t twice[80];
        memcpy(twice, once, size);
        memcpy(twice + size, once, size);
        uint8_t header[100];
        struct oyez_event out;
        for (size_t times = 1; times <= 2; times++) {
            size_t header_size = times * size;
            memcpy(header, twice, header_size);
            if (field->inner_field) {
                end = wire_write_bytes_field(header, field->outer_field, twice, header_size);
                header_size = (size_t)(end - header);
            }
            assert_int_equal(decode_header(&out, header, header_size),
                             times == 1 ? OYEZ_OK : OYEZ_ERR_MALFORMED);
        }
        assert_non_null(strstr(oyez_error_detail(), field->name));
    }
}

static void test_a_repeated_submessage_is_malformed(void **state)
{
    (void)state;
    struct oyez_event out;
    assert_int_equal(DECODE_HEADER(&out, "\x42\x03\x0a\x01t\x42\x03\x12\x01i"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x42\x06\x0a\x01t\x12\x01i"), OYEZ_OK);
    assert_string_equal(out.actor_type, "t");
    assert_string_equal(out.actor_id, "i");
}

static void test_a_tag_has_one_key_and_one_value(void **state)
{
    (void)state;
    struct oyez_event out;
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x06\x0a\x01k\x12\x01v"), OYEZ_OK);
    assert_string_equal(out.tags[0].value, "v");
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x03\x0a\x01k"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x03\x12\x01v"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x00"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x09\x0a\x01k\x12\x01v\x0a\x01q"),
                     OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x8a\x01\x09\x0a\x01k\x12\x01v\x1a\x01q"), OYEZ_OK);
}

static void test_unknown_header_fields_are_skipped(void **state)
{
    (void)state;
    struct oyez_event out;
    // 18 varint, 19 fixed64, 20 bytes, 21 fixed32, the highest number; and 9 in the plan.
    assert_int_equal(DECODE_HEADER(&out, "\x90\x01\x05"
                                         "\x99\x01\x01\x02\x03\x04\x05\x06\x07\x08"
                                         "\xa2\x01\x02\xff\xff"
                                         "\x12\x01t"
                                         "\xad\x01\x01\x02\x03\x04"
                                         "\xfa\xff\xff\xff\x0f\x00"
                                         "\x4a\x05\x48\x01\x0a\x01p"),
                     OYEZ_OK);
    assert_string_equal(out.event_type, "t");
    assert_string_equal(out.plan_id, "p");
    // Plan has four fields: a fifth is no session_id, though that row follows in the table.
    assert_int_equal(DECODE_HEADER(&out, "\x4a\x03\x2a\x01s"), OYEZ_OK);
    assert_null(out.session_id);
    // Nor does a number lead out of the table.
    assert_int_equal(DECODE_HEADER(&out, "\x7a\x09\xfa\xff\xff\xff\x0f\x00\x22\x01t"), OYEZ_OK);
    assert_null(out.traceparent);
}

static void test_header_fields_come_in_any_order(void **state)
{
    (void)state;
    struct oyez_event out;
    assert_int_equal(DECODE_HEADER(&out, "\x82\x01\x01z\x4a\x06\x22\x01s\x0a\x01p\x12\x01t"),
                     OYEZ_OK);
    assert_string_equal(out.traceparent, "z");
    assert_string_equal(out.state, "s");
    assert_string_equal(out.plan_id, "p");
    assert_string_equal(out.event_type, "t");
}

static void test_a_header_field_of_another_form_is_malformed(void **state)
{
    (void)state;
    struct oyez_event out;
    assert_int_equal(DECODE_HEADER(&out, "\x0a\x02id"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x08\x02"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x10\x02"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x18\x02"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x40\x02"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x72\x03\x1a\x01v"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x88\x01\x02"), OYEZ_ERR_MALFORMED);
    // Groups, number 0, a tag and a varint beyond their bits, a length beyond the end.
    assert_int_equal(DECODE_HEADER(&out, "\x93\x01\x94\x01"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x02\x01z"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\xfa\xff\xff\xff\x7f\x00"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x90\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
                     OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE_HEADER(&out, "\x90\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
                     OYEZ_OK);
    assert_int_equal(DECODE_HEADER(&out, "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01z"),
                     OYEZ_ERR_MALFORMED);
}

static void test_nothing_unknown_or_repeated_stands_beside_header_and_details(void **state)
{
    (void)state;
    static const char *const twice[] = {"\x0a\x01\x01", "\x12\x01\x01", "\x18\x01", "\x22\x01\x01",
                                        "\x2a\x01\x01"};
    static const char *const names[] = {"header", "details", "details_format", "salt", "signature"};
    for (size_t i = 0; i < 5; i++) {
        uint8_t bytes[8];
        size_t size = strlen(twice[i]);
        memcpy(bytes, twice[i], size);
        memcpy(bytes + size, twice[i], size);
        struct oyez_event_parts parts;
        assert_int_equal(oyez_event_split(&parts, bytes, size), OYEZ_OK);
        assert_int_equal(oyez_event_split(&parts, bytes, 2 * size), OYEZ_ERR_MALFORMED);
        assert_non_null(strstr(oyez_error_detail(), names[i]));
    }
    struct oyez_event out;
    assert_int_equal(DECODE(&out, "\x30\x01"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE(&out, "\x12\x01x\xfa\x01\x00"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE(&out, "\x08\x01"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE(&out, "\x1a\x01\x01"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE(&out, "\x18\x00"), OYEZ_ERR_MALFORMED);
    assert_int_equal(DECODE(&out, "\x18\x03"), OYEZ_ERR_MALFORMED);
}

static void test_empty_details_are_absent(void **state)
{
    (void)state;
    struct oyez_event out;
    assert_int_equal(DECODE(&out, "\x12\x00\x2a\x00"), OYEZ_OK);
    assert_null(out.details);
    assert_int_equal(out.details_size, 0);
    assert_null(out.signature);
    assert_int_equal(DECODE(&out, ""), OYEZ_OK);
    assert_null(out.event_type);
}

static void test_a_salt_has_sixteen_bytes(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 17; size++) {
        uint8_t bytes[32];
        uint8_t *end = wire_write_bytes_field(bytes, 4, details_room, size);
        struct oyez_event out;
        assert_int_equal(decode(&out, bytes, (size_t)(end - bytes)),
                         size == OYEZ_SALT_SIZE ? OYEZ_OK : OYEZ_ERR_MALFORMED);
    }
}

static void test_the_largest_header_is_decoded_and_one_byte_more_is_too_large(void **state)
{
    (void)state;
    static char text[OYEZ_HEADER_SIZE_MAX];
    memset(text, 'x', sizeof text);
    for (size_t size = OYEZ_HEADER_SIZE_MAX; size <= OYEZ_HEADER_SIZE_MAX + 1; size++) {
        text[size - 3] = '\0';
        const struct oyez_event event = {.event_type = text};
        size_t header_size;
        (void)oyez_event_measure(&event, &header_size);
        assert_int_equal(header_size, size);
        struct oyez_event out;
        oyez_err err = decode(&out, encoded, encode(&event));
        assert_int_equal(err, size > OYEZ_HEADER_SIZE_MAX ? OYEZ_ERR_TOO_LARGE : OYEZ_OK);
        if (!err)
            assert_string_equal(out.event_type, text);
        text[size - 3] = 'x';
    }
}

static void test_32_tags_are_decoded_and_33_are_too_large(void **state)
{
    (void)state;
    static const uint8_t tag[] = {0x8a, 0x01, 0x06, 0x0a, 0x01, 'k', 0x12, 0x01, 'v'};
    uint8_t header[33 * sizeof tag];
    for (size_t i = 0; i < 33; i++)
        memcpy(header + i * sizeof tag, tag, sizeof tag);
    struct oyez_event out;
    assert_int_equal(decode_header(&out, header, 32 * sizeof tag), OYEZ_OK);
    assert_string_equal(out.tags[31].key, "k");
    assert_string_equal(out.tags[31].value, "v");
    assert_int_equal(decode_header(&out, header, sizeof header), OYEZ_ERR_TOO_LARGE);
}

static void test_details_and_signature_have_their_limits(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(1, OYEZ_DETAILS_SIZE_MAX + 16);
    uint8_t *content = calloc(1, OYEZ_DETAILS_SIZE_MAX + 1);
    assert_non_null(bytes);
    assert_non_null(content);
    for (size_t over = 0; over <= 1; over++) {
        struct oyez_event out;
        uint8_t *end = wire_write_bytes_field(bytes, 2, content, OYEZ_DETAILS_SIZE_MAX + over);
        assert_int_equal(decode(&out, bytes, (size_t)(end - bytes)),
                         over ? OYEZ_ERR_TOO_LARGE : OYEZ_OK);
        end = wire_write_bytes_field(bytes, 5, content, OYEZ_SIGNATURE_SIZE_MAX + over);
        assert_int_equal(decode(&out, bytes, (size_t)(end - bytes)),
                         over ? OYEZ_ERR_TOO_LARGE : OYEZ_OK);
    }
    free(content);
    free(bytes);
}

static void test_random_damage_never_leads_out_of_an_event(void **state)
{
    (void)state;
    seed_random(4711);
    const struct oyez_event event = full_event();
    size_t size = encode(&event);
    static uint8_t damaged[1024];
    assert_true(size < sizeof damaged);
    for (int i = 0; i < 20000; i++) {
        memcpy(damaged, encoded, size);
        for (size_t n = 1 + random_below(3); n > 0; n--)
            damaged[random_below(size)] = (uint8_t)next_random();
        struct oyez_event out;
        oyez_err err = decode(&out, damaged, size);
        assert_true(err == OYEZ_OK || err == OYEZ_ERR_MALFORMED || err == OYEZ_ERR_TOO_LARGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_cut_anywhere_never_leads_out_of_it),
        cmocka_unit_test(test_a_header_cut_anywhere_never_leads_out_of_it),
        cmocka_unit_test(test_text_that_is_not_utf8_is_malformed),
        cmocka_unit_test(test_a_nul_inside_a_text_is_malformed),
        cmocka_unit_test(test_a_repeated_header_field_is_malformed),
        cmocka_unit_test(test_a_repeated_submessage_is_malformed),
        cmocka_unit_test(test_a_tag_has_one_key_and_one_value),
        cmocka_unit_test(test_unknown_header_fields_are_skipped),
        cmocka_unit_test(test_header_fields_come_in_any_order),
        cmocka_unit_test(test_a_header_field_of_another_form_is_malformed),
        cmocka_unit_test(test_nothing_unknown_or_repeated_stands_beside_header_and_details),
        cmocka_unit_test(test_empty_details_are_absent),
        cmocka_unit_test(test_a_salt_has_sixteen_bytes),
        cmocka_unit_test(test_the_largest_header_is_decoded_and_one_byte_more_is_too_large),
        cmocka_unit_test(test_32_tags_are_decoded_and_33_are_too_large),
        cmocka_unit_test(test_details_and_signature_have_their_limits),
        cmocka_unit_test(test_random_damage_never_leads_out_of_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

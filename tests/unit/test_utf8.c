// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "wire/envelope.h"

// Bytes of one code point as RFC 3629 writes it: the other way round than the code under test.
static size_t write_character(uint32_t point, uint8_t out[4])
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, point >>= 6)
        out[i] = (uint8_t)(0x80 | (point & 0x3f));
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(lead[size] | point);
    return size;
}

static void test_every_character_but_nul_and_surrogates_is_valid(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x110000; point++) {
        uint8_t text[4];
        size_t size = write_character(point, text);
        bool expected = point != 0 && (point < 0xd800 || point > 0xdfff);
        if (oyez_utf8_is_valid(text, size) != expected)
            fail_msg("U+%04X", point);
    }
}

// Whatever is valid must be what some code points give: counted over all sequences of a length.
static size_t count_valid(size_t size)
{
    size_t count = 0;
    uint8_t text[3];
    uint32_t end = UINT32_C(1) << (8 * size);
    for (uint32_t n = 0; n < end; n++) {
        for (size_t i = 0; i < size; i++)
            text[i] = (uint8_t)(n >> (8 * i));
        count += oyez_utf8_is_valid(text, size);
    }
    return count;
}

static void test_no_other_sequence_of_up_to_three_bytes_is_valid(void **state)
{
    (void)state;
    const size_t one = 0x7f;
    const size_t two = 0x800 - 0x80;
    const size_t three = 0x10000 - 0x800 - 0x800; // without surrogates
    assert_int_equal(count_valid(1), one);
    assert_int_equal(count_valid(2), one * one + two);
    assert_int_equal(count_valid(3), one * one * one + 2 * one * two + three);
}

static void test_no_other_sequence_of_four_bytes_is_valid(void **state)
{
    (void)state;
    size_t count = 0;
    // The last two bytes stand for all: only their kind matters.
    static const uint8_t kinds[] = {0x00, 0x01, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
    const size_t count_of_kinds = sizeof kinds;
    for (unsigned first = 0xf0; first <= 0xff; first++) {
        for (unsigned second = 0; second <= 0xff; second++) {
            for (size_t i = 0; i < count_of_kinds * count_of_kinds; i++) {
                uint8_t text[] = {(uint8_t)first, (uint8_t)second, kinds[i / count_of_kinds],
                                  kinds[i % count_of_kinds]};
                count += oyez_utf8_is_valid(text, sizeof text);
            }
        }
    }
    // 0x100000 characters, 64 * 64 for each pair of first bytes, of which four are tried.
    assert_int_equal(count, 0x100000 / 4096 * 4);
}

static void test_a_wrong_byte_is_found_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        for (size_t at = 0; at < size; at++) {
            char text[40];
            memset(text, 'a', sizeof text);
            assert_true(oyez_utf8_is_valid(text, size));
            text[at] = '\0';
            assert_false(oyez_utf8_is_valid(text, size));
            text[at] = (char)0x80;
            assert_false(oyez_utf8_is_valid(text, size));
            text[at] = (char)0xff;
            assert_false(oyez_utf8_is_valid(text, size));
            text[at] = (char)0xc3; // begins a character that the next byte does not go on with
            assert_false(oyez_utf8_is_valid(text, size));
            text[at] = 0x7f;
            assert_true(oyez_utf8_is_valid(text, size));
        }
    }
}

static void test_characters_mix_with_plain_text_at_every_place(void **state)
{
    (void)state;
    static const char *const characters[] = {"é", "€", "😀"};
    for (size_t c = 0; c < 3; c++) {
        size_t size = strlen(characters[c]);
        for (size_t at = 0; at < 20; at++) {
            char text[32];
            memset(text, 'a', sizeof text);
            memcpy(text + at, characters[c], size);
            assert_true(oyez_utf8_is_valid(text, sizeof text));
            assert_true(oyez_utf8_is_valid(text, at + size));
            assert_false(oyez_utf8_is_valid(text, at + size - 1));
            assert_false(oyez_utf8_is_valid(text + at + 1, size));
        }
    }
}

static void test_empty_text_is_valid(void **state)
{
    (void)state;
    assert_true(oyez_utf8_is_valid("", 0));
    assert_true(oyez_utf8_is_valid(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character_but_nul_and_surrogates_is_valid),
        cmocka_unit_test(test_no_other_sequence_of_up_to_three_bytes_is_valid),
        cmocka_unit_test(test_no_other_sequence_of_four_bytes_is_valid),
        cmocka_unit_test(test_a_wrong_byte_is_found_wherever_it_stands),
        cmocka_unit_test(test_characters_mix_with_plain_text_at_every_place),
        cmocka_unit_test(test_empty_text_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "schema/characters.h"

static const struct {
    const char *text;
    size_t size;
    size_t count; // SIZE_MAX = not UTF-8
} texts[] = {
    {"", 0, 0},
    {"a", 1, 1},
    {"a\0b", 3, 3},
    {"caf\xc3\xa9", 5, 4},
    {"\xc2\x80", 2, 1},
    {"\xdf\xbf", 2, 1},
    {"\xe0\xa0\x80", 3, 1},
    {"\xed\x9f\xbf", 3, 1},
    {"\xee\x80\x80", 3, 1},
    {"\xef\xbf\xbf", 3, 1},
    {"\xf0\x90\x80\x80", 4, 1},
    {"\xf4\x8f\xbf\xbf", 4, 1},
    {"12345678\xe2\x82\xac", 11, 9},
    {"1234567\xe2\x82\xac", 10, 8},
    {"12345678901234567", 17, 17},
    // Overlong forms, surrogates, beyond U+10FFFF.
    {"\xc0\x80", 2, SIZE_MAX},
    {"\xc1\xbf", 2, SIZE_MAX},
    {"\xe0\x9f\xbf", 3, SIZE_MAX},
    {"\xf0\x8f\xbf\xbf", 4, SIZE_MAX},
    {"\xed\xa0\x80", 3, SIZE_MAX},
    {"\xed\xbf\xbf", 3, SIZE_MAX},
    {"\xf4\x90\x80\x80", 4, SIZE_MAX},
    {"\xf5\x80\x80\x80", 4, SIZE_MAX},
    {"\xff", 1, SIZE_MAX},
    // What lacks its beginning or its end.
    {"\x80", 1, SIZE_MAX},
    {"12345678\x80", 9, SIZE_MAX},
    {"\xc3", 1, SIZE_MAX},
    {"\xe2\x82", 2, SIZE_MAX},
    {"\xf0\x9f\x98", 3, SIZE_MAX},
    {"\xc3\x28", 2, SIZE_MAX},
    {"\xe2\x28\xa1", 3, SIZE_MAX},
    {"\xe2\x82\x28", 3, SIZE_MAX},
    {"\xf0\x9f\x98\x28", 4, SIZE_MAX},
};

static void test_characters_of_utf8_are_counted_and_all_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        // Of exactly its size, so that a sanitizer sees a step beyond.
        char *copy = malloc(texts[i].size > 0 ? texts[i].size : 1);
        assert_non_null(copy);
        memcpy(copy, texts[i].text, texts[i].size);
        size_t count = 77;
        bool sound = characters_count(copy, texts[i].size, &count);
        free(copy);
        if (sound != (texts[i].count != SIZE_MAX) || (sound && count != texts[i].count))
            fail_msg("text %zu: %d, %zu characters", i, sound, count);
    }
}

static size_t encode(uint32_t code, char out[4])
{
    if (code < 0x80)
        return out[0] = (char)code, 1;
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        return out[1] = (char)(0x80 | (code & 0x3f)), 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        return out[2] = (char)(0x80 | (code & 0x3f)), 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    return out[3] = (char)(0x80 | (code & 0x3f)), 4;
}

static void test_every_character_is_read_as_its_code(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x110000; code++) {
        char bytes[4];
        uint32_t read = 0;
        size_t size = encode(code, bytes);
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        size_t step = characters_next(bytes, size, &read);
        if (step != (surrogate ? 0 : size) || (!surrogate && read != code))
            fail_msg("U+%04X: %zu bytes, U+%04X", code, step, read);
        if (size > 1 && characters_next(bytes, size - 1, &read) != 0)
            fail_msg("U+%04X without its last byte", code);
    }
    uint32_t code;
    assert_int_equal(characters_next("", 0, &code), 0);
}

static void expect_print(const char *text, size_t size, size_t room, size_t max, const char *wanted)
{
    char *out = malloc(room > 0 ? room : 1);
    assert_non_null(out);
    size_t written = characters_print(out, room, max, text, size);
    assert_int_equal(written, strlen(wanted));
    assert_string_equal(out, wanted);
    free(out);
}

static void test_what_is_shown_is_cut_between_characters(void **state)
{
    (void)state;
    expect_print("", 0, 20, 9, "");
    expect_print("abc", 3, 20, 3, "abc");
    expect_print("abcd", 4, 20, 3, "abc…");
    expect_print("äöü", 6, 20, 2, "äö…");
    expect_print("abc", 3, 20, 0, "…");
    // Room for the mark and the NUL is kept.
    expect_print("abcdefgh", 8, 8, SIZE_MAX, "abcd…");
    expect_print("äöüß", 8, 8, SIZE_MAX, "äö…");
    expect_print("😀😀", 8, 8, SIZE_MAX, "😀…");
    expect_print("abc", 3, 4, SIZE_MAX, "…");
    expect_print("abc", 3, 3, SIZE_MAX, "");
    expect_print("abc", 3, 1, SIZE_MAX, "");
    assert_int_equal(characters_print(NULL, 0, 9, "abc", 3), 0);
}

static void test_no_room_is_overrun_by_any_text(void **state)
{
    (void)state;
    static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff\x1b";
    for (size_t size = 0; size < sizeof text; size++) {
        for (size_t room = 1; room < 24; room++) {
            char *out = malloc(room);
            assert_non_null(out);
            size_t written = characters_print(out, room, SIZE_MAX, text, size);
            size_t count;
            assert_true(written < room);
            assert_int_equal(out[written], 0);
            assert_true(characters_count(out, written, &count));
            free(out);
        }
    }
}

static void test_what_a_terminal_must_not_get_is_a_question_mark(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "\x01",   "\x1b",   "\n",     "\x7f",   "\xc2\x85", "\xc2\x9b", "\u061c",
        "\u200b", "\u200f", "\u2028", "\u2029", "\u202a",   "\u202e",   "\u2060",
        "\u2066", "\u2069", "\ufeff", "\xff",   "\x80",     "\xc3",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        expect_print(refused[i], strlen(refused[i]), 20, 9, "?");
    expect_print("\0", 1, 20, 9, "?");
    expect_print("\xed\xa0\x80", 3, 20, 9, "???");
    static const char *const shown[] = {" ", "~", "\xc2\xa0", "\u2010", "\u2030", "\u2070", "😀"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        expect_print(shown[i], strlen(shown[i]), 20, 9, shown[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_of_utf8_are_counted_and_all_else_is_refused),
        cmocka_unit_test(test_every_character_is_read_as_its_code),
        cmocka_unit_test(test_what_is_shown_is_cut_between_characters),
        cmocka_unit_test(test_no_room_is_overrun_by_any_text),
        cmocka_unit_test(test_what_a_terminal_must_not_get_is_a_question_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

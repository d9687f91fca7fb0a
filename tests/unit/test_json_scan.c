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

#include "json_scan.h"

static bool accepts(const char *text, size_t size)
{
    struct oyez_json_fault fault;
    return oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault);
}

static void expect_fault(const char *text, size_t size, const char *rule, size_t byte)
{
    struct oyez_json_fault fault;
    assert_false(oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault));
    assert_string_equal(fault.rule, rule);
    assert_int_equal(fault.byte, byte);
}

// jansson's opinion. Its depth limit is far away; ours is in a test of its own.
static bool jansson_accepts(const char *text, size_t size)
{
    json_error_t error;
    json_t *value =
        json_loadb(text, size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
    bool object = json_is_object(value);
    json_decref(value);
    return object;
}

static size_t count_depth(const char *text, size_t size)
{
    size_t brackets = 0;
    for (size_t i = 0; i < size; i++)
        brackets += text[i] == '{' || text[i] == '[';
    return brackets;
}

static void compare(const char *text, size_t size)
{
    if (count_depth(text, size) > OYEZ_JSON_DEPTH_MAX)
        return;
    // jansson 2.14 loses a NUL that stands behind a number or literal.
    if (memchr(text, 0, size)) {
        assert_false(accepts(text, size));
        return;
    }
    // A copy of its exact size, so that a sanitizer sees a read behind the end.
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    bool expected = jansson_accepts(copy, size);
    if (accepts(copy, size) != expected)
        fail_msg("jansson %s: %.*s", expected ? "accepts" : "refuses", (int)size, text);
    free(copy);
}

static const char *const pieces[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"a\":",
    "1",
    "-",
    "0",
    "01",
    "1.5",
    "1e5",
    "1E+05",
    "1e400",
    "-1e400",
    "1e308",
    "2e308",
    "0e999",
    "1.",
    ".5",
    "+1",
    "true",
    "false",
    "null",
    "nul",
    "NaN",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\\ud83d\\ude00",
    "\\uD83D\\u0041",
    "\\ud83d\\ue000",
    "\\n",
    "\\x",
    "\\u12g4",
    "\\",
    "\"\\u0041\"",
    " ",
    "\n",
    "\t",
    "\r",
    "\f",
    "\x01",
    "\x7f",
    "\xc3\xa9",
    "\xc3",
    "\xe2\x82\xac",
    "\xed\xa0\x80",
    "\xf0\x9f\x98\x80",
    "\xf4\x90\x80\x80",
    "\xc0\x80",
    "\xff",
    "{\"k\":",
    "\"\\u0000\":",
    "{}",
    "[]",
    "[1,2]",
    "{\"k\":[{}]}",
    "\"k\":1",
    "123456789012345678901234567890",
    "179769313486231580793e289",
    "17976931348623157e292",
    "0.00000000000000000000000001e330",
    "1e99999999999999999999",
    "1e-99999999999999999999",
};

static uint64_t random_state = 1;

static unsigned pick(unsigned bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % bound;
}

// Appends a value that is JSON; no deeper than `depth`.
static void make_value(char *out, size_t *size, unsigned depth)
{
    static const char *const scalars[] = {"0",     "-12.5e-3", "true",
                                          "null",  "\"x\"",    "1e30",
                                          "false", "\"\"",     "\"\\u00e9\\n\xc3\xa9\""};
    unsigned kind = depth == 0 ? 2 : pick(4);
    if (kind >= 2 || *size > 3000) {
        *size += (size_t)sprintf(out + *size, "%s", scalars[pick(9)]);
        return;
    }
    unsigned members = pick(4);
    out[(*size)++] = kind ? '{' : '[';
    for (unsigned i = 0; i < members; i++) {
        *size += (size_t)sprintf(out + *size, "%s", i ? ", " : "");
        if (kind)
            *size += (size_t)sprintf(out + *size, "\"k%u\" :", i);
        make_value(out, size, depth - 1);
    }
    out[(*size)++] = kind ? '}' : ']';
}

static void test_it_agrees_with_jansson_on_random_pieces(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        char text[1024] = "{";
        size_t size = pick(8) ? 1 : 0;
        unsigned count = pick(9);
        for (unsigned i = 0; i < count; i++) {
            const char *piece = pieces[pick(sizeof pieces / sizeof *pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        if (pick(2))
            text[size++] = '}';
        compare(text, size);
    }
}

static void test_it_agrees_with_jansson_on_every_single_value(void **state)
{
    (void)state;
    char text[128];
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        compare(text, (size_t)snprintf(text, sizeof text, "{\"a\":%s}", pieces[i]));
        compare(text, (size_t)snprintf(text, sizeof text, "{\"a\":[%s, 1]}", pieces[i]));
        compare(text, (size_t)snprintf(text, sizeof text, "{\"a\":\"%s\"}", pieces[i]));
        compare(text, (size_t)snprintf(text, sizeof text, "{\"%s\":1}", pieces[i]));
        compare(text, (size_t)snprintf(text, sizeof text, "{%s:1}", pieces[i]));
    }
}

static void test_it_agrees_with_jansson_on_mutated_objects(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char text[8192] = "{\"a\":";
        size_t size = 5;
        make_value(text, &size, 6);
        text[size++] = '}';
        if (!accepts(text, size) && count_depth(text, size) <= OYEZ_JSON_DEPTH_MAX)
            fail_msg("refused: %.*s", (int)size, text);
        for (unsigned mutations = pick(4); mutations > 0; mutations--) {
            size_t at = pick((unsigned)size);
            if (pick(2))
                text[at] = (char)pick(256);
            else
                text[at] = "{}[],:\"\\ue-.0 "[pick(14)];
        }
        compare(text, size);
        compare(text, pick((unsigned)size + 1));
    }
}

static void test_faults_name_their_rule_and_byte(void **state)
{
    (void)state;
    expect_fault("", 0, "not a JSON object", 1);
    expect_fault("[1]", 3, "not a JSON object", 1);
    expect_fault("{\"a\":1}x", 8, "not a JSON object", 8);
    expect_fault("{\"a\":1", 6, "not a JSON object", 7);
    expect_fault("{\"a\":\"\xff\"}", 9, "not UTF-8", 7);
    expect_fault("{\"a\":\"\n\"}", 9, "a control character in a string", 7);
    expect_fault("{\"a\":\"\\udc00\"}", 14, "half a surrogate pair", 7);
    expect_fault("{\"\\u0000\":1}", 12, "a NUL in a key", 3);
    expect_fault("{\"a\":-1e999}", 12, "a number too large for a double", 6);
}

static size_t nest(char *text, size_t levels)
{
    size_t size = 0;
    for (size_t i = 0; i < levels; i++)
        size += (size_t)sprintf(text + size, i % 2 ? "[" : "{\"a\":");
    text[size++] = '1';
    for (size_t i = levels; i-- > 0;)
        text[size++] = i % 2 ? ']' : '}';
    return size;
}

static void test_sixty_four_levels_are_well_and_one_more_is_not(void **state)
{
    (void)state;
    char text[1024];
    struct oyez_json_fault fault;
    assert_true(accepts(text, nest(text, 64)));
    size_t size = nest(text, 65);
    assert_false(oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault));
    assert_string_equal(fault.rule, "objects and arrays nested too deeply");
    assert_true(oyez_json_scan(text, size, OYEZ_JSON_EVENT_DEPTH_MAX, &fault));
    // An empty one is a level too.
    assert_false(oyez_json_scan("{\"a\":{}}", 8, 1, &fault));
}

static void test_a_million_brackets_need_no_stack(void **state)
{
    (void)state;
    size_t size = 1000000;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '[', size);
    memcpy(text, "{\"a\":", 5);
    assert_false(accepts(text, size));
    free(text);
}

static void test_duplicate_keys_pass(void **state)
{
    (void)state;
    assert_true(accepts("{\"a\":1,\"a\":2}", 13));
}

static void test_numbers_of_any_length_pass_until_they_are_infinite(void **state)
{
    (void)state;
    char text[2048];
    for (int digits = 1; digits < 1000; digits++) {
        int size = sprintf(text, "{\"a\":1%0*d}", digits - 1 ? digits - 1 : 1, 0);
        compare(text, (size_t)size);
        size = sprintf(text, "{\"a\":0.%0*d1e%d}", digits, 0, digits + 300);
        compare(text, (size_t)size);
        size = sprintf(text, "{\"a\":-1%0*d.5E-%d}", digits, 0, digits / 2);
        compare(text, (size_t)size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_agrees_with_jansson_on_random_pieces),
        cmocka_unit_test(test_it_agrees_with_jansson_on_every_single_value),
        cmocka_unit_test(test_it_agrees_with_jansson_on_mutated_objects),
        cmocka_unit_test(test_faults_name_their_rule_and_byte),
        cmocka_unit_test(test_sixty_four_levels_are_well_and_one_more_is_not),
        cmocka_unit_test(test_a_million_brackets_need_no_stack),
        cmocka_unit_test(test_duplicate_keys_pass),
        cmocka_unit_test(test_numbers_of_any_length_pass_until_they_are_infinite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

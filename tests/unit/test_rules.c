// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "schema/violation.h"

static struct violation violation;
static struct plan_field field;
static struct violation_step step;

static void rule(struct plan_rules rules)
{
    if (!rules.has_max_length)
        rules.max_length = UINT32_MAX;
    field = (struct plan_field){.name = {"f", 1}, .kind = PLAN_STRING, .rules = rules};
    step = (struct violation_step){.field = &field, .element = SIZE_MAX};
}

static void begin(void)
{
    violation.wrong = violation.missing = false;
    violation.deprecated = NULL;
}

// `wanted` NULL: nothing is wrong; else the rule, behind the value.
static void expect(bool sound, const char *wanted)
{
    char told[400] = "";
    if (violation.wrong)
        snprintf(told, sizeof told, "%s %s", violation.value, violation.rule);
    if (sound != (wanted == NULL) || violation.wrong == sound)
        fail_msg("%s: \"%s\"", sound ? "passes" : "is refused", told);
    if (wanted != NULL) {
        assert_string_equal(told, wanted);
        assert_string_equal(violation.path, "details.f");
    }
}

static void text(const char *value, const char *wanted)
{
    size_t size = strlen(value);
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, value, size);
    begin();
    expect(rules_check_text(&step, copy, size, &violation), wanted);
    free(copy);
}

static void number(double value, const char *wanted)
{
    begin();
    expect(rules_check_number(&step, value, &violation), wanted);
}

static void integer(int64_t value, const char *wanted)
{
    begin();
    expect(rules_check_integer(&step, value, false, &violation), wanted);
}

static void natural(uint64_t value, const char *wanted)
{
    begin();
    expect(rules_check_integer(&step, (int64_t)value, true, &violation), wanted);
}

static void test_without_rules_all_values_pass(void **state)
{
    (void)state;
    rule((struct plan_rules){0});
    text("", NULL);
    text("\xff", NULL);
    number((double)NAN, NULL);
    integer(INT64_MIN, NULL);
    natural(UINT64_MAX, NULL);
    begin();
    expect(rules_check_bytes(&step, 0, &violation), NULL);
    expect(rules_check_count(&step, SIZE_MAX, &violation), NULL);
}

static void test_lengths_of_texts_are_in_characters(void **state)
{
    (void)state;
    rule((struct plan_rules){.min_length = 2, .has_max_length = true, .max_length = 3});
    text("ab", NULL);
    text("äöü", NULL);
    text("😀😀😀", NULL);
    text("", "\"\" is shorter than 2 characters");
    text("ä", "ä is shorter than 2 characters");
    text("😀", "😀 is shorter than 2 characters");
    text("abcd", "abcd is longer than 3 characters");
    text("äöüß", "äöüß is longer than 3 characters");
    rule((struct plan_rules){.has_max_length = true, .max_length = 0});
    text("", NULL);
    text("a", "a is longer than 0 characters");
    rule((struct plan_rules){.min_length = 1});
    text("\xc3", "? is not UTF-8");
}

static void test_lengths_of_bytes_and_lists_are_told_as_such(void **state)
{
    (void)state;
    rule((struct plan_rules){.min_length = 2, .has_max_length = true, .max_length = 3});
    static const struct {
        size_t count;
        const char *bytes;
        const char *list;
    } counts[] = {{1, " has 1 bytes, fewer than 2", " has 1 elements, fewer than 2"},
                  {2, NULL, NULL},
                  {3, NULL, NULL},
                  {4, " has 4 bytes, more than 3", " has 4 elements, more than 3"}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        begin();
        expect(rules_check_bytes(&step, counts[i].count, &violation), counts[i].bytes);
        begin();
        expect(rules_check_count(&step, counts[i].count, &violation), counts[i].list);
    }
}

static void test_lengths_of_a_list_are_not_those_of_its_elements(void **state)
{
    (void)state;
    rule((struct plan_rules){.min_length = 2, .has_max_length = true, .max_length = 3});
    field.repeated = true;
    text("a", NULL);
    text("abcd", NULL);
    begin();
    expect(rules_check_bytes(&step, 99, &violation), NULL);
}

static void test_allowed_texts_are_whole_and_listed(void **state)
{
    (void)state;
    static const struct plan_text allowed[] = {{"no", 2}, {"yes", 3}, {"maybe", 5}};
    rule((struct plan_rules){.allowed = allowed, .allowed_count = 3});
    text("no", NULL);
    text("yes", NULL);
    text("maybe", NULL);
    text("", "\"\" is none of no, yes, maybe");
    text("n", "n is none of no, yes, maybe");
    text("yess", "yess is none of no, yes, maybe");
    text("YES", "YES is none of no, yes, maybe");
    text("zzzzzz", "zzzzzz is none of no, yes, maybe");
    begin();
    expect(rules_check_text(&step, "no\0", 3, &violation), "no? is none of no, yes, maybe");
}

static void test_a_list_that_is_too_long_to_show_is_counted(void **state)
{
    (void)state;
    char texts[40][16];
    struct plan_text allowed[40];
    for (size_t i = 0; i < 40; i++) {
        int size = snprintf(texts[i], sizeof texts[i], "value-%02zu", i);
        allowed[i] = (struct plan_text){texts[i], (size_t)size};
    }
    for (size_t count = 1; count <= 40; count++) {
        rule((struct plan_rules){.allowed = allowed, .allowed_count = count});
        text(texts[count - 1], NULL);
        begin();
        assert_false(rules_check_text(&step, "x", 1, &violation));
        bool listed = strstr(violation.rule, texts[count - 1]) != NULL;
        assert_true(listed == (strstr(violation.rule, "allowed values") == NULL));
        assert_true(listed || count > 10);
    }
    text("x", "x is none of the 40 allowed values");
}

static void test_what_a_stranger_allows_is_shown_printable(void **state)
{
    (void)state;
    static const struct plan_text allowed[] = {{"\xc2\x9b"
                                                "31m",
                                                5}};
    rule((struct plan_rules){.allowed = allowed, .allowed_count = 1});
    text("\x1b[2J", "?[2J is none of ?31m");
}

static void test_formats_say_what_they_want(void **state)
{
    (void)state;
    rule((struct plan_rules){.format = PLAN_FORMAT_UUID});
    text("0190d2a4-7f00-7000-8000-0123456789ab", NULL);
    text("", "\"\" is not a UUID");
    rule((struct plan_rules){.format = PLAN_FORMAT_SEMVER});
    text("1.2", "1.2 is not a semantic version");
}

static void test_indexed_texts_fit_a_tag(void **state)
{
    (void)state;
    char value[258];
    memset(value, 'x', sizeof value);
    rule((struct plan_rules){.indexed = true});
    begin();
    expect(rules_check_text(&step, value, 256, &violation), NULL);
    begin();
    assert_false(rules_check_text(&step, value, 257, &violation));
    assert_string_equal(violation.rule, "is longer than 256 bytes, and indexed");
    begin();
    expect(rules_check_text(&step, "a\0b", 3, &violation), "a?b has a NUL, and is indexed");
    text("", NULL);
}

static void test_json_texts_are_objects_or_arrays_without_repeated_keys(void **state)
{
    (void)state;
    rule((struct plan_rules){.json = true});
    text("{}", NULL);
    text(" [1, {\"a\": [ ] }]\n", NULL);
    text("{\"a\":{\"b\":1},\"b\":1}", NULL);
    text("", "\"\" is not a JSON object or array (byte 1)");
    text("1", "1 is not a JSON object or array (byte 1)");
    text("{\"a\":1,\"a\":2}", "a is a key that stands twice");
    // Either spelling may be named.
    begin();
    static const char twice[] = "\t [0,{\"x\":{\"a\":1,\"\\u0061\":2}}]";
    assert_false(rules_check_text(&step, twice, sizeof twice - 1, &violation));
    assert_string_equal(violation.rule, "is a key that stands twice");
}

static void test_white_space_between_tokens_is_no_part_of_a_json_text_s_length(void **state)
{
    (void)state;
    rule((struct plan_rules){
        .json = true, .min_length = 9, .has_max_length = true, .max_length = 10});
    text("{\"a\":\"€\"}", NULL);
    text(" { \"a\" : \"€ \" } \r\n\t", NULL);
    text("{ \"a\" : \"\" }", "{ \"a\" : \"\" } is shorter than 9 characters");
    text("{\"a\":\"\\\"  \"}", "{\"a\":\"\\\"  \"} is longer than 10 characters");
    text("{\"a\": 1", "{\"a\": 1 is not a JSON object or array (byte 8)");
    field.repeated = true;
    text("{}", NULL);
}

static void test_json_texts_are_as_deep_as_their_place_lets_them(void **state)
{
    (void)state;
    char deep[2 * OYEZ_JSON_DEPTH_MAX + 1];
    rule((struct plan_rules){.json = true});
    for (unsigned levels = 1; levels <= 3; levels++) {
        struct violation_step outer[2] = {{.field = &field, .element = SIZE_MAX},
                                          {.field = &field, .element = SIZE_MAX}};
        outer[1].parent = &outer[0];
        step.parent = levels == 1 ? NULL : &outer[levels - 2];
        for (size_t depth = OYEZ_JSON_DEPTH_MAX - levels; depth <= OYEZ_JSON_DEPTH_MAX; depth++) {
            memset(deep, '[', depth);
            memset(deep + depth, ']', depth);
            begin();
            bool sound = rules_check_text(&step, deep, 2 * depth, &violation);
            assert_int_equal(sound, depth == OYEZ_JSON_DEPTH_MAX - levels);
        }
    }
}

static void test_ranges_of_reals_include_their_ends(void **state)
{
    (void)state;
    rule((struct plan_rules){.has_min = true, .min = -0.5, .has_max = true, .max = 1.25});
    number(-0.5, NULL);
    number(1.25, NULL);
    number(-0.50000000000000011, "-0.5000000000000001 is below the minimum -0.5");
    number(1.2500000000000002, "1.2500000000000002 is above the maximum 1.25");
    number((double)INFINITY, "inf is above the maximum 1.25");
    number(-(double)INFINITY, "-inf is below the minimum -0.5");
    number((double)NAN, "nan is below the minimum -0.5");
    rule((struct plan_rules){.has_max = true, .max = 0});
    number((double)NAN, "nan is above the maximum 0");
    number(-0.0, NULL);
}

static void test_allowed_reals_are_compared_by_their_shortest_text(void **state)
{
    (void)state;
    static const struct plan_text allowed[] = {{"1", 1}, {"0.1", 3}, {"1e+30", 5}};
    rule((struct plan_rules){.allowed = allowed, .allowed_count = 3});
    number(0.1, NULL);
    number(1.0, NULL);
    number(1e30, NULL);
    number(0.10000000000000002, "0.10000000000000002 is none of 1, 0.1, 1e+30");
    number((double)NAN, "nan is none of 1, 0.1, 1e+30");
}

static void test_integers_lose_nothing_beside_a_limit(void **state)
{
    (void)state;
    rule((struct plan_rules){.has_min = true, .min = 1, .has_max = true, .max = 3});
    integer(0, "0 is below the minimum 1");
    integer(1, NULL);
    integer(3, NULL);
    integer(4, "4 is above the maximum 3");
    natural(UINT64_MAX, "18446744073709551615 is above the maximum 3");
    rule((struct plan_rules){.has_min = true, .min = -1.5, .has_max = true, .max = 1.5});
    integer(-1, NULL);
    integer(1, NULL);
    integer(-2, "-2 is below the minimum -1.5");
    integer(2, "2 is above the maximum 1.5");
    natural(0, NULL);
    natural(2, "2 is above the maximum 1.5");
    // 2^53 is a double, 2^53 + 1 is none.
    rule((struct plan_rules){.has_max = true, .max = 9007199254740992.0});
    integer(INT64_C(9007199254740992), NULL);
    integer(INT64_C(9007199254740993), "9007199254740993 is above the maximum 9007199254740992");
    natural(UINT64_C(9007199254740993), "9007199254740993 is above the maximum 9007199254740992");
}

static void test_limits_outside_of_the_integers_hold_for_all_or_none(void **state)
{
    (void)state;
    rule((struct plan_rules){.has_max = true, .max = 9223372036854775808.0});
    integer(INT64_MAX, NULL);
    natural(UINT64_C(1) << 63, NULL);
    natural((UINT64_C(1) << 63) + 1,
            "9223372036854775809 is above the maximum 9.223372036854776e+18");
    rule((struct plan_rules){.has_min = true, .min = 9223372036854775808.0});
    integer(INT64_MAX, "9223372036854775807 is below the minimum 9.223372036854776e+18");
    rule((struct plan_rules){.has_min = true, .min = -9223372036854775808.0});
    integer(INT64_MIN, NULL);
    rule((struct plan_rules){.has_max = true, .max = -1e300});
    integer(INT64_MIN, "-9223372036854775808 is above the maximum -1e+300");
    natural(0, "0 is above the maximum -1e+300");
    rule((struct plan_rules){.has_min = true, .min = 18446744073709551616.0});
    natural(UINT64_MAX, "18446744073709551615 is below the minimum 1.8446744073709552e+19");
    rule((struct plan_rules){.has_max = true, .max = (double)INFINITY});
    natural(UINT64_MAX, NULL);
    integer(INT64_MAX, NULL);
    rule((struct plan_rules){.has_max = true, .max = -0.5});
    natural(0, "0 is above the maximum -0.5");
    integer(0, "0 is above the maximum -0.5");
    integer(-1, NULL);
}

static void test_allowed_integers_are_compared_by_their_digits(void **state)
{
    (void)state;
    static const struct plan_text allowed[] = {{"7", 1}, {"-1", 2}, {"18446744073709551615", 20}};
    rule((struct plan_rules){.allowed = allowed, .allowed_count = 3});
    integer(7, NULL);
    integer(-1, NULL);
    natural(UINT64_MAX, NULL);
    natural(7, NULL);
    integer(1, "1 is none of 7, -1, 18446744073709551615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_rules_all_values_pass),
        cmocka_unit_test(test_lengths_of_texts_are_in_characters),
        cmocka_unit_test(test_lengths_of_bytes_and_lists_are_told_as_such),
        cmocka_unit_test(test_lengths_of_a_list_are_not_those_of_its_elements),
        cmocka_unit_test(test_allowed_texts_are_whole_and_listed),
        cmocka_unit_test(test_a_list_that_is_too_long_to_show_is_counted),
        cmocka_unit_test(test_what_a_stranger_allows_is_shown_printable),
        cmocka_unit_test(test_formats_say_what_they_want),
        cmocka_unit_test(test_indexed_texts_fit_a_tag),
        cmocka_unit_test(test_json_texts_are_objects_or_arrays_without_repeated_keys),
        cmocka_unit_test(test_white_space_between_tokens_is_no_part_of_a_json_text_s_length),
        cmocka_unit_test(test_json_texts_are_as_deep_as_their_place_lets_them),
        cmocka_unit_test(test_ranges_of_reals_include_their_ends),
        cmocka_unit_test(test_allowed_reals_are_compared_by_their_shortest_text),
        cmocka_unit_test(test_integers_lose_nothing_beside_a_limit),
        cmocka_unit_test(test_limits_outside_of_the_integers_hold_for_all_or_none),
        cmocka_unit_test(test_allowed_integers_are_compared_by_their_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

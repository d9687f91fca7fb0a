// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "oyez/limits.h"
#include "sample_plan.h"
#include "schema/details.h"
#include "schema/key_order.h"

static struct violation violation;

static void expect_sound(const char *text)
{
    oyez_err err = details_check_json(sample_plan(), text, strlen(text), &violation);
    if (err)
        fail_msg("%s: %s %s %s", text, violation.path, violation.value, violation.rule);
}

static void expect_wrong(const char *text, const char *path, const char *value, const char *rule)
{
    oyez_err err = details_check_json(sample_plan(), text, strlen(text), &violation);
    if (err != OYEZ_ERR_INVALID)
        fail_msg("%s is accepted", text);
    assert_true(violation.wrong);
    assert_string_equal(violation.path, path);
    assert_string_equal(violation.value, value);
    assert_string_equal(violation.rule, rule);
}

// Where two spellings of one key meet, either may be named.
static void expect_rule(const char *text, const char *rule)
{
    assert_int_equal(details_check_json(sample_plan(), text, strlen(text), &violation),
                     OYEZ_ERR_INVALID);
    assert_string_equal(violation.rule, rule);
}

static void test_every_kind_is_read_as_the_mapping_says(void **state)
{
    (void)state;
    expect_sound("{}");
    expect_sound(" { \"name\" : \"caf\\u00e9\" , \"count\" : 10 } ");
    expect_sound("{\"count\":1e1,\"big\":\"-9223372036854775808\",\"ubig\":18446744073709551615}");
    expect_sound("{\"count\":\"7.0\",\"big\":-9.223372036854775808e18,\"narrow\":4294967295}");
    expect_sound("{\"ratio\":\"NaN\",\"small\":\"-Infinity\"}");
    expect_sound("{\"ratio\":\"1.5e300\",\"small\":3.4e38,\"flag\":false,\"data\":\"_-8\"}");
    expect_sound("{\"colour\":\"RED\",\"data\":\"\"}");
    expect_sound("{\"small\":3.4028235e+38}");
    expect_sound("{\"colour\":-2,\"tags\":[],\"numbers\":[1,\"-2\",3.0]}");
    expect_sound(
        "{\"votes\":{\"\":\"\",\"a\":\"b\"},\"children\":{\"-1\":{},\"0\":{\"count\":1}}}");
    expect_sound("{\"at\":\"2026-11-20T08:42:45.123+02:00\",\"lasts\":\"-1.5s\"}");
    expect_sound("{\"extra\":{\"a\":[1,{}]},\"this\":\"\"}");
    expect_sound("{\"n\\u0061me\":\"ab\"}");
}

static void test_null_is_absent(void **state)
{
    (void)state;
    expect_sound("{\"name\":null,\"tags\":null,\"votes\":null,\"child\":null,\"extra\":null}");
    expect_sound("{\"this\":\"a\",\"that\":null}");
    expect_wrong("{\"name\":null,\"name\":\"ab\"}", "details.name", "", "stands twice");
    expect_wrong("{\"tags\":[\"a\",null]}", "details.tags[1]", "null", "is not a string");
    expect_wrong("{\"votes\":{\"a\":null}}", "details.votes[a]", "null", "is not a string");
}

static void test_wrong_kinds_are_named_with_path_and_value(void **state)
{
    (void)state;
    expect_wrong("[]", "details", "", "not a JSON object (byte 1)");
    expect_wrong("{\"name\":7}", "details.name", "7", "is not a string");
    expect_wrong("{\"flag\":\"true\"}", "details.flag", "true", "is neither true nor false");
    expect_wrong("{\"flag\":1}", "details.flag", "1", "is neither true nor false");
    expect_wrong("{\"count\":1.5}", "details.count", "1.5", "is not a whole number");
    expect_wrong("{\"count\":\"\"}", "details.count", "\"\"", "is not a whole number");
    expect_wrong("{\"count\":\"07\"}", "details.count", "07", "is not a whole number");
    expect_wrong("{\"count\":true}", "details.count", "true", "is not a whole number");
    expect_wrong("{\"ratio\":\"nan\"}", "details.ratio", "nan", "is not a number");
    expect_wrong("{\"ratio\":\"0x10\"}", "details.ratio", "0x10", "is not a number");
    expect_wrong("{\"data\":\"a\"}", "details.data", "a", "is not base64");
    expect_wrong("{\"tags\":{}}", "details.tags", "{}", "is not an array");
    expect_wrong("{\"votes\":[]}", "details.votes", "[]", "is not an object");
    expect_wrong("{\"child\":\"x\"}", "details.child", "x", "is not an object");
    expect_wrong("{\"child\":{\"child\":{\"flag\":0}}}", "details.child.child.flag", "0",
                 "is neither true nor false");
    expect_wrong("{\"children\":{\"7\":{\"tags\":[\"a\",2]}}}", "details.children[7].tags[1]", "2",
                 "is not a string");
    expect_wrong("{\"extra\":\"{}\"}", "details.extra", "{}", "is neither an object nor an array");
    expect_wrong("{\"lasts\":\"1.5\"}", "details.lasts", "1.5",
                 "is not a duration in seconds such as \"1.5s\"");
    expect_wrong("{\"colour\":\"GREEN\"}", "details.colour", "GREEN", "is no value of its enum");
    expect_wrong("{\"colour\":2}", "details.colour", "2", "is no value of its enum");
}

static void test_numbers_at_and_beyond_their_ends(void **state)
{
    (void)state;
    expect_sound("{\"big\":9223372036854775807}");
    expect_wrong("{\"big\":9223372036854775808}", "details.big", "9223372036854775808",
                 "is not in the range -9223372036854775808 to 9223372036854775807");
    expect_wrong("{\"big\":\"-9223372036854775809\"}", "details.big", "-9223372036854775809",
                 "is not in the range -9223372036854775808 to 9223372036854775807");
    expect_wrong("{\"ubig\":18446744073709551616}", "details.ubig", "18446744073709551616",
                 "is not in the range 0 to 18446744073709551615");
    expect_wrong("{\"ubig\":-1}", "details.ubig", "-1",
                 "is not in the range 0 to 18446744073709551615");
    expect_sound("{\"ubig\":-0}");
    expect_wrong("{\"narrow\":4294967296}", "details.narrow", "4294967296",
                 "is not in the range 0 to 4294967295");
    expect_wrong("{\"numbers\":[2147483648]}", "details.numbers[0]", "2147483648",
                 "is not in the range -2147483648 to 2147483647");
    expect_wrong("{\"small\":3.5e38}", "details.small", "3.5e38", "is too large for a float");
    expect_wrong("{\"ratio\":\"1e400\"}", "details.ratio", "1e400", "is too large for a double");
    expect_wrong("{\"ratio\":1e400}", "details", "", "a number too large for a double (byte 10)");
}

static void test_rules_are_asked(void **state)
{
    (void)state;
    expect_wrong("{\"count\":0}", "details.count", "0", "is below the minimum 1");
    expect_wrong("{\"name\":\"a\"}", "details.name", "a", "is shorter than 2 characters");
    expect_wrong("{\"name\":\"\\u0061\"}", "details.name", "a", "is shorter than 2 characters");
    expect_wrong("{\"name\":\"12345678901\"}", "details.name", "12345678901",
                 "is longer than 10 characters");
    expect_wrong("{\"tags\":[\"\",\"\",\"\",\"\"]}", "details.tags", "",
                 "has 4 elements, more than 3");
    expect_wrong("{\"mail\":\"nobody\"}", "details.mail", "nobody", "is not an email address");
    expect_sound("{\"mail\":\"a\\u0040b.example\"}");
}

static void test_a_long_text_with_escapes_is_judged_whole(void **state)
{
    (void)state;
    enum { LENGTH = 5000 };
    char *text = malloc(LENGTH + 64);
    assert_non_null(text);
    int at = sprintf(text, "{\"name\":\"\\n");
    memset(text + at, 'x', LENGTH);
    strcpy(text + at + LENGTH, "\"}");
    assert_int_equal(details_check_json(sample_plan(), text, strlen(text), &violation),
                     OYEZ_ERR_INVALID);
    assert_string_equal(violation.rule, "is longer than 10 characters");
    memcpy(text + 2, "mail", 4);
    assert_int_equal(details_check_json(sample_plan(), text, strlen(text), &violation),
                     OYEZ_ERR_INVALID);
    assert_string_equal(violation.rule, "is too long for its format");
    free(text);
}

static void test_unknown_and_repeated_members_are_refused(void **state)
{
    (void)state;
    expect_wrong("{\"nam\":1}", "details.nam", "", "is no field of this type");
    expect_wrong("{\"child\":{\"x\\ny\":1}}", "details.child.x\\ny", "",
                 "is no field of this type");
    expect_wrong("{\"flag\":true,\"fl\\u0061g\":true}", "details.fl\\u0061g", "", "stands twice");
    expect_wrong("{\"votes\":{\"a\":\"1\",\"b\":\"2\",\"a\":\"3\"}}", "details.votes[a]", "",
                 "stands twice");
    expect_rule("{\"votes\":{\"a\":\"1\",\"b\":\"2\",\"\\u0061\":\"3\"}}", "stands twice");
    expect_wrong("{\"this\":\"a\",\"that\":\"b\"}", "details.that", "",
                 "stands beside another field of the same choice");
    expect_wrong("{\"extra\":[{\"a\":1,\"b\":{\"c\":1,\"c\":2}}]}", "details.extra", "c",
                 "is a key that stands twice");
    expect_rule("{\"extra\":[{\"c\":1,\"\\u0063\":2}]}", "is a key that stands twice");
}

static void test_keys_of_numbers_stand_in_their_shortest_form(void **state)
{
    (void)state;
    expect_wrong("{\"children\":{\"01\":{}}}", "details.children[01]", "",
                 "has a key that is no whole number of its range");
    expect_wrong("{\"children\":{\"1.0\":{}}}", "details.children[1.0]", "",
                 "has a key that is not in its shortest form");
    expect_wrong("{\"children\":{\"-0\":{}}}", "details.children[-0]", "",
                 "has a key that is not in its shortest form");
    expect_wrong("{\"children\":{\"2147483648\":{}}}", "details.children[2147483648]", "",
                 "has a key that is no whole number of its range");
}

static void test_hostile_text_is_refused_by_the_scanner(void **state)
{
    (void)state;
    expect_wrong("{\"name\":\"\\ud800\"}", "details", "", "half a surrogate pair (byte 10)");
    expect_wrong("{\"ratio\":NaN}", "details", "", "not a JSON object (byte 10)");
    expect_wrong("{\"votes\":{\"\\u0000\":\"\"}}", "details", "", "a NUL in a key (byte 12)");
    expect_wrong("{\"name\":\"\xff\"}", "details", "", "not UTF-8 (byte 10)");
}

// Writes "{"child":" so many times, an empty object, and what closes them.
static char *nest(unsigned depth)
{
    char *text = malloc(depth * 16 + 16);
    assert_non_null(text);
    char *at = text;
    for (unsigned i = 0; i < depth; i++)
        at += sprintf(at, "{\"child\":");
    at += sprintf(at, "{}");
    for (unsigned i = 0; i < depth; i++)
        *at++ = '}';
    *at = '\0';
    return text;
}

static void test_messages_go_only_so_deep(void **state)
{
    (void)state;
    char *deep = nest(OYEZ_PLAN_DEPTH_MAX - 1);
    char *too_deep = nest(OYEZ_PLAN_DEPTH_MAX);
    char *absurd = nest(100000);
    expect_sound(deep);
    assert_int_equal(details_check_json(sample_plan(), too_deep, strlen(too_deep), &violation),
                     OYEZ_ERR_INVALID);
    assert_string_equal(violation.rule, "is nested too deeply");
    assert_int_equal(details_check_json(sample_plan(), absurd, strlen(absurd), &violation),
                     OYEZ_ERR_INVALID);
    assert_int_equal(violation.path[0], 'd');
    free(deep);
    free(too_deep);
    free(absurd);
}

static char *many_votes(unsigned count, const char *last)
{
    char *text = malloc(count * 16 + 64);
    assert_non_null(text);
    char *at = text + sprintf(text, "{\"votes\":{");
    for (unsigned i = 0; i < count; i++)
        at += sprintf(at, "\"k%u\":\"\",", i);
    sprintf(at, "\"%s\":\"\"}}", last);
    return text;
}

static void test_maps_may_be_large_but_not_boundless(void **state)
{
    (void)state;
    char *large = many_votes(OYEZ_DETAILS_KEYS_MAX - 1, "last");
    char *twice = many_votes(OYEZ_DETAILS_KEYS_MAX - 1, "k777");
    char *larger = many_votes(OYEZ_DETAILS_KEYS_MAX, "last");
    expect_sound(large);
    expect_wrong(twice, "details.votes[k777]", "", "stands twice");
    expect_wrong(larger, "details.votes", "", "has more than 16384 elements");
    free(large);
    free(twice);
    free(larger);
}

static void expect_first(const char *text, bool wrong, const char *path)
{
    assert_int_equal(details_check_json(sample_required(), text, strlen(text), &violation),
                     OYEZ_ERR_INVALID);
    assert_int_equal(violation.wrong, wrong);
    assert_string_equal(violation.path, path);
}

static void test_a_wrong_value_is_named_before_a_missing_one(void **state)
{
    (void)state;
    expect_first("{\"flag\":7}", true, "details.flag");
    expect_first("{}", false, "details.name");
    assert_string_equal(violation.rule, "is required");
    expect_first("{\"name\":\"ab\"}", false, "details.count");
    expect_first("{\"name\":\"ab\",\"count\":null}", false, "details.count");
    // Present but empty is no better than absent, where there are no other rules.
    assert_int_equal(
        details_check_json(sample_required(), "{\"name\":\"ab\",\"count\":1}", 23, &violation),
        OYEZ_OK);
}

static void test_text_that_is_too_large_is_not_looked_at(void **state)
{
    (void)state;
    assert_int_equal(details_check_json(sample_plan(), "{}", OYEZ_DETAILS_SIZE_MAX + 1, &violation),
                     OYEZ_ERR_INVALID);
    assert_string_equal(violation.rule, "are larger than 1048576 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_read_as_the_mapping_says),
        cmocka_unit_test(test_null_is_absent),
        cmocka_unit_test(test_wrong_kinds_are_named_with_path_and_value),
        cmocka_unit_test(test_numbers_at_and_beyond_their_ends),
        cmocka_unit_test(test_rules_are_asked),
        cmocka_unit_test(test_a_long_text_with_escapes_is_judged_whole),
        cmocka_unit_test(test_unknown_and_repeated_members_are_refused),
        cmocka_unit_test(test_keys_of_numbers_stand_in_their_shortest_form),
        cmocka_unit_test(test_hostile_text_is_refused_by_the_scanner),
        cmocka_unit_test(test_messages_go_only_so_deep),
        cmocka_unit_test(test_maps_may_be_large_but_not_boundless),
        cmocka_unit_test(test_a_wrong_value_is_named_before_a_missing_one),
        cmocka_unit_test(test_text_that_is_too_large_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#include "schema/json_scalar.h"

#define TOO_LARGE_INT32 "is not in the range -2147483648 to 2147483647"
#define TOO_LARGE_UINT32 "is not in the range 0 to 4294967295"
#define TOO_LARGE_INT64 "is not in the range -9223372036854775808 to 9223372036854775807"
#define TOO_LARGE_UINT64 "is not in the range 0 to 18446744073709551615"
#define NOT_WHOLE "is not a whole number"

static const struct plan_enum_value values[] = {
    {{"BLUE", 4}, -2}, {{"NONE", 4}, 0}, {{"RED", 3}, 7}};
static const uint16_t by_name[] = {2, 0, 1};
static const struct plan_enum colours = {values, 3, by_name};
static const struct plan timestamp = {.special = PLAN_TIMESTAMP};
static const struct plan duration = {.special = PLAN_DURATION};

static const char *read_as(const struct plan_field *field, const char *text,
                           struct json_scalar *out, bool as_key)
{
    // Of exactly its size, so that a sanitizer sees a step beyond.
    size_t size = strlen(text);
    char *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, text, size);
    struct oyez_json_slice slice = {copy, size};
    const char *wrong =
        as_key ? json_key_read(field, &slice, out) : json_scalar_read(field, &slice, out);
    free(copy);
    return wrong;
}

static void expect_rule(const char *text, const char *told, const char *wanted)
{
    if ((told == NULL) != (wanted == NULL) || (told != NULL && strcmp(told, wanted) != 0))
        fail_msg("%s: %s instead of %s", text, told ? told : "read", wanted ? wanted : "read");
}

static const struct {
    enum plan_kind kind;
    const char *text;
    int64_t value;
    const char *wrong;
} integers[] = {
    {PLAN_INT32, "0", 0, NULL},
    {PLAN_INT32, "-0", 0, NULL},
    {PLAN_INT32, "2147483647", INT32_MAX, NULL},
    {PLAN_INT32, "-2147483648", INT32_MIN, NULL},
    {PLAN_INT32, "\"12\"", 12, NULL},
    {PLAN_INT32, "\"1\\u0032\"", 12, NULL},
    {PLAN_INT32, "12.0", 12, NULL},
    {PLAN_INT32, "1.2e1", 12, NULL},
    {PLAN_INT32, "120E-1", 12, NULL},
    {PLAN_INT32, "2147483648", 0, TOO_LARGE_INT32},
    {PLAN_SINT32, "-2147483649", 0, TOO_LARGE_INT32},
    {PLAN_SFIXED32, "1e10", 0, TOO_LARGE_INT32},
    {PLAN_INT32, "1e99999", 0, TOO_LARGE_INT32},
    {PLAN_INT32, "0.5", 0, NOT_WHOLE},
    {PLAN_INT32, "\"\"", 0, NOT_WHOLE},
    {PLAN_INT32, "\" 1\"", 0, NOT_WHOLE},
    {PLAN_INT32, "\"1 \"", 0, NOT_WHOLE},
    {PLAN_INT32, "\"+1\"", 0, NOT_WHOLE},
    {PLAN_INT32, "\"01\"", 0, NOT_WHOLE},
    {PLAN_INT32, "\"0x1\"", 0, NOT_WHOLE},
    {PLAN_INT32, "\"1\\u0000\"", 0, NOT_WHOLE},
    {PLAN_INT32, "true", 0, NOT_WHOLE},
    {PLAN_INT32, "null", 0, NOT_WHOLE},
    {PLAN_INT32, "{}", 0, NOT_WHOLE},
    {PLAN_INT32, "[1]", 0, NOT_WHOLE},
    {PLAN_UINT32, "4294967295", UINT32_MAX, NULL},
    {PLAN_UINT32, "-0", 0, NULL},
    {PLAN_UINT32, "4294967296", 0, TOO_LARGE_UINT32},
    {PLAN_FIXED32, "-1", 0, TOO_LARGE_UINT32},
    {PLAN_INT64, "9223372036854775807", INT64_MAX, NULL},
    {PLAN_INT64, "\"-9223372036854775808\"", INT64_MIN, NULL},
    {PLAN_INT64, "9223372036854775808", 0, TOO_LARGE_INT64},
    {PLAN_SINT64, "-9223372036854775809", 0, TOO_LARGE_INT64},
    {PLAN_SFIXED64, "18446744073709551616", 0, TOO_LARGE_INT64},
    {PLAN_UINT64, "18446744073709551615", -1, NULL},
    {PLAN_UINT64, "9223372036854775808", INT64_MIN, NULL},
    {PLAN_FIXED64, "18446744073709551616", 0, TOO_LARGE_UINT64},
    {PLAN_UINT64, "-1", 0, TOO_LARGE_UINT64},
    {PLAN_BOOL, "true", 1, NULL},
    {PLAN_BOOL, "false", 0, NULL},
    {PLAN_BOOL, "1", 0, "is neither true nor false"},
    {PLAN_BOOL, "\"true\"", 0, "is neither true nor false"},
    {PLAN_BOOL, "null", 0, "is neither true nor false"},
    {PLAN_ENUM, "\"RED\"", 7, NULL},
    {PLAN_ENUM, "\"R\\u0045D\"", 7, NULL},
    {PLAN_ENUM, "-2", -2, NULL},
    {PLAN_ENUM, "7.0", 7, NULL},
    {PLAN_ENUM, "\"red\"", 0, "is no value of its enum"},
    {PLAN_ENUM, "\"7\"", 0, "is no value of its enum"},
    {PLAN_ENUM, "\"\"", 0, "is no value of its enum"},
    {PLAN_ENUM, "1", 0, "is no value of its enum"},
    {PLAN_ENUM, "4294967303", 0, "is neither a name nor a number"},
    {PLAN_ENUM, "0.5", 0, "is neither a name nor a number"},
    {PLAN_ENUM, "[]", 0, "is neither a name nor a number"},
};

static void test_integers_bools_and_enums_are_read_or_say_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        struct plan_field field = {.kind = integers[i].kind, .enumeration = &colours};
        struct json_scalar scalar;
        expect_rule(integers[i].text, read_as(&field, integers[i].text, &scalar, false),
                    integers[i].wrong);
        if (integers[i].wrong == NULL && scalar.integer != integers[i].value)
            fail_msg("%s: %lld", integers[i].text, (long long)scalar.integer);
    }
}

static const struct {
    enum plan_kind kind;
    const char *text;
    double value;
    const char *wrong;
} reals[] = {
    {PLAN_DOUBLE, "0", 0, NULL},
    {PLAN_DOUBLE, "-0", -0.0, NULL},
    {PLAN_DOUBLE, "0.1", 0.1, NULL},
    {PLAN_DOUBLE, "\"0.1\"", 0.1, NULL},
    {PLAN_DOUBLE, "1.7976931348623157e308", 1.7976931348623157e308, NULL},
    {PLAN_DOUBLE, "5e-324", 5e-324, NULL},
    {PLAN_DOUBLE, "1e-999", 0, NULL},
    {PLAN_DOUBLE, "9007199254740993", 9007199254740992.0, NULL},
    {PLAN_DOUBLE, "\"Infinity\"", HUGE_VAL, NULL},
    {PLAN_DOUBLE, "\"-Infinity\"", -HUGE_VAL, NULL},
    {PLAN_DOUBLE, "\"1e999\"", 0, "is too large for a double"},
    {PLAN_DOUBLE, "\"inf\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\"nan\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\"+Infinity\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\"0x1p3\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\"1,5\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\".5\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\"1.\"", 0, "is not a number"},
    {PLAN_DOUBLE, "\"\"", 0, "is not a number"},
    {PLAN_DOUBLE, "false", 0, "is not a number"},
    {PLAN_FLOAT, "0.1", (double)0.1f, NULL},
    {PLAN_FLOAT, "3.4028235e38", 0x1.fffffep127, NULL},
    {PLAN_FLOAT, "3.4028235677973366e38", 0, "is too large for a float"},
    {PLAN_FLOAT, "-3.5e38", 0, "is too large for a float"},
    {PLAN_FLOAT, "\"-Infinity\"", -HUGE_VAL, NULL},
    {PLAN_FLOAT, "1e-50", 0, NULL},
};

static void test_reals_are_the_nearest_of_their_kind(void **state)
{
    (void)state;
    struct json_scalar scalar;
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        struct plan_field field = {.kind = reals[i].kind};
        expect_rule(reals[i].text, read_as(&field, reals[i].text, &scalar, false), reals[i].wrong);
        if (reals[i].wrong == NULL && memcmp((const char *)&scalar.number,
                                             (const char *)&reals[i].value, sizeof(double)) != 0)
            fail_msg("%s: %.17g", reals[i].text, scalar.number);
    }
    struct plan_field field = {.kind = PLAN_FLOAT};
    assert_null(read_as(&field, "\"NaN\"", &scalar, false));
    assert_true(isnan(scalar.number));
    // Without quotes these are no JSON at all, but nobody asks here.
    assert_non_null(read_as(&field, "NaN", &scalar, false));
}

static void test_times_and_durations_are_strings(void **state)
{
    (void)state;
    struct plan_field at = {.kind = PLAN_MESSAGE, .message = &timestamp};
    struct plan_field lasts = {.kind = PLAN_MESSAGE, .message = &duration};
    struct json_scalar scalar;
    assert_null(read_as(&at, "\"1970-01-01T01:00:01.5+01:00\"", &scalar, false));
    assert_int_equal(scalar.moment.seconds, 1);
    assert_int_equal(scalar.moment.nanoseconds, 500000000);
    assert_null(read_as(&lasts, "\"-1.000000001s\"", &scalar, false));
    assert_int_equal(scalar.moment.seconds, -1);
    assert_int_equal(scalar.moment.nanoseconds, -1);
    static const char *const no_times[] = {"0", "\"\"", "\"1970-01-01\"", "null", "{}"};
    for (size_t i = 0; i < sizeof no_times / sizeof *no_times; i++) {
        assert_non_null(strstr(read_as(&at, no_times[i], &scalar, false), "RFC 3339"));
        assert_non_null(strstr(read_as(&lasts, no_times[i], &scalar, false), "duration"));
    }
    // Without its quotes it is not one either.
    assert_non_null(read_as(&lasts, "1s", &scalar, false));
}

static const struct {
    enum plan_kind kind;
    const char *text;
    int64_t value;
    const char *wrong;
} keys[] = {
    {PLAN_INT32, "\"-7\"", -7, NULL},
    {PLAN_INT32, "\"0\"", 0, NULL},
    {PLAN_INT32, "\"\\u0030\"", 0, NULL},
    {PLAN_UINT64, "\"18446744073709551615\"", -1, NULL},
    {PLAN_BOOL, "\"true\"", 1, NULL},
    {PLAN_BOOL, "\"f\\u0061lse\"", 0, NULL},
    {PLAN_BOOL, "\"True\"", 0, "has a key that is no bool"},
    {PLAN_BOOL, "\"\"", 0, "has a key that is no bool"},
    {PLAN_BOOL, "\"1\"", 0, "has a key that is no bool"},
    {PLAN_INT32, "\"-0\"", 0, "has a key that is not in its shortest form"},
    {PLAN_INT32, "\"1.0\"", 0, "has a key that is not in its shortest form"},
    {PLAN_INT32, "\"1e0\"", 0, "has a key that is not in its shortest form"},
    {PLAN_INT32, "\"1E0\"", 0, "has a key that is not in its shortest form"},
    {PLAN_INT32, "\"0e5\"", 0, "has a key that is not in its shortest form"},
    {PLAN_INT32, "\"01\"", 0, "has a key that is no whole number of its range"},
    {PLAN_INT32, "\"+1\"", 0, "has a key that is no whole number of its range"},
    {PLAN_INT32, "\"\"", 0, "has a key that is no whole number of its range"},
    {PLAN_INT32, "\"-\"", 0, "has a key that is no whole number of its range"},
    {PLAN_INT32, "\"a\"", 0, "has a key that is no whole number of its range"},
    {PLAN_INT32, "\"2147483648\"", 0, "has a key that is no whole number of its range"},
    {PLAN_FIXED32, "\"-1\"", 0, "has a key that is no whole number of its range"},
};

static void test_keys_are_written_in_one_way_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct plan_field field = {.kind = keys[i].kind};
        struct json_scalar scalar;
        expect_rule(keys[i].text, read_as(&field, keys[i].text, &scalar, true), keys[i].wrong);
        if (keys[i].wrong == NULL && scalar.integer != keys[i].value)
            fail_msg("%s: %lld", keys[i].text, (long long)scalar.integer);
    }
}

static void test_texts_with_escapes_have_a_limit_that_no_sound_one_needs(void **state)
{
    (void)state;
    char text[1100] = "\"\\u0031";
    size_t size = strlen(text);
    memset(text + size, '0', 1023);
    strcpy(text + size + 1023, "\"");
    struct plan_field field = {.kind = PLAN_DOUBLE};
    struct json_scalar scalar;
    assert_string_equal(read_as(&field, text, &scalar, false), "is too large for a double");
    strcpy(text + size + 1023, "0\"");
    assert_string_equal(read_as(&field, text, &scalar, false), "is too long");
    field.kind = PLAN_INT32;
    assert_string_equal(read_as(&field, text, &scalar, true), "is too long for a key");
}

static void test_a_kind_knows_whether_it_has_a_sign(void **state)
{
    (void)state;
    for (int kind = PLAN_DOUBLE; kind <= PLAN_MESSAGE; kind++) {
        bool is_unsigned = kind == PLAN_UINT32 || kind == PLAN_UINT64 || kind == PLAN_FIXED32 ||
                           kind == PLAN_FIXED64;
        assert_int_equal(plan_kind_is_unsigned((enum plan_kind)kind), is_unsigned);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_bools_and_enums_are_read_or_say_what_is_wrong),
        cmocka_unit_test(test_reals_are_the_nearest_of_their_kind),
        cmocka_unit_test(test_times_and_durations_are_strings),
        cmocka_unit_test(test_keys_are_written_in_one_way_only),
        cmocka_unit_test(test_texts_with_escapes_have_a_limit_that_no_sound_one_needs),
        cmocka_unit_test(test_a_kind_knows_whether_it_has_a_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "schema/format.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct sample {
    const char *text;
    bool matches;
};

static void expect(enum plan_format format, const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(samples[i].text);
        // Without a NUL behind it: slices of details have none.
        char *text = malloc(size > 0 ? size : 1);
        assert_non_null(text);
        memcpy(text, samples[i].text, size);
        if (format_matches(format, text, size) != samples[i].matches)
            fail_msg("\"%s\" is%s %s", samples[i].text, samples[i].matches ? "" : " not",
                     format_name(format));
        free(text);
    }
}

#define EXPECT(format, samples) expect(format, samples, sizeof(samples) / sizeof *(samples))

static void test_uuids_are_36_characters_of_any_case(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"0190d2a4-7f00-7000-8000-0123456789ab", true},
        {"0190D2A4-7F00-7000-8000-0123456789AB", true},
        {"00000000-0000-0000-0000-000000000000", true},
        {"", false},
        {"0190d2a4-7f00-7000-8000-0123456789a", false},
        {"0190d2a4-7f00-7000-8000-0123456789abc", false},
        {"0190d2a4-7f00-7000-8000-0123456789ag", false},
        {"0190d2a47-f00-7000-8000-0123456789ab", false},
        {"0190d2a4-7f00-7000-8000_0123456789ab", false},
        {"0190d2a4-7f00-7000-80-0-0123456789ab", false},
        {"{190d2a4-7f00-7000-8000-0123456789a}", false},
        {"0190d2a47f00700080000123456789ab", false},
    };
    EXPECT(PLAN_FORMAT_UUID, samples);
}

static void test_timestamps_are_those_of_rfc_3339(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"2026-11-20T08:42:45Z", true},       {"2026-11-20t08:42:45z", true},
        {"2026-11-20T08:42:45.1Z", true},     {"2026-11-20T08:42:45.123456789012+14:00", true},
        {"2026-11-20T08:42:45-23:59", true},  {"2016-12-31T23:59:60Z", true},
        {"2024-02-29T00:00:00Z", true},       {"2000-02-29T00:00:00Z", true},
        {"0000-01-01T00:00:00Z", true},       {"2023-02-29T00:00:00Z", false},
        {"1900-02-29T00:00:00Z", false},      {"2026-04-31T00:00:00Z", false},
        {"2026-00-01T00:00:00Z", false},      {"2026-13-01T00:00:00Z", false},
        {"2026-01-00T00:00:00Z", false},      {"2026-01-32T00:00:00Z", false},
        {"2026-11-20T24:00:00Z", false},      {"2026-11-20T08:60:00Z", false},
        {"2026-11-20T08:42:61Z", false},      {"2026-11-20 08:42:45Z", false},
        {"2026-11-20T08:42:45", false},       {"2026-11-20T08:42:45.Z", false},
        {"2026-11-20T08:42:45.", false},      {"2026-11-20T08:42:45.1", false},
        {"2026-11-20T08:42:45,1Z", false},    {"2026-11-20T08:42:45+24:00", false},
        {"2026-11-20T08:42:45+01:60", false}, {"2026-11-20T08:42:45+0100", false},
        {"2026-11-20T08:42:45+01", false},    {"2026-11-20T08:42:45Zz", false},
        {"2026-11-20T08:42Z", false},         {"2026-11-2OT08:42:45Z", false},
        {"20261120T084245Z", false},          {"", false},
    };
    EXPECT(PLAN_FORMAT_TIMESTAMP, samples);
}

static void test_email_addresses_have_one_sign_and_a_domain_with_a_dot(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"a@b.c", true},
        {"first.last+tag@sub-domain.example.com", true},
        {"!#$%&'*/=?^_`{|}~-@example.com", true},
        {"j\xc3\xb6rg@b\xc3\xbc"
         "ro.example",
         true},
        {A64 "@example.com", true},
        {"a" A64 "@example.com", false},
        {"a@b", false},
        {"a@b.", false},
        {"a@.b.c", false},
        {"a@b..c", false},
        {"a@-b.c", false},
        {"a@b-.c", false},
        {"a@b.c-", false},
        {"a@b.-c", false},
        {"a@b.c.", false},
        {"a@b_c.d", false},
        {"@b.c", false},
        {"a@", false},
        {"a", false},
        {"", false},
        {"@", false},
        {"a@@b.c", false},
        {"a@b@c.d", false},
        {".a@b.c", false},
        {"a.@b.c", false},
        {"a..b@b.c", false},
        {"a b@b.c", false},
        {"a\tb@b.c", false},
        {"\"a\"@b.c", false},
        {"<a@b.c>", false},
        {"a,b@b.c", false},
        {"a@b.c\n", false},
        {A64 "@" A64 "." A64 "." A64 "aaa", false},
    };
    EXPECT(PLAN_FORMAT_EMAIL, samples);
}

static void test_an_email_address_has_at_most_254_bytes(void **state)
{
    (void)state;
    char text[256] = "a@";
    memset(text + 2, 'b', sizeof text - 2);
    text[100] = '.';
    assert_true(format_matches(PLAN_FORMAT_EMAIL, text, 254));
    assert_false(format_matches(PLAN_FORMAT_EMAIL, text, 255));
}

static void test_versions_are_semantic(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"0.0.0", true},       {"1.2.3", true},
        {"10.20.30", true},    {"99999999999999999999.0.0", true},
        {"1.0.0-alpha", true}, {"1.0.0-alpha.1", true},
        {"1.0.0-0.3.7", true}, {"1.0.0-x-y-z.--", true},
        {"1.0.0-0a", true},    {"1.0.0+001", true},
        {"1.0.0+a-b.c", true}, {"1.0.0-a+b", true},
        {"1.0.0+b-a", true},   {"", false},
        {"1", false},          {"1.2", false},
        {"1.2.", false},       {"1.2.3.4", false},
        {"v1.2.3", false},     {"01.2.3", false},
        {"1.02.3", false},     {"1.2.03", false},
        {"1.2.3-", false},     {"1.2.3-a.", false},
        {"1.2.3-.a", false},   {"1.2.3-01", false},
        {"1.2.3-a.01", false}, {"1.2.3+", false},
        {"1.2.3+a+b", false},  {"1.2.3-a_b", false},
        {"1.2.3 ", false},     {"-1.2.3", false},
        {"1.2.3a", false},
    };
    EXPECT(PLAN_FORMAT_SEMVER, samples);
}

static void test_a_nul_is_part_of_no_format(void **state)
{
    (void)state;
    assert_false(format_matches(PLAN_FORMAT_EMAIL, "a\0b@c.d", 7));
    assert_false(format_matches(PLAN_FORMAT_EMAIL, "a@c\0.d", 6));
    assert_false(format_matches(PLAN_FORMAT_SEMVER, "1.2.3\0", 6));
    assert_false(format_matches(PLAN_FORMAT_TIMESTAMP, "2026-11-20T08:42:45Z\0", 21));
}

static void test_every_format_has_a_name_and_none_takes_all(void **state)
{
    (void)state;
    assert_true(format_matches(PLAN_FORMAT_NONE, "\xff", 1));
    static const char *const names[] = {"any text", "a UUID", "an RFC 3339 time",
                                        "an email address", "a semantic version"};
    for (int format = PLAN_FORMAT_NONE; format <= PLAN_FORMAT_SEMVER; format++)
        assert_string_equal(format_name((enum plan_format)format), names[format]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uuids_are_36_characters_of_any_case),
        cmocka_unit_test(test_timestamps_are_those_of_rfc_3339),
        cmocka_unit_test(test_email_addresses_have_one_sign_and_a_domain_with_a_dot),
        cmocka_unit_test(test_an_email_address_has_at_most_254_bytes),
        cmocka_unit_test(test_versions_are_semantic),
        cmocka_unit_test(test_a_nul_is_part_of_no_format),
        cmocka_unit_test(test_every_format_has_a_name_and_none_takes_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

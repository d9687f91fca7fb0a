// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oyez/versioning.h"

// The order of Semantic Versioning 2.0.0, section 11, and its corners: each less than the next.
static const char *const rising[] = {
    "0.0.0",
    "0.0.1-0",
    "0.0.1",
    "0.9.0",
    "0.10.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "2.0.0",
    "10.0.0",
    "99999999999999999999.0.0",
    "100000000000000000000.0.0",
};

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void test_versions_have_one_order(void **state)
{
    (void)state;
    const size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            bool valid;
            int expected = (i > k) - (i < k);
            assert_int_equal(sign(oyez_version_compare(rising[i], rising[k], &valid)), expected);
            assert_true(valid);
        }
    }
}

static void test_build_metadata_does_not_count(void **state)
{
    (void)state;
    assert_int_equal(oyez_version_compare("1.0.0+a.01", "1.0.0+b", NULL), 0);
    assert_true(oyez_version_compare("1.0.0-a+z", "1.0.0", NULL) < 0);
}

static void test_what_is_no_version_is_said_to_be_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",           "1",     "1.0",    "1.0.0.0", "01.0.0",
                                        "1.0.00",     "a.b.c", "1.0.0-", "1.0.0+",  "1.0.0-01",
                                        "1.0.0-a..b", "1..0",  "-1.0.0", "1.0.0 ",  "1.0.0-ä"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        bool valid = true;
        assert_int_equal(oyez_version_compare(wrong[i], "1.0.0", &valid), 0);
        if (valid)
            fail_msg("%s passes for a version", wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions_have_one_order),
        cmocka_unit_test(test_build_metadata_does_not_count),
        cmocka_unit_test(test_what_is_no_version_is_said_to_be_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "duration.h"

static void expect(int64_t nanoseconds, const char *expected)
{
    char text[DURATION_TEXT_SIZE];
    duration_write(text, nanoseconds);
    assert_string_equal(text, expected);
}

static void test_durations_have_the_unit_that_suits_them(void **state)
{
    (void)state;
    expect(0, "0 us");
    expect(12000, "12 us");
    expect(3400000, "3.4 ms");
    expect(INT64_C(5670000000), "5.67 s");
    expect(INT64_C(599000000000), "599.00 s");
    expect(INT64_C(720000000000), "12 min");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_have_the_unit_that_suits_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tail_from.h"

#define SECOND INT64_C(1000000000)
#define NOW (INT64_C(1763629200) * SECOND)

static struct tail_from read_good(const char *text)
{
    struct tail_from from;
    assert_int_equal(tail_from_read(&from, text, NOW), OYEZ_OK);
    return from;
}

static void test_each_form_is_known(void **state)
{
    (void)state;
    assert_int_equal(read_good("live").kind, TAIL_FROM_LIVE);
    assert_int_equal(read_good("first").kind, TAIL_FROM_FIRST);
    struct tail_from from = read_good("last:20");
    assert_int_equal(from.kind, TAIL_FROM_LAST);
    assert_int_equal(from.count, 20);
    from = read_good("1763629200000000:17");
    assert_int_equal(from.kind, TAIL_FROM_CURSOR);
    assert_int_equal(from.epoch, UINT64_C(1763629200000000));
    assert_int_equal(from.position, 17);
    from = read_good("15m");
    assert_int_equal(from.kind, TAIL_FROM_TIME);
    assert_int_equal(from.time, NOW - 900 * SECOND);
    from = read_good("2025-11-20T09:00:00Z");
    assert_int_equal(from.kind, TAIL_FROM_TIME);
    assert_int_equal(from.time, NOW);
}

static void test_anything_else_is_refused(void **state)
{
    (void)state;
    const char *const texts[] = {"",
                                 "last",
                                 "last:",
                                 "last:0",
                                 "last:x",
                                 "last:5 ",
                                 "LIVE",
                                 "1:2:3",
                                 ":5",
                                 "5:",
                                 "5",
                                 "-1:2",
                                 "1:-2",
                                 "first:3",
                                 "soon",
                                 "1: 2",
                                 "99999999999999999999999:1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tail_from from;
        assert_int_equal(tail_from_read(&from, texts[i], NOW), OYEZ_ERR_INVALID);
        assert_non_null(strstr(oyez_error_detail(), "last:N"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form_is_known),
        cmocka_unit_test(test_anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

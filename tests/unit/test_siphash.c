// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/siphash.h"

// CPython 3.11 hashes bytes with SipHash-1-3; with PYTHONHASHSEED=0 its key is zero.
static void test_it_hashes_as_an_independent_implementation_does(void **state)
{
    (void)state;
    const struct oyez_siphash_key zero = {{0, 0}};
    assert_true(oyez_siphash(&zero, "a", 1) == 0x407448d2b89b1813u);
    assert_true(oyez_siphash(&zero, "abcdefgh", 8) == 0x3f7b849c0b8e35eau);
    assert_true(oyez_siphash(&zero, "plan.created", 12) == 0x12766d3cc488df55u);
    assert_true(oyez_siphash(&zero, "ABCDEFGHIJKLMNOPQ", 17) == 0xb738ac62bf8cab50u);
}

static void test_another_key_gives_another_hash(void **state)
{
    (void)state;
    struct oyez_siphash_key one = oyez_siphash_key_make();
    struct oyez_siphash_key two = oyez_siphash_key_make();
    assert_true(oyez_siphash(&one, "plan.created", 12) != oyez_siphash(&two, "plan.created", 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_hashes_as_an_independent_implementation_does),
        cmocka_unit_test(test_another_key_gives_another_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

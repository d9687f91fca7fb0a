// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "schema/key_order.h"

static int compare_bytes(const void *base, uint32_t a, uint32_t b)
{
    const unsigned char *bytes = base;
    return (int)bytes[a] - (int)bytes[b];
}

static bool repeats(const char *text, size_t size, uint32_t *which)
{
    uint32_t keys[256];
    for (uint32_t i = 0; i < size; i++)
        keys[i] = i;
    return keys_repeat(keys, size, text, compare_bytes, which);
}

static void test_twins_are_found_wherever_they_stand(void **state)
{
    (void)state;
    unsigned char bytes[200];
    uint32_t which;
    srand(3);
    for (int round = 0; round < 2000; round++) {
        size_t size = (size_t)(rand() % 200);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (unsigned char)(i * 77);
        assert_false(repeats((const char *)bytes, size, &which));
        if (size < 2)
            continue;
        size_t a = (size_t)rand() % size;
        size_t b = (a + 1 + (size_t)rand() % (size - 1)) % size;
        bytes[a] = bytes[b];
        assert_true(repeats((const char *)bytes, size, &which));
        assert_true(which == a || which == b);
    }
}

static size_t comparisons;

static int count_comparisons(const void *base, uint32_t a, uint32_t b)
{
    comparisons++;
    return compare_bytes(base, a, b);
}

static void test_no_order_makes_it_slow(void **state)
{
    (void)state;
    static uint32_t keys[OYEZ_DETAILS_KEYS_MAX];
    static unsigned char bytes[OYEZ_DETAILS_KEYS_MAX];
    uint32_t which;
    for (uint32_t i = 0; i < OYEZ_DETAILS_KEYS_MAX; i++)
        keys[i] = i;
    assert_true(keys_repeat(keys, OYEZ_DETAILS_KEYS_MAX, bytes, count_comparisons, &which));
    assert_true(comparisons < 2 * 14 * OYEZ_DETAILS_KEYS_MAX + 2 * OYEZ_DETAILS_KEYS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twins_are_found_wherever_they_stand),
        cmocka_unit_test(test_no_order_makes_it_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

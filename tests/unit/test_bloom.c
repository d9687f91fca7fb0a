// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "oyez/bloom.h"

#define KEYS 100000u

// SplitMix64: the same numbers every time, spread evenly.
static uint64_t number(uint64_t seed)
{
    uint64_t x = seed * UINT64_C(0x9E3779B97F4A7C15);

    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static bool has(const uint8_t *filter, size_t size, uint64_t fingerprint)
{
    return oyez_bloom_block_has(filter + oyez_bloom_block(size, fingerprint), fingerprint);
}

static uint8_t *fill(size_t keys, size_t *size)
{
    *size = oyez_bloom_size(keys);
    uint8_t *filter = calloc(1, *size);

    assert_non_null(filter);
    for (size_t i = 0; i < keys; i++)
        oyez_bloom_add(filter, *size, number(i + 1));
    return filter;
}

static void test_no_key_is_denied(void **state)
{
    (void)state;
    size_t size;
    uint8_t *filter = fill(KEYS, &size);

    for (size_t i = 0; i < KEYS; i++)
        assert_true(has(filter, size, number(i + 1)));
    free(filter);
}

static void test_at_most_two_in_a_hundred_are_taken_for_keys(void **state)
{
    (void)state;
    size_t size, wrong = 0;
    uint8_t *filter = fill(KEYS, &size);

    for (size_t i = 0; i < KEYS; i++)
        wrong += has(filter, size, number(KEYS + i + 1));
    assert_in_range(wrong, 1, KEYS / 50);
    free(filter);
}

static void test_a_size_is_whole_blocks_and_ten_bits_a_key(void **state)
{
    (void)state;
    assert_int_equal(oyez_bloom_size(0), 32);
    assert_int_equal(oyez_bloom_size(1), 32);
    assert_int_equal(oyez_bloom_size(25), 32);
    assert_int_equal(oyez_bloom_size(26), 64);
    assert_int_equal(oyez_bloom_size(KEYS), 125024);
}

static void test_blocks_are_picked_by_the_upper_half(void **state)
{
    (void)state;
    assert_int_equal(oyez_bloom_block(96, 0), 0);
    assert_int_equal(oyez_bloom_block(96, UINT32_MAX), 0);
    assert_int_equal(oyez_bloom_block(96, UINT64_C(0x5555555600000000)), 32);
    assert_int_equal(oyez_bloom_block(96, UINT64_MAX), 64);
    assert_int_equal(oyez_bloom_block(32, UINT64_MAX), 0);
}

// Fixed with the format: other bits would make the files of others useless.
static void test_the_bytes_are_the_specifications(void **state)
{
    (void)state;
    uint8_t filter[64] = {0};
    static const uint8_t expected[64] = {
        0x00, 0x01, 0x04, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x02, 0x40, 0x00,
        0x00, 0x90, 0x00, 0x10, 0x40, 0x00, 0x00, 0x20, 0x00, 0x01, 0x00, 0x00, 0x10,
        0x08, 0x00, 0x00, 0x08, 0x00, 0x01, 0x10, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x20, 0x00, 0x00,
        0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x08,
    };

    oyez_bloom_add(filter, sizeof(filter), UINT64_C(0x0000000000000001));
    oyez_bloom_add(filter, sizeof(filter), UINT64_C(0x0123456789ABCDEF));
    oyez_bloom_add(filter, sizeof(filter), UINT64_C(0xFEDCBA9876543210));
    assert_memory_equal(filter, expected, sizeof(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_key_is_denied),
        cmocka_unit_test(test_at_most_two_in_a_hundred_are_taken_for_keys),
        cmocka_unit_test(test_a_size_is_whole_blocks_and_ten_bits_a_key),
        cmocka_unit_test(test_blocks_are_picked_by_the_upper_half),
        cmocka_unit_test(test_the_bytes_are_the_specifications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

#include "slots.h"

enum { MANY = 3000 };

static bool has(const struct oyez_slots *slots, uint32_t hash, uint32_t entry)
{
    size_t cursor = hash;
    uint32_t found;
    while ((found = oyez_slots_next(slots, hash, &cursor)) != OYEZ_NONE)
        if (found == entry)
            return true;
    return false;
}

static void test_an_empty_index_has_nothing(void **state)
{
    (void)state;
    struct oyez_slots slots = {0};
    assert_false(has(&slots, 1, 1));
    oyez_slots_free(&slots);
}

static void test_entries_of_one_hash_are_all_found(void **state)
{
    (void)state;
    struct oyez_slots slots = {0};
    for (uint32_t i = 0; i < 50; i++)
        assert_true(oyez_slots_insert(&slots, 7, i));
    for (uint32_t i = 0; i < 50; i++)
        assert_true(has(&slots, 7, i));
    assert_false(has(&slots, 8, 3));
    oyez_slots_free(&slots);
}

// Few hashes over few places make long runs that wrap around the end of the table.
static void test_removals_in_any_order_lose_nothing_else(void **state)
{
    (void)state;
    struct oyez_slots slots = {0};
    bool there[MANY] = {false};
    unsigned seed = 1;
    for (unsigned step = 0; step < 40000; step++) {
        uint32_t entry = (uint32_t)rand_r(&seed) % MANY;
        uint32_t hash = entry * 2654435761u % 97u * 0x0fffffffu;
        if (there[entry])
            oyez_slots_remove(&slots, hash, entry);
        else
            assert_true(oyez_slots_insert(&slots, hash, entry));
        there[entry] = !there[entry];
    }
    for (uint32_t entry = 0; entry < MANY; entry++)
        assert_int_equal(has(&slots, entry * 2654435761u % 97u * 0x0fffffffu, entry), there[entry]);
    oyez_slots_free(&slots);
}

static void test_a_table_never_fills_however_many_come_and_go(void **state)
{
    (void)state;
    struct oyez_slots slots = {0};
    for (uint32_t i = 0; i < 100000; i++) {
        assert_true(oyez_slots_insert(&slots, i, i));
        oyez_slots_remove(&slots, i, i);
    }
    assert_int_equal(slots.used, 0);
    assert_true(slots.mask < 128);
    oyez_slots_free(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_index_has_nothing),
        cmocka_unit_test(test_entries_of_one_hash_are_all_found),
        cmocka_unit_test(test_removals_in_any_order_lose_nothing_else),
        cmocka_unit_test(test_a_table_never_fills_however_many_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

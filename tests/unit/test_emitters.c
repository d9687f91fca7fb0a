// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "emitters.h"

struct id {
    uint8_t bytes[OYEZ_UUID_SIZE];
};

static struct id make_id(uint32_t number)
{
    struct id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static uint32_t add(struct oyez_emitters *emitters, uint32_t number, uint32_t session)
{
    return oyez_emitters_add(emitters, make_id(number).bytes, session);
}

static uint32_t find(struct oyez_emitters *emitters, uint32_t number)
{
    return oyez_emitters_find(emitters, make_id(number).bytes);
}

static void test_a_new_emitter_starts_at_one_on_both_lanes(void **state)
{
    (void)state;
    struct oyez_emitters emitters;
    oyez_emitters_init(&emitters, 10);
    assert_int_equal(find(&emitters, 1), OYEZ_NONE);
    uint32_t emitter = add(&emitters, 1, 7);
    assert_int_equal(find(&emitters, 1), emitter);
    assert_int_equal(emitters.entries[emitter].durable_expected, 1);
    assert_int_equal(emitters.entries[emitter].fast_expected, 1);
    assert_int_equal(emitters.entries[emitter].session, 7);
    oyez_emitters_clear(&emitters);
}

static void test_a_full_table_of_live_ones_takes_no_more(void **state)
{
    (void)state;
    struct oyez_emitters emitters;
    oyez_emitters_init(&emitters, 2);
    add(&emitters, 1, 1);
    add(&emitters, 2, 2);
    assert_int_equal(oyez_emitters_idlest(&emitters), OYEZ_NONE);
    assert_int_equal(add(&emitters, 3, 3), OYEZ_NONE);
    assert_int_not_equal(find(&emitters, 1), OYEZ_NONE);
    assert_int_not_equal(find(&emitters, 2), OYEZ_NONE);
    oyez_emitters_clear(&emitters);
}

static void test_the_one_idle_longest_goes_first(void **state)
{
    (void)state;
    struct oyez_emitters emitters;
    oyez_emitters_init(&emitters, 3);
    uint32_t one = add(&emitters, 1, 1), two = add(&emitters, 2, 2), three = add(&emitters, 3, 3);
    oyez_emitters_detach(&emitters, two);
    oyez_emitters_detach(&emitters, one);
    oyez_emitters_detach(&emitters, three);
    oyez_emitters_attach(&emitters, two, 9); // used again, so no longer the idlest
    oyez_emitters_detach(&emitters, two);
    assert_int_equal(oyez_emitters_idlest(&emitters), one);
    assert_int_equal(add(&emitters, 4, 4), one);
    assert_int_equal(find(&emitters, 1), OYEZ_NONE);
    assert_int_equal(add(&emitters, 5, 5), three);
    assert_int_equal(add(&emitters, 6, 6), two);
    assert_int_equal(add(&emitters, 7, 7), OYEZ_NONE);
    assert_int_equal(find(&emitters, 4), one);
    oyez_emitters_clear(&emitters);
}

static void test_an_idle_one_keeps_its_numbers_while_there_is_room(void **state)
{
    (void)state;
    struct oyez_emitters emitters;
    oyez_emitters_init(&emitters, 3);
    uint32_t one = add(&emitters, 1, 1);
    emitters.entries[one].durable_expected = 42;
    oyez_emitters_detach(&emitters, one);
    assert_int_equal(oyez_emitters_idlest(&emitters), OYEZ_NONE);
    add(&emitters, 2, 2);
    add(&emitters, 3, 3);
    assert_int_equal(find(&emitters, 1), one);
    assert_int_equal(emitters.entries[one].durable_expected, 42);
    oyez_emitters_clear(&emitters);
}

// The entry found last is kept at hand; once it is another's it must not be found as its old self.
static void test_an_entry_taken_over_is_not_found_by_its_old_id(void **state)
{
    (void)state;
    struct oyez_emitters emitters;
    oyez_emitters_init(&emitters, 1);
    uint32_t one = add(&emitters, 1, 1);
    assert_int_equal(find(&emitters, 1), one);
    oyez_emitters_detach(&emitters, one);
    assert_int_equal(add(&emitters, 2, 2), one);
    assert_int_equal(find(&emitters, 1), OYEZ_NONE);
    assert_int_equal(find(&emitters, 2), one);
    oyez_emitters_clear(&emitters);
}

static void test_a_flood_of_ids_leaves_the_live_ones_alone(void **state)
{
    (void)state;
    struct oyez_emitters emitters;
    oyez_emitters_init(&emitters, 1000);
    uint32_t live = add(&emitters, 1, 1);
    for (uint32_t i = 2; i < 100000; i++) {
        uint32_t emitter = add(&emitters, i, i);
        assert_int_not_equal(emitter, OYEZ_NONE);
        oyez_emitters_detach(&emitters, emitter);
    }
    assert_int_equal(emitters.count, 1000);
    assert_int_equal(find(&emitters, 1), live);
    for (uint32_t i = 99001; i < 100000; i++)
        assert_int_not_equal(find(&emitters, i), OYEZ_NONE);
    assert_int_equal(find(&emitters, 99000), OYEZ_NONE);
    oyez_emitters_clear(&emitters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_emitter_starts_at_one_on_both_lanes),
        cmocka_unit_test(test_a_full_table_of_live_ones_takes_no_more),
        cmocka_unit_test(test_the_one_idle_longest_goes_first),
        cmocka_unit_test(test_an_idle_one_keeps_its_numbers_while_there_is_room),
        cmocka_unit_test(test_an_entry_taken_over_is_not_found_by_its_old_id),
        cmocka_unit_test(test_a_flood_of_ids_leaves_the_live_ones_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

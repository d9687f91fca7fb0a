// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "delivered.h"
#include "oyez/limits.h"

static const char type_a, type_b;

static struct delivered_pair *find(struct delivered *delivered, const char *type, uint32_t emitter)
{
    uint8_t id[OYEZ_UUID_SIZE] = {1};
    memcpy(id + 8, &emitter, sizeof emitter);
    struct delivered_pair *pair = delivered_find(delivered, type, id);
    assert_non_null(pair);
    return pair;
}

static void test_each_emitter_and_type_has_its_own_number(void **state)
{
    (void)state;
    struct delivered delivered = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        find(&delivered, &type_a, i)->through = i;
        find(&delivered, &type_b, i)->through = i + 5000;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(find(&delivered, &type_a, i)->through, i);
        assert_int_equal(find(&delivered, &type_b, i)->through, i + 5000);
        assert_int_equal(find(&delivered, &type_a, i)->before, 0);
    }
    delivered_free(&delivered);
}

static void test_a_new_epoch_separates_what_was_before(void **state)
{
    (void)state;
    struct delivered delivered = {0};
    find(&delivered, &type_a, 1)->through = 7;
    delivered_begin_epoch(&delivered);
    assert_int_equal(find(&delivered, &type_a, 1)->before, 7);
    find(&delivered, &type_a, 1)->through = 9;
    assert_int_equal(find(&delivered, &type_a, 1)->before, 7);
    delivered_begin_epoch(&delivered);
    assert_int_equal(find(&delivered, &type_a, 1)->before, 9);
    delivered_free(&delivered);
}

static void test_the_table_is_bounded_and_keeps_what_is_in_use(void **state)
{
    (void)state;
    struct delivered delivered = {0};
    find(&delivered, &type_a, UINT32_MAX)->through = 3;
    for (uint32_t i = 0; i < 4 * OYEZ_DELIVERED_MAX; i++) {
        find(&delivered, &type_a, i)->through = i;
        if (i % 1000 == 0)
            assert_int_equal(find(&delivered, &type_a, UINT32_MAX)->through, 3);
        assert_true(delivered.recent.count + delivered.old.count <= OYEZ_DELIVERED_MAX);
    }
    for (uint32_t i = 4 * OYEZ_DELIVERED_MAX - 1000; i < 4 * OYEZ_DELIVERED_MAX; i++)
        assert_int_equal(find(&delivered, &type_a, i)->through, i);
    assert_int_equal(find(&delivered, &type_a, 0)->through, 0);
    delivered_free(&delivered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_emitter_and_type_has_its_own_number),
        cmocka_unit_test(test_a_new_epoch_separates_what_was_before),
        cmocka_unit_test(test_the_table_is_bounded_and_keeps_what_is_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

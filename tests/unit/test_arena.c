// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "schema/arena.h"

static void test_memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *places[2000];
    for (size_t i = 0; i < 2000; i++) {
        size_t size = 1 + i % 100;
        places[i] = arena_take(&arena, 1, size);
        assert_non_null(places[i]);
        assert_int_equal((uintptr_t)places[i] % alignof(max_align_t), 0);
        for (size_t b = 0; b < size; b++)
            assert_int_equal(places[i][b], 0);
        memset(places[i], (int)(i % 255 + 1), size);
    }
    for (size_t i = 0; i < 2000; i++) {
        for (size_t b = 0; b < 1 + i % 100; b++)
            assert_int_equal(places[i][b], i % 255 + 1);
    }
    arena_free(&arena);
}

static void test_what_has_no_bytes_is_a_place_all_the_same(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_non_null(arena_take(&arena, 0, 8));
    assert_non_null(arena_take(&arena, 8, 0));
    assert_non_null(arena_take(&arena, 0, 0));
    arena_free(&arena);
}

static void test_what_is_larger_than_a_chunk_gets_one_of_its_own(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *large = arena_take(&arena, 3, 100000);
    unsigned char *small = arena_take(&arena, 1, 1);
    assert_non_null(large);
    assert_non_null(small);
    memset(large, 1, 300000);
    assert_int_equal(*small, 0);
    arena_free(&arena);
}

static void test_sizes_that_nobody_has_give_nothing(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_null(arena_take(&arena, SIZE_MAX, 2));
    assert_null(arena_take(&arena, SIZE_MAX / 2 + 1, 2));
    assert_null(arena_take(&arena, 1, SIZE_MAX));
    assert_null(arena_take(&arena, 1, SIZE_MAX / 2 + 1));
    assert_int_equal(arena.total, 0);
    arena_free(&arena);
}

static void test_texts_are_copied_with_a_nul_behind(void **state)
{
    (void)state;
    struct arena arena = {0};
    char from[] = {'a', '\0', 'b'};
    char *text = arena_text(&arena, from, sizeof from);
    from[0] = 'x';
    assert_memory_equal(text, "a\0b\0", 4);
    assert_string_equal(arena_text(&arena, NULL, 0), "");
    arena_free(&arena);
}

static void test_the_total_covers_what_was_taken_and_ends_with_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    size_t taken = 0;
    for (size_t i = 0; i < 500; i++) {
        assert_non_null(arena_take(&arena, i, 16));
        taken += i * 16;
        assert_true(arena.total >= taken);
    }
    // No chunk is left before most of it is used.
    assert_true(arena.total < 2 * taken);
    arena_free(&arena);
    assert_null(arena.chunks);
    assert_int_equal(arena.total, 0);
    arena_free(&arena);
    assert_non_null(arena_take(&arena, 1, 1));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_what_has_no_bytes_is_a_place_all_the_same),
        cmocka_unit_test(test_what_is_larger_than_a_chunk_gets_one_of_its_own),
        cmocka_unit_test(test_sizes_that_nobody_has_give_nothing),
        cmocka_unit_test(test_texts_are_copied_with_a_nul_behind),
        cmocka_unit_test(test_the_total_covers_what_was_taken_and_ends_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

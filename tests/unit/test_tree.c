// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tree_samples.h"

static void assert_hex(const struct oyez_hash *hash, const char *hex)
{
    char text[2 * sizeof(*hash) + 1];

    for (size_t i = 0; i < sizeof(*hash); i++)
        snprintf(text + 2 * i, 3, "%02x", hash->bytes[i]);
    assert_string_equal(text, hex);
}

static void test_the_known_trees_have_the_known_roots(void **state)
{
    static const struct {
        const char *leaf;
        size_t size;
    } leaves[] = {{"", 0},
                  {"\x00", 1},
                  {"\x10", 1},
                  {"\x20\x21", 2},
                  {"\x30\x31", 2},
                  {"\x40\x41\x42\x43", 4},
                  {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
                  {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
    static const char *const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct tree_sample sample;
    struct oyez_hash root;

    (void)state;
    sample_open(&sample, 16);
    for (size_t i = 0; i <= 8; i++) {
        assert_int_equal(oyez_tree_root(sample.hasher, &sample.tree, &root), OYEZ_OK);
        assert_hex(&root, roots[i]);
        if (i < 8)
            sample_add(&sample, leaves[i].leaf, leaves[i].size);
    }
    sample_close(&sample);
}

static void test_the_growing_tree_is_the_defined_one_at_each_size(void **state)
{
    struct tree_sample sample;
    struct oyez_hash root, defined;

    (void)state;
    sample_open(&sample, 2048);
    for (size_t size = 1; size <= 1025; size++) {
        sample_grow(&sample, size);
        defined = naive_root(&sample, 0, size);
        assert_int_equal(oyez_tree_root(sample.hasher, &sample.tree, &root), OYEZ_OK);
        assert_memory_equal(&root, &defined, sizeof(root));
    }
    sample_close(&sample);
}

static void test_each_level_stores_the_roots_of_full_tiles(void **state)
{
    struct tree_sample sample;

    (void)state;
    sample_open(&sample, 70000);
    sample_grow(&sample, 70000);
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        assert_int_equal(sample.count[level], oyez_tree_stored(70000, level));
    assert_int_equal(sample.count[0], 70000);
    assert_int_equal(sample.count[1], 273);
    assert_int_equal(sample.count[2], 1);
    assert_int_equal(sample.count[3], 0);
    for (size_t n = 0; n < 273; n += 34) {
        struct oyez_hash root = naive_root(&sample, n * 256, (n + 1) * 256);
        assert_memory_equal(&root, &sample.stored[1][n], sizeof(root));
    }
    struct oyez_hash root = naive_root(&sample, 0, 65536);
    assert_memory_equal(&root, &sample.stored[2][0], sizeof(root));
    sample_close(&sample);
}

static void test_a_loaded_tree_goes_on_as_if_it_had_never_ended(void **state)
{
    static const size_t sizes[] = {0,   1,    2,     3,     255,   256,  257,
                                   511, 1000, 65535, 65536, 65537, 69999};
    struct tree_sample sample;

    (void)state;
    sample_open(&sample, 70000);
    sample_grow(&sample, 70000);
    struct oyez_tree_source source = sample_source(&sample);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct oyez_tree tree;
        struct oyez_hash root, defined, stored[OYEZ_TREE_TILE_LEVELS];
        unsigned count;
        sample.reads = 0;
        assert_int_equal(oyez_tree_load(&source, sizes[i], &tree), OYEZ_OK);
        assert_true(sample.reads <= 17); // its right edge alone
        if (sizes[i] > 0) {
            defined = naive_root(&sample, 0, sizes[i]);
            assert_int_equal(oyez_tree_root(sample.hasher, &tree, &root), OYEZ_OK);
            assert_memory_equal(&root, &defined, sizeof(root));
        }
        assert_int_equal(
            oyez_tree_append(sample.hasher, &tree, &sample.stored[0][sizes[i]], stored, &count),
            OYEZ_OK);
        defined = naive_root(&sample, 0, sizes[i] + 1);
        assert_int_equal(oyez_tree_root(sample.hasher, &tree, &root), OYEZ_OK);
        assert_memory_equal(&root, &defined, sizeof(root));
    }
    sample_close(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_known_trees_have_the_known_roots),
        cmocka_unit_test(test_the_growing_tree_is_the_defined_one_at_each_size),
        cmocka_unit_test(test_each_level_stores_the_roots_of_full_tiles),
        cmocka_unit_test(test_a_loaded_tree_goes_on_as_if_it_had_never_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tree_samples.h"

static void check_inclusion(struct tree_sample *sample, size_t index, size_t size,
                            const struct oyez_hash *root)
{
    struct oyez_tree_source source = sample_source(sample);
    const struct oyez_hash *leaf = &sample->stored[0][index];
    struct oyez_tree_proof proof;
    oyez_leaf_hasher *hasher = sample->hasher;

    assert_int_equal(oyez_tree_prove_inclusion(&source, index, size, &proof), OYEZ_OK);
    assert_int_equal(oyez_tree_check_inclusion(hasher, leaf, index, size, root, &proof), OYEZ_OK);
    assert_int_equal(oyez_tree_check_inclusion(hasher, leaf, index + 1, size, root, &proof),
                     OYEZ_ERR_CORRUPT);
    assert_int_equal(
        oyez_tree_check_inclusion(hasher, &sample->stored[0][index + 1], index, size, root, &proof),
        OYEZ_ERR_CORRUPT);
    for (size_t i = 0; i < proof.count; i++) {
        proof.hashes[i].bytes[i] ^= 1;
        assert_int_equal(oyez_tree_check_inclusion(hasher, leaf, index, size, root, &proof),
                         OYEZ_ERR_CORRUPT);
        proof.hashes[i].bytes[i] ^= 1;
    }
    proof.hashes[proof.count++] = *leaf;
    assert_int_equal(oyez_tree_check_inclusion(hasher, leaf, index, size, root, &proof),
                     OYEZ_ERR_CORRUPT);
    if (proof.count < 2)
        return;
    proof.count -= 2;
    assert_int_equal(oyez_tree_check_inclusion(hasher, leaf, index, size, root, &proof),
                     OYEZ_ERR_CORRUPT);
}

static void test_each_leaf_of_each_small_tree_is_proven(void **state)
{
    struct tree_sample sample;

    (void)state;
    sample_open(&sample, 512);
    sample_grow(&sample, 66);
    for (size_t size = 1; size <= 65; size++) {
        struct oyez_hash root = naive_root(&sample, 0, size);
        for (size_t index = 0; index < size; index++)
            check_inclusion(&sample, index, size, &root);
    }
    sample_close(&sample);
}

static void check_consistency(struct tree_sample *sample, size_t old, size_t size)
{
    struct oyez_tree_source source = sample_source(sample);
    struct oyez_hash old_root = naive_root(sample, 0, old), root = naive_root(sample, 0, size);
    struct oyez_tree_proof proof;
    oyez_leaf_hasher *hasher = sample->hasher;

    assert_int_equal(oyez_tree_prove_consistency(&source, old, size, &proof), OYEZ_OK);
    assert_int_equal(oyez_tree_check_consistency(hasher, old, &old_root, size, &root, &proof),
                     OYEZ_OK);
    for (size_t i = 0; i < proof.count; i++) {
        proof.hashes[i].bytes[0] ^= 1;
        assert_int_equal(oyez_tree_check_consistency(hasher, old, &old_root, size, &root, &proof),
                         OYEZ_ERR_CORRUPT);
        proof.hashes[i].bytes[0] ^= 1;
    }
    old_root.bytes[9] ^= 1;
    assert_int_equal(oyez_tree_check_consistency(hasher, old, &old_root, size, &root, &proof),
                     OYEZ_ERR_CORRUPT);
    old_root.bytes[9] ^= 1;
    root.bytes[9] ^= 1;
    assert_int_equal(oyez_tree_check_consistency(hasher, old, &old_root, size, &root, &proof),
                     OYEZ_ERR_CORRUPT);
    root.bytes[9] ^= 1;
    proof.hashes[proof.count++] = root;
    assert_int_equal(oyez_tree_check_consistency(hasher, old, &old_root, size, &root, &proof),
                     OYEZ_ERR_CORRUPT);
}

static void test_each_small_tree_is_the_beginning_of_each_later_one(void **state)
{
    struct tree_sample sample;

    (void)state;
    sample_open(&sample, 512);
    sample_grow(&sample, 65);
    for (size_t size = 1; size <= 65; size++)
        for (size_t old = 1; old <= size; old++)
            check_consistency(&sample, old, size);
    sample_close(&sample);
}

static void test_large_trees_are_proven_from_few_reads(void **state)
{
    static const size_t sizes[] = {255, 256, 257, 65535, 65536, 65537, 70000};
    struct tree_sample sample;

    (void)state;
    sample_open(&sample, 70002);
    sample_grow(&sample, 70001);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct oyez_hash root = naive_root(&sample, 0, sizes[i]);
        sample.reads = 0;
        for (size_t index = 0; index < sizes[i]; index += sizes[i] / 7)
            check_inclusion(&sample, index, sizes[i], &root);
        check_inclusion(&sample, sizes[i] - 1, sizes[i], &root);
        for (size_t k = 0; k <= i; k++)
            check_consistency(&sample, sizes[k], sizes[i]);
        assert_true(sample.reads < 16 * 40);
    }
    sample_close(&sample);
}

static void test_what_is_not_in_the_tree_is_not_asked_of_it(void **state)
{
    struct tree_sample sample;
    struct oyez_tree_proof proof = {0};

    (void)state;
    sample_open(&sample, 16);
    sample_grow(&sample, 4);
    struct oyez_tree_source source = sample_source(&sample);
    struct oyez_hash root = naive_root(&sample, 0, 4);
    assert_int_equal(oyez_tree_prove_inclusion(&source, 4, 4, &proof), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_tree_prove_inclusion(&source, 0, 0, &proof), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_tree_prove_consistency(&source, 5, 4, &proof), OYEZ_ERR_INVALID);
    assert_int_equal(
        oyez_tree_check_inclusion(sample.hasher, &sample.stored[0][0], 0, 0, &root, &proof),
        OYEZ_ERR_CORRUPT);
    assert_int_equal(oyez_tree_check_consistency(sample.hasher, 5, &root, 4, &root, &proof),
                     OYEZ_ERR_CORRUPT);
    assert_int_equal(oyez_tree_check_consistency(sample.hasher, 3, &root, 4, &root, &proof),
                     OYEZ_ERR_CORRUPT); // without a proof
    assert_int_equal(oyez_tree_check_consistency(sample.hasher, 0, &root, 4, &root, &proof),
                     OYEZ_OK);
    sample_close(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_leaf_of_each_small_tree_is_proven),
        cmocka_unit_test(test_each_small_tree_is_the_beginning_of_each_later_one),
        cmocka_unit_test(test_large_trees_are_proven_from_few_reads),
        cmocka_unit_test(test_what_is_not_in_the_tree_is_not_asked_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/journal/hash_files.h"
#include "oyez/tiles.h"
#include "tests/fault/fake_disk.h"
#include "tree_samples.h"

static void add_leaves(struct oyez_hash_files *files, struct tree_sample *sample, size_t size)
{
    for (uint32_t n = (uint32_t)sample->tree.size; n < size; n++) {
        struct oyez_hash hash = {0}, stored[OYEZ_TREE_TILE_LEVELS];
        unsigned count;
        assert_int_equal(oyez_leaf_hash(sample->hasher, &n, sizeof(n), hash.bytes), OYEZ_OK);
        assert_int_equal(oyez_tree_append(sample->hasher, &sample->tree, &hash, stored, &count),
                         OYEZ_OK);
        for (unsigned level = 0; level < count; level++)
            assert_int_equal(oyez_hash_files_add(files, level, &stored[level]), OYEZ_OK);
    }
}

static void test_files_are_tiles_byte_for_byte(void **state)
{
    struct fake_disk *fake = fake_disk_new();
    struct oyez_hash_files files;
    struct tree_sample sample, other;
    oyez_tiles *tiles = NULL;
    struct oyez_hash root;
    size_t size;

    (void)state;
    sample_open(&sample, 1);
    sample_open(&other, 70000);
    sample_grow(&other, 70000);
    oyez_hash_files_open(&files, fake_disk_table(fake), "journal");
    assert_int_equal(oyez_hash_files_go_on(&files, 0), OYEZ_OK);
    add_leaves(&files, &sample, 70000);
    assert_int_equal(oyez_hash_files_write(&files), OYEZ_OK);
    for (unsigned level = 0; level < 3; level++) {
        char name[OYEZ_HASH_FILE_NAME_SIZE];
        oyez_hash_file_name(name, level);
        const uint8_t *bytes = fake_disk_file(fake, name, &size);
        assert_int_equal(size, other.count[level] * sizeof(struct oyez_hash));
        assert_memory_equal(bytes, other.stored[level], size);
    }
    assert_null(fake_disk_file(fake, "hash.L3", &size));
    assert_int_equal(oyez_tiles_open(&tiles, "journal", fake_disk_table(fake)), OYEZ_OK);
    for (uint64_t n = 1; n <= 70000; n += 6999) {
        root = naive_root(&other, 0, n);
        assert_int_equal(oyez_tiles_check(tiles, sample.hasher, n, &root), OYEZ_OK);
        root.bytes[0] ^= 1;
        assert_int_equal(oyez_tiles_check(tiles, sample.hasher, n, &root), OYEZ_ERR_CORRUPT);
    }
    assert_int_equal(oyez_tiles_check(tiles, sample.hasher, 70001, &root), OYEZ_ERR_CORRUPT);
    oyez_tiles_close(&tiles);
    oyez_hash_files_close(&files);
    sample_close(&sample);
    sample_close(&other);
    fake_disk_free(fake);
}

static void test_going_on_cuts_what_lies_beyond(void **state)
{
    struct fake_disk *fake = fake_disk_new();
    struct oyez_hash_files files;
    struct tree_sample sample;
    size_t size;

    (void)state;
    sample_open(&sample, 1);
    oyez_hash_files_open(&files, fake_disk_table(fake), "journal");
    add_leaves(&files, &sample, 600);
    assert_int_equal(oyez_hash_files_sync(&files), OYEZ_OK);
    assert_int_equal(oyez_hash_files_go_on(&files, 300), OYEZ_OK);
    (void)fake_disk_file(fake, "hash.L0", &size);
    assert_int_equal(size, 300 * 32);
    (void)fake_disk_file(fake, "hash.L1", &size);
    assert_int_equal(size, 32);
    oyez_hash_files_close(&files);
    sample_close(&sample);
    fake_disk_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_tiles_byte_for_byte),
        cmocka_unit_test(test_going_on_cuts_what_lies_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

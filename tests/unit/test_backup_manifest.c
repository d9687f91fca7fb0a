// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/journal/backup_manifest.h"
#include "tests/fault/fake_disk.h"

static struct fake_disk *fake;
static const struct oyez_disk *disk;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    return disk->mkdir(disk->context, "/j", 0700);
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static void save(void)
{
    struct oyez_backup_manifest manifest = {.journal_id = {0x00, 0x1F, 0xE0},
                                            .records = 700,
                                            .taken = UINT64_MAX,
                                            .base = 3,
                                            .history_start = 32,
                                            .history_end = 640};

    assert_int_equal(oyez_backup_manifest_add(&manifest, 0, true), OYEZ_OK);
    assert_int_equal(oyez_backup_manifest_add(&manifest, 100, true), OYEZ_OK);
    for (uint64_t first = 200; first < 700; first++)
        assert_int_equal(oyez_backup_manifest_add(&manifest, first, false), OYEZ_OK);
    assert_int_equal(oyez_backup_manifest_save(&manifest, disk, "/j", OYEZ_BACKUP_FILE), OYEZ_OK);
    oyez_backup_manifest_clear(&manifest);
}

static oyez_err load(struct oyez_backup_manifest *out)
{
    return oyez_backup_manifest_load(out, disk, "/j", OYEZ_BACKUP_FILE);
}

static void test_what_was_saved_is_loaded(void **state)
{
    struct oyez_backup_manifest manifest;

    (void)state;
    assert_int_equal(load(&manifest), OYEZ_ERR_NOT_FOUND);
    save();
    assert_int_equal(load(&manifest), OYEZ_OK);
    assert_int_equal(manifest.journal_id[1], 0x1F);
    assert_int_equal(manifest.journal_id[2], 0xE0);
    assert_int_equal(manifest.records, 700);
    assert_true(manifest.taken == UINT64_MAX);
    assert_int_equal(manifest.base, 3);
    assert_int_equal(manifest.history_start, 32);
    assert_int_equal(manifest.history_end, 640);
    assert_int_equal(manifest.count, 502);
    assert_true(oyez_backup_manifest_has(&manifest, 100, true));
    assert_false(oyez_backup_manifest_has(&manifest, 100, false));
    assert_true(oyez_backup_manifest_has(&manifest, 699, false));
    assert_false(oyez_backup_manifest_has(&manifest, 700, false));
    assert_true(oyez_backup_manifest_has_archived(&manifest));
    oyez_backup_manifest_clear(&manifest);
    assert_false(oyez_backup_manifest_has_archived(&manifest));
}

static void test_a_byte_that_is_another_or_missing_is_noticed(void **state)
{
    struct oyez_backup_manifest manifest;
    size_t size;

    (void)state;
    save();
    const uint8_t *bytes = fake_disk_file(fake, OYEZ_BACKUP_FILE, &size);
    uint8_t *good = malloc(size);
    assert_non_null(good);
    memcpy(good, bytes, size);
    for (size_t i = 0; i < size; i += i < 400 ? 1 : 97) {
        fake_disk_put(fake, OYEZ_BACKUP_FILE, good, size);
        fake_disk_file(fake, OYEZ_BACKUP_FILE, &size)[i] ^= 0x01;
        oyez_err err = load(&manifest);
        assert_true(err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION);
        oyez_backup_manifest_clear(&manifest);
        fake_disk_put(fake, OYEZ_BACKUP_FILE, good, i);
        assert_int_equal(load(&manifest), OYEZ_ERR_CORRUPT);
        oyez_backup_manifest_clear(&manifest);
    }
    free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_was_saved_is_loaded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_byte_that_is_another_or_missing_is_noticed, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

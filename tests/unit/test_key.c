// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oyez/key.h"
#include "tests/fault/fake_disk.h"

static void test_a_key_is_made_once_and_loaded_again(void **state)
{
    char directory[] = "/tmp/oyez-key-XXXXXX", path[64];
    struct oyez_note_signer made, loaded;
    struct stat status;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/my.key", directory);
    assert_int_equal(oyez_key_load(&loaded, path, NULL), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_key_make(&made, path, "example.org/log", NULL), OYEZ_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(oyez_key_load(&loaded, path, NULL), OYEZ_OK);
    assert_memory_equal(&made, &loaded, sizeof(made));
    assert_int_equal(oyez_key_make(&made, path, "example.org/log", NULL), OYEZ_ERR_IN_USE);
    assert_int_equal(chmod(path, 0604), 0);
    assert_int_equal(oyez_key_load(&loaded, path, NULL), OYEZ_ERR_FORBIDDEN);
    unlink(path);
    rmdir(directory);
}

static void test_own_origins_differ(void **state)
{
    struct fake_disk *fake = fake_disk_new();
    const struct oyez_disk *disk = fake_disk_table(fake);
    struct oyez_note_signer a, b;

    (void)state;
    assert_int_equal(oyez_key_make(&a, "a.key", NULL, disk), OYEZ_OK);
    assert_int_equal(oyez_key_make(&b, "b.key", NULL, disk), OYEZ_OK);
    assert_int_equal(strlen(a.verifier.name), 5 + 32);
    assert_string_not_equal(a.verifier.name, b.verifier.name);
    fake_disk_free(fake);
}

static void test_what_is_no_key_is_named_and_not_shown(void **state)
{
#define WRONG_KEY "PRIVATE+KEY+x+00000000+"
    static const char *const bad[] = {"", "\n", "secret", WRONG_KEY "secret\n",
                                      WRONG_KEY
                                      "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nmore\n"};
    struct fake_disk *fake = fake_disk_new();
    struct oyez_note_signer signer;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        fake_disk_put(fake, "a.key", bad[i], strlen(bad[i]));
        assert_int_equal(oyez_key_load(&signer, "a.key", fake_disk_table(fake)),
                         OYEZ_ERR_MALFORMED);
        assert_non_null(strstr(oyez_error_detail(), "a.key"));
        assert_null(strstr(oyez_error_detail(), "secret"));
    }
    fake_disk_free(fake);
}

static void test_a_crash_leaves_a_whole_key_or_none(void **state)
{
    (void)state;
    for (unsigned changes = 1; changes < 8; changes++)
        for (unsigned seed = 0; seed < 16; seed++) {
            struct fake_disk *fake = fake_disk_new();
            const struct oyez_disk *disk = fake_disk_table(fake);
            struct oyez_note_signer signer, found;
            fake_disk_stop_after(fake, changes);
            oyez_err made = oyez_key_make(&signer, "a.key", NULL, disk);
            fake_disk_cut(fake, FAKE_CUT_SOME, seed);
            oyez_err err = oyez_key_load(&found, "a.key", disk);
            assert_true(err == OYEZ_OK || (err == OYEZ_ERR_NOT_FOUND && made != OYEZ_OK));
            fake_disk_free(fake);
        }
}

static void test_the_key_lies_beside_the_directory(void **state)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];

    (void)state;
    assert_int_equal(oyez_key_default_path(path, "/var/lib/oyez/"), OYEZ_OK);
    assert_string_equal(path, "/var/lib/oyez.key");
    assert_int_equal(oyez_key_default_path(path, "./data"), OYEZ_OK);
    assert_string_equal(path, "./data.key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_key_is_made_once_and_loaded_again),
        cmocka_unit_test(test_own_origins_differ),
        cmocka_unit_test(test_what_is_no_key_is_named_and_not_shown),
        cmocka_unit_test(test_a_crash_leaves_a_whole_key_or_none),
        cmocka_unit_test(test_the_key_lies_beside_the_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

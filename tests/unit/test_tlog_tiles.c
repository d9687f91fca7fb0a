// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expiring_journal.h"
#include "oyez/tlog_tiles.h"

static void test_a_pruned_log_has_all_hashes_and_the_entries_that_are_left(void **state)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    struct oyez_checkpoint checkpoint;
    oyez_journal *journal = NULL;
    char directory[64], out[80], path[128];
    (void)state;
    options.segment_size = 16384;
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    commit_events(journal, 1, 700);
    uint64_t begins = expire(journal, 400);
    assert_true(begins > 256);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    copy_all(directory);
    snprintf(out, sizeof out, "%s/log", directory);
    assert_int_equal(oyez_tlog_tiles_export(directory, out, NULL, NULL, &checkpoint), OYEZ_OK);
    assert_int_equal(checkpoint.size, 701);
    static const struct {
        const char *name;
        bool there;
    } files[] = {{"tile/0/000", true},
                 {"tile/0/001", true},
                 {"tile/0/002.p/189", true},
                 {"tile/1/000.p/2", true},
                 {"tile/entries/000", false},
                 {"tile/entries/001", false},
                 {"tile/entries/002.p/189", true},
                 {"checkpoint", true}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", out, files[i].name);
        assert_int_equal(access(path, F_OK) == 0, files[i].there);
    }
    remove_all(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_a_pruned_log_has_all_hashes_and_the_entries_that_are_left, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
